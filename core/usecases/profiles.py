"""What the columns of an import's file are like: kept with the job, read back, and put to words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.model.check import Severity
from core.model.profile import Bar, CellKind, ColumnProfile, Profile, TopValue
from core.usecases.rights import import_seen

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.check import CheckReport
    from core.workspace import Workspace

_MOST = 20  #: recommendations
#: The guide's words (REQUIREMENTS 3.3) for fields of ours.
_GUIDE = {
    "field_name": "name", "data_type": "kind", "unique_values": "distinct", "null_count": "nulls",
    "min_length": "shortest", "max_length": "longest", "sample_values": "samples",
}  # fmt: skip


def read_profile(ws: Workspace, who: Identity, job_id: str) -> Profile:
    """What the last check saw in each column; without columns when nothing was checked yet.

    Raises NotFound, ImportDenied, or InvalidRequest for an export.
    """
    return profile_of(import_seen(ws, who, job_id)[0].validation_results)


def analysis_document(
    profile: Profile, report: CheckReport, *, seconds: float, estimate: float
) -> dict[str, Any]:
    """The guide's keys about the file as a whole, to stand beside those of `report_document`.

    `seconds` the check took, `estimate` those an import will take. JSON values only.
    """
    return {
        "fieldAnalysis": [column_document(column) for column in profile.columns],
        "profiledRows": profile.rows,
        "sampledRows": profile.sample_rows,
        "columnsNotProfiled": profile.left_out,
        "recommendations": list(recommendations(profile, report))[:_MOST],
        "estimatedImportTime": round(estimate, 1),
        "validationDuration": round(seconds, 2),
    }


def column_document(column: ColumnProfile) -> dict[str, Any]:
    """The guide's keys first, ours beside them."""
    own = asdict(column) | {"kind": column.kind.value}
    guide = {theirs: own.pop(ours) for theirs, ours in _GUIDE.items()}
    return guide | own


def profile_of(document: dict[str, Any]) -> Profile:
    """The profile a job's validation_results hold; an empty one when they hold none."""
    return Profile(
        rows=document.get("profiledRows", 0),
        sample_rows=document.get("sampledRows", 0),
        columns=tuple(_column(item) for item in document.get("fieldAnalysis", ())),
        left_out=document.get("columnsNotProfiled", 0),
    )


def _column(item: dict[str, Any]) -> ColumnProfile:
    own = {_GUIDE.get(name, name): value for name, value in item.items()}
    return ColumnProfile(
        **own
        | {
            "kind": CellKind(own["kind"]),
            "top": tuple(TopValue(**value) for value in own["top"]),
            "samples": tuple(own["samples"]),
            "remarks": tuple(own["remarks"]),
            "bars": tuple(Bar(**bar) for bar in own["bars"]),
        }
    )


def recommendations(profile: Profile, report: CheckReport) -> Iterator[str]:
    """Sentences worth a person's attention, the weightiest first."""
    errors = [group for group in report.groups if group.severity is Severity.ERROR]
    if errors and len(errors) > 1 and errors[0].count * 2 > report.error_count:
        worst, where = errors[0], f" in {errors[0].field}" if errors[0].field else ""
        share = _percent(worst.count, report.error_count)
        yield f"{share} of all errors are one problem{where}: {worst.message}."
    for column in profile.columns:
        yield from column.remarks
    if not profile.rows:
        return
    for column in profile.columns:
        yield from _about(column)


def _about(column: ColumnProfile) -> Iterator[str]:
    name, filled = f"'{column.name}'", column.rows - column.nulls - column.blanks
    if not filled:
        yield f"Column {name} is empty in every row."
        return
    if column.leading_zeros and column.kind is CellKind.INTEGER:
        yield (
            f"{_cells(column.leading_zeros)} of {name} with a zero in front: a column of numbers"
            " would not keep it, a column of text does."
        )
    if column.padded:
        yield (
            f"{_cells(column.padded)} of {name} with white space at an end: the transform trim"
            " takes it off."
        )
    if column.distinct == 1 and filled == column.rows > 1:
        yield f"Column {name} has the same value in every row."
    missing = column.rows - filled
    if missing and missing * 2 >= column.rows:
        yield f"Column {name} is empty in {_percent(missing, column.rows)} of the rows."


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return f"{share:.0f} %" if share < 99.5 or part == whole else "More than 99 %"
