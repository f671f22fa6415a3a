"""The profile of a file, fed in batches, against what can be counted beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from core.checks import profile as profiling
from core.checks.profile import ProfileBuilder
from core.model.profile import CellKind, ColumnProfile, Profile

Cells = list[str | None]


def profile(*batches: Mapping[str, Sequence[str | None]]) -> Profile:
    builder = ProfileBuilder()
    for batch in batches:
        frame = pl.DataFrame(batch, schema=dict.fromkeys(batch, pl.String))
        builder.add(frame.with_columns(__row__=1), tuple(batch))
    return builder.profile()


def one(*batches: Cells) -> ColumnProfile:
    (column,) = profile(*({"c": cells} for cells in batches)).columns
    return column


def test_cells_are_counted_over_all_batches() -> None:
    column = one(["b", None, " b ", "", "é" * 120], ["a", "b", " \u00a0", None])
    assert (column.rows, column.nulls, column.blanks, column.padded) == (9, 2, 2, 1)
    assert (column.distinct, column.distinct_exact) == (6, True)
    assert (column.shortest, column.longest) == (0, 120)
    assert column.longest_value == "é" * 100
    assert (column.least, column.greatest) == ("", "é" * 100)
    assert column.top[0].value == "b"
    assert column.top[0].count == 2
    assert column.samples == ("b", " b ", "é" * 100, "a")
    assert (column.kind, column.lowest) == (CellKind.TEXT, None)


@pytest.mark.parametrize(
    ("cells", "kind", "ends"),
    [
        (["10", "9", "100", "x"] + ["11"] * 40, CellKind.INTEGER, ("9", "100")),
        (["1.000,5", "-2,5"], CellKind.NUMBER, ("-2,5", "1.000,5")),
        (["18/10/2025", "03/04/2026"], CellKind.DATE, ("18/10/2025", "03/04/2026")),
        (["2026-01-01 10:00:00", "2026/01/01 09:00:00"], CellKind.DATETIME,
         ("2026/01/01 09:00:00", "2026-01-01 10:00:00")),
        (["2026-01-02", "2026-01-01", "2026-01-10"] * 9 + ["0000000000"], CellKind.DATE,
         ("2026-01-01", "2026-01-10")),
        (["2026-01-01 10:00:00", "2026-01-01 9:30"], CellKind.DATETIME,
         ("2026-01-01 9:30", "2026-01-01 10:00:00")),
    ],
)  # fmt: skip
def test_least_and_greatest_are_by_value(
    cells: list[str], kind: CellKind, ends: tuple[str, str]
) -> None:
    column = one(list(cells))
    assert (column.kind, column.lowest, column.highest) == (kind, *ends)
    assert column.range_exact
    assert column.bars_of == "values"


def test_the_range_is_of_every_row_also_beyond_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling, "_CELLS", 1)  # a sample of 1,000 rows
    cells = [str(n) for n in range(5_000)]
    cells[3_333], cells[4_444] = "-7", "70000"
    found = profile(*({"c": list(cells[at : at + 500])} for at in range(0, 5_000, 500)))
    (column,) = found.columns
    assert (found.rows, found.sample_rows, found.sampled) == (5_000, 1_000, True)
    assert (column.lowest, column.highest, column.range_exact) == ("-7", "70000", True)
    assert sum(bar.count for bar in column.bars) == 1_000
    assert column.evidence == "1,000 of 1,000 cells are whole numbers."


def test_a_kind_that_shows_late_has_the_range_of_the_sample() -> None:
    column = one(["03/04/2026"], ["18/10/2025", "19/10/2027"])
    assert (column.detail, column.range_exact) == ("day first", False)
    assert (column.lowest, column.highest) == ("18/10/2025", "19/10/2027")


def test_leading_zeros_are_of_whole_numbers() -> None:
    assert one(["007", "08", "0", "-01", "70", "9"], ["01", "10"]).leading_zeros == 3
    assert one(["007", "plain", "words"]).leading_zeros == 0


def test_the_most_frequent_values_are_counted_exactly_while_they_are_few() -> None:
    cells: Cells = [f"v{n * n % 17}" for n in range(500)]
    column = one(cells[:123], cells[123:])
    truth = Counter(cells)
    assert column.top_exact
    assert {v.value: v.count for v in column.top} == dict(truth.most_common(10))


def test_long_texts_that_begin_alike_count_as_one() -> None:
    column = one(["x" * 100 + "1", "x" * 100 + "2"], ["y"])
    assert [(v.value, v.count) for v in column.top] == [("x" * 100, 2), ("y", 1)]
    assert column.distinct == 3


def test_columns_that_come_and_go_are_null_elsewhere() -> None:
    found = profile({"a": ["1"]}, {"a": ["2"], "b": ["x"]}, {"b": ["y"]})
    assert [(c.name, c.rows, c.nulls) for c in found.columns] == [("a", 3, 1), ("b", 3, 1)]


def test_headers_may_be_anything() -> None:
    names = ["^.*$", "*", "", "cell", "value", "count", "c0", "__rank__", "é\n\x00"]
    found = profile({name: [name or "x"] for name in names})
    assert [column.name for column in found.columns] == names
    assert [column.samples for column in found.columns] == [(name or "x",) for name in names]


def test_of_very_many_columns_the_first_are_profiled() -> None:
    found = profile({f"n{n}": ["1"] for n in range(profiling.COLUMNS + 5)})
    assert len(found.columns) == profiling.COLUMNS
    assert found.left_out == 5


@pytest.mark.parametrize("batches", [(), ({},), ({"a": []},), ({"a": [None, None]},)])
def test_files_without_cells(batches: tuple[dict[str, Cells], ...]) -> None:
    found = profile(*batches)
    for column in found.columns:
        assert (column.kind, column.distinct, column.longest) == (CellKind.EMPTY, 0, None)
        assert column.nulls == found.rows
        assert (column.bars, column.top) == ((), ())
