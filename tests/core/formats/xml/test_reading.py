from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from core.errors import InvalidFormat, TooManyRowsToImport
from core.formats.base import FLAW, LINE, ReadLimits
from core.formats.json import settling
from core.formats.xml import parsing, records
from core.formats.xml.reading import read_rows
from core.model.dialect import Dialect
from tests.core.formats.conftest import Pipe
from tests.core.formats.xml.xml_frames import batches, cells, frame

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def one(record: str, root: str = "") -> dict[str, str | None]:
    """The cells of the first of two records."""
    return cells(f"<r {root}>{record}<e/></r>", record_path="r.e")[0]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ("<e><a>1</a><b>x</b></e>", {"a": "1", "b": "x"}),
        ("<e><a/><b></b></e>", {"a": "", "b": ""}),
        ("<e><a> x\n </a><b>  </b></e>", {"a": " x\n ", "b": "  "}),
        ("<e><a>1&lt;2 &amp; &#233;<![CDATA[<b>]]></a></e>", {"a": "1<2 & é<b>"}),
        ("<e><a>x<!-- no --><?pi no?>y</a></e>", {"a": "xy"}),
        ("<e id='1' n=''><a>x</a></e>", {"id": "1", "n": "", "a": "x"}),
        ("<e>x</e>", {"e": "x"}),
        ("<e id='1'> x </e>", {"id": "1", "e": " x "}),
        ("<e><p c='EUR'>1.50</p></e>", {"p": "1.50", "p.c": "EUR"}),
        ("<e><a><x>1</x></a></e>", {"a": '{"x":"1"}', "a.x": "1"}),
        ("<e>\n<a>\n<x>1</x>\n</a>\n</e>", {"a": '{"x":"1"}', "a.x": "1"}),
        ("<e><a t='h'><x/></a></e>", {"a": '{"@t":"h","x":""}', "a.t": "h", "a.x": ""}),
        ("<e><t>a</t><t>b</t></e>", {"t": '["a","b"]'}),
        ("<e><t k='1'>a</t><t/></e>", {"t": '[{"@k":"1","#text":"a"},""]'}),
        ("<e><t><x>1</x><x>2</x></t></e>", {"t": '{"x":["1","2"]}', "t.x": '["1","2"]'}),
        ("<e><n>Hi <b>you</b> there</n></e>", {"n": '["Hi ",{"b":"you"}," there"]'}),
        ("<e>so <a>1</a></e>", {"#text": "so ", "a": "1"}),
        ("<e><field name='my col'>1</field><field name=''/></e>", {"my col": "1", "column_2": ""}),
        ("<e><field name='x' type='i'>1</field></e>", {"field": "1", "field.name": "x"}),
    ],
)
def test_what_becomes_of_elements(record: str, found: dict[str, str]) -> None:
    row = one(record)
    assert {name: row[name] for name in found} == found


def test_nil_is_null_and_a_missing_element_too() -> None:
    data = (
        f"<r {XSI}><e><a xsi:nil='true'/><b xsi:nil='0'>x</b></e><e><b xsi:nil='1' k='v'/></e></r>"
    )
    assert cells(data) == [{"a": None, "b": "x", "b.k": None}, {"a": None, "b": None, "b.k": "v"}]


def test_hints_of_schemas_are_no_data() -> None:
    root = f"{XSI} xsi:schemaLocation='u u.xsd'"
    assert one("<e><a xsi:type='xs:int'>1</a></e>", root) == {"a": "1"}


def test_prefixes_stay_only_where_names_clash() -> None:
    data = (
        "<o xmlns:x='urn:x' xmlns='urn:o'><p x:id='1' id='2'><a>1</a><x:a>2</x:a><x:b>3</x:b>"
        "<c xmlns=''><a>4</a></c></p><p/></o>"
    )
    assert cells(data)[0] == {
        "id": "1",
        "{}id": "2",
        "a": "1",
        "x:a": "2",
        "b": "3",
        "c": '{"{}a":"4"}',
        "c.{}a": "4",
    }


def test_rows_know_their_line_and_what_stands_beside_them_is_counted() -> None:
    data = "<r>\n<title/>\r\n<e>\n<a>1</a></e><e/>\r<sum>2</sum>\n<e/></r>"
    (batch,) = batches(data, record_path="r.e")
    assert batch.frame[LINE].to_list() == [3, 4, 6]
    assert batch.ignored == 2
    assert batch.bytes_read == len(data)


