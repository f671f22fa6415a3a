"""Where in the two files of evidence what is found: written behind the violations, read for pages.

The last line of the violations file says where the index line begins, so that a page of a million
violations is read from the blocks it lies in. A file without an index, of an earlier version, is
indexed by reading it once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO

import polars as pl

from core.checks.shapes import shapes
from core.model.check import Severity

#: A block is closed once it has so many violations.
BLOCK = 10_000
#: Kinds of violations counted per block; where there are more, the block is looked into.
_MOST_KINDS = 300
_TAIL = '{"index_at":%20d}\n'
_TAIL_LENGTH = len(_TAIL % 0)

_Kind = tuple[str | None, str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which violations are asked for; None: any."""

    field: str | None = None
    check: str | None = None
    shape: str | None = None

    @property
    def everything(self) -> bool:
        return self.field is None and self.check is None and self.shape is None

    def takes(self, kind: _Kind) -> bool:
        asked = (self.field, self.check, self.shape)
        return all(want is None or want == has for want, has in zip(asked, kind, strict=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    violations: int
    rows: int  #: rows with an error


@dataclass(slots=True)
class Block:
    """Violations that stand together, and the rejected rows they are of, by place in bytes."""

    start: int
    end: int
    rejects_start: int
    rejects_end: int
    violations: int = 0
    rejected: int = 0
    first_row: int | None = None
    last_row: int | None = None
    #: [field, check, shape, violations, rows with an error]; None: too many kinds to tell.
    kinds: list[list[Any]] | None = field(default_factory=list)

    def note(self, violations: pl.DataFrame) -> None:
        """Count violations in; they have a `shape`."""
        bad = pl.col("row").filter(pl.col("severity") == Severity.ERROR.value).drop_nulls()
        total = violations.select(bad.n_unique(), pl.col("row").min().alias("low"),
                                  pl.col("row").max().alias("high")).row(0)  # fmt: skip
        self.violations += violations.height
        self.rejected += total[0]
        rows = [r for r in (self.first_row, self.last_row, *total[1:]) if r is not None]
        self.first_row, self.last_row = (min(rows), max(rows)) if rows else (None, None)
        if self.kinds is None:
            return
        known = {(f, c, s): [n, r] for f, c, s, n, r in self.kinds}
        found = violations.group_by("field", "check", "shape", maintain_order=True).agg(
            pl.len().alias("count"), bad.n_unique().alias("bad")
        )
        for name, check, shape, count, rows_bad in found.iter_rows():
            entry = known.setdefault((name, check, shape), [0, 0])
            entry[0] += count
            entry[1] += rows_bad
        self.kinds = [[*kind, *entry] for kind, entry in known.items()]
        if len(self.kinds) > _MOST_KINDS:
            self.kinds = None

    def count(self, wanted: Wanted) -> Counted | None:
        """How many of them are wanted; None: only reading the block tells."""
        if wanted.everything:
            return Counted(violations=self.violations, rows=self.rejected)
        if self.kinds is None:
            return None
        found = [kind for kind in self.kinds if wanted.takes(tuple(kind[:3]))]
        # A row has one cell in a field, but may fail in many fields and checks.
        if len({(kind[0], kind[1]) for kind in found}) > 1:
            return None
        return Counted(
            violations=sum(kind[3] for kind in found), rows=sum(kind[4] for kind in found)
        )


@dataclass(slots=True)
class Index:
    """All blocks in their order."""

    header: int = 0  #: bytes of the rejects file that hold the names of its columns
    blocks: list[Block] = field(default_factory=list)

    def write(self, file: BinaryIO, at: int) -> None:
        """Behind the violations, which end at `at`."""
        document = {"header": self.header, "blocks": [asdict(block) for block in self.blocks]}
        file.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
        file.write((_TAIL % at).encode())


def with_shapes(violations: pl.DataFrame) -> pl.DataFrame:
    return violations.with_columns(shapes(violations["value"]).alias("shape"))


def read_index(file: BinaryIO, rejects_size: int) -> Index:
    """The index of a violations file, however it was written."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TAIL_LENGTH, 0))
    tail = file.read()
    if not tail.startswith(b'{"index_at":'):
        return _scanned(file, rejects_size)
    file.seek(json.loads(tail)["index_at"])
    document = json.loads(file.readline())
    return Index(header=document["header"], blocks=[Block(**block) for block in document["blocks"]])


def _scanned(file: BinaryIO, rejects_size: int) -> Index:
    index = Index()
    file.seek(0)
    start, held = 0, list[bytes]()
    while fresh := list(islice(file, BLOCK)):
        lines = held + fresh
        found = parse(b"".join(lines))
        # What follows may be of the last row too: a row stands in one block.
        whole = found.height if len(fresh) < BLOCK else _before_the_last_row(found["row"])
        held = lines[whole:]
        start = _take(index, found.head(whole), lines[:whole], start, rejects_size)
    if held:
        _take(index, parse(b"".join(held)), held, start, rejects_size)
    return index


def _take(
    index: Index, found: pl.DataFrame, lines: list[bytes], start: int, rejects_size: int
) -> int:
    end = start + sum(map(len, lines))
    if found.height:
        block = Block(start, end, 0, rejects_size)
        block.note(found)
        index.blocks.append(block)
    return end


def _before_the_last_row(rows: pl.Series) -> int:
    others = rows.ne_missing(rows[-1]).arg_true()
    return int(others[-1]) + 1 if len(others) else 0


def parse(text: bytes) -> pl.DataFrame:
    """Violations as written, with their shapes."""
    schema = dict.fromkeys(
        ("row", "line", "column", "field", "check", "message", "value", "severity", "shape"),
        pl.String(),
    ) | {"row": pl.Int64(), "line": pl.Int64()}
    found = pl.read_ndjson(text, schema=schema)
    return with_shapes(found) if found["shape"].null_count() == found.height else found


def read_block(file: BinaryIO, block: Block, wanted: Wanted) -> pl.DataFrame:
    """The wanted violations of a block, in their order."""
    file.seek(block.start)
    found = parse(file.read(block.end - block.start))
    for name in ("field", "check", "shape"):
        asked = getattr(wanted, name)
        if asked is not None:
            found = found.filter(pl.col(name) == asked)
    return found


def blocks_of(
    index: Index, file: BinaryIO, wanted: Wanted
) -> Iterator[tuple[Counted, Block, pl.DataFrame | None]]:
    """Every block with what is wanted in it, and its violations where they had to be read."""
    for block in index.blocks:
        counted = block.count(wanted)
        if counted is not None:
            if counted.violations:
                yield counted, block, None
            continue
        found = read_block(file, block, wanted)
        if found.height:
            rows = error_rows(found).len()
            yield Counted(violations=found.height, rows=rows), block, found


def error_rows(violations: pl.DataFrame) -> pl.Series:
    """The rejected rows among them, in their order."""
    bad = violations.filter(pl.col("severity") == Severity.ERROR.value)["row"]
    return bad.drop_nulls().unique(maintain_order=True)
