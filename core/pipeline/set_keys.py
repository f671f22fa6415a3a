"""What earlier files of a set will have put into the columns that later ones refer to.

Keys are remembered as 64-bit hashes, 8 bytes a row. Should two keys ever share one, the check lets
a reference pass that the database then refuses: nothing wrong gets in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.checks.across import same_spelling
from core.model.table import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.table import ForeignKey, Table

_Where = tuple[str | None, str, tuple[str, ...]]  # schema, table, columns


class _Keys:
    """The keys met so far, sorted when they are first asked for."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.uint64)
        self._fresh: list[NDArray[np.uint64]] = []

    def add(self, hashes: NDArray[np.uint64]) -> None:
        self._fresh.append(hashes)

    def among(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        if self._fresh:
            self._sorted = np.sort(np.concatenate([self._sorted, *self._fresh]))
            self._fresh = []
        found = np.zeros(len(hashes), dtype=np.bool_)
        if len(self._sorted):
            order = np.argsort(hashes)  # neighbours are looked for near each other
            at = np.searchsorted(self._sorted, hashes[order])
            np.minimum(at, len(self._sorted) - 1, out=at)
            found[order] = self._sorted[at] == hashes[order]
        return found


class SetKeys:
    """Keys of the rows that the files of one set have brought so far, accepted or not."""

    def __init__(self, wanted: Iterable[ForeignKey]) -> None:
        """`wanted`: the references among the files of the set."""
        self._wanted: defaultdict[tuple[str | None, str], set[tuple[str, ...]]] = defaultdict(set)
        for reference in wanted:
            columns = self._wanted[reference.target_schema, reference.target_table]
            columns.add(reference.target_columns)
        self._accepted: defaultdict[_Where, _Keys] = defaultdict(_Keys)
        self._refused: defaultdict[_Where, _Keys] = defaultdict(_Keys)
        self._awaited: frozenset[ForeignKey] = frozenset()

    def await_(self, references: Iterable[ForeignKey]) -> None:
        """References of the next file to files that come later: only the database can tell."""
        self._awaited = frozenset(references)

    def awaits(self, reference: ForeignKey) -> bool:
        return reference in self._awaited

    def keep(self, table: Table, accepted: pl.DataFrame, refused: pl.DataFrame) -> None:
        """Remember a batch: its typed good rows, and the others as text by table column."""
        for columns in self._wanted.get((table.ref.schema, table.ref.name), ()):
            if set(columns) <= set(accepted.columns):
                where = (table.ref.schema, table.ref.name, columns)
                for frame, keys in ((accepted, self._accepted), (refused, self._refused)):
                    hashes, whole = _hashed(frame, columns, table)
                    keys[where].add(hashes[whole])

    def accepted(self, reference: ForeignKey, table: Table, frame: pl.DataFrame) -> pl.Series:
        """Per row of the referring table's frame: has an accepted row brought its parent?"""
        return _among(self._accepted, reference, table, frame)

    def refused(self, reference: ForeignKey, table: Table, frame: pl.DataFrame) -> pl.Series:
        """Per row: has a rejected row brought its parent?"""
        return _among(self._refused, reference, table, frame)


def _among(
    keys: defaultdict[_Where, _Keys], reference: ForeignKey, table: Table, frame: pl.DataFrame
) -> pl.Series:
    where = (reference.target_schema, reference.target_table, reference.target_columns)
    hashes, whole = _hashed(frame, reference.columns, table)
    return pl.Series(keys[where].among(hashes) & whole, dtype=pl.Boolean)


def _hashed(
    frame: pl.DataFrame, columns: Sequence[str], table: Table
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """A hash of each row's key, and whether the key is whole."""
    parts = pl.DataFrame(
        [
            _spelt(frame.get_column(name), table, name).alias(f"k{n}")
            for n, name in enumerate(columns)
        ]
    )
    hashed = parts.select(
        pl.struct(pl.all()).hash(0).alias("hash"),
        pl.all_horizontal(pl.all().is_not_null()).alias("whole"),
    )
    return hashed["hash"].to_numpy(), hashed["whole"].to_numpy()


def _spelt(cells: pl.Series, table: Table, name: str) -> pl.Series:
    """As text: a reference may be of another kind than what it refers to."""
    if cells.dtype == pl.Binary:
        return cells.bin.encode("hex")
    column = table.column(name)
    return same_spelling(cells.cast(pl.String), column.kind is Kind.NUMBER and column.exact)
