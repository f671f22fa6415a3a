"""Polluted files and what is in them: the Pollock benchmark (Vitagliano et al., VLDB 2023)."""

from __future__ import annotations

import csv
import io
import tarfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from core.errors import InvalidFormat
from core.formats import detect_file, read_file
from core.formats.base import FLAW, META, ReadLimits

#: Files in which rows were joined without a delimiter, or parted by another one, cannot all be
#: put right; in the others every cell has to be found.
_LEAST_EXACT, _LEAST_AGREEING = 0.95, 0.998


@pytest.fixture(scope="module")
def pollock(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pollock")
    with tarfile.open(corpora / "pollock_subset.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    return folder / "pollock_subset"


def cells_read(file: Path) -> list[list[str]]:
    """The rows as they are read without being told anything, names included if there are any."""
    data = file.read_bytes()
    found = detect_file(io.BytesIO(data), filename=file.name)
    batches = read_file(io.BytesIO(data), found.dialect, rows=10_000, limits=ReadLimits())
    frame = pl.concat(batch.frame for batch in batches)
    rows = [[cell or "" for cell in row] for row in frame.drop(META).rows()]
    return [list(found.columns), *rows] if found.dialect.header else rows


def cells_wanted(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.reader(lines))


def agreement(got: list[list[str]], wanted: list[list[str]]) -> float:
    """F1 of the cells as multisets."""
    ours, theirs = (Counter(cell for row in rows for cell in row) for rows in (got, wanted))
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def test_polluted_files_are_read_as_they_were_before(pollock: Path) -> None:
    scores = []
    for file in sorted((pollock / "csv").glob("*.csv")):
        wanted = cells_wanted(pollock / "clean" / file.name)
        if wanted:
            scores.append(agreement(cells_read(file), wanted))
    assert len(scores) > 250
    assert sum(score == 1.0 for score in scores) >= _LEAST_EXACT * len(scores)
    assert sum(scores) >= _LEAST_AGREEING * len(scores)


def test_a_file_of_no_bytes_is_refused(pollock: Path) -> None:
    with pytest.raises(InvalidFormat, match="empty"):
        cells_read(pollock / "csv" / "file_no_payload.csv")


def test_what_is_put_right_is_said(pollock: Path) -> None:
    polluted = [f for f in (pollock / "csv").glob("row_*.csv") if "row0_" not in f.name]
    assert polluted
    for file in polluted[::10]:
        data = file.read_bytes()
        found = detect_file(io.BytesIO(data), filename=file.name)
        batches = read_file(io.BytesIO(data), found.dialect, rows=10_000, limits=ReadLimits())
        flaws = [flaw for batch in batches for flaw in batch.frame[FLAW].drop_nulls()]
        assert len(flaws) + len(found.warnings) > 0, file.name
