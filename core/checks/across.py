"""What only the whole file can tell: keys that repeat.

Keys are remembered as 128-bit hashes with the row that has them, 24 bytes a row and key, in
a few sorted runs that are merged as they grow, so that a batch costs a handful of binary
searches. Two different keys would have to meet in 128 bits to be taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.checks.problems import quote, whole_rows
from core.model.check import Severity
from core.model.table import Kind, Table

Keep = Literal["first", "last"]

_LOW_SEED, _HIGH_SEED = 0x9E3779B97F4A7C15, 0x2545F4914F6CDD1D
_OWN_PAGES = 1 << 20  # bytes from which on an array has pages of its own
_NO_HASHES, _NO_ROWS = np.empty(0, np.uint64), np.empty(0, np.int64)

_Number = TypeVar("_Number", np.uint64, np.int64)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """Rows of one batch whose key an earlier row of the file has."""

    key: tuple[str, ...]
    index: pl.Series  #: UInt32 positions in the batch, ascending
    earlier_row: pl.Series  #: Int64 `__row__` of the earlier row, one per position


@dataclass(slots=True)
class _Run:
    """Keys sorted by the high half of their hash."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    row: NDArray[np.int64]

    def find(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Where each key is in this run, -1 where it is not."""
        found = np.full(len(high), -1, dtype=np.int64)
        at = np.searchsorted(self.high, high)
        open_ = np.arange(len(high))
        while len(open_):
            inside = at[open_] < len(self.high)
            open_ = open_[inside]
            open_ = open_[self.high[at[open_]] == high[open_]]
            same = self.low[at[open_]] == low[open_]
            found[open_[same]] = at[open_[same]]
            open_ = open_[~same]
            at[open_] += 1
        return found


class _Seen:
    """The keys met so far."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def rows(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row remembered for each key, 0 where there is none."""
        rows = np.zeros(len(high), dtype=np.int64)
        for run in self._runs:
            at = run.find(high, low)
            rows = np.where(at >= 0, run.row[at], rows)
        return rows

    def replace(
        self, high: NDArray[np.uint64], low: NDArray[np.uint64], row: NDArray[np.int64]
    ) -> None:
        """Remember another row for keys already met."""
        for run in self._runs:
            at = run.find(high, low)
            run.row[at[at >= 0]] = row[at >= 0]

    def add(
        self, high: NDArray[np.uint64], low: NDArray[np.uint64], row: NDArray[np.int64]
    ) -> None:
        """Remember keys not met before, each once."""
        if not len(high):
            return
        order = np.argsort(high)
        self._runs.append(_Run(high[order], low[order], row[order]))
        # Runs at least halve in size from one to the next, so there are few of them and
        # every key is moved a logarithmic number of times.
        while len(self._runs) > 1 and len(self._runs[-2].row) < 2 * len(self._runs[-1].row):
            self._runs.append(_merged(self._runs.pop(), self._runs.pop()))

    @property
    def nbytes(self) -> int:
        return sum(r.high.nbytes + r.low.nbytes + r.row.nbytes for r in self._runs)


def _merged(few: _Run, many: _Run) -> _Run:
    """Both as one, which empties them.

    Array by array, each let go of as soon as it is copied: merging takes a third of the keys'
    own memory on top, not as much again.
    """
    of_few = np.searchsorted(many.high, few.high) + np.arange(len(few.high))
    of_many = np.ones(len(few.high) + len(many.high), dtype=np.bool_)
    of_many[of_few] = False
    high = _spread(few.high, of_few, many.high, of_many)
    few.high = many.high = _NO_HASHES
    low = _spread(few.low, of_few, many.low, of_many)
    few.low = many.low = _NO_HASHES
    row = _spread(few.row, of_few, many.row, of_many)
    few.row = many.row = _NO_ROWS
    return _Run(high, low, row)


def _spread(
    few: NDArray[_Number],
    of_few: NDArray[np.int64],
    many: NDArray[_Number],
    of_many: NDArray[np.bool_],
) -> NDArray[_Number]:
    """Each number at its place among those of the other array."""
    size = len(of_many) * many.itemsize
    both = np.empty(len(of_many), many.dtype) if size < _OWN_PAGES else _mapped(size, many.dtype)
    both[of_many], both[of_few] = many, few
    return both


def _mapped(size: int, kind: np.dtype[_Number]) -> NDArray[_Number]:
    """An array of so many bytes that goes back to the system as soon as it is let go of.

    What `malloc` is given back it may keep, in pieces that suit no later, larger array.
    """
    return np.frombuffer(mmap(-1, size), kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Keys:
    """One key of all rows of a batch."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    solid: NDArray[np.bool_]  #: no part is null
    earlier: NDArray[np.int64]  #: the row of an earlier batch with this key, 0 when none
    order: NDArray[np.int64]  #: of `high`

    @property
    def suspect(self) -> NDArray[np.bool_]:
        """Rows that repeat an earlier batch, or may repeat another row of this one."""
        ascending = self.high[self.order]
        same = ascending[1:] == ascending[:-1]
        twin = np.zeros(len(self.high), dtype=np.bool_)
        twin[self.order[1:][same]] = True
        twin[self.order[:-1][same]] = True
        return (twin | (self.earlier > 0)) & self.solid

    def identity(self, position: int) -> tuple[int, int]:
        return int(self.high[position]), int(self.low[position])


class UniqueTracker:
    """Which rows of a file repeat the key of an earlier row.

    keep="first": a row that repeats any key is taken to be dropped, so none of its keys
    counts against later rows; `earlier_row` is the first row with the key.
    keep="last": a later row takes the place of an earlier one; `earlier_row` is the row it
    replaces, and `superseded()` lists all rows replaced so far.
    `table` tells which columns are exact numbers, whose 1.0 and 1.00 are one key.
    """

    def __init__(
        self,
        keys: Sequence[tuple[str, ...]],
        *,
        keep: Keep = "first",
        table: Table | None = None,
    ) -> None:
        self._keys = tuple(keys)
        self._keep = keep
        self._seen = tuple(_Seen() for _ in self._keys)
        self._superseded: list[NDArray[np.int64]] = []
        columns = table.columns if table else ()
        self._numbers = {c.name for c in columns if c.kind is Kind.NUMBER and c.exact}

    @property
    def nbytes(self) -> int:
        """Bytes held for the keys met so far."""
        return sum(seen.nbytes for seen in self._seen)

    def feed(self, frame: pl.DataFrame) -> tuple[Repeats, ...]:
        """Take the next accepted rows of the file; say what repeats, for keys that do.

        `frame` is a typed frame with `__row__`. A key with a null part is no key.
        """
        if not frame.height or not self._keys:
            return ()
        rows = frame.get_column("__row__").cast(pl.Int64).to_numpy()
        batch = [self._hashed(frame, key, seen) for key, seen in self._pairs()]
        suspects = np.flatnonzero(np.logical_or.reduce([keys.suspect for keys in batch]))
        judged = _judge(suspects.tolist(), rows, batch, self._keep)
        for keys, seen, last in zip(batch, self._seen, judged.last, strict=True):
            new = keys.solid.copy()
            new[suspects] = False
            kept = np.fromiter(last.values(), dtype=np.int64, count=len(last))
            known = kept[keys.earlier[kept] > 0]
            seen.replace(keys.high[known], keys.low[known], rows[known])
            new[kept[keys.earlier[kept] == 0]] = True
            seen.add(keys.high[new], keys.low[new], rows[new])
        if self._keep == "last":
            self._superseded.append(_earlier_rows(judged.found))
        return tuple(
            Repeats(
                key=key,
                index=pl.Series(list(repeats), dtype=pl.UInt32),
                earlier_row=pl.Series(list(repeats.values()), dtype=pl.Int64),
            )
            for key, repeats in zip(self._keys, judged.found, strict=True)
            if repeats
        )

    def superseded(self) -> pl.Series:
        """`__row__` of every row that a later row replaces, ascending; for keep="last"."""
        if not self._superseded:
            return pl.Series(dtype=pl.Int64)
        self._superseded = [np.unique(np.concatenate(self._superseded))]
        return pl.Series(self._superseded[0], dtype=pl.Int64)

    def _pairs(self) -> list[tuple[tuple[str, ...], _Seen]]:
        return list(zip(self._keys, self._seen, strict=True))

    def _hashed(self, frame: pl.DataFrame, key: tuple[str, ...], seen: _Seen) -> _Keys:
        parts = pl.DataFrame(
            [
                same_spelling(frame.get_column(name).alias(f"k{n}"), name in self._numbers)
                for n, name in enumerate(key)
            ]
        )
        hashed = parts.select(
            pl.struct(pl.all()).hash(_HIGH_SEED).alias("high"),
            pl.struct(pl.all()).hash(_LOW_SEED).alias("low"),
            pl.all_horizontal(pl.all().is_not_null()).alias("solid"),
        )
        high, low = hashed["high"].to_numpy(), hashed["low"].to_numpy()
        solid = hashed["solid"].to_numpy()
        # In their order they are looked up twice as fast: neighbours lie in the same pages.
        order = np.argsort(high)
        rows = np.empty(len(high), dtype=np.int64)
        rows[order] = seen.rows(high[order], low[order])
        earlier = np.where(solid, rows, 0)
        return _Keys(high=high, low=low, solid=solid, earlier=earlier, order=order)


def same_spelling(cells: pl.Series, exact: bool) -> pl.Series:
    """Equal exact numbers spelt alike: 1.50 and 1.5, -0 and 0."""
    if not exact:
        return cells
    bare = cells.str.replace(r"(\.[0-9]*?)0+$", "$1").str.replace(r"\.$", "")
    return bare.replace("-0", "0")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    found: list[dict[int, int]]  #: per key: position → row it repeats
    last: list[dict[tuple[int, int], int]]  #: per key: identity → position that now stands for it


def _judge(suspects: list[int], rows: NDArray[np.int64], batch: list[_Keys], keep: Keep) -> _Judged:
    """Go through the suspects in order: whether a row counts depends on those before it."""
    found: list[dict[int, int]] = [{} for _ in batch]
    last: list[dict[tuple[int, int], int]] = [{} for _ in batch]
    for position in suspects:
        repeated = False
        for keys, repeats, standing in zip(batch, found, last, strict=True):
            if not keys.solid[position]:
                continue
            here = standing.get(keys.identity(position))
            earlier = keys.earlier[position] if here is None else rows[here]
            if earlier:
                repeats[position] = int(earlier)
                repeated = True
        if repeated and keep == "first":
            continue
        for keys, standing in zip(batch, last, strict=True):
            if keys.solid[position]:
                standing[keys.identity(position)] = position
    return _Judged(found=found, last=last)


def _earlier_rows(found: list[dict[int, int]]) -> NDArray[np.int64]:
    replaced = {row for repeats in found for row in repeats.values()}
    return np.fromiter(sorted(replaced), dtype=np.int64, count=len(replaced))


def repeat_problems(frame: pl.DataFrame, repeats: Repeats, severity: Severity) -> pl.DataFrame:
    """Repeats as problems of the key's first column, under check `unique_in_file`.

    `frame` is the batch that was fed. A message names the key, its values and the earlier row.
    """
    columns = [frame.get_column(name).alias("cell").gather(repeats.index) for name in repeats.key]
    values = zip(*(column.to_list() for column in columns), strict=True)
    messages = [
        f"{_named(repeats.key, parts)} is already in row {earlier} of the file"
        for parts, earlier in zip(values, repeats.earlier_row.to_list(), strict=True)
    ]
    found = whole_rows(
        repeats.index, "unique_in_file", pl.Series(messages, dtype=pl.String), severity
    )
    return found.with_columns(pl.lit(repeats.key[0]).alias("field"))


def _named(key: tuple[str, ...], values: tuple[object, ...]) -> str:
    return ", ".join(f"{name} {quote(str(v))}" for name, v in zip(key, values, strict=True))
