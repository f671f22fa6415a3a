"""The report that people can send: complete, the same in both forms, and only text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from core.errors import Conflict, InvalidRequest, NotFound
from core.model.edit import FindReplace
from core.model.job import Job
from core.model.mapping import FieldMapping, Step
from core.model.plan import ExportPlan, ImportPlan
from core.usecases import exports, imports, local
from core.usecases.check_page import levels, open_report, page_document, page_html
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

#: Cells that would do something if they were taken for markup, a style, a template or an order.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><svg onload=alert(1)>",
    "</title><script>",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "]]>--><!--",
    "\u202egnp.exe",
    "<a href=https://example.com>x</a>",
)
BAD = (HEADER + line("A1") + line("A2", sku="none such") + line("A1")).encode()


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def read(ws: Workspace, job: Job, form: Any = "html") -> str:
    with open_report(ws, LOCAL, job.job_id, form).open() as file:
        return file.read().decode("utf-8")


@pytest.mark.usefixtures("sqlite_shop")
def test_both_forms_tell_all_of_an_import(ws: Workspace) -> None:
    job = load(ws, LOCAL, BAD)
    made = open_report(ws, LOCAL, job.job_id, "json")
    assert made.filename == "lines.report.json"
    document = json.loads(read(ws, job, "json"))
    assert isinstance(job.plan, ImportPlan)
    assert document["file"]["sha256"] == job.plan.sha256
    assert document["file"]["dialect"]["delimiter"] == ","
    assert document["job"]["table"] == TABLE
    assert [m["target"] for m in document["plan"]["mappings"]] == HEADER.strip().split(",")
    assert document["counts"]["reconciled"] is True
    assert (document["counts"]["inserted"], document["counts"]["rejected"]) == (1, 2)
    assert document["check"] == job.validation_results
    assert document["levels"]["rows"]["with_errors"] == 2
    assert document["levels"]["columns"]["with_errors"] == 2
    page = Page(read(ws, job))
    for words in (
        "2 of 3 rows have errors", job.plan.sha256, "none such", "Every row read is accounted for",
        "3 of 3 cells are dates.", "product_sku", "Column 'note' is empty in every row.",
    ):  # fmt: skip
        assert words in page.text


@pytest.mark.usefixtures("sqlite_shop")
def test_the_plan_is_told_with_its_transforms_and_edits(ws: Workspace) -> None:
    job = draft(ws, LOCAL, (HEADER + line("a1")).encode())
    assert isinstance(job.plan, ImportPlan)
    step = Step(transform="number", options={"decimal": "comma"})
    plan = replace(
        job.plan,
        mappings=(FieldMapping(source="quantity", target="quantity", steps=(step,)),),
        edits=(FindReplace(column="note", find="<i>", replace="x"),),
        key=("line_code",),
    )
    checked = replace(job, validation_results=_checked(ws, job))
    page = Page(page_html(_document(checked, plan)))
    for words in ("number", "comma", "find replace", "<i>", "line_code", "No problem in 1 row"):
        assert words in page.text


def _checked(ws: Workspace, job: Job) -> dict[str, Any]:
    imports.validate_import(ws, LOCAL, job.job_id)
    return local.run_here(ws, job.job_id).validation_results


def _document(job: Job, plan: ImportPlan) -> dict[str, Any]:
    assert job.created_at is not None
    return page_document(job, plan, made_at=job.created_at, made_by="ann")


@pytest.mark.usefixtures("sqlite_shop")
def test_whatever_the_file_holds_is_text_on_the_page(ws: Workspace) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*HEADER.strip().split(","), *HOSTILE])
    for n, hostile in enumerate(HOSTILE):
        row = [f"A{n}", "1", "0001", hostile, hostile, hostile, "true", hostile, hostile]
        writer.writerow([*row, *HOSTILE])
    job = load(ws, LOCAL, out.getvalue().encode())
    plain = load(ws, LOCAL, (HEADER + line("B1", sku="none such")).encode())
    text = read(ws, job)
    page, harmless = Page(text), Page(read(ws, plain))
    assert page.tags <= harmless.tags
    assert page.attributes.keys() <= harmless.attributes.keys()
    assert "script" not in page.tags
    for hostile in HOSTILE:
        assert hostile.replace("\u202e", "\ufffd") in page.text
    assert "\u202e" not in text


@pytest.mark.usefixtures("sqlite_shop")
def test_the_page_needs_nothing_from_anywhere(ws: Workspace) -> None:
    text = read(ws, load(ws, LOCAL, BAD))
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & page.tags
    assert not {"href", "src", "srcset", "action"} & page.attributes.keys()
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_levels_add_up_groups() -> None:
    def group(column: str | None, severity: str, count: int) -> dict[str, Any]:
        return {"column": column, "field": column, "severity": severity, "count": count}

    found = {
        "groups": [
            group("a", "error", 5), group("a", "warning", 2), group("b", "error", 1),
            group("c", "warning", 4), group(None, "error", 3),
        ],
        "errors": [{"row": None}, {"row": 1}],
        "warnings": [],
        "validRows": 10, "warningRows": 4, "totalRows": 15, "errorRows": 5, "ignored": 2,
    }  # fmt: skip
    told = levels(found)
    assert told["file"] == {"ignored_lines": 2, "problems": 1}
    assert told["columns"]["with_errors"] == 2
    assert told["columns"]["with_warnings"] == 2
    assert told["columns"]["by_column"]["a"] == {"error": 5, "warning": 2}
    assert told["rows"]["fine"] == 6
    assert told["rows"]["problems_of_whole_rows"] == 3
    assert told["cells"] == {"errors": 6, "warnings": 6}


@pytest.mark.usefixtures("sqlite_shop")
def test_a_job_checked_before_there_were_profiles_has_a_report(ws: Workspace) -> None:
    job = load(ws, LOCAL, BAD)
    assert isinstance(job.plan, ImportPlan)
    ours = ("fieldAnalysis", "profiledRows", "sampledRows", "columnsNotProfiled",
            "recommendations", "estimatedImportTime", "validationDuration")  # fmt: skip
    before = {k: v for k, v in job.validation_results.items() if k not in ours}
    before["groups"] = [
        {k: v for k, v in group.items() if k != "origin"} for group in before["groups"]
    ]
    page = Page(page_html(_document(replace(job, validation_results=before), job.plan)))
    assert "2 of 3 rows have errors" in page.text
    assert "reference · schema" in page.text
    assert "The columns of the file" not in page.text


@pytest.mark.usefixtures("sqlite_shop")
def test_there_is_no_report_of_what_was_not_checked(ws: Workspace) -> None:
    with pytest.raises(Conflict, match="check the file first"):
        open_report(ws, LOCAL, draft(ws, LOCAL, BAD).job_id)
    export = exports.create_export(ws, LOCAL, ExportPlan(connection="shop", table=TABLE))
    with pytest.raises(InvalidRequest):
        open_report(ws, LOCAL, export.job_id)


def test_nobody_else_gets_it(ws: Workspace, people: People) -> None:
    job = load(ws, people.ann, BAD)
    with pytest.raises(NotFound):
        open_report(ws, people.eve, job.job_id)
