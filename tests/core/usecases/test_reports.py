"""What a job keeps of its check, and back."""

from __future__ import annotations

import json
from typing import Any

from core.model.check import CheckReport, ProblemGroup, Severity, ValueCount, Violation
from core.usecases.reports import report_document, report_of

REPORT = CheckReport(
    total_rows=3,
    valid_rows=1,
    error_rows=2,
    error_count=2,
    groups=(
        ProblemGroup(
            field="born",
            column="Born",
            check="type",
            severity=Severity.ERROR,
            count=2,
            message="'x' is no date",
            samples=("x",),
            shape="a",
            values=(ValueCount(value="x", count=2),),
        ),
    ),
    first=(Violation(row=2, line=3, column="Born", field="born", check="type", message="m",
                     value="x"),),
)  # fmt: skip


def test_there_and_back() -> None:
    document = json.loads(json.dumps(report_document(REPORT)))
    assert document["groups"][0]["values"] == [{"value": "x", "count": 2}]
    assert [g["origin"] for g in (*document["groups"], *document["errors"])] == ["schema", "schema"]
    assert report_of(document) == REPORT
    assert report_of({}) == CheckReport()


def test_what_an_earlier_version_kept() -> None:
    document: dict[str, Any] = report_document(REPORT)
    for name in ("shape", "values", "origin"):
        del document["groups"][0][name]
    (group,) = report_of(document).groups
    assert (group.shape, group.values, group.samples) == (None, (), ("x",))
