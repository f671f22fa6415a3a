"""The report of a check that people can send: one HTML page that needs nothing else, or JSON.

The page is made of the JSON. Whatever comes from a file, a table or a person is escaped text in it;
it has no script and asks no other address for anything.
"""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jinja2

from core.errors import Conflict
from core.model.file import Download
from core.model.plan import to_json
from core.usecases.rights import import_seen
from core.usecases.rules import origin_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.workspace import Workspace

Form = Literal["html", "json"]
_MEDIA: dict[Form, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
_TEMPLATES = Path(__file__).parent / "templates"
_LISTED = 50  #: problem groups on the page; the JSON has all
_BARS = 12  #: columns in the chart of errors
_FEW = 12  #: values shown as bars where a column has no more


def open_report(ws: Workspace, who: Identity, job_id: str, form: Form = "html") -> Download:
    """The report of the last check, to be saved under its name.

    Raises NotFound, ImportDenied, InvalidRequest for an export, Conflict when nothing was checked.
    """
    job, plan = import_seen(ws, who, job_id)
    if not job.validation_results:
        raise Conflict("Nothing was checked yet: check the file first.", job_id=job_id)
    document = page_document(job, plan, made_at=datetime.now(UTC), made_by=who.username)
    if form == "json":
        text = json.dumps(document, ensure_ascii=False, indent=2)
    else:
        text = page_html(document)
    # Half a character, which JSON files can hold, has no UTF-8.
    data = text.encode("utf-8", "replace")
    stem = plan.filename.rpartition(".")[0] or plan.filename or "file"
    return Download(
        filename=f"{stem[:200]}.report.{form}",
        media_type=_MEDIA[form],
        size=len(data),
        etag=f'"{hashlib.sha256(data).hexdigest()}"',
        open=lambda: io.BytesIO(data),
        job_id=job_id,
        table=job.table,
    )


# ------------------------------------------------------------ the report as data
def page_document(job: Job, plan: ImportPlan, *, made_at: datetime, made_by: str) -> dict[str, Any]:
    """All of the report as JSON values."""
    found = job.validation_results
    whole = to_json(plan)
    return {
        "report": {"version": 1, "made_at": _moment(made_at), "made_by": made_by},
        "job": {
            "job_id": job.job_id,
            "connection": job.connection,
            "table": job.table,
            "status": job.status.value,
            "created_by": job.created_by_name,
            "created_at": _moment(job.created_at),
            "started_at": _moment(job.started_at),
            "completed_at": _moment(job.completed_at),
            "error": job.error_message,
        },
        "file": {
            "name": plan.filename,
            "size": job.file_size,
            "sha256": plan.sha256,
            "dialect": whole["dialect"],
        },
        "plan": {
            name: whole[name] for name in ("mappings", "edits", "on_conflict", "on_errors", "key")
        },
        "levels": levels(found),
        "counts": _counts(job),
        "check": found | {"groups": [_with_origin(group) for group in found["groups"]]},
    }


def _with_origin(group: dict[str, Any]) -> dict[str, Any]:
    """Who asked for what is broken: schema, transform or rule; a check of an earlier version of
    Tableport did not keep it."""
    return group | {"origin": origin_of(group["check"])}


def levels(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """How much is wrong on each level: the file, its columns, its rows, its cells (R95)."""
    groups = found["groups"]
    by_column: dict[str, dict[str, int]] = {}
    for group in groups:
        name = group["column"] or group["field"]
        if name is not None:
            counted = by_column.setdefault(name, {"error": 0, "warning": 0})
            counted[group["severity"]] += group["count"]
    of_rows = [g for g in groups if g["column"] is None and g["field"] is None]
    whole_file = [e for e in (*found["errors"], *found["warnings"]) if e["row"] is None]
    fine = max(found["validRows"] - found["warningRows"], 0)
    cells = {severity: sum(c[severity] for c in by_column.values()) for severity in _SEVERITIES}
    return {
        "file": {"ignored_lines": found["ignored"], "problems": len(whole_file)},
        "columns": {
            "read": len(found.get("fieldAnalysis", ())),
            "with_errors": sum(c["error"] > 0 for c in by_column.values()),
            "with_warnings": sum(c["warning"] > 0 for c in by_column.values()),
            "by_column": by_column,
        },
        "rows": {
            "read": found["totalRows"],
            "fine": fine,
            "with_warnings": found["warningRows"],
            "with_errors": found["errorRows"],
            "problems_of_whole_rows": sum(g["count"] for g in of_rows),
        },
        "cells": {"errors": cells["error"], "warnings": cells["warning"]},
    }


_SEVERITIES = ("error", "warning")


def _counts(job: Job) -> dict[str, Any] | None:
    """What became of every row, once the import ran; None before."""
    if not job.import_results:
        return None
    c = job.counts
    names = ("rows_read", "inserted", "updated", "unchanged", "skipped", "rejected", "ignored")
    return {name: getattr(c, name) for name in names} | {"reconciled": c.reconciled}


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat(timespec="seconds").replace("+00:00", "Z")


# ------------------------------------------------------------ the report as a page
def page_html(document: dict[str, Any]) -> str:
    """The page of a report's document."""
    found = document["check"]
    by_column = document["levels"]["columns"]["by_column"]
    worst = sorted(by_column.items(), key=lambda item: (-item[1]["error"], -item[1]["warning"]))
    groups = found["groups"]
    return (
        _environment()
        .get_template("check_report.html")
        .render(
            **document,
            groups=groups[:_LISTED],
            groups_left=len(groups) - len(groups[:_LISTED]),
            worst=worst[:_BARS],
            worst_left=len(worst) - len(worst[:_BARS]),
            most=max((c["error"] + c["warning"] for _, c in worst), default=0),
            columns=[_drawn(column) for column in found.get("fieldAnalysis", ())],
        )
    )


def _drawn(column: dict[str, Any]) -> dict[str, Any]:
    """A profile with the bars its chart shows: its few values, else its histogram."""
    top = column["top"]
    few = bool(top) and column["unique_values"] <= _FEW
    if few:
        bars = [{"label": v["value"], "count": v["count"]} for v in top]
    else:
        bars = [
            {
                "label": b["low"] if b["low"] == b["high"] else f"{b['low']} – {b['high']}",
                "count": b["count"],
            }
            for b in column["bars"]
        ]
    return column | {
        "few": few,
        "drawn": bars,
        "tallest": max((b["count"] for b in bars), default=0),
    }


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "size": _size, "when": _when, "visible": _visible}
    return environment


def _number(value: float) -> str:
    return f"{value:,}"


def _size(value: int | None) -> str:
    if value is None:
        return "–"
    size = float(value)
    for unit in ("bytes", "KB", "MB"):
        if size < 1024 or unit == "MB":
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1024
    raise AssertionError


def _when(value: str | None) -> str:
    """A moment of the document in words people read, in UTC."""
    return "–" if value is None else f"{value[:10]} {value[11:16]} UTC"


#: Characters that change how the text around them is shown, and those that show nothing.
_UNSEEN = dict.fromkeys(
    (
        *range(9), 11, 12, *range(14, 32), *range(127, 160),
        *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F,
    ),
    "\ufffd",
)  # fmt: skip


def _visible(value: object) -> str:
    """Text that stays where it is put: no control character turns the line around."""
    return str(value).translate(_UNSEEN)
