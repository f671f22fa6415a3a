"""Declared types to kinds and limits."""

from __future__ import annotations

import pytest

from core.databases.kinds import (
    mysql_facts,
    mysql_labels,
    mysql_type_text,
    postgresql_facts,
    postgresql_type_text,
    sqlite_affinity,
    sqlite_facts,
)
from core.model.table import Kind


@pytest.mark.parametrize(
    ("declared", "kind", "affinity"),
    [
        ("INT", Kind.INTEGER, "INTEGER"),
        ("unsigned big int", Kind.INTEGER, "INTEGER"),
        ("INTEGER UNSIGNED", Kind.INTEGER, "INTEGER"),
        ("varchar(30)", Kind.TEXT, "TEXT"),
        ("NATIVE CHARACTER (70)", Kind.TEXT, "TEXT"),
        ("STRING", Kind.TEXT, "NUMERIC"),
        ("", Kind.OTHER, "BLOB"),
        ("BLOB", Kind.BINARY, "BLOB"),
        ("DOUBLE PRECISION", Kind.NUMBER, "REAL"),
        ("DECIMAL(10,5)", Kind.NUMBER, "NUMERIC"),
        ("BOOLEAN", Kind.BOOLEAN, "NUMERIC"),
        ("DATE", Kind.DATE, "NUMERIC"),
        ("DATETIME", Kind.DATETIME, "NUMERIC"),
        ("TIMESTAMP(6) WITH TIME ZONE", Kind.DATETIME, "NUMERIC"),
        ("TIME", Kind.TIME, "NUMERIC"),
        ("POINT", Kind.OTHER, "INTEGER"),
        ("weird(1,2,3)", Kind.OTHER, "NUMERIC"),
    ],
)
def test_sqlite_types(declared: str, kind: Kind, affinity: str) -> None:
    assert sqlite_facts(declared).kind is kind
    assert sqlite_affinity(declared) == affinity


def test_sqlite_lengths_and_scales() -> None:
    assert sqlite_facts("NVARCHAR( 100 )").max_length == 100
    exact = sqlite_facts("NUMERIC(12, 3)")
    assert (exact.precision, exact.scale, exact.exact) == (12, 3, True)
    assert (sqlite_facts("DECIMAL(8)").scale, sqlite_facts("DECIMAL").scale) == (0, None)
    assert not sqlite_facts("REAL").exact
    assert sqlite_facts("TIMESTAMPTZ").timezone
    assert sqlite_facts("smallint").maximum == 32767


def test_postgresql_modifiers() -> None:
    assert postgresql_facts("varchar", 255 + 4).max_length == 255
    assert postgresql_facts("varchar", -1).max_length is None
    exact = postgresql_facts("numeric", (10 << 16 | 2) + 4)
    assert (exact.precision, exact.scale) == (10, 2)
    assert postgresql_facts("numeric", -1).scale is None
    assert postgresql_facts("mood", -1, ("a", "b")).choices == ("a", "b")
    assert postgresql_facts("tsvector", -1).kind is Kind.OTHER
    assert not postgresql_facts("float4", -1).exact


@pytest.mark.parametrize(
    ("formatted", "expected"),
    [
        ("character varying(255)", "VARCHAR(255)"),
        ("character varying(7)[]", "VARCHAR(7)[]"),
        ("character(3)", "CHAR(3)"),
        ("timestamp without time zone", "TIMESTAMP"),
        ("timestamp(3) without time zone", "TIMESTAMP(3)"),
        ("timestamp(3) with time zone", "TIMESTAMP(3) WITH TIME ZONE"),
        ("double precision", "DOUBLE PRECISION"),
        ("numeric(10,2)", "NUMERIC(10,2)"),
        ("integer[]", "INTEGER[]"),
    ],
)
def test_postgresql_spelling(formatted: str, expected: str) -> None:
    assert postgresql_type_text(formatted, built_in=True) == expected


def test_user_defined_types_keep_their_case() -> None:
    assert postgresql_type_text('"Mood"', built_in=False) == '"Mood"'


@pytest.mark.parametrize(
    ("declared", "kind", "bounds"),
    [
        ("tinyint(1)", Kind.BOOLEAN, None),
        ("tinyint(1) unsigned", Kind.INTEGER, (0, 255)),
        ("tinyint(4)", Kind.INTEGER, (-128, 127)),
        ("smallint(5) unsigned zerofill", Kind.INTEGER, (0, 65_535)),
        ("mediumint(9)", Kind.INTEGER, (-(2**23), 2**23 - 1)),
        ("int", Kind.INTEGER, (-(2**31), 2**31 - 1)),
        ("bigint(20) unsigned", Kind.INTEGER, (0, 2**63 - 1)),
        ("bit(1)", Kind.BOOLEAN, None),
        ("bit(9)", Kind.INTEGER, (0, 511)),
        ("bit(64)", Kind.INTEGER, (0, 2**63 - 1)),
        ("year(4)", Kind.INTEGER, (1901, 2155)),
        ("datetime(6)", Kind.DATETIME, None),
        ("date", Kind.DATE, None),
        ("time", Kind.TIME, None),
        ("mediumtext", Kind.TEXT, None),
        ("longblob", Kind.BINARY, None),
        ("json", Kind.JSON, None),
        ("uuid", Kind.UUID, None),
        ("point", Kind.OTHER, None),
        ("inet6", Kind.OTHER, None),
        ("", Kind.OTHER, None),
    ],
)
def test_mysql_types(declared: str, kind: Kind, bounds: tuple[int, int] | None) -> None:
    facts = mysql_facts(declared)
    assert facts.kind is kind
    assert (facts.minimum, facts.maximum) == (bounds or (None, None))


def test_mysql_lengths_scales_and_words() -> None:
    assert mysql_facts("varchar(30)").max_length == mysql_facts("varbinary(30)").max_length == 30
    exact = mysql_facts("decimal(10,2) unsigned")
    assert (exact.precision, exact.scale, exact.exact) == (10, 2, True)
    assert not mysql_facts("double unsigned").exact
    assert mysql_facts("timestamp").timezone
    words = "enum('it''s','a,b','back\\\\slash','line\\n')"
    assert mysql_facts(words).choices == ("it's", "a,b", "back\\slash", "line\n")
    assert mysql_facts("set('a','b')").choices == ()
    assert mysql_labels("set('a','b')") == ("a", "b")
    assert mysql_labels("varchar(3)") == ()
    assert mysql_type_text("enum('it''s','b')") == "ENUM('it''s','b')"
    assert mysql_type_text("int(10) unsigned") == "INT(10) UNSIGNED"
