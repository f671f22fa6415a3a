from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from core.errors import InvalidFormat, TooManyRowsToImport
from core.formats.base import FLAW, LINE, META, ROW, ReadLimits
from core.formats.json import settling, text
from core.formats.json.reading import read_rows
from core.formats.json.records import join_path, split_path
from core.model.dialect import Dialect
from tests.core.formats.json.json_frames import Rows, batches, cells, frame


def test_every_value_arrives_as_its_own_spelling() -> None:
    spelled = ["1.10", "1e5", "0.1", "-0", "1E+2", "98765432109876543210", "9" * 5000]
    data = "[" + ",".join(f'{{"v":{number}}}' for number in spelled) + "]"
    assert frame(data)["v"].to_list() == spelled


def test_words_texts_and_null() -> None:
    data = '[{"a":true,"b":false,"c":null,"d":"","e":"null"}]'
    assert cells(data) == [{"a": "true", "b": "false", "c": None, "d": "", "e": "null"}]


def test_columns_are_the_union_of_all_keys() -> None:
    data = '[{"a":1},{"b":2},{},{"c":3,"a":4}]'
    assert cells(data) == [
        {"a": "1", "b": None, "c": None},
        {"a": None, "b": "2", "c": None},
        {"a": None, "b": None, "c": None},
        {"a": "4", "b": None, "c": "3"},
    ]


def test_rows_are_numbered_and_know_their_line() -> None:
    found = frame('[\n{"a":1},\n\n  {"a":\n2},{"a":3}\r\n,\r{"a":4}]', rows=3)
    assert found[ROW].to_list() == [1, 2, 3, 4]
    assert found[LINE].to_list() == [2, 4, 5, 7]


def test_batches_have_the_size_asked_for() -> None:
    data = json.dumps([{"n": n} for n in range(12_345)])
    found = batches(data, rows=5_000)
    assert [batch.frame.height for batch in found] == [5_000, 5_000, 2_345]
    assert found[-1].bytes_read == len(data)
    joined = pl.concat(batch.frame for batch in found)
    assert joined["n"].to_list() == [str(n) for n in range(12_345)]
    assert joined[ROW].to_list() == list(range(1, 12_346))


@pytest.mark.parametrize("between", [",", ", ", ",\n", ",\r\n", ",\n\n", "\n,\n", " , "])
@pytest.mark.parametrize("odd", ["", '"},\\n{"', '"}"', "[1]", '{"x":{}}', "1e5", '"\\ud800"'])
def test_layouts_that_the_fast_path_may_mistake(between: str, odd: str) -> None:
    records = [f'{{"n":{n}}}' for n in range(40)]
    if odd:
        records[20] = f'{{"n":20,"odd":{odd}}}'
    data = f"[{between.join(records)}]"
    found = frame(data)
    starts = [data[: data.index(record)].count("\n") + 1 for record in records]
    assert found["n"].to_list() == [str(n) for n in range(40)]
    assert found[LINE].to_list() == starts
    if odd:
        cell = found["odd"][20]
        assert cell == odd or cell == json.loads(odd) or "\\ud800" in odd


def test_no_records_are_one_empty_batch() -> None:
    (batch,) = batches(" [ ] ")
    assert (batch.frame.height, batch.frame.columns) == (0, list(META)[:3])


def test_a_pipe_in_small_pieces(pipe: Callable[[bytes], Any]) -> None:
    data = '{"x":[1,{"y":2}],"items":[{"a":"é😀\\n"},{"a":-12.50},{"a":[{"b":1}]}],"z":"ü"}'
    dialect = Dialect(format="json", record_path="items")
    found = list(read_rows(pipe(data.encode()), dialect, rows=2, limits=ReadLimits()))
    rows = pl.concat(batch.frame for batch in found)["a"].to_list()
    assert rows == ["é😀\n", "-12.50", '[{"b":1}]']


def test_a_long_array_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "SETTLING_CHARACTERS", 1 << 20)
    record = b'{"name":"' + b"x" * 90 + b'","n":1}'
    asked = 0

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            nonlocal asked
            asked += 1
            return (b"[" if asked == 1 else b",") + b",".join([record] * 5_000)

    batches_read = read_rows(Endless(), Dialect(format="json"), rows=1_000, limits=ReadLimits())  # type: ignore[arg-type]
    assert next(batches_read).frame.height == 1_000
    assert asked < 10


# ------------------------------------------------------------------ nested values
def test_objects_are_given_whole_and_by_member() -> None:
    data = '[{"a":{"b":1.50,"c":{"d":"x"}},"l":[1.0,"1.0",{"k":null}]},{"a":null},{"a":7}]'
    assert cells(data) == [
        {
            "a": '{"b":1.50,"c":{"d":"x"}}',
            "a.b": "1.50",
            "a.c": '{"d":"x"}',
            "a.c.d": "x",
            "l": '[1.0,"1.0",{"k":null}]',
        },
        {"a": None, "a.b": None, "a.c": None, "a.c.d": None, "l": None},
        {"a": "7", "a.b": None, "a.c": None, "a.c.d": None, "l": None},
    ]


