"""Workbooks to fill in or to mend: the template of a table, the rejected rows of an import."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import ImportDenied, InvalidRequest, NotFound
from core.formats.excel.forms import Form, FormColumn, FormRow, write_form
from core.formats.excel.forms.cells import MOST_COMMENTS
from core.formats.excel.forms.texts import shown
from core.formats.excel.writing.cells import MAX_CHARACTERS
from core.metastore import files
from core.model.access import Action
from core.model.check import Severity
from core.model.file import Download
from core.pipeline.evidence import REJECT_JOB, REJECT_LINE, REJECT_REASON, REJECT_ROW
from core.usecases.findings import rejected_rows
from core.usecases.form_columns import offered_values, template_columns
from core.usecases.rights import connection_name, import_seen, require
from core.usecases.targets import reflected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.model.access import Identity
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.model.preview import RejectedRow
    from core.pipeline.rejected import RejectedRows
    from core.workspace import Workspace

#: Rejected rows and cells that a workbook of them has at most.
MOST_ROWS, MOST_CELLS = 100_000, 5_000_000
_AT_A_TIME = 5_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ADDED = (REJECT_REASON, REJECT_ROW, REJECT_LINE, REJECT_JOB)


def open_template(ws: Workspace, who: Identity, table: str, connection: str | None) -> Download:
    """A blank workbook to be filled with rows for a table, and imported into it.

    It has the columns that an import may give a value, in the table's order, without those that
    the database numbers. Values of another table are offered only to those who may see them.
    Raises ImportDenied, for a view too, and NotFound.
    """
    name = connection_name(ws, connection)
    require(ws, who, Action.PREVIEW_IMPORT, name, table)
    found = reflected(ws, name, table)
    if found.ref.is_view:
        raise ImportDenied(f"{found.label} is a view: rows can be imported into tables only.")
    columns = template_columns(ws, who, name, found)
    if not columns:
        raise InvalidRequest(f"{found.label} has no column that an import may give a value.")
    numbered = [c.name for c in found.columns if c.writable and c.autoincrement]
    left_out = [name for name in numbered if name not in {c.name for c in columns}]
    guide = _how_to_fill(found.label, columns, left_out)
    form = Form(title=found.label, columns=columns, guide=guide)
    # By the day: asked for twice, it is the same file.
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _download(
        form, (), filename=f"{found.ref.name}.template.xlsx", table=found.label, made_at=today
    )


def open_rejects_workbook(ws: Workspace, who: Identity, job_id: str) -> Download:
    """The rejected rows as a workbook: wrong cells red with the reason, to be mended and handed in.

    Every cell is text as it was read. Raises NotFound when no row was rejected, FileExpired when
    their time is over, InvalidRequest where only the CSV holds them: more than 100,000 rows, or
    texts that no workbook can have.
    """
    job, plan = import_seen(ws, who, job_id)
    if job.rejects_file is None:
        raise NotFound("No row was rejected.", job_id=job_id)
    with ws.metastore.connect() as db:
        stored = files.get(db, job.rejects_file)
    with rejected_rows(ws, job, plan) as rejected:
        if rejected is None:
            raise NotFound("No row was rejected.", job_id=job_id)
        own = rejected.columns()
        _require_room(rejected.page(offset=0, limit=1).total, len(own) + len(_ADDED), job_id)
        values = offered_values(ws, who, plan)
        columns = (
            *(FormColumn(name=name, choices=values.get(name, ())) for name in own),
            *(FormColumn(name=name, added=True) for name in _ADDED),
        )
        form = Form(title="Rejected", columns=columns, guide=_how_to_mend(job, plan))
        return _download(
            form,
            _rows(rejected, own, job_id),
            filename=f"{stored.filename.removesuffix('.csv')}.xlsx",
            table=job.table,
            made_at=job.completed_at or job.started_at or job.created_at or datetime.now(UTC),
            job_id=job_id,
        )


# ---------------------------------------------------------------- the parts of the above
def _download(
    form: Form,
    rows: Iterable[FormRow],
    *,
    filename: str,
    table: str,
    made_at: datetime,
    job_id: str | None = None,
) -> Download:
    file = io.BytesIO()
    write_form(form, rows, file, marker=job_id, made_at=made_at)
    data = file.getvalue()
    return Download(
        filename=filename,
        media_type=_XLSX,
        size=len(data),
        etag=f'"{hashlib.sha256(data).hexdigest()}"',
        open=lambda: io.BytesIO(data),
        job_id=job_id,
        table=table,
    )


def _require_room(rows: int, columns: int, job_id: str) -> None:
    if rows <= MOST_ROWS and rows * columns <= MOST_CELLS:
        return
    size = f"{rows:,} rows of {columns:,} columns"
    raise InvalidRequest(
        f"The rejected rows are too many for a workbook to be mended: {size}, where it may have "
        f"{MOST_ROWS:,} rows and {MOST_CELLS:,} cells. Choose CSV.",
        job_id=job_id,
    )


def _rows(rejected: RejectedRows, own: tuple[str, ...], job_id: str) -> Iterator[FormRow]:
    places = {name: place for place, name in enumerate(own)}
    offset = 0
    while page := rejected.page(offset=offset, limit=_AT_A_TIME).rows:
        offset += len(page)
        for row in page:
            yield _row(row, own, places, job_id)


def _row(row: RejectedRow, own: tuple[str, ...], places: dict[str, int], job_id: str) -> FormRow:
    reasons: list[str] = []
    flaws: dict[int, list[str]] = {}
    for violation in row.violations:
        if violation.severity is not Severity.ERROR:
            continue
        field, said = violation.field, violation.message
        reasons.append(said if field is None else f"{field}: {said}")
        if violation.column in places:
            flaws.setdefault(places[violation.column], []).append(said)
    reason = "; ".join(dict.fromkeys(reasons))
    return FormRow(
        cells=[
            *(row.cells[name] for name in own),
            shown(reason, MAX_CHARACTERS // 2),
            row.row,
            row.line,
            job_id,
        ],
        flaws={place: "\n".join(dict.fromkeys(said)) for place, said in flaws.items()},
    )


def _how_to_fill(
    table: str, columns: tuple[FormColumn, ...], left_out: list[str]
) -> tuple[str, ...]:
    needed = [column.name for column in columns if column.required]
    return (
        f"How to fill in rows for {table}",
        "Write one row below the other on the first sheet. Leave its first row, the names of the "
        "columns, as it is; columns that you do not need may be deleted.",
        "Yellow names must be filled in each row"
        + (f": {', '.join(needed)}." if needed else "; there are none here."),
        *(
            f"{name} is not here, for the database numbers it. Add a column of that name to give "
            "the numbers yourself."
            for name in left_out
        ),
        "Point at a name to read what it takes; it is also below. A cell with an arrow offers a "
        "list. A warning does not stop you: every row is checked when it is imported.",
        f"Save the workbook, then import it into {table} on the import screen, or with: "
        f"tableport import FILE --table {table}",
        "",
        *(f"{column.name}: {' '.join(column.note.splitlines())}" for column in columns),
    )


def _how_to_mend(job: Job, plan: ImportPlan) -> tuple[str, ...]:
    return (
        "How to mend these rows",
        f"They are the rows of {plan.filename} that {job.table} would not take. Wrong cells are "
        f"red; {REJECT_REASON} says why, and so do the first {MOST_COMMENTS:,} red cells when they "
        "are pointed at.",
        "Every cell is text, just as it was read: leading zeros and dates stay as they are.",
        f"Correct the cells. Leave the first row, {REJECT_ROW} and {REJECT_JOB} as they are; rows "
        "may be deleted or sorted.",
        "Save the workbook and hand it in on the page of the import, or with: "
        f"tableport import --patch {job.job_id} FILE",
    )
