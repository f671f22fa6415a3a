"""SQL is judged by running it: the rows of a table come back equal."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import InvalidRequest
from core.formats import by_name
from core.formats.base import WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

Rows = list[tuple[str | None, ...]]
KINDS = {
    "id": Kind.INTEGER,
    "money": Kind.NUMBER,
    "ratio": Kind.NUMBER,
    "yes": Kind.BOOLEAN,
    "day": Kind.DATE,
    "at": Kind.DATETIME,
    'odd "name"': Kind.TEXT,
    "data": Kind.BINARY,
}
ROWS: Rows = [
    ("1", "12.50", "1e-07", "true", "2026-01-31", "2026-01-31T13:45:00.123456", "a", "\\x00ff"),
    ("2", "-0.01", "0.1", "false", "1899-12-31", "0099-01-01T00:00:00", "it's \\ 'x'; --", "\\x"),
    ("3", None, None, None, None, None, None, None),
    ("-4", "0.00", "NaN", "true", "9999-12-31", "9999-12-31T23:59:59", "", "\\x27"),
    ("5", "1.00", "Infinity", "true", "2024-02-29", "2024-02-29T00:00:00", "é日😀\r\n\t", None),
]


def written(rows: Rows, kinds: dict[str, Kind] | None = None, **options: object) -> str:
    kinds = kinds or KINDS
    columns = [Column(name=name, kind=kind, type_text="") for name, kind in kinds.items()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(kinds, pl.String), orient="row")
    file = io.BytesIO()
    writer = by_name("sql").writer
    assert writer is not None
    chosen = WriteOptions(dialect=Dialect(format="sql"), **options)  # type: ignore[arg-type]
    assert writer.write([frame], columns, file, chosen) == len(rows)
    return file.getvalue().decode()


def test_statements_hold_several_rows() -> None:
    kinds = {"n": Kind.INTEGER, "t": Kind.TEXT}
    rows: Rows = [("1", "a"), ("2", "it's"), ("3", None)]
    assert written(rows, kinds, table='my "orders"', rows_per_statement=2) == (
        'INSERT INTO "my ""orders""" ("n", "t") VALUES\n(1, \'a\'),\n(2, \'it\'\'s\');\n'
        'INSERT INTO "my ""orders""" ("n", "t") VALUES\n(3, NULL);\n'
    )


@pytest.mark.parametrize(
    ("kind", "cell", "literal"),
    [
        (Kind.INTEGER, "007", "'007'"),
        (Kind.INTEGER, "1); DROP TABLE x; --", "'1); DROP TABLE x; --'"),
        (Kind.NUMBER, "NaN", "'NaN'"),
        (Kind.BOOLEAN, "true", "TRUE"),
        (Kind.BOOLEAN, "maybe", "'maybe'"),
        (Kind.DATE, "2026-01-31", "'2026-01-31'"),
        (Kind.BINARY, "\\x00ff", "X'00ff'"),
        (Kind.BINARY, "no bytes", "'no bytes'"),
        (Kind.TEXT, "1", "'1'"),
    ],
)
def test_literals(kind: Kind, cell: str, literal: str) -> None:
    assert f"({literal})" in written([(cell,)], {"c": kind})


def test_bytes_are_text_for_postgresql() -> None:
    assert "('\\x00ff')" in written([("\\x00ff",)], {"c": Kind.BINARY}, sql_for="postgresql")


def test_nul_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidRequest, match=r"Row 2, column 't'.*NUL"):
        written([("a",), ("b\0",)], {"t": Kind.TEXT}, rows_per_statement=1)


@pytest.mark.parametrize("wrong", [{"rows_per_statement": 0}, {"sql_for": "oracle"}])
def test_options_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(wrong))):
        written(ROWS, **wrong)


def test_sqlite_holds_the_same_rows() -> None:
    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE TABLE data (id INTEGER, money TEXT, ratio REAL, yes BOOLEAN, day TEXT, "
        '"at" TEXT, "odd ""name""" TEXT, data BLOB)'
    )
    db.executescript(written(ROWS, rows_per_statement=2))
    found = db.execute("SELECT * FROM data").fetchall()
    db.close()
    for before, after in zip(ROWS, found, strict=True):
        number, money, ratio, yes, *texts, data = before
        assert after[0] == int(number or 0)
        assert (after[1] is None) == (money is None)
        assert money is None or float(after[1]) == float(money)
        assert after[2] == (float(ratio) if ratio and ratio[-1].isdigit() else ratio)
        assert after[3] == (None if yes is None else yes == "true")
        assert list(after[4:7]) == texts
        assert after[7] == (None if data is None else bytes.fromhex(data[2:]))


def test_naughty_strings_are_the_same_in_sqlite(corpora: Path) -> None:
    lines = (corpora / "blns" / "blns.txt").read_bytes().decode().split("\n")
    rows: Rows = [(line,) for line in lines if "\0" not in line]
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE data (t TEXT)")
    db.executescript(written(rows, {"t": Kind.TEXT}))
    assert db.execute("SELECT t FROM data").fetchall() == rows
    db.close()


@pytest.mark.postgres
def test_postgresql_holds_the_same_rows(postgres_database: str, corpora: Path) -> None:
    lines = (corpora / "blns" / "blns.txt").read_bytes().decode().split("\n")
    naughty: Rows = [(str(n), line) for n, line in enumerate(lines) if "\0" not in line]
    engine = sa.create_engine(postgres_database)
    with engine.begin() as connection:
        run = connection.connection.cursor().execute  # as it stands: no parameters are bound
        run(
            "CREATE TABLE data (id int, money numeric(10,2), ratio float8, yes boolean, day date, "
            '"at" timestamp, "odd ""name""" text, data bytea)'
        )
        run(written(ROWS, sql_for="postgresql"))
        kept = connection.exec_driver_sql(
            "SELECT id::text, money::text, ratio::text, yes::text, day::text, "
            'replace("at"::text, \' \', \'T\'), "odd ""name""", data::text FROM data'
        ).all()
        assert [tuple(row) for row in kept] == ROWS
        run("CREATE TABLE naughty (n int, t text)")
        run(written(naughty, {"n": Kind.INTEGER, "t": Kind.TEXT}, table="naughty"))
        ordered = "SELECT n::text, t FROM naughty AS x ORDER BY x.n"
        found = connection.exec_driver_sql(ordered).all()
        assert [tuple(row) for row in found] == naughty
    engine.dispose()