def test_dotted_names_end_at_three_dots() -> None:
    (row,) = cells('[{"a":{"b":{"c":{"d":{"e":1}}}}}]')
    assert list(row) == ["a", "a.b", "a.b.c", "a.b.c.d"]
    assert row["a.b.c.d"] == '{"e":1}'


def test_an_object_of_many_keys_is_a_map() -> None:
    data = json.dumps([{"id": n, "by_day": {f"day {n}": n}} for n in range(60)])
    found = cells(data)
    assert list(found[0]) == ["id", "by_day"]
    assert found[59]["by_day"] == '{"day 59":59}'


def test_a_name_taken_twice_is_told_apart() -> None:
    assert cells('[{"a.b":1,"a":{"b":2},"__row__":3,"":4}]') == [
        {"a.b": "1", "a": '{"b":2}', "a.b_2": "2", "__row___2": "3", "column_5": "4"}
    ]


def test_too_many_members_for_columns_stay_whole() -> None:
    data = json.dumps([{f"k{n}": {"a": 1, "b": 2} for n in range(4)}])
    assert list(cells(data, limits=ReadLimits(max_columns=6))[0]) == ["k0", "k1", "k2", "k3"]


# ------------------------------------------------------------------ where the records are
@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("data.items", [{"a": "1"}, {"a": "2"}]),
        ("data.one", [{"b": "3"}]),
        ("dotted\\.key", [{"c": "4"}]),
        ("data", [{"items": '[{"a":1},{"a":2}]', "one": '{"b":3}', "one.b": "3"}]),
    ],
)
def test_record_paths(path: str, rows: Rows) -> None:
    data = '{"x":[[0]],"data":{"items":[{"a":1},{"a":2}],"one":{"b":3}},"dotted.key":[{"c":4}]}'
    assert cells(data, record_path=path) == rows


def test_without_a_path_an_object_is_one_record() -> None:
    assert cells('{"name":"J","tags":["a","b"]}') == [{"name": "J", "tags": '["a","b"]'}]


@pytest.mark.parametrize("keys", [("a",), ("a", "b"), ("a.b", "c\\"), ("", "x"), ("",)])
def test_paths_survive_being_written_down(keys: tuple[str, ...]) -> None:
    assert split_path(join_path(keys)) == keys
    assert join_path(()) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"a":1,"b":{}}', r"the document holds no “x.y”, only \"a\", \"b\""),
        ('{"x":{"z":[]}}', r"“x” holds no “x.y”, only \"z\""),
        ('{"x":[1]}', r"Line 1, column 6: “x” is not an object, so it holds no “x.y”"),
        ('{"x":{"y":"no"}}', r"Line 1, column 11: “x.y” is the single value \"no\""),
    ],
)
def test_a_path_that_leads_nowhere(data: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        batches(data, record_path="x.y")


# ------------------------------------------------------------------ what is refused, and where
@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('[{"a":1},\n {"a":NaN}]', "Line 2, column 7: NaN is not a number in JSON"),
        ('[{"Infinity":-Infinity}]', "Line 1, column 14: -Infinity is not a number"),
        ('[{"a":1,}]', "Line 1, column 9: the comma before this is one too many"),
        ("[{},]", "Line 1, column 5: the comma before this is one too many"),
        ('[{"a":/*c*/1}]', "Line 1, column 7: comments are not allowed"),
        ("[{'a':1}]", "Line 1, column 3: texts stand in double quotes"),
        ('[{"a":"x\ty"}]', "Line 1, column 9: a control character must be escaped"),
        ('[{"a":"\\x"}]', "Line 1, column 8: a backslash may not stand before"),
        ('[{"a":"\\u12g4"}]', "four hexadecimal digits"),
        ('[{"a":01}]', "Line 1, column 8: a comma or the end"),
        ('[{"a":1} {"a":2}]', "Line 1, column 10: a comma or the end of the list is expected"),
        ('[{"a":1}]\n\n {}', "Line 3, column 2: the document has ended, but more follows"),
        ('[{"a":1}\n', "Line 2, column 1: the file ends where a comma or the end of the list"),
        ('[{"a":"b', "Line 1, column 7: the text that begins here does not end"),
        ('{"x":1 "y":2}', "Line 1, column 8: a comma or the end of the list or object"),
        ("[" * 100_000, "Line 1, column 65: lists and objects are nested more than 64"),
        ('[{"a":' * 40 + "1" + "}]" * 40, "Line 1, column 193: lists and objects are nested"),
        ("", "The file is empty"),
    ],
)
def test_what_is_no_strict_json(data: str, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        batches(data)


def test_sixty_four_levels_are_read() -> None:
    inner = "[" * 62 + "]" * 62
    assert cells('[{"a":' + inner + "}]") == [{"a": inner}]
    with pytest.raises(InvalidFormat, match="nested more than 64"):
        batches('[{"a":[' + inner + "]}]")


def test_an_error_late_in_a_long_file_has_its_place() -> None:
    good = ",\n".join(f'{{"a":{n}}}' for n in range(100_000))
    with pytest.raises(InvalidFormat, match=r"Line 100,001, column 7: a value is expected"):
        batches(f'[{good},\n {{"b":x}}]')


def test_a_record_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LONGEST_VALUE", 1 << 21)
    data = b'[{"a":["' + b'x","' * (2 << 20)
    with pytest.raises(InvalidFormat, match=r"record that starts at line 1 is longer than"):
        batches(data)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (ReadLimits(max_columns=2), "more than 2 different keys"),
        (ReadLimits(max_cell_bytes=3), "“b” of the record at line 2 is larger than 3 bytes"),
    ],
)
def test_limits(limits: ReadLimits, why: str) -> None:
    with pytest.raises(InvalidFormat, match=why):
        batches('[{"a":1},\n{"b":"abcd","c":1}]', limits=limits)


