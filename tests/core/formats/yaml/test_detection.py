from __future__ import annotations

import io

import pytest

from core.errors import InvalidFormat
from core.formats import readers
from core.formats.base import Head
from core.model.dialect import Detection, Dialect
from tests.core.formats.yaml.yaml_frames import detect, frame

GUIDE = """users:
  - name: John Doe
    email: john@example.com
    age: 30
    department: Engineering
"""


def evidence(found: Detection, name: str = "record_path") -> str:
    return next(f.evidence for f in found.findings if f.name == name)


def detect_cut(content: str) -> Detection:
    """What is told of the head of a file that goes on."""
    head = Head(io.BytesIO(content.encode()), "x.yaml")
    head.complete = False
    found = (reader.detect(head, given={}) for reader in readers())
    return next(detection for detection in found if detection is not None)


def test_the_sample_of_the_guide() -> None:
    found = detect(GUIDE)
    assert found.dialect == Dialect(format="yaml", record_path="users")
    assert found.columns == ("name", "email", "age", "department")
    assert (found.warnings, found.first_lines[0]) == ((), "users:")
    assert frame(GUIDE, record_path="users").height == 1


@pytest.mark.parametrize(
    ("content", "path", "columns"),
    [
        ("- a: 1\n- b: 2\n", None, ("a", "b")),
        ("a: 1\nb: 2\n", None, ("a", "b")),
        ("data:\n  items:\n  - a: 1\n", "data.items", ("a",)),
        ("d.k: [{a: 1}]\n", "d\\.k", ("a",)),
        ("users: []\n", "users", ()),
        ("[]\n", None, ()),
        ("name: J\ntags: [a, b]\n", None, ("name", "tags")),
        ("- [id, name]\n- [1, a]\n", None, ("id", "name")),
        ("- x\n- y\n", None, ("value",)),
        ("---\na: 1\n---\nb: 2\n", None, ("a", "b")),
        ("---\na: [{x: 1}]\n---\na: [{x: 2}]\n", None, ("a",)),
        ("---\n- a: 1\n...\n---\n- b: 2\n", None, ("a", "b")),
        ("---\n---\na: 1\n...\n", None, ("a",)),
    ],
)
def test_where_the_records_stand(content: str, path: str | None, columns: tuple[str, ...]) -> None:
    found = detect(content)
    assert (found.dialect.format, found.dialect.record_path) == ("yaml", path)
    assert found.columns == columns
    assert evidence(found)


def test_of_several_lists_the_longest_is_taken_and_the_others_named() -> None:
    found = detect("few: [{a: 1}]\nmany:\n- b: 1\n- b: 2\nnote: x\n")
    assert found.dialect.record_path == "many"
    assert any("“few” (1)" in warning for warning in found.warnings)
    assert any('"note", which are not read' in warning for warning in found.warnings)


def test_documents_are_said() -> None:
    assert evidence(detect("a: 1\n---\na: 2\n"), "format") == "One document follows another."


@pytest.mark.parametrize("end", ["  b: 2\n- a", '  b: "x', "  b: [1,", "  b: |\n   x", "- a: &x"])
def test_the_head_of_a_longer_file_may_end_anywhere(end: str) -> None:
    found = detect_cut(f"rows:\n- a: 1\n  b: 2\n- a: 2\n{end}")
    assert (found.dialect.record_path, found.columns[:2]) == ("rows", ("a", "b"))


@pytest.mark.parametrize(
    ("content", "filename", "format"),
    [
        (GUIDE, "x", "yaml"),
        ("- a: 1\n  b: 2\n", "x.dat", "yaml"),
        ("# c\n---\n- a: 1\n- a: 2\n", "x", "yaml"),
        ("- a: 1\n  b: 2\n", "x.txt", "csv"),
        ("a: 1\nb: 2\n", "x", "csv"),
        ("- first\n- second\n", "x", "csv"),
        ('{"a": 1}', "x.yml", "yaml"),
        ('{"a":\t"\\ud83d\\ude00"}', "x.yaml", "yaml"),
        ('[{"a": "\x7f"}]', "x.yaml", "json"),
        ('[{"a": 1}]', "x", "json"),
    ],
)
def test_what_is_yaml(content: str, filename: str, format: str) -> None:
    assert detect(content, filename).dialect.format == format


def test_a_given_path_keeps_its_choices() -> None:
    found = detect("a: [{x: 1}]\nb: [{y: 1}]\nc: [[1, 2], [3, 4]]\n", given={"record_path": "b"})
    assert (found.dialect.record_path, found.columns) == ("b", ("y",))
    (chosen,) = (f for f in found.findings if f.name == "record_path")
    assert chosen.evidence == "Set for this import, not detected."
    assert chosen.choices == ("a", "b")
    assert found.warnings == ()


def test_under_a_given_path_the_header_is_found_again() -> None:
    found = detect("a: [{x: 1}]\nc: [[1, 2], [3, 4]]\n", given={"record_path": "c"})
    assert (found.dialect.header, found.columns) == (False, ("column_1", "column_2"))


def test_a_given_format_or_encoding_leaves_the_path_to_be_found() -> None:
    found = detect("a: [{x: 1}]\n", "x.csv", given={"format": "yaml"})
    assert (found.dialect.record_path, found.columns) == ("a", ("x",))
    legacy = detect("é: [{ü: 1}]\n".encode("cp1252"), given={"encoding": "cp1252"})
    assert (legacy.dialect.record_path, legacy.columns) == ("é", ("ü",))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "The file is empty"),
        ("# nothing\n---\n", "The file is empty"),
        ("a,b\n1,2\n", "Line 1, column 1: the document is the single value .* such as CSV"),
        ("a: b: c\n", "Line 1, column 5: a colon and a blank may not stand in a text without"),
        ("a: 'x\n", "Line 1, column 4: the text in quotes that begins here does not end"),
        ("- a: 1\n b: 2\n", "Line 2, column 2: the line is indented more than what it"),
        ("a:\n\t- b: 1\n", "Line 2, column 1: a line may be indented by spaces only"),
        ("- a: \x01\n", r"Line 1, column 6: the character U\+0001 may stand in YAML only as an"),
        ("a: [1, 2\n", "a comma or ] is expected"),
        ("%YAML 2.0\n---\na: 1\n", "YAML 2.0 is not known"),
        ("%PDF-1.7 x", "The content is a PDF document"),
    ],
)
def test_what_is_refused(content: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        detect(content)


def test_encodings() -> None:
    assert detect("a: é\n".encode("utf-16")).dialect.encoding == "utf-16-le"
    assert frame("a: é\n".encode("utf-16-le"), encoding="utf-16-le")["a"].to_list() == ["é"]
    legacy = "- name: Müller\n  city: Köln\n- name: Jäger\n  city: Würzburg\n".encode("cp1252")
    assert detect(legacy).dialect.encoding == "cp1252"
    with pytest.raises(InvalidFormat, match="Line 1, column 10: byte 0xFC is not utf-8"):
        frame(legacy)
