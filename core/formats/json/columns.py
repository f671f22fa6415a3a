"""From decoded records to columns of text.

Every key is a column. An object inside a record is given twice, so that nothing is lost
whatever the target is (ruling A8): whole, as JSON on one line, and member by member under
dotted names (address.city), down to three dots; objects of very many different keys are maps
from data to data and stay whole. Arrays are JSON on one line. Numbers keep their spelling,
booleans are true and false, null and a missing key are both NULL.

Which columns there are is settled by the first records (`settle`); a key that comes later
is named as a flaw of its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import polars as pl

from core.errors import InvalidFormat
from core.formats.base import FLAW, LINE, ReadLimits
from core.formats.column_names import name_columns
from core.formats.json.decoding import SpelledNumber, compact, cut, shown
from core.formats.json.records import LOST, Records
from core.formats.json.regular import RegularLines
from core.formats.text.encoding import MARK

_DOTTED_LEVELS = 3
_MOST_MEMBERS = 50  #: different keys that make an object a map
_WIDTH_ROWS = 100  #: rows that decide how many columns lists have
_PLAIN = frozenset({str, SpelledNumber, type(None)})
_UNFIT = re.compile("[\0\ud800-\udfff]")
_HALVES = re.compile("[\ud800-\udfff]")


class Columns(Protocol):
    """What turns records into frames of LINE, FLAW and one String column per source column."""

    names: list[str]
    warnings: list[str]

    def frame(self, records: Records) -> pl.DataFrame:
        """The records in columns of preliminary names."""
        ...

    def settle(self) -> None:
        """Fix the columns and their names."""
        ...

    def finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame of `frame` with the settled columns."""
        ...


@dataclass(kw_only=True, slots=True)
class CellMaker:
    """Makes Series of text and says what is wrong with cells."""

    limits: ReadLimits
    encoding: str
    marked: bool = False  #: undecodable bytes were met in the file

    def series(
        self, label: str, name: str, values: list[Any], records: Records, flaws: list[str | None]
    ) -> pl.Series:
        """The values as text; what no text can hold is shown as U+FFFD and named in `flaws`."""
        if not _PLAIN.issuperset(map(type, values)):
            values = [_text(value) for value in values]
        try:
            cells = pl.Series(label, values, dtype=pl.String)
        except UnicodeEncodeError:
            return self._cleaned(label, name, values, flaws)
        if cells.str.contains("\0", literal=True).any():
            return self._cleaned(label, name, values, flaws)
        sizes = cells.str.len_bytes()
        if len(cells) and (sizes.max() or 0) > self.limits.max_cell_bytes:  # type: ignore[operator]
            line = records.lines[sizes.arg_max() or 0]
            raise InvalidFormat(
                f"“{name}” of the record at line {line:,} is larger than "
                f"{self.limits.max_cell_bytes:,} bytes. Shorten it."
            )
        return cells

    def _cleaned(
        self, label: str, name: str, values: list[Any], flaws: list[str | None]
    ) -> pl.Series:
        for index, value in enumerate(values):
            if value is not None and _UNFIT.search(value):
                for found in islice(_UNFIT.finditer(value), 3):
                    place = f"at character {found.start() + 1} of “{name}”"
                    add_flaw(flaws, index, f"{self._unfit(ord(found.group()))} {place}")
                values[index] = _UNFIT.sub("\ufffd", value)
        return pl.Series(label, values, dtype=pl.String)

    def _unfit(self, code: int) -> str:
        if not code:
            return "NUL"
        if self.marked and MARK <= code < MARK + 256:
            return f"byte 0x{code - MARK:02X}, which is not {self.encoding},"
        return f"half a character (U+{code:04X})"


def add_flaw(flaws: list[str | None], index: int, sentence: str) -> None:
    before = flaws[index]
    flaws[index] = f"{before}; {sentence}" if before else sentence


def _meta(records: Records, flaws: Sequence[str | None]) -> list[pl.Series]:
    clean = [flaw and _UNFIT.sub("\ufffd", flaw) for flaw in flaws]
    return [
        pl.Series(LINE, records.lines, dtype=pl.Int64),
        pl.Series(FLAW, clean, dtype=pl.String),
    ]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else compact(value)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "a single value"


@dataclass(kw_only=True, slots=True)
class _Node:
    """A key of the records, and those of the objects under it."""

    path: tuple[str, ...]
    label: str
    members: dict[str, _Node] | None  #: None: objects here stay whole

    @property
    def name(self) -> str:
        return ".".join(self.path)


