from __future__ import annotations

import io

import pytest

from core.errors import InvalidFormat, UnsafeContent
from core.formats import detect_file, readers
from core.formats.base import HEAD_BYTES, Head
from core.model.dialect import Detection, Dialect
from tests.core.formats.xml.xml_frames import detect, frame

GUIDE = """<?xml version="1.0"?>
<users>
  <user>
    <name>John Doe</name>
    <email>john@example.com</email>
    <age>30</age>
    <department>Engineering</department>
  </user>
</users>
"""


def evidence(found: Detection, name: str = "record_path") -> str:
    return next(f.evidence for f in found.findings if f.name == name)


def detect_cut(content: str, **options: object) -> Detection:
    """What is told of the head of a file that goes on."""
    head = Head(io.BytesIO(content.encode()), "x.xml")
    head.complete = False
    found = (r.detect(head, **{"given": {}} | options) for r in readers())  # type: ignore[arg-type]  # by name
    return next(detection for detection in found if detection is not None)


def test_the_sample_of_the_guide() -> None:
    found = detect(GUIDE)
    assert found.dialect == Dialect(format="xml", record_path="users.user")
    assert found.columns == ("name", "email", "age", "department")
    assert found.warnings == ()
    assert evidence(found) == "“users” is named as a list of “user” and holds one."
    assert found.first_lines[1] == "<users>"
    assert frame(GUIDE, record_path="users.user").height == 1


@pytest.mark.parametrize(
    ("content", "path", "columns"),
    [
        ("<r><a><x>1</x></a><a><x>2</x></a></r>", "r.a", ("x",)),
        ("<r><l><a><x>1</x></a><a><x>2</x></a></l></r>", "r.l.a", ("x",)),
        ("<r><a.b><x>1</x></a.b><a.b/></r>", "r.a\\.b", ("x",)),
        ("<user><name>J</name></user>", "user", ("name",)),
        ("<user><name>J</name><tag>a</tag><tag>b</tag></user>", "user", ("name", "tag")),
        ("<user id='1'/>", "user", ("id",)),
        ("<v><i>1</i><i>2</i></v>", "v.i", ("i",)),
        ("<a>text</a>", "a", ("a",)),
        ("<data><cities><city><n>X</n></city></cities></data>", "data.cities.city", ("n",)),
        ("<d><ok>1</ok><userList><user><n>X</n></user></userList></d>", "d.userList.user", ("n",)),
        ("<d><ok>1</ok><user><n>X</n></user></d>", "d", ("ok", "user", "user.n")),
        ("<r><row a='1'/><row b='2'/></r>", "r.row", ("a", "b")),
        ("<far><x><l><a><p/></a><a/></l></x><near><q/></near><near/></far>", "far.near", ("q",)),
        ("<users/>", None, ()),
        ("<users>\n</users>", None, ()),
    ],
)
def test_where_the_records_stand(content: str, path: str | None, columns: tuple[str, ...]) -> None:
    found = detect(content)
    assert (found.dialect.record_path, found.columns) == (path, columns)
    assert evidence(found)
    assert tuple(frame(content).columns[3:]) == columns  # proposed while reading, too


def test_of_several_lists_the_longest_is_taken_and_the_others_named() -> None:
    few, many = "<few><a>1</a></few>" * 2, "<many><b>1</b></many>" * 3
    found = detect(f"<r version='2'>{few}<note>n</note>{many}</r>")
    assert found.dialect.record_path == "r.many"
    assert evidence(found) == "3 such elements were seen side by side, the most of 2 such lists."
    assert any("“r.few” (2)" in warning for warning in found.warnings)
    assert any("“@version” of “r”, “note”, which" in warning for warning in found.warnings)


def test_the_head_of_a_longer_file() -> None:
    assert detect_cut("<r><a><x>1</x></a><a><x>2</x></a><a><y").columns == ("x",)
    with pytest.raises(InvalidFormat, match="holds no elements but the root"):
        detect_cut("<r><!-- and so on")
    far = f"<r><a><b>1</b></a>{' ' * HEAD_BYTES}<a/></r>"
    assert detect(far).dialect.record_path == "r.a"
    found = detect_cut("<r><near/>", given={"record_path": "r.far"})
    assert "beyond what was looked at" in " ".join(found.warnings)


