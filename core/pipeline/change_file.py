"""A file of everything an import would change, and pages read back from it.

One JSON array a line, in blocks; behind them the kind of every row of the file, one byte each, and
an index, so that a page is read from the blocks in which it lies.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageDamaged
from core.model.changes import CellChange, Change, ChangeKind, ChangesPage

#: New rows that are listed; all are counted. The file itself has them to look at.
LISTED_NEW = 1_000
_BLOCK = 1_000  # changes
_TAIL = "%20d\n"
_TAIL_LENGTH = len(_TAIL % 0)
_KINDS = tuple(ChangeKind)
_CODES = {kind: code for code, kind in enumerate(_KINDS, start=1)}
_HASHES = 2**128


@dataclass(slots=True)
class _Block:
    """Changes that stand together, by place in bytes."""

    start: int
    end: int = 0
    changes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    #: changes by `kind column`: those with a cell of that column
    columns: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "start": self.start,
            "end": self.end,
            "changes": self.changes,
            "kinds": dict(self.kinds),
            "columns": dict(self.columns),
        }

    def count(self, kind: ChangeKind | None, column: str | None) -> int:
        kinds = _KINDS if kind is None else (kind,)
        if column is None:
            return sum(self.kinds[k.value] for k in kinds)
        return sum(self.columns[f"{k.value} {column}"] for k in kinds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What was written, in numbers."""

    digest: str
    kinds: dict[ChangeKind, int]  #: of the rows noted, and of those that go
    columns: dict[str, int]  #: changed cells
    listed_new: int


class ChangeLog:
    """Writes the file while a plan is made, or, without one, only sums it up."""

    def __init__(self, file: BinaryIO | None) -> None:
        self._file, self._at = file, 0
        self._blocks = [_Block(0)]
        self._codes: NDArray[np.uint8] = np.zeros(1 << 12, np.uint8)
        self._highest = self._listed_new = self._deleted = 0
        self._sum = 0
        self._cells: Counter[str] = Counter()

    @property
    def more_new(self) -> int:
        """How many new rows are still listed."""
        return LISTED_NEW - self._listed_new

    def note(self, kind: ChangeKind, rows: Sequence[int]) -> None:
        """These rows of the file are of this kind."""
        if not rows:
            return
        self._highest = max(self._highest, *rows, 0)
        while self._highest >= len(self._codes):
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)])
        self._codes[np.asarray(rows)] = _CODES[kind]

    def add(self, change: Change) -> None:
        """List a change; what a new row holds is the file's, so only other kinds are summed up."""
        line = _written(change)
        if change.kind is ChangeKind.NEW:
            self._listed_new += 1
        else:
            self._sum = (self._sum + _hashed(change)) % _HASHES
        if change.kind is ChangeKind.DELETED:
            self._deleted += 1
        if change.kind is ChangeKind.CHANGED:
            self._cells.update(cell.column for cell in change.cells)
        if self._file is not None:
            self._write(change, line)

    def finish(self) -> Summary:
        """End the file with its index."""
        kinds = self._codes[: self._highest + 1].tobytes()
        if self._file is not None:
            packed = zlib.compress(kinds, 1)
            self._file.write(packed)
            index = {
                "kinds": [self._at, len(packed)],
                "blocks": [block.document() for block in self._blocks if block.changes],
            }
            self._file.write(json.dumps(index).encode())
            self._file.write((_TAIL % (self._at + len(packed))).encode())
        counted = np.bincount(self._codes, minlength=len(_KINDS) + 1).tolist()
        amounts = {kind: counted[code] for kind, code in _CODES.items()}
        amounts[ChangeKind.DELETED] = self._deleted
        summed = f"{self._sum:032x} {self._deleted}".encode()
        return Summary(
            digest=hashlib.sha256(kinds + summed).hexdigest(),
            kinds={kind: amount for kind, amount in amounts.items() if amount},
            columns=dict(self._cells.most_common()),
            listed_new=self._listed_new,
        )

    def _write(self, change: Change, line: bytes) -> None:
        assert self._file is not None
        if self._blocks[-1].changes >= _BLOCK:
            self._blocks.append(_Block(self._at))
        block = self._blocks[-1]
        self._file.write(line)
        self._at += len(line)
        block.end = self._at
        block.changes += 1
        block.kinds[change.kind.value] += 1
        block.columns.update(f"{change.kind.value} {cell.column}" for cell in change.cells)


