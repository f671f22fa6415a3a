"""Declared types to Kind and limits, per backend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.model.table import Kind

_INT16 = (-(2**15), 2**15 - 1)
_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeFacts:
    """What a declared type says about the values of its column; fields as in `Column`."""

    kind: Kind
    max_length: int | None = None
    exact: bool = True
    precision: int | None = None
    scale: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    timezone: bool = False
    choices: tuple[str, ...] = ()


def _integer(bounds: tuple[int, int]) -> TypeFacts:
    return TypeFacts(kind=Kind.INTEGER, minimum=bounds[0], maximum=bounds[1])


# ---------------------------------------------------------------- PostgreSQL
#: By pg_type.typname. https://www.postgresql.org/docs/current/datatype.html
_POSTGRESQL: dict[str, TypeFacts] = {
    "int2": _integer(_INT16),
    "int4": _integer(_INT32),
    "int8": _integer(_INT64),
    "oid": _integer((0, 2**32 - 1)),
    "float4": TypeFacts(kind=Kind.NUMBER, exact=False),
    "float8": TypeFacts(kind=Kind.NUMBER, exact=False),
    "bool": TypeFacts(kind=Kind.BOOLEAN),
    "date": TypeFacts(kind=Kind.DATE),
    "timestamp": TypeFacts(kind=Kind.DATETIME),
    "timestamptz": TypeFacts(kind=Kind.DATETIME, timezone=True),
    "time": TypeFacts(kind=Kind.TIME),
    # The offset of a TIME WITH TIME ZONE belongs to the value: no kind of ours keeps it.
    "timetz": TypeFacts(kind=Kind.OTHER),
    "json": TypeFacts(kind=Kind.JSON),
    "jsonb": TypeFacts(kind=Kind.JSON),
    "uuid": TypeFacts(kind=Kind.UUID),
    "bytea": TypeFacts(kind=Kind.BINARY),
    "text": TypeFacts(kind=Kind.TEXT),
    "name": TypeFacts(kind=Kind.TEXT, max_length=63),
    "citext": TypeFacts(kind=Kind.TEXT),
}
_TYPMOD_HEADER = 4  # VARHDRSZ, added to every length and precision in atttypmod


def postgresql_facts(type_name: str, typmod: int, labels: tuple[str, ...] = ()) -> TypeFacts:
    """Facts of a base type by its catalog name and modifier (-1: none); `labels` of an enum.

    Types we do not know (arrays, ranges, money, points, xml) are Kind.OTHER.
    """
    if labels:
        return TypeFacts(kind=Kind.TEXT, choices=labels)
    if type_name in ("varchar", "bpchar"):
        length = typmod - _TYPMOD_HEADER if typmod >= _TYPMOD_HEADER else None
        return TypeFacts(kind=Kind.TEXT, max_length=length)
    if type_name == "numeric":
        return _numeric(typmod)
    return _POSTGRESQL.get(type_name, TypeFacts(kind=Kind.OTHER))


def _numeric(typmod: int) -> TypeFacts:
    if typmod < _TYPMOD_HEADER:
        return TypeFacts(kind=Kind.NUMBER)
    packed = typmod - _TYPMOD_HEADER
    # The scale is a signed 11-bit number since PostgreSQL 15 (NUMERIC(3,-2) keeps hundreds).
    scale = ((packed & 0x7FF) ^ 0x400) - 0x400
    return TypeFacts(kind=Kind.NUMBER, precision=(packed >> 16) & 0xFFFF, scale=scale)


_NICER = (
    ("character varying", "varchar"),
    ("character", "char"),
    ("timestamp without time zone", "timestamp"),
    ("time without time zone", "time"),
)


def postgresql_type_text(formatted: str, *, built_in: bool) -> str:
    """format_type()'s spelling as people write it: VARCHAR(255), TIMESTAMP, NUMERIC(10,2).

    Names of user-defined types keep their case.
    """
    if not built_in:
        return formatted
    modifier = re.search(r"\([\d,\-]+\)", formatted)
    bare = re.sub(r"\([\d,\-]+\)", "", formatted)
    for long, short in _NICER:
        if bare == long or bare == f"{long}[]":
            bare = bare.replace(long, short)
            break
    if modifier is None:
        return bare.upper()
    head, sep, tail = bare.partition(" ") if " with" in bare else (bare, "", "")
    head, array, _ = head.partition("[]")
    return f"{head}{modifier[0]}{array}{sep}{tail}".upper()


# ---------------------------------------------------------------- SQLite
#: SQLite keeps 64-bit integers whatever the word; a narrow word is taken at its meaning.
_SQLITE_INTEGERS = {
    **dict.fromkeys(("INT", "INTEGER", "BIGINT", "INT8", "BIG INT", "UNSIGNED BIG INT"), _INT64),
    **dict.fromkeys(("MEDIUMINT", "INT4"), _INT32),
    **dict.fromkeys(("SMALLINT", "INT2"), _INT16),
    "TINYINT": (-128, 255),  # signed in one database, unsigned in another
}
_SQLITE_WORDS: dict[str, TypeFacts] = {
    **dict.fromkeys(("BOOLEAN", "BOOL"), TypeFacts(kind=Kind.BOOLEAN)),
    "DATE": TypeFacts(kind=Kind.DATE),
    **dict.fromkeys(
        ("DATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"), TypeFacts(kind=Kind.DATETIME)
    ),
    **dict.fromkeys(
        ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "DATETIMEOFFSET"),
        TypeFacts(kind=Kind.DATETIME, timezone=True),
    ),
    **dict.fromkeys(("TIME", "TIME WITHOUT TIME ZONE"), TypeFacts(kind=Kind.TIME)),
    **dict.fromkeys(("JSON", "JSONB"), TypeFacts(kind=Kind.JSON)),
    **dict.fromkeys(("UUID", "GUID", "UNIQUEIDENTIFIER"), TypeFacts(kind=Kind.UUID)),
    **dict.fromkeys(
        ("REAL", "DOUBLE", "DOUBLE PRECISION", "FLOAT", "FLOAT4", "FLOAT8"),
        TypeFacts(kind=Kind.NUMBER, exact=False),
    ),
}
_SQLITE_TEXTS = frozenset(
    {
        *("TEXT", "CLOB", "STRING", "CHAR", "CHARACTER", "VARCHAR", "VARCHAR2", "NCHAR"),
        *("NVARCHAR", "NATIVE CHARACTER", "VARYING CHARACTER", "CHARACTER VARYING"),
        *("TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "NTEXT", "CITEXT"),
    }
)
_SQLITE_BINARIES = frozenset({"BLOB", "BINARY", "VARBINARY", "BYTEA", "LONGBLOB", "MEDIUMBLOB"})
_SQLITE_EXACT = frozenset({"NUMERIC", "DECIMAL", "DEC", "NUMBER", "MONEY"})
_DECLARED = re.compile(r"\s*([^(]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*([^()]*?)\s*")


def sqlite_facts(declared: str) -> TypeFacts:
    """Facts of the type a column was declared with: SQLite keeps the words as written.

    No type at all, or words we do not know, are Kind.OTHER: any value, as its own text.
    """
    found = _DECLARED.fullmatch(declared)
    if found is None:
        return TypeFacts(kind=Kind.OTHER)
    before, first, second, after = found.groups()
    words = re.sub(r"\s+", " ", f"{before} {after}".strip()).upper()
    length = int(first) if first else None
    if words in _SQLITE_TEXTS:
        return TypeFacts(kind=Kind.TEXT, max_length=length)
    if words in _SQLITE_BINARIES:
        return TypeFacts(kind=Kind.BINARY, max_length=length)
    if words in _SQLITE_EXACT:
        # DECIMAL(10) has no digits after the point: ISO/IEC 9075-2, 6.1.
        scale = int(second or 0) if first else None
        return TypeFacts(kind=Kind.NUMBER, precision=length, scale=scale)
    bounds = _SQLITE_INTEGERS.get(words.replace(" UNSIGNED", ""))
    if bounds:
        return _integer(bounds)
    return _SQLITE_WORDS.get(words, TypeFacts(kind=Kind.OTHER))


def sqlite_affinity(declared: str) -> str:
    """INTEGER, TEXT, BLOB, REAL or NUMERIC: https://www.sqlite.org/datatype3.html §3.1."""
    words = declared.upper()
    if "INT" in words:
        return "INTEGER"
    if any(word in words for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in words or not words.strip():
        return "BLOB"
    if any(word in words for word in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


# ---------------------------------------------------------------- MySQL and MariaDB
#: https://dev.mysql.com/doc/refman/8.4/en/data-types.html, https://mariadb.com/kb/en/data-types/
_MYSQL_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_MYSQL: dict[str, TypeFacts] = {
    "year": _integer((1901, 2155)),
    "float": TypeFacts(kind=Kind.NUMBER, exact=False),
    "double": TypeFacts(kind=Kind.NUMBER, exact=False),
    "date": TypeFacts(kind=Kind.DATE),
    "datetime": TypeFacts(kind=Kind.DATETIME),
    # Kept in UTC and shown in the zone of the session, which is UTC for us.
    "timestamp": TypeFacts(kind=Kind.DATETIME, timezone=True),
    "time": TypeFacts(kind=Kind.TIME),
    "json": TypeFacts(kind=Kind.JSON),
    "uuid": TypeFacts(kind=Kind.UUID),
    **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext"), TypeFacts(kind=Kind.TEXT)),
    **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), TypeFacts(kind=Kind.BINARY)),
}
_MYSQL_QUOTED = re.compile(r"('(?:[^']|'')*')")
#: Spelt so whatever the session takes a backslash for.
_MYSQL_ESCAPED = re.compile(r"\\(.)", re.S)
_MYSQL_MEANT = {"n": "\n", "r": "\r", "0": "\0"}
_MYSQL_TYPE = re.compile(r"(\w+)\s*(?:\((\d+)(?:,(\d+))?\))?(.*)", re.S)