class ObjectColumns:
    """Records that are objects."""

    def __init__(self, cells: CellMaker, naming: Callable[[str], str] = str) -> None:
        """`naming` makes a column's name of the dotted path to it."""
        self._cells = cells
        self._naming = naming
        self._root = _Node(path=(), label="", members={})
        self._count = 0
        self._settled: list[_Node] | None = None
        self.names: list[str] = []
        self.warnings: list[str] = []

    def frame(self, records: Records) -> pl.DataFrame:
        """See Columns."""
        if records.regular is not None:
            return self._regular_frame(records, records.regular)
        flaws = list(records.flaws)
        objects = [
            value if type(value) is dict else self._other(value, index, flaws)
            for index, value in enumerate(records.values)
        ]
        if self._settled is None:
            self._learn(self._root, objects)
            self._check_count(records)
        else:
            self._note_new_keys(objects, flaws)
        series = list(self._series(self._root, objects, records, flaws))
        return pl.DataFrame([*_meta(records, flaws), *series])

    def settle(self) -> None:
        """See Columns."""
        nodes = list(self._nodes(self._root))
        most = self._cells.limits.max_columns
        if len(nodes) > most:
            nodes = [node for node in nodes if len(node.path) == 1]
            self.warnings.append(
                f"With the members of objects there would be more than {most:,} columns: "
                "objects are given as JSON text only."
            )
        self._settled = nodes
        wanted = [self._naming(_HALVES.sub("\ufffd", node.name)) for node in nodes]
        self.names, warnings = name_columns(wanted, [])
        self.warnings += warnings
        inner = sorted({node.path[0] for node in nodes if len(node.path) > 1})
        if inner:
            some = ", ".join(shown(key) for key in inner[:5])
            self.warnings.append(
                f"Objects stand in {some}{' and others' if len(inner) > 5 else ''}: each is given "
                "whole, as JSON text, and by its members, as in "
                f"{self._naming(next(n.name for n in nodes if len(n.path) > 1))}."
            )

    def finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        """See Columns."""
        assert self._settled is not None
        missing = pl.Series("", [None], dtype=pl.String).new_from_index(0, frame.height)
        present = set(frame.columns)
        cells = [
            (frame.get_column(node.label) if node.label in present else missing).alias(name)
            for node, name in zip(self._settled, self.names, strict=True)
        ]
        return pl.DataFrame([frame.get_column(LINE), frame.get_column(FLAW), *cells])

    def _regular_frame(self, records: Records, regular: RegularLines) -> pl.DataFrame:
        known = self._root.members
        assert known is not None
        keys, height = regular.keys, regular.cells.height
        if self._settled is None:
            self._learn(self._root, [dict.fromkeys(keys)])
            self._check_count(records)
        elif not known.keys() >= set(keys):
            values = [dict(zip(keys, row, strict=True)) for row in regular.cells.iter_rows()]
            return self.frame(Records(records.lines, values, [None] * height, records.ignored))
        lines = pl.Series(LINE, records.lines, dtype=pl.Int64)
        flaws = pl.Series(FLAW, [None], dtype=pl.String).new_from_index(0, height)
        cells = [
            cell.alias(known[key].label)
            for key, cell in zip(keys, regular.cells.iter_columns(), strict=True)
        ]
        return pl.DataFrame([lines, flaws, *cells])

    def _other(self, value: Any, index: int, flaws: list[str | None]) -> dict[str, Any]:
        if value is not LOST:
            what = "null" if value is None else f"{_kind(value)}: {shown(value)}"
            add_flaw(flaws, index, f"the record is no object but {what}")
        return {}

    def _learn(self, node: _Node, objects: list[dict[str, Any]]) -> None:
        """Add a column for each key not met before."""
        known = node.members
        assert known is not None
        depth = len(node.path) + 1
        for found in objects:
            if found.keys() <= known.keys():
                continue
            for key in found:
                if key not in known:
                    self._count += 1
                    known[key] = _Node(
                        path=(*node.path, key),
                        label=str(self._count),
                        members={} if depth <= _DOTTED_LEVELS else None,
                    )
            if node.path and len(known) > _MOST_MEMBERS:
                node.members = None
                return
            if len(known) > self._cells.limits.max_columns:
                return

    def _check_count(self, records: Records) -> None:
        most = self._cells.limits.max_columns
        assert self._root.members is not None
        if len(self._root.members) > most:
            raise InvalidFormat(
                f"The records up to line {records.lines[-1]:,} have more than {most:,} different "
                "keys, more than a file may have columns. Are the keys data themselves?"
            )

    def _note_new_keys(self, objects: list[dict[str, Any]], flaws: list[str | None]) -> None:
        known = self._root.members
        assert known is not None
        for index, found in enumerate(objects):
            if not found.keys() <= known.keys():
                new = (
                    f"{shown(key)}, with the value {cut(_text(value) or 'null')}"
                    for key, value in found.items()
                    if key not in known
                )
                add_flaw(flaws, index, f"a key the records before do not have: {'; '.join(new)}")

    def _series(
        self,
        node: _Node,
        objects: list[dict[str, Any]],
        records: Records,
        flaws: list[str | None],
    ) -> Iterator[pl.Series]:
        """A Series for each node below this one."""
        for key, child in (node.members or {}).items():
            values = [found.get(key) for found in objects]
            inner = None
            if child.members is not None and dict in set(map(type, values)):
                inner = [value if type(value) is dict else {} for value in values]
            yield self._cells.series(child.label, child.name, values, records, flaws)
            if inner is not None:
                if self._settled is None:
                    self._learn(child, inner)
                yield from self._series(child, inner, records, flaws)

    def _nodes(self, node: _Node) -> Iterator[_Node]:
        for child in (node.members or {}).values():
            yield child
            yield from self._nodes(child)


