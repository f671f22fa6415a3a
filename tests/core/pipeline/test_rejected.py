"""Pages read back from the evidence, held against all that was put in."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import polars as pl
import pytest

from core.checks.shapes import shapes
from core.formats.base import FLAW, LINE, META, ROW
from core.model.check import Violation
from core.model.dialect import Dialect
from core.model.preview import RejectedRow
from core.pipeline import evidence_index
from core.pipeline.evidence import VIOLATION_SCHEMA, Evidence
from core.pipeline.evidence_index import Wanted
from core.pipeline.rejected import RejectedRows, page_violations

Files = tuple[io.BytesIO, io.BytesIO]
BATCH = 7
ROWS = 70
DIALECT = Dialect(delimiter=";")


def source(rows: list[int]) -> pl.DataFrame:
    schema = {ROW: pl.Int64, LINE: pl.Int64, FLAW: pl.String, "a;b": pl.String, "c": pl.String}
    cells = [(n, n + 1, None, f'x"{n};\n', None if n % 2 else "") for n in rows]
    return pl.DataFrame(cells, schema=schema, orient="row")


def violations(rows: list[int]) -> pl.DataFrame:
    """Each third row has two errors, each fifth a warning, each seventh nothing but that."""
    found: list[tuple[int | str | None, ...]] = []
    for n in rows:
        line, value = n + 1, f'x"{n};\n'
        if n % 3 == 0:
            found.append((n, line, "a;b", "A", "type", f"{n} is bad", value, "error"))
            found.append((n, line, "c", "C", "required", "C must have a value", None, "error"))
        if n % 5 == 0:
            found.append((n, line, "a;b", "A", "email", "odd", value, "warning"))
    return pl.DataFrame(found, schema=VIOLATION_SCHEMA, orient="row")


def numbers(batch: int) -> list[int]:
    return list(range(batch * BATCH + 1, (batch + 1) * BATCH + 1))


@pytest.fixture(params=["blocks", "kinds", "earlier"])
def files(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[io.BytesIO, io.BytesIO]:
    """As written now; with more kinds than are counted; as earlier versions wrote them."""
    monkeypatch.setattr(evidence_index, "BLOCK", 9)
    monkeypatch.setattr("core.pipeline.evidence.BLOCK", 9)
    if request.param == "kinds":
        monkeypatch.setattr(evidence_index, "_MOST_KINDS", 1)
    found, rejects = io.BytesIO(), io.BytesIO()
    evidence = Evidence(found, rejects, DIALECT, "job-1")
    for batch in range(ROWS // BATCH):
        evidence.add(source(numbers(batch)), violations(numbers(batch)))
    # What the database refuses is found when the file was read: row 2 again, row 10 remarked upon.
    late = pl.DataFrame(
        [(n, n + 1, None, None, "database", "refused", None, "error") for n in (2, 10)],
        schema=VIOLATION_SCHEMA,
        orient="row",
    )
    evidence.add(source([2, 10]), late)
    if request.param == "earlier":
        return io.BytesIO(earlier(found.getvalue())), rejects
    evidence.finish()
    return found, rejects


def earlier(text: bytes) -> bytes:
    lines = pl.read_ndjson(text).drop("shape").write_ndjson()
    return lines.encode()


def everything() -> pl.DataFrame:
    late = [(n, n + 1, None, None, "database", "refused", None, "error") for n in (2, 10)]
    found = [violations(numbers(batch)) for batch in range(ROWS // BATCH)]
    return pl.concat([*found, pl.DataFrame(late, schema=VIOLATION_SCHEMA, orient="row")])


def wanted(asked: Wanted) -> pl.DataFrame:
    found = everything().with_columns(shapes(everything()["value"]).alias("shape"))
    for name in ("field", "check", "shape"):
        if getattr(asked, name) is not None:
            found = found.filter(pl.col(name) == getattr(asked, name))
    return found


ASKED = [
    Wanted(),
    Wanted(field="A"),
    Wanted(check="required"),
    Wanted(field="A", check="type"),
    Wanted(field="A", check="type", shape="a\x2299;⏎"),
    Wanted(shape="a\x229;⏎"),
    Wanted(check="nothing"),
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_pages(files: Files, asked: Wanted) -> None:
    found = wanted(asked)
    expected = list(zip(found["row"], found["check"], found["value"], strict=True))
    errors = found.filter(pl.col("severity") == "error")["row"].unique(maintain_order=True)
    rows = RejectedRows(*files, DIALECT)

    def some_violations(at: int, limit: int) -> Sequence[Violation]:
        return page_violations(files[0], offset=at, limit=limit, wanted=asked)

    def some_rows(at: int, limit: int) -> Sequence[RejectedRow]:
        return rows.page(offset=at, limit=limit, wanted=asked).rows

    pages = list(paged(some_violations, 5))
    assert [(v.row, v.check, v.value) for v in pages] == expected
    whole = list(paged(some_rows, 5))
    assert sorted(row.row for row in whole) == sorted(errors.to_list())
    assert rows.page(offset=0, limit=1, wanted=asked).total == len(errors)
    for row in whole:
        assert row.cells == {"a;b": f'x"{row.row};\n', "c": None if row.row % 2 else ""}
        assert row.line == row.row + 1
        told = everything().filter(pl.col("row") == row.row)["check"].to_list()
        assert [v.check for v in row.violations] == told


Item = TypeVar("Item")


def paged(read: Callable[[int, int], Sequence[Item]], limit: int) -> Iterator[Item]:
    for at in itertools.count(0, limit):
        page = read(at, limit)
        yield from page
        if len(page) < limit:
            return


def test_rows_by_number_and_all_of_them(files: Files) -> None:
    rows = RejectedRows(*files, DIALECT)
    assert [row.row for row in rows.rows([66, 2, 3, 4])] == [2, 3, 66]
    frames = pl.concat(rows.frames())
    assert frames.columns == [*META, "a;b", "c"]
    assert frames.height == len(set(range(3, ROWS + 1, 3)) | {2, 10})
    assert rows.columns() == ("a;b", "c")


def test_the_rejects_name_their_job_once_in_a_header() -> None:
    found, rejects = io.BytesIO(), io.BytesIO()
    evidence = Evidence(found, rejects, DIALECT, "job-1")
    again = source([3]).with_columns(pl.lit("9").alias("tableport_job"))
    evidence.add(again, violations([3]))
    evidence.add(source([6]), violations([6]))
    text = rejects.getvalue().decode("utf-8-sig")
    assert text.startswith(
        '"a;b";c;tableport_row;tableport_line;tableport_reason;tableport_job\r\n'
    )
    assert text.count("tableport_row") == 1
    assert text.count(";job-1\r\n") == 2