def test_records_in_several_parents_are_all_read() -> None:
    data = "<r><g><e><a>1</a></e></g><g><e><a>2</a></e><e/></g><h><e/></h></r>"
    assert [row["a"] for row in cells(data, record_path="r.g.e")] == ["1", "2", None]
    assert cells(data, record_path="/r/g/e/") == cells(data, record_path="r.g.e")


def test_a_path_that_leads_nowhere() -> None:
    data = "<r><a><x/></a><b/></r>"
    for path in ("r.c", "x.a", "r.b.c.d"):
        with pytest.raises(InvalidFormat, match=r"The document holds no “.*”, only .*record path"):
            batches(data, record_path=path)
    assert batches("<r><l/></r>", record_path="r.l.e")[0].frame.height == 0


def test_a_name_that_comes_late_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "SETTLING_CHARACTERS", 1)
    data = b"<r>" + b"<e><a>1</a></e>\n" * 70_000 + b"<e><b>2</b></e></r>"
    read = frame(data, record_path="r.e")
    assert read.columns[3:] == ["a"]
    assert read[FLAW].to_list()[-1] == (
        'a key the records before do not have: "b", with the value 2'
    )
    assert read[FLAW].null_count() == 70_000


def test_limits() -> None:
    wide = "<r><e>" + "".join(f"<c{n}/>" for n in range(11)) + "</e></r>"
    with pytest.raises(InvalidFormat, match="more than 10 different keys"):
        batches(wide, record_path="r.e", limits=ReadLimits(max_columns=10))
    with pytest.raises(InvalidFormat, match="“a” of the record at line 1 is larger than 3 bytes"):
        batches("<r><e><a>éé</a></e></r>", limits=ReadLimits(max_cell_bytes=3))
    with pytest.raises(TooManyRowsToImport):
        batches("<r><e><a/></e><e/></r>", limits=ReadLimits(max_rows=1))
    assert [b.frame.height for b in batches("<r>" + "<e><a/></e>" * 5 + "</r>", rows=2)] == [
        2,
        2,
        1,
    ]


def test_a_record_or_tag_without_an_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "LONGEST_VALUE", 1 << 20)
    monkeypatch.setattr(parsing, "LONGEST_VALUE", 1 << 20)
    with pytest.raises(InvalidFormat, match="The record that starts at line 2 is longer"):
        batches("<r>\n<e>" + "<a>1</a>" * 500_000, record_path="r.e")
    with pytest.raises(InvalidFormat, match=r"Line 1, column 4: a tag or comment begins"):
        batches("<r><!--" + "x" * (4 << 20), record_path="r.e")


def test_memory_is_flat() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self._pieces = self._made()

        def _made(self) -> Iterator[bytes]:
            yield b"<r>"
            for _ in range(10):
                yield b"<skipped><x>1</x></skipped>" * 10_000 + b"<e><a>1</a></e>\n" * 100
            yield b"</r>"

        def read(self, size: int = -1) -> bytes:
            return next(self._pieces, b"")

    tracemalloc.start()
    dialect = Dialect(format="xml", record_path="r.e")
    found = read_rows(Endless(), dialect, rows=500, limits=ReadLimits())  # type: ignore[arg-type]
    assert sum(batch.frame.height for batch in found) == 1000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 << 20


def test_a_pipe_that_gives_little_at_a_time() -> None:
    data = "<r>" + "<e><a>é</a><b/></e>\r\n" * 50 + "</r>"
    found = read_rows(Pipe(data.encode()), Dialect(format="xml"), rows=9, limits=ReadLimits())  # type: ignore[arg-type]
    assert [b.frame["a"].to_list() for b in found] == [["é"] * 9] * 5 + [["é"] * 5]


def test_bad_ends_are_told_by_place_after_all_before_was_read() -> None:
    data = "<r>" + "<e><a>1</a></e>\n" * 5000 + "<e><a>1</b>"
    with pytest.raises(InvalidFormat, match="Line 5,001, column 10: this end tag"):
        batches(data, record_path="r.e")
    with pytest.raises(InvalidFormat, match="The file is empty"):
        batches("", record_path="r.e")