class ListColumns:
    """Records that are lists, with their names in the first one or none at all."""

    def __init__(self, cells: CellMaker, first: Records, *, header: bool) -> None:
        lists = [value for value in first.values if isinstance(value, list)]
        names = [_text(cell) or "" for cell in lists[0]] if header else None
        self._cells = cells
        self._header = header
        body = lists[header : _WIDTH_ROWS + header]
        widest = max(map(len, lists[: _WIDTH_ROWS + 1]))
        if widest > cells.limits.max_columns:
            raise InvalidFormat(
                f"A record has {widest:,} items; a file may have "
                f"{cells.limits.max_columns:,} columns."
            )
        clean = names and [_HALVES.sub("\ufffd", name) for name in names]
        self.names, self.warnings = name_columns(clean, [len(row) for row in body])

    def frame(self, records: Records) -> pl.DataFrame:
        """See Columns."""
        if self._header:
            at = next(i for i, value in enumerate(records.values) if isinstance(value, list))
            records = Records(
                [*records.lines[:at], *records.lines[at + 1 :]],
                [*records.values[:at], *records.values[at + 1 :]],
                [*records.flaws[:at], *records.flaws[at + 1 :]],
                records.ignored,
            )
            self._header = False
        flaws = list(records.flaws)
        width = len(self.names)
        rows = [self._row(value, index, width, flaws) for index, value in enumerate(records.values)]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in self.names]
        series = [
            self._cells.series(name, name, values, records, flaws)
            for name, values in zip(self.names, columns, strict=True)
        ]
        return pl.DataFrame([*_meta(records, flaws), *series])

    def settle(self) -> None:
        """The first records have settled it."""

    def finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        """See Columns."""
        return frame

    def _row(self, value: Any, index: int, width: int, flaws: list[str | None]) -> list[Any]:
        if not isinstance(value, list):
            if value is not LOST:
                add_flaw(flaws, index, f"the record is no list but {_kind(value)}: {shown(value)}")
            return [None] * width
        if len(value) != width:
            sentence = f"{len(value)} cell{'s' * (len(value) != 1)} where there are {width} columns"
            if len(value) > width:
                sentence += ": left over " + ", ".join(map(shown, value[width:]))
            add_flaw(flaws, index, sentence)
        return [*value[:width], *[None] * (width - len(value))]


class ValueColumn:
    """Records that are single values, in a column named `value`."""

    def __init__(self, cells: CellMaker) -> None:
        self._cells = cells
        self.names = ["value"]
        self.warnings = ["The records are single values: they stand in a column named value."]

    def frame(self, records: Records) -> pl.DataFrame:
        """See Columns."""
        flaws = list(records.flaws)
        values = [None if value is LOST else value for value in records.values]
        series = self._cells.series("value", "value", values, records, flaws)
        return pl.DataFrame([*_meta(records, flaws), series])

    def settle(self) -> None:
        """There is nothing to settle."""

    def finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        """See Columns."""
        return frame


def columns_for(first: Records, cells: CellMaker, *, header: bool) -> Columns:
    """The columns of a file, by its first record that is not null.

    `header`: where records are lists, the first holds names.
    """
    some = next((v for v in first.values if v is not None and v is not LOST), None)
    if isinstance(some, dict) or not first.values:
        return ObjectColumns(cells)
    if isinstance(some, list):
        return ListColumns(cells, first, header=header)
    return ValueColumn(cells)
