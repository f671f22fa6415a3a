"""Columns proposed for the cells of a file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from core.checks.run import Checker
from core.databases.features import FEATURES
from core.databases.making.soundness import require_sound
from core.errors import TableportError
from core.formats import detect_file, read_file
from core.formats.base import FLAW, LINE, ROW, Batch, ReadLimits
from core.mapping.apply import apply_mappings
from core.mapping.document import mappings_document
from core.model.new_table import NewTable, ProposedColumn
from core.model.table import Column, Kind, Table, TableRef
from core.pipeline import proposing
from core.pipeline.judging import source_columns
from core.pipeline.proposing import FileReadings, propose_columns, read_columns


def batches(*parts: dict[str, list[str | None]]) -> list[Batch]:
    made = []
    for part in parts:
        height = len(next(iter(part.values())))
        meta = {
            ROW: pl.int_range(height, eager=True),
            LINE: pl.int_range(height, eager=True),
            FLAW: pl.Series([None] * height, dtype=pl.String),
        }
        cells = {name: pl.Series(cells, dtype=pl.String) for name, cells in part.items()}
        made.append(Batch(frame=pl.DataFrame(meta | cells), ignored=0, bytes_read=0))
    return made


def proposed(
    *parts: dict[str, list[str | None]], decimal: str | None = None, table: str = "t"
) -> tuple[ProposedColumn, ...]:
    return propose_columns(read_columns(batches(*parts), ()), frozenset(), decimal, table)


def one(*cells: str | None, name: str = "a", decimal: str | None = None) -> ProposedColumn:
    (found,) = proposed({name: list(cells)}, decimal=decimal)
    return found


def said(column: ProposedColumn) -> str:
    return " ".join(column.evidence)


@pytest.mark.parametrize(
    ("cells", "kind", "says"),
    [
        (["1", "-20"], Kind.INTEGER, "from -20 to 1"),
        (["0", "1"], Kind.INTEGER, "choose boolean"),
        (["20260131", "20260201"], Kind.INTEGER, "could be a date"),
        (["007", "12"], Kind.TEXT, "begins with a zero"),
        (["+4917112345", "12"], Kind.TEXT, "begins with a plus"),
        (["12345678901234567890", "1"], Kind.TEXT, "more than programs keep"),
        (["1.5", "-20"], Kind.NUMBER, "after it"),
        (["1e5", "2.5"], Kind.NUMBER, "floating point"),
        (["0.1", "1" * 38], Kind.TEXT, "39 digits"),
        (["yes", "No"], Kind.BOOLEAN, "Yes or no"),
        (["t", "f"], Kind.BOOLEAN, "'t' and 'f'"),
        (["2026-01-31", "2026-02-01"], Kind.DATE, "Dates in all 2 cells"),
        (["18 Oct 2026", "1 May 2026"], Kind.DATE, "Dates"),
        (["31/01/2026", "01/02/2026"], Kind.DATE, "can only have the day first"),
        (["01/31/2026", "01/02/2026"], Kind.DATE, "can only have the month first"),
        (["01/02/2026", "03/04/2026"], Kind.TEXT, "day or the month first"),
        (["31/01/2026", "01/31/2026"], Kind.DATE, "Dates"),
        (["2026-01-31 10:00", "2026-01-31"], Kind.DATETIME, "1 with a time of day"),
        (["10:30", "11:00:05"], Kind.TIME, "Times of day"),
        (["123e4567-e89b-12d3-a456-426614174000"], Kind.UUID, "the only cell"),
        (['{"a": 1}', "[]"], Kind.JSON, "objects or lists"),
        (["a", "b"], Kind.TEXT, "longest of 2 cells has 1"),
        ([None, "  "], Kind.TEXT, "No cell holds anything"),
        (["1", *["2"] * 20, "n/a"], Kind.TEXT, "such as 'n/a'"),
    ],
)
def test_kinds(cells: list[str | None], kind: Kind, says: str) -> None:
    column = one(*cells)
    assert column.column.kind is kind
    assert says in said(column)


@pytest.mark.parametrize("name", ["Phone", "PLZ", "zip code", "Telefonnummer", "ISBN"])
def test_figures_that_count_nothing_by_their_name(name: str) -> None:
    column = one("12345", "99999", name=name)
    assert column.column.kind is Kind.TEXT
    assert "By its name" in said(column)


def test_sizes_leave_room() -> None:
    assert one("1000000000").column.big is False
    assert one("1000000001").column.big is True
    assert (one("12.5", "1.25").column.precision, one("12.5", "1.25").column.scale) == (7, 2)
    assert one("abcdefghijklm").column.max_length == 20
    assert one("a" * 14).column.max_length == 50
    assert one("a" * 3_000).column.max_length is None


def test_the_marks_of_numbers() -> None:
    euro = one("1.234,50", "9,99")
    assert mappings_document((euro.mapping,))[0]["transform"] == {
        "name": "number", "options": {"decimal": "comma"},
    }  # fmt: skip
    assert (euro.column.precision, euro.column.scale) == (9, 2)
    assert "can only be read with a decimal comma" in said(euro)
    unproven = one("1,234", "2,345")
    assert unproven.column.kind is Kind.TEXT
    by_file = one("1,234", "2,345", decimal="point")
    assert (by_file.column.kind, by_file.column.scale) == (Kind.INTEGER, None)
    assert "other numbers of the file" in said(by_file)
    fractions = one("1,234", "2,345", decimal="comma")
    assert (fractions.column.kind, fractions.column.scale) == (Kind.NUMBER, 3)
    dotted = one("1.234", "2.345", decimal="comma")
    assert dotted.column.kind is Kind.INTEGER
    percent = one("12 %", "7.5%")
    assert (percent.column.scale, "a hundredth" in said(percent)) == (3, True)


def test_zones() -> None:
    mixed = one("2026-01-31T10:00:00+02:00", "2026-01-31 10:00:00")
    assert mixed.column.timezone is True
    assert "taken to be in UTC" in said(mixed)
    assert one("2026-01-31 10:00:00").column.timezone is False


def test_every_batch_counts() -> None:
    ones: dict[str, list[str | None]] = {"n": ["1", "2"] * 50, "d": ["01/02/2026"] * 100}
    late: dict[str, list[str | None]] = {"n": ["2.75"], "d": ["31/12/2025"], "late": ["x"]}
    n, d, more = proposed(ones, late)
    assert (n.column.kind, n.column.scale, n.column.nullable) == (Kind.NUMBER, 2, False)
    assert dict(d.mapping.steps[0].options) == {"order": "dmy"}
    assert more.column.nullable
    assert "100 of 101 cells are blank" in said(more)


def test_a_row_that_cannot_be_taken_apart_tells_nothing() -> None:
    (batch,) = batches({"a": ["1", "two"]})
    flawed = batch.frame.with_columns(pl.Series(FLAW, [None, "7 cells"], dtype=pl.String))
    found = read_columns([batch._replace(frame=flawed)], ())
    assert (found.rows, found.flawed) == (2, 1)
    assert propose_columns(found, (), None, "t")[0].column.kind is Kind.INTEGER


def test_what_a_workbook_shows_may_be_longer() -> None:
    (batch,) = batches({"a": ["0.25", "x"]})
    shown = pl.DataFrame({"a": ["twenty-five per cent", "x"]})
    (column,) = propose_columns(read_columns([batch._replace(shown=shown)], ()), (), None, "t")
    assert column.column.max_length == 50


def test_of_a_long_file_the_first_rows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "READ_ROWS", 3)
    found = read_columns(batches({"id": ["1", "2"]}, {"id": ["3", "x"]}, {"id": ["y"]}), ())
    assert (found.rows, found.whole) == (3, False)
    (column,) = propose_columns(found, (), None, "t")
    assert (column.column.kind, column.column.nullable) == (Kind.INTEGER, True)
    assert not column.column.primary_key, "nobody knows the ids that come later"
    exactly = read_columns(batches({"id": ["1", "2", "3"]}), ())
    assert exactly.whole


def key(table: str = "orders", **columns: list[str | None]) -> list[str]:
    found = proposed({name.replace("__", " "): cells for name, cells in columns.items()},
                     table=table)  # fmt: skip
    return [one.column.name for one in found if one.column.primary_key]


def test_the_key_is_called_so_and_identifies_every_row() -> None:
    ids: list[str | None] = ["1", "2"]
    assert key(name=["a", "b"], id=ids) == ["id"]
    assert key(order__no=ids, id=ids) == ["id"]
    assert key(total=ids, order__no=ids) == ["order_no"]
    assert key(customer__id=ids, name=["a", "b"]) == ["customer_id"]
    assert key(name=["a", "b"], customer__id=ids) == [], "the id of something else"
    assert key(id=["1", "1"]) == []
    assert key(id=["1", None]) == []
    assert key(code=["a", "A"]) == [], "some databases take them to be the same"
    assert key(id=["1"]) == [], "one row proves nothing"
    assert key(amount=ids) == []


def files(folder: Path) -> Iterable[Path]:
    kept = {"csv-spectrum", "frictionless", "duckdb_csv"}
    for found in sorted(folder.rglob("*.csv")):
        if found.relative_to(folder).parts[0] in kept and found.stat().st_size < 20_000:
            yield found


def test_a_table_proposed_for_a_real_file_takes_every_row_of_it(corpora: Path) -> None:
    tried = 0
    for path in list(files(corpora))[::20]:
        data = path.read_bytes()
        try:
            detection = detect_file(io.BytesIO(data), filename=path.name, given={})
            read = list(
                read_file(io.BytesIO(data), detection.dialect, rows=500, limits=ReadLimits())
            )
        except TableportError:
            continue  # what cannot be read has tests of its own
        found = read_columns(read, detection.columns)
        columns = propose_columns(found, {"order"}, None, path.stem)
        if columns:
            require_sound(spec(columns), FEATURES["postgresql"])
            assert refused(columns, read, found) == [], path.name
            tried += 1
    assert tried > 20


def spec(columns: tuple[ProposedColumn, ...]) -> NewTable:
    return NewTable(name="t", columns=tuple(one.column for one in columns))


def refused(
    columns: tuple[ProposedColumn, ...], read: list[Batch], found: FileReadings
) -> list[str]:
    """What the checks of an import say of the rows that could be taken apart."""
    table = Table(ref=TableRef(name="t"), columns=tuple(_column(one) for one in columns))
    checker = Checker(table, [one.mapping.target for one in columns])
    problems: list[str] = []
    for batch in read:
        frame = batch.frame.filter(batch.frame[FLAW].is_null())
        missing = [name for name in found.columns if name not in frame.columns]
        frame = frame.with_columns(*(pl.lit(None, pl.String).alias(name) for name in missing))
        mapped = apply_mappings(
            frame, [one.mapping for one in columns], source_columns=source_columns(frame)
        )
        checked = checker.check(mapped.frame, mapped.problems, frame[FLAW])
        problems += checked.problems.filter(pl.col("severity") == "error")["message"].to_list()
    return problems


def _column(one: ProposedColumn) -> Column:
    made = one.column
    return Column(
        name=made.name,
        kind=made.kind,
        type_text="",
        nullable=made.nullable,
        max_length=made.max_length,
        exact=made.scale is not None,
        precision=made.precision,
        scale=made.scale,
        timezone=made.timezone,
    )
