from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidFormat
from core.formats import detect_file, readers
from core.formats.base import HEAD_BYTES, Head, ReadLimits
from core.formats.json.reading import read_rows
from core.model.dialect import Detection, Dialect


def detect(content: Any, filename: str = "x.json", **options: Any) -> Detection:
    text = content if isinstance(content, str) else json.dumps(content)
    return detect_file(io.BytesIO(text.encode()), filename=filename, **options)


def detect_cut(content: str, **options: Any) -> Detection:
    """What is told of the head of a file that goes on."""
    head = Head(io.BytesIO(content.encode()), "x.json")
    head.complete = False
    found = (r.detect(head, **{"given": {}} | options) for r in readers())
    return next(detection for detection in found if detection is not None)


def evidence(found: Detection, name: str = "record_path") -> str:
    return next(f.evidence for f in found.findings if f.name == name)


@pytest.mark.parametrize(
    ("content", "path", "columns"),
    [
        ([{"a": 1}, {"b": 2}], None, ("a", "b")),
        ({"users": [{"a": 1}]}, "users", ("a",)),
        ({"anything": [{"a": 1}], "next": None}, "anything", ("a",)),
        ({"data": {"items": [{"a": 1}]}, "count": 1}, "data.items", ("a",)),
        ({"dotted.key": [{"a": 1}]}, "dotted\\.key", ("a",)),
        ({"name": "J", "tags": ["a"]}, None, ("name", "tags")),
        ({"name": "J", "home": {"city": "X"}}, None, ("name", "home", "home.city")),
        ({"customers": []}, "customers", ()),
        ({"count": 0, "results": []}, "results", ()),
        ({"name": "J", "tags": []}, None, ("name", "tags")),
        ([], None, ()),
        ({}, None, ()),
        ({"far": {"list": [{"x": 1}] * 9}, "near": [{"a": 1}]}, "near", ("a",)),
    ],
)
def test_where_the_records_stand(content: Any, path: str | None, columns: tuple[str, ...]) -> None:
    found = detect(content)
    assert (found.dialect.format, found.dialect.record_path) == ("json", path)
    assert found.columns == columns
    assert evidence(found)


def test_of_several_lists_the_longest_is_taken_and_the_others_named() -> None:
    found = detect({"few": [{"a": 1}], "many": [{"b": 1}, {"b": 2}], "note": "x"})
    assert found.dialect.record_path == "many"
    assert evidence(found) == "2 objects were seen in the list “many”, the longest of 2."
    assert any("“few” (1)" in warning for warning in found.warnings)
    assert any('"note", which are not read' in warning for warning in found.warnings)


@pytest.mark.parametrize("filename", ["x.json", "x.jsonl", "x.ndjson", "x.txt.dat"])
def test_json_lines(filename: str) -> None:
    found = detect('{"a":1}\n{"b":[{"c":1}]}\n', filename)
    assert found.dialect.format == "jsonl"
    assert found.columns == ("a", "b")
    assert evidence(found, "format") == "One JSON value follows another."


def test_a_single_line_named_lines_is_a_record() -> None:
    assert detect('{"a":[{"b":1}]}', "x.ndjson").columns == ("a",)
    assert detect('[{"b":1}]', "x.ndjson").dialect.format == "json"


@pytest.mark.parametrize(
    ("content", "header", "columns"),
    [
        ('[["id","name"],[1,"a"],[2,"b"]]', True, ("id", "name")),
        ('[[1,"a"],[2,"b"]]', False, ("column_1", "column_2")),
        ('["id","name"]\n[1,"a"]\n[2,"b"]', True, ("id", "name")),
    ],
)
def test_lists_as_records(content: str, header: bool, columns: tuple[str, ...]) -> None:
    found = detect(content)
    assert (found.dialect.header, found.columns) == (header, columns)
    assert any("records are lists" in warning for warning in found.warnings)