class ChangeFile:
    """A finished file of changes, open for reading."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises StorageDamaged when it was cut short."""
        self._file = file
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - _TAIL_LENGTH))
        try:
            at = int(file.read())
            file.seek(at)
            index = json.loads(file.read(end - _TAIL_LENGTH - at))
        except ValueError as error:
            raise StorageDamaged("The changes foreseen cannot be read.") from error
        self._kinds_at: list[int] = index["kinds"]
        self._blocks = [_block(document) for document in index["blocks"]]

    def page(
        self,
        *,
        offset: int,
        limit: int,
        kind: ChangeKind | None = None,
        column: str | None = None,
    ) -> ChangesPage:
        """So many changes from `offset` on, counted among those of a kind and with a column."""
        found: list[Change] = []
        total, skip = 0, offset
        for block in self._blocks:
            here = block.count(kind, column)
            total += here
            if skip >= here or len(found) >= limit:
                skip = max(0, skip - here)
                continue
            wanted = [change for change in self._read(block) if _takes(change, kind, column)]
            found += wanted[skip : skip + limit - len(found)]
            skip = 0
        return ChangesPage(changes=tuple(found), total=total, offset=offset)

    def changes(self, kind: ChangeKind) -> Iterator[Change]:
        """Every change of a kind that is listed."""
        for block in self._blocks:
            if block.kinds[kind.value]:
                yield from (change for change in self._read(block) if change.kind is kind)

    def kinds(self) -> NDArray[np.uint8]:
        """The code of every row's kind, by its number; see `code_of`."""
        start, length = self._kinds_at
        self._file.seek(start)
        return np.frombuffer(zlib.decompress(self._file.read(length)), np.uint8)

    def _read(self, block: _Block) -> Iterator[Change]:
        self._file.seek(block.start)
        for line in self._file.read(block.end - block.start).splitlines():
            yield _parsed(line)


def code_of(kind: ChangeKind) -> int:
    """How the kind of a row is kept; 0: no row, or a rejected one."""
    return _CODES[kind]


def kind_of(code: int) -> ChangeKind:
    """The kind that is kept so."""
    return _KINDS[code - 1] if code else ChangeKind.REJECTED


def _takes(change: Change, kind: ChangeKind | None, column: str | None) -> bool:
    if kind is not None and change.kind is not kind:
        return False
    return column is None or any(cell.column == column for cell in change.cells)


def _hashed(change: Change) -> int:
    """Of what the table has: what the file has in its place is the file's to say."""
    old = [
        change.kind.value,
        change.row,
        dict(change.key),
        [(c.column, c.old) for c in change.cells],
    ]
    digest = hashlib.sha256(json.dumps(old).encode()).digest()
    return int.from_bytes(digest[:16], "big")


def _written(change: Change) -> bytes:
    cells = [(cell.column, cell.old, cell.new) for cell in change.cells]
    record = [change.kind.value, change.row, change.line, dict(change.key), cells, change.reason]
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> Change:
    kind, row, number, key, cells, reason = json.loads(line)
    return Change(
        kind=ChangeKind(kind),
        row=row,
        line=number,
        key=key,
        cells=tuple(CellChange(column=name, old=old, new=new) for name, old, new in cells),
        reason=reason,
    )


def _block(document: dict[str, Any]) -> _Block:
    counters = {name: Counter(document[name]) for name in ("kinds", "columns")}
    return _Block(**document | counters)
