"""What binary COPY brings is what text brings, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.loaders import binary, open_loader
from core.databases.loaders.postgresql import PostgresqlLoader
from core.databases.reflect import reflect_table
from core.model.plan import OnConflict
from core.model.table import Column, Kind

pytestmark = pytest.mark.postgres

_DDL = """CREATE TABLE kinds (
    id BIGINT PRIMARY KEY, tiny SMALLINT, whole INTEGER, code VARCHAR(20) UNIQUE, fixed CHAR(6),
    words TEXT, amount NUMERIC(38, 4), money NUMERIC(12, 2), round NUMERIC(9),
    mass DOUBLE PRECISION, ok BOOLEAN, day DATE, seen TIMESTAMP, heard TIMESTAMPTZ, opens TIME,
    plain JSON, packed JSONB, bytes BYTEA, ref UUID, mood mood, long_ago name_of_day)"""
_WORDS = ["", 'a "b",\n\\N', "ünï 山田 🎉", "\\.", "  ", "x" * 19]
_CELLS: dict[str, tuple[Any, list[Any]]] = {
    "tiny": (pl.Int64, [-32768, 32767, 0]),
    "whole": (pl.Int64, [-(2**31), 2**31 - 1, 0]),
    "fixed": (pl.String, ["a", "abcdef", ""]),
    "words": (pl.String, _WORDS),
    "amount": (
        pl.String,
        ["9" * 34 + ".9999", "-" + "9" * 34 + ".9999", "0", "-0.0001", "10000", "100000000.0001"],
    ),
    "money": (pl.String, ["1.20", "1.2", "-0.05", "9999999999.99", "0.00", "1.2000"]),
    "round": (pl.String, ["999999999", "-1", "10000000"]),
    "mass": (pl.Float64, [0.1, -1e308, 5e-324, float("nan"), float("inf"), -0.0]),
    "ok": (pl.Boolean, [True, False]),
    "day": (pl.Date, [date(1, 1, 1), date(9999, 12, 31), date(2000, 1, 1), date(1999, 12, 31)]),
    "seen": (
        pl.Datetime("us"),
        [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(1999, 12, 31, 5)],
    ),
    "heard": (
        pl.Datetime("us", "UTC"),
        [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC)],
    ),
    "opens": (pl.Time, [time(0), time(23, 59, 59, 999_999), time(12, 0, 0, 1)]),
    "plain": (pl.String, ['{"a": [1, null]}', "3", '"ü"']),
    "packed": (pl.String, ['{"b":1,  "a": [1.50]}', "null", '"ü"']),
    "bytes": (pl.Binary, [b"", b"\x00\xff\\", b"\\x41"]),
    "ref": (pl.String, ["123e4567-e89b-12d3-a456-426614174000", f"{0:08}-0000-0000-0000-{0:012}"]),
    "mood": (pl.String, ["glad", "sad, very"]),
    "long_ago": (pl.String, ["monday"]),
}  # fmt: skip
_ROWS = 18


@pytest.fixture
def kinds(postgres_engine: Engine) -> Iterator[Engine]:
    made = ("TYPE mood AS ENUM ('glad', 'sad, very')", "DOMAIN name_of_day AS VARCHAR(9)")
    with postgres_engine.begin() as db:
        for statement in (*(f"CREATE {what}" for what in made), _DDL):
            db.exec_driver_sql(statement)
    yield postgres_engine
    with postgres_engine.begin() as db:
        for what in ("TABLE kinds", "TYPE mood", "DOMAIN name_of_day"):
            db.exec_driver_sql(f"DROP {what}")


def _frame() -> pl.DataFrame:
    numbers = list(range(1, _ROWS + 1))
    codes = [f"K-{n * 7 % 19:02}" for n in numbers]
    columns = [
        pl.Series(name, [*cells, None] * _ROWS, dtype=kind).head(_ROWS)
        for name, (kind, cells) in _CELLS.items()
    ]
    own = {"__row__": numbers, "__line__": numbers, "id": numbers, "code": codes}
    return pl.DataFrame(own).with_columns(columns)


def _loaded(engine: Engine, frame: pl.DataFrame, on_conflict: OnConflict) -> list[tuple[Any, ...]]:
    table = reflect_table(engine, "kinds")
    columns = tuple(c for c in frame.columns if c not in ("__row__", "__line__"))
    with open_loader(engine, table, columns, key=("id",), on_conflict=on_conflict) as loader:
        assert loader.load(frame).inserted == frame.height
        # Spelt by the server itself, which knows no more than what it keeps.
        cells = ", ".join(f'"{name}"::text' for name in table.column_names)
        rows = loader.connection.exec_driver_sql(f"SELECT {cells} FROM kinds ORDER BY id")
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.UPDATE])
def test_both_forms_bring_the_same_cells(
    kinds: Engine, on_conflict: OnConflict, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = _frame()
    forms: list[str] = []
    encoded = PostgresqlLoader._encoded

    def watched(loader: PostgresqlLoader, cells: list[pl.Series]) -> Any:
        found = encoded(loader, cells)
        forms.append(found[1])
        return found

    monkeypatch.setattr(PostgresqlLoader, "_encoded", watched)
    packed = _loaded(kinds, frame, on_conflict)
    monkeypatch.setattr(binary, "forms_of", lambda *_: {})
    assert packed == _loaded(kinds, frame, on_conflict)
    assert forms == ["binary", "csv"]
    assert len(packed) == _ROWS


@pytest.mark.parametrize(
    ("column", "cell"),
    [("money", "1.239"), ("money", "much"), ("ref", "12"), ("ref", "zz"), ("tiny", 70_000)],
)
def test_a_cell_that_has_no_binary_form_is_left_to_the_database(
    kinds: Engine, column: str, cell: Any
) -> None:
    columns = reflect_table(kinds, "kinds").columns
    spec = next(c for c in columns if c.name == column)
    base = {"money": "numeric", "ref": "uuid", "tiny": "smallint"}[column]
    forms = binary.forms_of((spec,), {column: base})
    assert binary.encoded(pl.DataFrame({column: [cell]}), forms) is None


def test_types_that_binary_might_bend_have_no_form() -> None:
    def forms(base: str, **more: Any) -> dict[str, Any]:
        column = Column(name="c", kind=Kind.NUMBER, type_text=base, **more)
        return binary.forms_of((column,), {"c": base})

    assert forms("numeric", precision=12, scale=2)
    assert not forms("numeric")  # its cells would all get the scale of one
    assert not forms("numeric", precision=50, scale=2)
    assert not forms("real")  # rounded twice
    assert not forms("integer[]")


@pytest.mark.parametrize(
    ("ddl", "order"),
    [
        ("id BIGINT PRIMARY KEY, code TEXT UNIQUE", ["a", "b", "c"]),
        ("id BIGINT PRIMARY KEY, code TEXT", ["c", "a", "b"]),
        ("number BIGSERIAL PRIMARY KEY, id BIGINT, code TEXT UNIQUE", ["c", "a", "b"]),
    ],
    ids=["by the text key", "no text key", "the database numbers rows as they come"],
)
def test_rows_go_in_by_their_text_key_unless_their_order_is_kept(
    postgres_engine: Engine, ddl: str, order: list[str]
) -> None:
    with postgres_engine.begin() as db:
        db.exec_driver_sql(f"CREATE TABLE sorted ({ddl})")
    try:
        table = reflect_table(postgres_engine, "sorted")
        own = {"__row__": [1, 2, 3], "__line__": [2, 3, 4]}
        frame = pl.DataFrame({**own, "id": [1, 2, 3], "code": ["c", "a", "b"]})
        with open_loader(postgres_engine, table, ("id", "code")) as loader:
            assert loader.load(frame).inserted == 3
            rows = loader.connection.exec_driver_sql("SELECT code FROM sorted ORDER BY ctid")
            assert list(rows.scalars()) == order
    finally:
        with postgres_engine.begin() as db:
            db.exec_driver_sql("DROP TABLE sorted")
