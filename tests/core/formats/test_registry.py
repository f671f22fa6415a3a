from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from core.errors import InvalidFormat
from core.formats import FORMATS, by_name, detect_file, readers, writers


@pytest.mark.parametrize("name", ["csv", "CSV", ".csv", "tsv", "txt"])
def test_by_name(name: str) -> None:
    assert by_name(name).name == "csv"


@pytest.mark.parametrize(("name", "found"), [(".JSON", "json"), ("ndjson", "jsonl")])
def test_by_other_names(name: str, found: str) -> None:
    assert by_name(name).name == found


def test_an_unknown_format_names_the_known() -> None:
    with pytest.raises(InvalidFormat, match=r"'docx' is not a supported format. Supported: .*csv"):
        by_name("docx")


def test_every_format_keeps_the_seam() -> None:
    assert len({f.name for f in FORMATS}) == len(FORMATS)
    for f in FORMATS:
        assert f.info.readable == (f.reader is not None)
        assert f.info.writable == (f.writer is not None)
        assert all(extension.startswith(".") for extension in f.info.extensions)
        assert by_name(f.name) is f
    assert [r.info.name for r in readers()] == [f.name for f in FORMATS if f.info.readable]
    assert [w.info.name for w in writers()] == [f.name for f in FORMATS if f.info.writable]


@pytest.mark.parametrize(
    ("filename", "why"),
    [
        ("report.xlsx", "its content is csv"),
        ("a/b.XML", "< is expected, with which XML begins"),
        ("C:\\x.yaml", "the single value .* such as CSV, rename it"),
    ],
)
def test_a_name_that_promises_something_else(filename: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        detect_file(io.BytesIO(b"a,b\n1,2\n"), filename=filename)


def test_json_lines_may_be_named_json() -> None:
    for filename in ("x.json", "x.jsonl", "x.ndjson", "x"):
        found = detect_file(io.BytesIO(b'{"a":1}\n{"a":2}\n'), filename=filename)
        assert (found.dialect.format, found.columns) == ("jsonl", ("a",))
    with pytest.raises(InvalidFormat, match=r"named .csv, but its content is jsonl"):
        detect_file(io.BytesIO(b'{"a":1}\n{"a":2}\n'), filename="x.csv")


@pytest.mark.parametrize("filename", ["report.csv", "x.tsv", "x.dat", "noextension", ""])
def test_names_that_promise_nothing_else(filename: str) -> None:
    assert detect_file(io.BytesIO(b"a,b\n1,2\n"), filename=filename).columns == ("a", "b")


def test_a_given_format_we_do_not_know() -> None:
    with pytest.raises(InvalidFormat, match="docx"):
        detect_file(io.BytesIO(b"a"), filename="x", given={"format": "docx"})


def test_the_page_of_formats_lists_them_all() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "formats.md"
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {name: tuple(re.findall(r"`([^`]*)`", extensions)) for name, extensions in rows}
    assert documented == {f.name: f.info.extensions for f in FORMATS}
