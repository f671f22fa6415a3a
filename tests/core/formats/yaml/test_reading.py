from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import InvalidFormat, TooManyRowsToImport, UnsafeContent
from core.formats.base import FLAW, LINE, ReadLimits
from core.formats.json import settling
from core.formats.yaml import events
from core.formats.yaml.reading import read_rows
from core.model.dialect import Dialect
from tests.core.formats.conftest import Pipe
from tests.core.formats.yaml.yaml_frames import batches, cells, frame


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("NO", "NO"),
        ("0123", "0123"),
        ("12:30", "12:30"),
        ("1e5", "1e5"),
        ("1.10", "1.10"),
        ("2026-02-31", "2026-02-31"),
        ("98765432109876543210", "98765432109876543210"),
        ("True", "True"),
        ("true", "true"),
        (".inf", ".inf"),
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("''", ""),
        ("'null'", "null"),
        ('"~"', "~"),
        ("!!str null", "null"),
        ("!!null ''", None),
        ("!!int '7'", "7"),
        ("! 7", "7"),
        ("!!binary aGk=", "aGk="),
        ("plain text # comment", "plain text"),
        ('it\'s a "text"', 'it\'s a "text"'),
        ("'it''s'", "it's"),
        ('"a\\tb\\x41\\u00e9\\U0001F600\\n"', "a\tbAé😀\n"),
        ("|\n    a\n     b\n\n    c\n", "a\n b\n\nc\n"),
        ("|-\n    a\n", "a"),
        (">\n    a\n    b\n\n    c\n", "a b\nc\n"),
        ("a\n    b\n\n    c", "a b\nc"),
        ("[1, 2.50, a, 'b', null, true, True, 0o7]", '[1,2.50,"a","b",null,true,true,"0o7"]'),
        ("{x: {y: 1e5}, z: }", '{"x":{"y":1e5},"z":null}'),
        ("{1: a, ? [b, c] : d}", '{"1":"a","[\\"b\\",\\"c\\"]":"d"}'),
        ("!!set {a, b}", '{"a":null,"b":null}'),
        ("!!omap [a: 1]", '[{"a":1}]'),
        ("&x {a: 1}", '{"a":1}'),
    ],
)
def test_what_becomes_of_values(value: str, cell: str | None) -> None:
    assert cells(f"- v: {value}\n  w: x\n")[0]["v"] == cell


def test_nested_maps_are_columns_too() -> None:
    assert cells("- a: {b: {c: 1}}\n- a: x\n")[0] == {
        "a": '{"b":{"c":1}}',
        "a.b": '{"c":1}',
        "a.b.c": "1",
    }


def test_aliases_and_merge_keys_are_followed() -> None:
    data = (
        "base: &base {a: 1, b: 2}\nlist: &list\n- &one {x: 1}\n- {y: 2}\nrows:\n"
        "- <<: *base\n  b: 3\n- <<: [*one, *base]\n  c: *one\n- '<<': q\n"
    )
    assert cells(data, record_path="rows") == [
        {"a": "1", "b": "3", "x": None, "c": None, "c.x": None, "<<": None},
        {"a": "1", "b": "2", "x": "1", "c": '{"x":1}', "c.x": "1", "<<": None},
        {"a": None, "b": None, "x": None, "c": None, "c.x": None, "<<": "q"},
    ]
    assert cells("- &k a: 1\n- *k : 2\n") == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("- *x\n", r"Line 1, column 3: the alias \*x names nothing"),
        ("a: &x [*x]\n", r"the alias \*x names nothing that stands before it as a whole"),
        ("---\na: &x 1\n---\nb: *x\n", r"Line 4, column 4: the alias \*x names nothing"),
    ],
)
def test_aliases_of_nothing(data: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        batches(data)


def bomb(links: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, links)]
    return "\n".join([*lines, f"rows:\n- v: *a{links - 1}\n"])


def test_aliases_that_explode_are_unsafe() -> None:
    assert len(cells(bomb(4), record_path="rows")[0]["v"] or "") > 40_000
    with pytest.raises(UnsafeContent, match="aliases make the file very much larger than it is"):
        batches(bomb(9), record_path="rows")
    often = "- x: &a " + "y" * 100_000 + "\n" + "- x: *a\n" * 1000
    with pytest.raises(UnsafeContent, match="aliases make the file very much larger"):
        batches(often)
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 99))
    with pytest.raises(UnsafeContent, match=r"with the alias .* nested more than 50 levels deep"):
        batches(chain)


