"""Workbooks other people made: none kills the process, and cells are calamine's own.

What differs is counted by its reason: errors and formulas without results, which calamine
shows as blanks, masks, moments at midnight, digits beyond those of a double.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from core.errors import InputError, InvalidFormat, UnsafeContent
from core.formats import detect_file, read_file
from core.formats.base import META, ReadLimits
from core.formats.excel.grid import Grid
from core.formats.excel.workbook import Workbook

EXTENSIONS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
#: Share of the filled cells told otherwise than by calamine. Measured: 0.1 % and 2.6 %, nearly
#: all of them error cells, which calamine shows as blanks.
MOST_DIFFERENT = 0.04
EXPLAINED = {"error", "formula without a result", "mask", "midnight", "empty text", "long number"}


def workbooks(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in EXTENSIONS)
    assert len(found) > 50
    return found


def spelled(cell: Any) -> str | None:
    """A cell of calamine's in plain words, with no help from the code under test."""
    if cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
        return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{int(seconds % 60):02}"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def reason(ours: str | None, theirs: str | None, flaw: str) -> str:
    if theirs is None and ours is None:
        return "formula without a result"
    if theirs is None and ours and f"holds the error {ours}" in flaw:
        return "error"
    if theirs is None:
        return "empty text" if ours == "" else "only ours"
    if ours is None:
        return "only calamine's"
    if ours == f"{theirs}T00:00:00":
        return "midnight"
    if "e+" in theirs or len(digits(theirs)) > 15:
        return "long number" if float(ours) == float(theirs) else "another number"
    return "mask" if digits(theirs) in digits(ours) else "another text"


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def differences(grid: Grid, theirs: list[list[Any]]) -> Iterator[tuple[str, str]]:
    """Reason, and the cells, of every cell that differs; 'same' for the others."""
    flaws = grid.flaws.to_list()
    for number, row in enumerate(grid.cells.iter_rows()):
        others = [spelled(c) for c in theirs[number]] if number < len(theirs) else []
        for n, ours in enumerate(row):
            other = others[n] if n < len(others) else None
            if ours is not None or other is not None:
                same = ours == other
                why = "same" if same else reason(ours, other, flaws[number] or "")
                yield why, f"{ours!r} for {other!r} in row {number + 1}"


@pytest.mark.parametrize("folder", ["sheets_calamine", "sheets_poi"])
def test_cells_are_those_of_calamine_but_for_reasons(corpora: Path, folder: str) -> None:
    counts, refused = Counter[str](), Counter[str]()
    unexplained: list[str] = []
    for path in workbooks(corpora / folder):
        try:
            workbook = Workbook(path.read_bytes())
            sheet = workbook.chosen(None)
            grid = workbook.load(sheet)
        except InputError as error:
            refused[str(error)[:70]] += 1
            continue
        theirs = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet.name)
        for why, cells in differences(grid, padded(theirs)):
            counts[why] += 1
            if why not in EXPLAINED and why != "same":
                unexplained.append(f"{path.name}: {why}, {cells}")
    told = [folder, str(dict(counts)), str(dict(refused)), *unexplained]
    sys.stdout.write("\n".join(told) + "\n")
    assert not unexplained
    assert counts["same"] > 1000
    assert counts.total() - counts["same"] <= MOST_DIFFERENT * counts.total()


def padded(sheet: Any) -> list[list[Any]]:
    """Rows with the blank columns at the left that calamine leaves out."""
    if sheet.end is None:
        return []
    return [[""] * (sheet.end[1] + 1 - len(row)) + row for row in sheet.iter_rows()]


@pytest.mark.parametrize("folder", ["sheets_calamine", "sheets_poi"])
def test_no_cell_is_lost_between_the_sheet_and_the_batches(corpora: Path, folder: str) -> None:
    read = 0
    for path in workbooks(corpora / folder):
        content = path.read_bytes()
        try:
            found = detect_file(io.BytesIO(content), filename=path.name)
            batches = list(
                read_file(io.BytesIO(content), found.dialect, rows=997, limits=ReadLimits())
            )
        except InputError:
            continue
        frame = pl.concat(batch.frame for batch in batches)
        assert frame["__row__"].to_list() == list(range(1, frame.height + 1))
        assert tuple(frame.columns[len(META) :]) == found.columns, path.name
        grid = Workbook(content).load(Workbook(content).chosen(found.dialect.sheet))
        depth = found.dialect.header_rows if found.dialect.header else 0
        first = int(frame["__line__"].min() or 0) if frame.height else 0
        above = range(found.dialect.skip_rows, found.dialect.skip_rows + depth)
        assert not frame.height or first > max(above, default=-1) + 1, path.name
        last = grid.cells.height - found.dialect.skip_footer
        kept = grid.cells[found.dialect.skip_rows : last]
        header = kept.head(blanks(kept) + depth)
        cells = sum(kept[c].count() for c in kept.columns)
        names = sum(header[c].count() for c in header.columns)
        assert sum(frame[c].count() for c in found.columns) == cells - names, path.name
        read += 1
    assert read > 50


def blanks(frame: pl.DataFrame) -> int:
    """Blank rows at the top."""
    for number, row in enumerate(frame.iter_rows()):
        if any(cell is not None for cell in row):
            return number
    return frame.height


def test_attacks_end_as_the_manifest_says(corpora: Path) -> None:
    folder = corpora / "attacks"
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    mine = [e for e in entries if e["claim"] in ("xlsx", "xls")]
    assert len(mine) >= 5
    for entry in mine:
        content = (folder / entry["file"]).read_bytes()
        if entry["expect"] == "reject":
            with pytest.raises((InvalidFormat, UnsafeContent)) as refusal:
                detect_file(io.BytesIO(content), filename=entry["file"])
            assert "root:" not in str(refusal.value)
            continue
        found = detect_file(io.BytesIO(content), filename=entry["file"])
        (batch,) = read_file(io.BytesIO(content), found.dialect, rows=100, limits=ReadLimits())
        flawed = batch.frame["__flaw__"].count()
        if entry["expect"] == "row errors":
            assert flawed == batch.frame.height
        else:
            assert (batch.frame.height, flawed) == (2, 0)
            assert any("macros" in warning for warning in found.warnings)