def mysql_facts(column_type: str) -> TypeFacts:
    """Facts of a type as information_schema spells it, e.g. `int(10) unsigned`, `enum('a','b')`.

    Whole numbers above 2⁶³ - 1, which only BIGINT UNSIGNED has, cannot be imported. Types we do
    not know (points, addresses) are Kind.OTHER.
    """
    labels = mysql_labels(column_type)
    if labels:
        # A SET is any of its words, joined by commas: no list of values.
        listed = labels if column_type.lower().startswith("enum") else ()
        return TypeFacts(kind=Kind.TEXT, choices=listed)
    found = _MYSQL_TYPE.match(column_type.lower())
    if found is None:
        return TypeFacts(kind=Kind.OTHER)
    name, first, second, rest = found.groups()
    size = int(first) if first else None
    if name == "bit":
        return _mysql_bits(size or 1)
    if name in _MYSQL_BITS:
        if name == "tinyint" and size == 1 and "unsigned" not in rest:
            return TypeFacts(kind=Kind.BOOLEAN)
        return _integer(_mysql_range(_MYSQL_BITS[name], unsigned="unsigned" in rest))
    if name == "decimal":
        return TypeFacts(kind=Kind.NUMBER, precision=size, scale=int(second or 0))
    if name in ("char", "varchar"):
        return TypeFacts(kind=Kind.TEXT, max_length=size)
    if name in ("binary", "varbinary"):
        return TypeFacts(kind=Kind.BINARY, max_length=size)
    return _MYSQL.get(name, TypeFacts(kind=Kind.OTHER))


def _mysql_bits(size: int) -> TypeFacts:
    if size == 1:
        return TypeFacts(kind=Kind.BOOLEAN)
    return _integer((0, min(2**size - 1, _INT64[1])))


def _mysql_range(bits: int, *, unsigned: bool) -> tuple[int, int]:
    if unsigned:
        return 0, min(2**bits - 1, _INT64[1])
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def mysql_labels(column_type: str) -> tuple[str, ...]:
    """The words of an ENUM or a SET, none for any other type."""
    if not column_type.lower().startswith(("enum(", "set(")):
        return ()
    words = (t[1:-1].replace("''", "'") for t in _MYSQL_QUOTED.findall(column_type))
    return tuple(_MYSQL_ESCAPED.sub(lambda e: _MYSQL_MEANT.get(e[1], e[1]), w) for w in words)


def mysql_type_text(column_type: str) -> str:
    """The type as people write it: in capitals, but for the words of an ENUM."""
    parts = _MYSQL_QUOTED.split(column_type)
    parts[::2] = [part.upper() for part in parts[::2]]
    return "".join(parts)
