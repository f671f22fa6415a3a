"""What checking found, as the guide's JSON (R92 to R95), kept with the job, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.model.check import CheckReport, ProblemGroup, Severity, ValueCount, Violation
from core.usecases.rules import origin_of


def report_document(report: CheckReport) -> dict[str, Any]:
    """The guide's ValidationResult with its exact keys; ours beside them. JSON values only."""
    return {
        "isValid": report.is_valid,
        "totalRows": report.total_rows,
        "validRows": report.valid_rows,
        "errorRows": report.error_rows,
        "errors": [_item(v) for v in report.first if v.severity is Severity.ERROR],
        "warnings": [_item(v) for v in report.first if v.severity is Severity.WARNING],
        "warningRows": report.warning_rows,
        "errorCount": report.error_count,
        "warningCount": report.warning_count,
        "ignored": report.ignored,
        "groups": [
            asdict(g)
            | {
                "severity": g.severity.value,
                "origin": origin_of(g.check),
                "samples": list(g.samples),
                "values": [asdict(value) for value in g.values],
            }
            for g in report.groups
        ],
    }


def report_of(document: dict[str, Any]) -> CheckReport:
    """The report a job's validation_results hold; an empty one when it was not checked yet."""
    if not document:
        return CheckReport()
    items = [*document["errors"], *document["warnings"]]
    first = sorted((_violation(i) for i in items), key=lambda v: (v.row or 0, v.field or ""))
    return CheckReport(
        total_rows=document["totalRows"],
        valid_rows=document["validRows"],
        error_rows=document["errorRows"],
        warning_rows=document["warningRows"],
        ignored=document["ignored"],
        error_count=document["errorCount"],
        warning_count=document["warningCount"],
        groups=tuple(
            ProblemGroup(
                **_stored(g)
                | {
                    "severity": Severity(g["severity"]),
                    "samples": tuple(g["samples"]),
                    # A job checked by an earlier version has neither these nor a shape.
                    "values": tuple(ValueCount(**v) for v in g.get("values", ())),
                }
            )
            for g in document["groups"]
        ),
        first=tuple(first),
    )


def _item(violation: Violation) -> dict[str, Any]:
    origin = origin_of(violation.check)
    return asdict(violation) | {"severity": violation.severity.value, "origin": origin}


def _violation(item: dict[str, Any]) -> Violation:
    return Violation(**_stored(item) | {"severity": Severity(item["severity"])})


def _stored(item: dict[str, Any]) -> dict[str, Any]:
    """Without what is told beside it: the name of the check says where it comes from."""
    return {name: value for name, value in item.items() if name != "origin"}