def test_a_given_path_keeps_its_choices() -> None:
    content = "<r><a><x/></a><a/><b><y/></b><b><y/></b><b/></r>"
    assert detect(content).columns == ("y",)
    found = detect(content, given={"record_path": "r.a"})
    assert (found.dialect.record_path, found.columns) == ("r.a", ("x",))
    (chosen,) = (f for f in found.findings if f.name == "record_path")
    assert chosen.evidence == "Set for this import, not detected."
    assert "r.b" in chosen.choices
    assert found.warnings == ()
    assert detect("<r><b><y/></b></r>", given={"record_path": None}).columns == ("y",)


def test_a_given_format_needs_no_name() -> None:
    found = detect("<r><b><y/></b></r>", "x.csv", given={"format": "xml"})
    assert (found.dialect.format, found.dialect.record_path) == ("xml", "r.b")


@pytest.mark.parametrize("filename", ["x", "x.txt", "x.dat"])
def test_content_tells_it_is_xml_whatever_the_name(filename: str) -> None:
    assert detect(GUIDE, filename).dialect.format == "xml"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "The file is empty"),
        ("a,b\n1,2\n", "Line 1, column 1: < is expected, .* such as CSV"),
        ("<a><b></a>", r"Line 1, column 9: this end tag is not that of"),
        ("<a>\n<b>", r"Line 2, column 4: the file ends before its last element does"),
        ("<a/><b/>", "Line 1, column 5: the document has ended"),
        ("<a>R&D</a>", "Line 1, column 7: this character may not stand here .* &amp;"),
        ("<a>&nbsp;</a>", "Line 1, column 4: an entity stands here that XML does not know"),
        ("<a x='1' x='2'/>", "an attribute stands twice"),
        ("<p:a/>", "a prefix is used that no xmlns"),
        ("<a>\x01</a>", "this character may not stand"),
        ("<html><body>x</body></html>", r"web page"),
    ],
)
def test_what_is_refused(content: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        detect(content)


def test_a_doctype_is_refused_before_anything_in_it_is_read() -> None:
    for content in ("<!DOCTYPE r [<!ENTITY a 'x'>]><r/>", "<!DOCTYPE r SYSTEM 'http://x/y'><r/>"):
        with pytest.raises(UnsafeContent, match=r"Line 2, column \d+: the file has a DOCTYPE"):
            detect("<?xml version='1.0'?>\n" + content)


def test_no_deeper_than_64_levels() -> None:
    assert detect("<a>" * 64 + "x" + "</a>" * 64).columns
    with pytest.raises(InvalidFormat, match="Line 1, column 193: elements are nested more than 64"):
        detect("<a>" * 100_000 + "</a>" * 100_000)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"<r>\xc3\xa9</r>", "utf-8"),
        (b"\xef\xbb\xbf<r>\xc3\xa9</r>", "utf-8"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe9</r>", "iso8859-1"),
        (b'<?xml version="1.0" encoding = "windows-1252" ?><r>\xe9</r>', "cp1252"),
        ("<?xml version='1.0' encoding='UTF-16'?><r>é</r>".encode("utf-16"), "utf-16-le"),
        ("<?xml version='1.0'?><r>é</r>".encode("utf-16-be"), "utf-16-be"),
        ("<?xml version='1.0' encoding='Shift_JIS'?><r>日</r>".encode("shift_jis"), "shift_jis"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    found = detect(data)
    assert found.dialect.encoding == encoding
    assert found.findings[0].name == "encoding"
    assert frame(data, encoding=encoding)["r"].to_list()[0] in ("é", "日")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<?xml version='1.0' encoding='utf-16'?><r/>", "declares the encoding utf-16, but"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='latin1'?><r/>", "those of utf-8"),
        (b"<?xml version='1.0' encoding='klingon'?><r/>", "'klingon', which is not known"),
        (b"<r>\n\xc3\xa9 \xe9</r>", "Line 2, column 3: byte 0xE9 is not utf-8"),
    ],
)
def test_encodings_that_are_not_so(data: bytes, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        detect(data)


def test_a_wrong_declaration_can_be_overruled() -> None:
    data = b"<?xml version='1.0' encoding='utf-16'?><r><a>\xc3\xa9</a></r>"
    found = detect(data, given={"encoding": "utf-8"})
    assert (found.dialect.encoding, found.columns) == ("utf-8", ("a",))
    assert found.dialect.record_path == "r"
    assert frame(data, encoding="utf-8")["a"].to_list() == ["é"]


def test_a_name_that_promises_something_else() -> None:
    with pytest.raises(InvalidFormat, match=r"named .csv, but its content is xml"):
        detect_file(io.BytesIO(GUIDE.encode()), filename="x.csv")
