"""Workbooks through the use cases: converted by themselves, and parsed where they harm nobody."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest

from core.errors import InvalidFormat, ParserStopped
from core.formats.confinement.parser import ParserLimits
from core.usecases import conversion
from core.usecases.conversion import convert_file


def a_workbook(path: Path) -> Path:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in (["code", "price"], ["007", 12.5], ["008", 3]):
        made.active.append(row)
    made.active["A4"] = "=1/0"
    made.save(path)
    return path


def test_a_workbook_becomes_csv_with_every_cell_as_its_text(tmp_path: Path) -> None:
    flaws: list[tuple[int, str]] = []
    source, target = a_workbook(tmp_path / "a.xlsx"), tmp_path / "a.csv"
    assert convert_file(source, target, to="csv", on_flaw=lambda *f: flaws.append(f)) == 3
    assert target.read_bytes() == b"code,price\r\n007,12.5\r\n008,3\r\n,\r\n"
    assert flaws[0][0] == 4
    assert "A4 holds a formula without a result" in flaws[0][1]


def test_what_is_chosen_overrides_what_is_detected(tmp_path: Path) -> None:
    source, target = a_workbook(tmp_path / "a.xlsx"), tmp_path / "a.csv"
    assert convert_file(source, target, to="csv", options={"skip_first_rows": "1"}) == 3
    assert target.read_bytes().startswith(b"007,12.5\r\n")


def test_a_workbook_that_ends_its_parser_ends_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "ParserLimits", lambda: ParserLimits(memory_mb=64, seconds=60))
    source, target = a_workbook(tmp_path / "a.xlsx"), tmp_path / "a.csv"
    with pytest.raises(ParserStopped):
        convert_file(source, target, to="csv")
    assert os.listdir(tmp_path) == ["a.xlsx"]


def test_what_is_no_workbook_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "a.xls"
    source.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    with pytest.raises(InvalidFormat, match="cannot be read"):
        convert_file(source, tmp_path / "a.csv", to="csv")
    assert os.listdir(tmp_path) == ["a.xls"]