def test_single_values_and_mixed_ones_are_warned_of() -> None:
    assert "single values" in " ".join(detect([1, 2]).warnings)
    assert "1 of the first 2 items are not objects." in detect([{"a": 1}, 2]).warnings


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a,b\n1,2\n", "Line 1, column 1: { or .* If the file is something else, such as CSV"),
        ("42", "Line 1, column 1: the document is the single value 42"),
        ("  \n ", "The file is empty"),
        ('{"a":1}"x"', "Line 1, column 8: the document has ended"),
        ("[1][2]", "Line 1, column 4: the document has ended"),
        ('{"a":1}]', "Line 1, column 8: the document has ended"),
    ],
)
def test_what_is_refused(content: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        detect(content)


def test_other_content_under_the_name_of_json() -> None:
    with pytest.raises(InvalidFormat, match=r"The content is a PDF document"):
        detect_file(io.BytesIO(b"%PDF-1.7 x"), filename="x.json")


@pytest.mark.parametrize("content", ["{a}, b\n1, 2\n", "[id],[name]\n1,2\n", "1\n2\n"])
def test_delimited_text_is_left_alone(content: str) -> None:
    assert detect(content, "x.dat").dialect.format == "csv"


def test_a_head_that_is_cut() -> None:
    records = [{"id": n, "name": "x" * 50} for n in range(20_000)]
    for content, path in ((records, None), ({"meta": {"a": 1}, "items": records}, "items")):
        head = json.dumps(content)[:HEAD_BYTES]
        found = detect_cut(head)
        assert (found.dialect.record_path, found.columns) == (path, ("id", "name"))
    head = "\n".join(map(json.dumps, records))[:HEAD_BYTES]
    assert detect_cut(head).columns == ("id", "name")


def test_records_beyond_the_head() -> None:
    head = json.dumps({"meta": "x" * 2 * HEAD_BYTES, "items": [{"a": 1}]})[:HEAD_BYTES]
    found = detect_cut(head)
    assert found.columns == ()
    assert any("Choose the record path" in warning for warning in found.warnings)
    found = detect_cut(head, given={"record_path": "items"})
    assert found.dialect == Dialect(format="json", record_path="items")


def test_a_given_path_keeps_its_choices() -> None:
    content = {"users": [{"a": 1}], "others": [{"b": 2}, {"b": 3}]}
    found = detect(content, given={"record_path": "users"})
    assert (found.dialect.record_path, found.columns) == ("users", ("a",))
    (chosen,) = (f for f in found.findings if f.name == "record_path")
    assert chosen.evidence == "Set for this import, not detected."
    assert chosen.choices == ("users", "others")
    assert found.warnings == ()
    whole = detect(content, given={"record_path": None})
    assert (whole.dialect.record_path, whole.columns) == (None, ("users", "others"))
    with pytest.raises(InvalidFormat, match="holds no “gone”, only"):
        detect({"users": []}, given={"record_path": "gone"})


def test_under_a_given_path_the_header_is_found_again() -> None:
    content = {"made": [{"by": "x"}], "named": [["id", "n"], [1, 2]], "bare": [[1, 2], [3, 4]]}
    named = detect(content, given={"record_path": "named"})
    assert (named.dialect.header, named.columns) == (True, ("id", "n"))
    bare = detect(content, given={"record_path": "bare"})
    assert (bare.dialect.header, bare.columns) == (False, ("column_1", "column_2"))
    told = detect(content, given={"record_path": "bare", "header": True})
    assert (told.dialect.header, told.columns, told.warnings) == (True, ("1", "2"), ())


def test_under_a_given_encoding_the_path_is_found_again() -> None:
    data = json.dumps({"größe": [{"é": 1}]}, ensure_ascii=False).encode("cp1252")
    found = detect_file(io.BytesIO(data), filename="x.json", given={"encoding": "cp1252"})
    assert (found.dialect.record_path, found.columns) == ("größe", ("é",))
    other = detect_file(io.BytesIO(data), filename="x.json", given={"encoding": "cp1250"})
    assert other.dialect.encoding == "cp1250"
    assert other.dialect.record_path == "größe"


@pytest.mark.parametrize(("format", "columns"), [("json", ("a",)), ("jsonl", ("b",))])
def test_a_given_layout_needs_no_name(format: str, columns: tuple[str, ...]) -> None:
    found = detect('{"b": [{"a": 1}]}', "x.csv", given={"format": format})
    assert (found.dialect.format, found.columns) == (format, columns)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_marks_and_wide_text(codec: str) -> None:
    data = '[{"naïve":"é"}]'.encode(codec)
    found = detect_file(io.BytesIO(data), filename="x.json")
    assert found.columns == ("naïve",)


def test_legacy_encodings_are_guessed_with_a_warning() -> None:
    data = json.dumps([{"name": "Müller"}] * 30, ensure_ascii=False).encode("cp1252")
    found = detect_file(io.BytesIO(data), filename="x.json")
    assert found.dialect.encoding == "cp1252"
    assert any("is a guess" in warning for warning in found.warnings)


# ------------------------------------------------------------------ corpora
def _read(path: Path) -> int:
    data = path.read_bytes()
    found = detect_file(io.BytesIO(data), filename=path.name)
    with path.open("rb") as file:
        batches = list(read_rows(file, found.dialect, rows=500, limits=ReadLimits()))
    assert tuple(batches[0].frame.columns[3:]) == found.columns
    return sum(batch.frame.height for batch in batches)


def test_the_json_test_suite(corpora: Path) -> None:
    folder = corpora / "jsontestsuite"
    for path in sorted(folder.glob("n_*.json")):
        with pytest.raises(InvalidFormat, match=r"Line \d+, column \d+: |The file is empty"):
            _read(path)
    for path in sorted(folder.glob("y_*.json")):
        if path.read_bytes().strip()[:1] in b"[{":
            assert _read(path) in (0, 1, 2)
        else:
            with pytest.raises(InvalidFormat, match="is the single value"):
                _read(path)


def test_files_that_tripped_others(corpora: Path) -> None:
    rows = {
        "different_schemas.ndjson": 5,
        "duplicate_key.ndjson": 5,
        "example_r.ndjson": 5,
        "unterminated_quotes.ndjson": 5,
        "trailing_content.ndjson": 3,
        "map_of_structs.jsonl": 100,
        "internal_3813.json": 1,
        "geojson/features.geojson": 4,
    }
    for name, count in rows.items():
        assert _read(corpora / "duckdb_json" / name) == count, name
