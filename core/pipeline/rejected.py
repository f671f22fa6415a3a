"""Pages of violations and of rejected rows, read back from the evidence.

Both files are read from the start and only the page is kept: memory is bounded however many
violations there are.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl

from core.formats.base import META, ReadLimits
from core.formats.csv.reading import read_rows
from core.model.check import Severity, Violation
from core.model.preview import RejectedPage, RejectedRow
from core.pipeline.evidence import as_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.dialect import Dialect

_AT_A_TIME = 1_000
#: The cells have passed the limits of the file they came from.
_NO_LIMITS = ReadLimits(max_columns=1 << 20, max_cell_bytes=1 << 30)


def read_violations(
    file: BinaryIO, *, field: str | None = None, check: str | None = None
) -> Iterator[Violation]:
    """Every violation in the file, of one field and check if asked."""
    for line in file:
        found: dict[str, Any] = json.loads(line)
        if field is not None and found["field"] != field:
            continue
        if check is not None and found["check"] != check:
            continue
        yield Violation(**found | {"severity": Severity(found["severity"])})


def page_violations(
    file: BinaryIO, *, offset: int, limit: int, field: str | None, check: str | None
) -> list[Violation]:
    found = read_violations(file, field=field, check=check)
    return list(islice(found, offset, offset + limit))


def page_rejected(
    violations: BinaryIO,
    rejects: BinaryIO,
    dialect: Dialect,
    *,
    offset: int,
    limit: int,
    field: str | None = None,
    check: str | None = None,
) -> RejectedPage:
    """One page of rejected rows with all their reasons; filtered by one field and check."""
    wanted: set[int] = set()
    seen: set[int] = set()
    for v in read_violations(violations, field=field, check=check):
        if v.severity is Severity.ERROR and v.row is not None and v.row not in seen:
            if offset <= len(seen) < offset + limit:
                wanted.add(v.row)
            seen.add(v.row)
    violations.seek(0)
    reasons: dict[int, list[Violation]] = {}
    for v in read_violations(violations):
        if v.row in wanted:
            reasons.setdefault(v.row, []).append(v)
    columns: tuple[str, ...] = ()
    rows: list[RejectedRow] = []
    # Our own file, read as any other: NULL is told from the empty text, no cell is too long.
    for batch in read_rows(rejects, as_written(dialect), rows=_AT_A_TIME, limits=_NO_LIMITS):
        *names, row_at, line_at, _ = batch.frame.columns[len(META) :]
        columns = tuple(names)
        asked = batch.frame[row_at].cast(pl.Int64).is_in(sorted(wanted))
        for record in batch.frame.filter(asked).iter_rows(named=True):
            row = int(record[row_at])
            cells: dict[str, str | None] = {name: record[name] for name in names}
            found = RejectedRow(
                row=row, line=int(record[line_at]), cells=cells, violations=tuple(reasons[row])
            )
            rows.append(found)
    rows.sort(key=lambda r: r.row)
    return RejectedPage(columns=columns, rows=tuple(rows), total=len(seen), offset=offset)