def test_too_many_rows() -> None:
    assert frame("[{},{}]", limits=ReadLimits(max_rows=2)).height == 2
    with pytest.raises(TooManyRowsToImport):
        batches("[{},{},{}]", limits=ReadLimits(max_rows=2))


# ------------------------------------------------------------------ flaws of rows
@pytest.mark.parametrize(
    ("record", "flaw"),
    [
        ('{"a":1,"a":"1"}', 'the key "a" stands 2 times, with the values 1, "1"; the last'),
        ('{"a":1,"x":{"y":1,"y":2}}', 'the key "y" stands 2 times'),
        ('[2,"b"]', 'the record is no object but a list: [2,"b"]'),
        ("3", "the record is no object but a single value: 3"),
        ("null", "the record is no object but null"),
        ('{"a":"x\\ud800y"}', "half a character (U+D800) at character 2 of “a”"),
        ('{"a":"\\u0000"}', "NUL at character 1 of “a”"),
    ],
)
def test_a_flawed_record_spoils_only_its_row(record: str, flaw: str) -> None:
    found = frame(f'[{{"a":"first"}},{record},{{"a":"last"}}]')
    flaws = found[FLAW].to_list()
    assert (flaws[0], flaws[2]) == (None, None)
    assert flaw in flaws[1]
    assert found["a"].to_list()[::2] == ["first", "last"]


def test_the_last_of_repeated_keys_is_taken_and_text_is_shown() -> None:
    found = cells('[{"a":1,"a":2},{"a":"x\\udfffy\\u0000"}]')
    assert found == [{"a": "2"}, {"a": "x\ufffdy\ufffd"}]


def test_bytes_that_are_not_of_the_encoding() -> None:
    found = frame(b'[{"a":"caf\xe9"},{"a":"ok"}]')
    assert found["a"].to_list() == ["caf\ufffd", "ok"]
    assert found[FLAW][0] == "byte 0xE9, which is not utf-8, at character 4 of “a”"


def test_a_key_that_comes_late_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "SETTLING_CHARACTERS", 1)
    records: list[dict[str, Any]] = [{"a": "x" * 300} for n in range(6_000)]
    records[5_500] = {"a": 1, "new": "value", "n": 2.5}
    found = frame(json.dumps(records))
    assert found.columns == [*META, "a"]
    flawed = found.filter(pl.col(FLAW).is_not_null())
    assert flawed[ROW].to_list() == [5_501]
    assert flawed[FLAW][0] == (
        'a key the records before do not have: "new", with the value value; "n", with the value 2.5'
    )


# ------------------------------------------------------------------ records of other shapes
def test_lists_with_names_in_the_first() -> None:
    data = '[["id","name"],[1,"a"],[2],[3,"c","d"],{"id":4}]'
    found = frame(data)
    assert found.select("id", "name").rows() == [("1", "a"), ("2", None), ("3", "c"), (None, None)]
    assert found[FLAW].to_list() == [
        None,
        "1 cell where there are 2 columns",
        '3 cells where there are 2 columns: left over "d"',
        'the record is no list but an object: {"id":4}',
    ]


def test_lists_without_names() -> None:
    assert cells("[[1,[2]],[true,null]]", header=False) == [
        {"column_1": "1", "column_2": "[2]"},
        {"column_1": "true", "column_2": None},
    ]


def test_single_values() -> None:
    assert cells('[1.0,"x",null,{"a":1},[2]]') == [
        {"value": value} for value in ("1.0", "x", None, '{"a":1}', "[2]")
    ]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(encoding: str, codec: str) -> None:
    data = '[{"a":"é"}]'.encode(codec)
    assert cells(data, encoding=encoding) == [{"a": "é"}]