@pytest.mark.parametrize(
    "tag", ["!!python/name:os.system", "!!python/object/apply:os.system", "!!x"]
)
def test_tags_for_objects_of_programs_are_unsafe(tag: str) -> None:
    for data in (f"- a: {tag} x\n", f"rows: {tag}\n- a: 1\n", f"- {tag}\n  a: 1\n"):
        with pytest.raises(UnsafeContent, match=f"the tag {tag} asks for an object of a program"):
            batches(data, record_path="rows" if "rows" in data else None)


def test_other_tags_and_keys_that_stand_twice_reject_their_rows() -> None:
    read = frame("- a: !secret x\n- b: 1\n  b: 2\n- c: {d: 1, d: 2}\n- a: 3\n")
    assert read["a"].to_list() == ["x", None, None, "3"]
    assert read["b"].to_list() == [None, "2", None, None]
    flaws = read[FLAW].to_list()
    assert (
        flaws[0] == "the tag !secret has no meaning here: what it stands before is taken as written"
    )
    assert 'the key "b" stands 2 times, with the values 1, 2; the last one is taken' in flaws[1]
    assert 'the key "d" stands 2 times' in flaws[2]
    assert flaws[3] is None


@pytest.mark.parametrize(
    "data",
    ["[" * 100_000, "- " * 100_000, "- " * 60 + "a", "a: " + "[" * 60 + "]" * 60, "? " * 999],
)
def test_no_deeper_than_50_levels(data: str) -> None:
    with pytest.raises(InvalidFormat, match="nested more than 50 levels deep"):
        batches(data)


def test_rows_know_their_line() -> None:
    data = "# head\nrows:\n- a: 1\n\n- a: |\n    x\n    y\n- {a: 3}\n"
    assert frame(data, record_path="rows")[LINE].to_list() == [3, 5, 8]
    assert frame("---\na: 1\n--- {a: 2}\n---\n\na: 3\n")[LINE].to_list() == [2, 3, 6]


def test_a_key_that_comes_late_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "SETTLING_CHARACTERS", 1)
    read = frame("- a: 1\n" * 6000 + "- b: 2\n")
    assert read.columns[3:] == ["a"]
    assert read[FLAW].to_list()[-1] == (
        'a key the records before do not have: "b", with the value 2'
    )


def test_limits() -> None:
    with pytest.raises(InvalidFormat, match="more than 10 different keys"):
        batches("".join(f"c{n}: 1\n" for n in range(11)), limits=ReadLimits(max_columns=10))
    with pytest.raises(InvalidFormat, match="“a” of the record at line 1 is larger than 3 bytes"):
        batches("a: éé\n", limits=ReadLimits(max_cell_bytes=3))
    with pytest.raises(TooManyRowsToImport):
        batches("- a: 1\n- a: 2\n", limits=ReadLimits(max_rows=1))
    assert [b.frame.height for b in batches("- a: 1\n" * 5, rows=2)] == [2, 2, 1]


class Endless(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


def read_endless(pieces: Iterator[bytes], **dialect: Any) -> int:
    chosen = Dialect(format="yaml", **dialect)
    file: Any = Endless(pieces)
    found = read_rows(file, chosen, rows=500, limits=ReadLimits())
    return sum(batch.frame.height for batch in found)


def test_memory_is_flat() -> None:
    record = b"- a: &a " + b"text " * 30 + b"\n  b: *a\n"
    tracemalloc.start()
    assert read_endless(record * 200 for _ in range(25)) == 5000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_value_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_VALUE", 1 << 21)
    with pytest.raises(InvalidFormat, match="A value or comment before line 2 is longer than"):
        read_endless(iter([b"- a: 1\n- b: '", *[b"x" * 100_000] * 100]))


def test_a_path_that_leads_nowhere() -> None:
    with pytest.raises(InvalidFormat, match='the document holds no “b”, only "a"'):
        batches("a: [{x: 1}]\n", record_path="b")


def test_a_pipe_that_gives_little_at_a_time() -> None:
    file: Any = Pipe(("- a: é\n  b: ''\r\n" * 50).encode())
    found = read_rows(file, Dialect(format="yaml"), rows=9, limits=ReadLimits())
    assert [b.frame["a"].to_list() for b in found] == [["é"] * 9] * 5 + [["é"] * 5]


def test_a_large_file_is_read_up_to_what_is_wrong_in_it() -> None:
    data = f"- a: {'x' * 150}\n" * 10_000 + "- b: 'x\n"
    chosen: Any = io.BytesIO(data.encode())
    found = read_rows(chosen, Dialect(format="yaml"), rows=9000, limits=ReadLimits())
    with pytest.raises(InvalidFormat, match=r"Line 10,002, column 1: found unexpected end"):
        list(found)
