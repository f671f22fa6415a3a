"""What can be told of a million cells in the memory of a few thousand.

All take the cells of a column batch by batch, and cost a few operations on whole arrays each time.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

_SEED = 0x5851F42D4C957F2D
_SPREAD_1, _SPREAD_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = tuple(np.uint64(n) for n in (30, 27, 31))


class DistinctCount:
    """How many different values: exact while they are few, HyperLogLog afterwards.

    2^14 registers of one byte: an error of 0.8 % is usual, one beyond 3 % all but excluded.
    """

    FEW = 10_000
    _BITS = 14

    def __init__(self) -> None:
        self._few: NDArray[np.uint64] | None = np.empty(0, dtype=np.uint64)
        self._registers: NDArray[np.uint8] | None = None

    @property
    def exact(self) -> bool:
        return self._few is not None

    def add(self, values: pl.Series) -> None:
        """Values of a batch, null-free; a value may be given more than once."""
        hashes = _spread(values.hash(_SEED).to_numpy())
        if self._few is not None:
            self._few = np.union1d(self._few, hashes)
            if len(self._few) <= self.FEW:
                return
            hashes, self._few = self._few, None
        self._note(hashes)

    def _note(self, hashes: NDArray[np.uint64]) -> None:
        if self._registers is None:
            self._registers = np.zeros(1 << self._BITS, dtype=np.uint8)
        width = 64 - self._BITS
        register = (hashes >> np.uint64(width)).astype(np.int64)
        rest = hashes & np.uint64((1 << width) - 1)
        # frexp tells the length in bits: 50 bits are exact in a double.
        rank = (width + 1 - np.frexp(rest.astype(np.float64))[1]).astype(np.uint8)
        np.maximum.at(self._registers, register, rank)

    def __len__(self) -> int:
        if self._few is not None:
            return len(self._few)
        assert self._registers is not None
        return max(_estimate(self._registers, 64 - self._BITS), self.FEW + 1)


def _estimate(registers: NDArray[np.uint8], width: int) -> int:
    """Ertl's improved estimate, unbiased from few values to very many (arXiv 1702.01284, §4)."""
    m = len(registers)
    counts = np.bincount(registers, minlength=width + 2).tolist()
    z = m * _tau(1 - counts[width + 1] / m)
    for count in reversed(counts[1 : width + 1]):
        z = (z + count) / 2
    z += m * _sigma(counts[0] / m)
    return round(m * m / (2 * math.log(2) * z))


def _sigma(x: float) -> float:
    y, z, before = 1.0, x, -1.0
    while z != before and x < 1:
        x, before = x * x, z
        z, y = z + x * y, 2 * y
    return z if x < 1 else math.inf


def _tau(x: float) -> float:
    if x in {0.0, 1.0}:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x, before = math.sqrt(x), z
        y /= 2
        z -= (1 - x) ** 2 * y
    return z / 3


def _spread(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit given (the finaliser of SplitMix64)."""
    h = hashes ^ (hashes >> _SHIFT[0])
    h = h * _SPREAD_1
    h = (h ^ (h >> _SHIFT[1])) * _SPREAD_2
    spread: NDArray[np.uint64] = h ^ (h >> _SHIFT[2])
    return spread


class Frequent:
    """The values that occur most often (Misra and Gries, merged batch by batch).

    Of n cells, one that holds a share above 1/most is always among them, and its count is short by
    `missed` at most; exact when nothing had to be forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known = pl.DataFrame(schema={"value": pl.String, "count": pl.UInt32})
        self.missed = 0

    @property
    def exact(self) -> bool:
        return self.missed == 0

    def add(self, counted: pl.DataFrame) -> None:
        """`value` (String, null-free, each once) and `count` (UInt32) of a batch."""
        few = self._cut(counted.select("value", "count"))
        if few.height:
            both = pl.concat([self._known, few])
            merged = self._cut(both.group_by("value").sum())
            self._known = merged.with_columns(_apart("value"))

    def _cut(self, counted: pl.DataFrame) -> pl.DataFrame:
        if counted.height <= self._most:
            return counted
        counts = counted["count"]
        if counts.max() == 1:
            self.missed += 1
            return counted.clear()
        floor = int(counts.top_k(self._most + 1)[-1])
        self.missed += floor
        return counted.filter(counts > floor).with_columns(pl.col("count") - floor)

    def top(self, wanted: int) -> list[tuple[str, int]]:
        """The most frequent first; among equals, in the order of texts."""
        rows = self._known.sort(["count", "value"], descending=[True, False]).head(wanted)
        return [(str(value), int(count)) for value, count in rows.iter_rows()]


class RowSample:
    """Rows of a file, each as likely as any other: all of them while they are few.

    At most `rows` rows, and about `size` bytes: of a file with huge cells it keeps fewer.
    """

    _RANK = "__rank__"

    def __init__(self, *, rows: int = 10_000, size: int = 32 << 20) -> None:
        self._most, self._size = rows, size
        # The same file has the same sample every time.
        self._random = np.random.default_rng(20)
        self._bound = 1.0
        self._kept: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        rank = self._random.random(frame.height)
        taken = np.flatnonzero(rank < self._bound)
        if not len(taken):
            return
        few = frame if len(taken) == frame.height else frame[taken].select(_apart(*frame.columns))
        self._kept.append(few.with_columns(pl.Series(self._RANK, rank[taken])))
        if self._height() > 2 * self._most or self._bytes() > self._size:
            self._cut()

    def frame(self) -> pl.DataFrame:
        """The sample, in the order of the file."""
        self._cut()
        return self._kept[0].drop(self._RANK) if self._kept else pl.DataFrame()

    def _height(self) -> int:
        return sum(frame.height for frame in self._kept)

    def _bytes(self) -> int:
        return sum(int(frame.estimated_size()) for frame in self._kept)

    def _cut(self) -> None:
        """Keep the rows of the lowest ranks: what is left is again a fair sample."""
        if not self._kept:
            return
        whole = pl.concat(self._kept, how="diagonal")
        while True:
            if whole.height > self._most:
                ranks = np.sort(whole[self._RANK].to_numpy())
                self._bound = float(ranks[self._most - 1])
                whole = whole.filter(pl.col(self._RANK) <= self._bound)
            if whole.estimated_size() <= self._size or self._most <= 1:
                break
            self._most = max(1, min(self._most, whole.height) // 2)
        names = [name for name in whole.columns if name != self._RANK]
        self._kept = [whole.rechunk().with_columns(_apart(*names))]


def _apart(*names: str) -> pl.Expr:
    """The same texts in a place of their own: a few taken from a batch keep all of it in memory."""
    return pl.col(names) + ""
