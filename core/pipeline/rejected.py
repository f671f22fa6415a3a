"""Pages of violations and of rejected rows, read back from the evidence.

Both files are read from the start and only the page is kept: memory is bounded however many
violations there are.
"""

from __future__ import annotations

import csv
import io
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from core.model.check import Severity, Violation
from core.model.preview import RejectedPage, RejectedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.dialect import Dialect

#: The three columns a rejects file adds at its right.
_ADDED = 3


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
    delimiter = dialect.delimiter if len(dialect.delimiter) == 1 else ","
    text = io.TextIOWrapper(rejects, "utf-8-sig", newline="")
    records = csv.reader(text, delimiter=delimiter)
    columns = tuple(next(records, []))[:-_ADDED]
    rows: list[RejectedRow] = []
    for record in records:
        row, line = int(record[-3]), int(record[-2])
        if row in wanted:
            cells: dict[str, str | None] = dict(zip(columns, record, strict=False))
            rows.append(
                RejectedRow(row=row, line=line, cells=cells, violations=tuple(reasons[row]))
            )
    text.detach()
    rows.sort(key=lambda r: r.row)
    return RejectedPage(columns=columns, rows=tuple(rows), total=len(seen), offset=offset)
