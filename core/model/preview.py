"""What a screen or the API shows before anything is written: samples, pages, previews."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.access import Grant
from core.model.check import Violation
from core.model.dialect import Detection
from core.model.mapping import RememberedMapping, Suggestion
from core.model.table import Table

#: One row as canonical text by column name, None for NULL.
Row = dict[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableDescription:
    """A table as one user may see it: forbidden columns are not in it."""

    connection: str
    table: Table
    sample: tuple[Row, ...] = ()
    no_sample: str | None = None  #: why the rows cannot be read, None when they can
    grant: Grant = Grant()


@dataclass(frozen=True, kw_only=True, slots=True)
class RowPage:
    """One page of a table's rows, in canonical text."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total_rows: int  #: that match, in the whole table
    offset: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePreview:
    """The first rows of an upload as read with the plan's dialect, before any mapping."""

    detection: Detection
    rows: tuple[Row, ...]  #: by source column
    line_numbers: tuple[int, ...]
    flaws: tuple[str | None, ...]  #: what is odd about each row, None when nothing is
    suggestions: tuple[Suggestion, ...] = ()
    remembered: RememberedMapping | None = None  #: the suggestions are as it was then


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPreview:
    """The first rows after mapping, transforms and checks. `rows` are by table column."""

    rows: tuple[Row, ...]  #: the text that would be loaded; the file's own cell where it failed
    row_numbers: tuple[int, ...]
    line_numbers: tuple[int, ...]
    violations: tuple[Violation, ...]  #: of these rows
    unmapped_required: tuple[str, ...] = ()  #: required columns no source feeds (R10)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCells:
    """What one transform of a mapping makes of the rows of a preview."""

    transform: str
    cells: tuple[str | None, ...]  #: after it, None for NULL and where it or one before failed
    problems: tuple[str | None, ...]  #: why this transform could not read a cell


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsPreview:
    """Real rows of a file before and after each transform of one mapping."""

    target: str
    row_numbers: tuple[int, ...]
    columns: tuple[str, ...]  #: of the file, that the mapping reads
    before: tuple[Row, ...]  #: those columns' cells, by row
    steps: tuple[StepCells, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """One rejected row of a job with all its reasons."""

    row: int
    line: int
    cells: Row  #: by source column, as the file has them
    violations: tuple[Violation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedPage:
    """One page of a job's rejected rows."""

    columns: tuple[str, ...]  #: source columns in file order
    rows: tuple[RejectedRow, ...]
    total: int
    offset: int
