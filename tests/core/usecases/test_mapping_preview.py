"""Rows of an upload before and after each transform; mappings whose cells are made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import ImportDenied, InvalidMapping, InvalidRequest, NotFound
from core.metastore import jobs
from core.model.edit import ReplaceValues
from core.model.job import JobStatus
from core.model.mapping import FieldMapping, Step
from core.model.plan import ExportPlan
from core.usecases import exports, findings
from core.usecases.mapping_preview import mapping_from, preview_steps
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load, table_rows

FILE = b"""Code,Order,SKU,Qty,Each,When
A,1,0001, 2 ,1.10,31/01/2026
B,1,0001,x,2.50,01/02/2026
C,1,0001,,0.30,2026
"""


def step(name: str, **options: str) -> Step:
    return Step(transform=name, options=options)


def made(target: str, *steps: Step) -> FieldMapping:
    return FieldMapping(source="", target=target, steps=steps)


def test_cells_before_and_after_each_step(ws: Workspace, sqlite_shop: str) -> None:
    job = draft(ws, LOCAL, FILE)
    mapping = FieldMapping(
        source="Qty",
        target="quantity",
        steps=(step("trim"), step("number"), step("default_if_empty", value="1")),
    )
    found = preview_steps(ws, LOCAL, job.job_id, mapping)
    assert found.row_numbers == (1, 2, 3)
    assert found.columns == ("Qty",)
    assert [row["Qty"] for row in found.before] == [" 2 ", "x", None]
    assert [(s.transform, s.cells) for s in found.steps] == [
        ("trim", ("2", "x", None)),
        ("number", ("2", None, None)),
        ("default_if_empty", ("2", None, "1")),
    ]
    assert [s.problems for s in found.steps] == [
        (None, None, None),
        (None, "'x' is not a number", None),
        (None, None, None),
    ]


def test_made_cells_show_what_they_are_made_of(ws: Workspace, sqlite_shop: str) -> None:
    job = draft(ws, LOCAL, FILE)
    total = made("note", step("expression", sql="CAST(each AS DECIMAL(9, 2)) * CAST(qty AS INT)"))
    found = preview_steps(ws, LOCAL, job.job_id, total, rows=2)
    assert found.columns == ("Each", "Qty")
    assert found.before == ({"Each": "1.10", "Qty": " 2 "}, {"Each": "2.50", "Qty": "x"})
    assert found.steps[0].cells == ("2.20", None)
    assert found.steps[0].problems[1] == "the expression has no result with Each '2.50', Qty 'x'"
    constant = preview_steps(ws, LOCAL, job.job_id, made("note", step("constant", value="k")))
    assert (constant.columns, constant.before) == ((), ({}, {}, {}))
    assert constant.steps[0].cells == ("k", "k", "k")


def test_edits_count_and_nothing_is_saved(ws: Workspace, sqlite_shop: str) -> None:
    job = draft(ws, LOCAL, FILE)
    edited = replace(job.plan, edits=(ReplaceValues(column="Qty", values={"x": "7"}),))
    with ws.metastore.begin() as db:
        jobs.set_plan(db, job, edited)
    mapping = FieldMapping(source="Qty", target="quantity", steps=(step("number"),))
    assert preview_steps(ws, LOCAL, job.job_id, mapping).steps[0].cells == ("2", "7", None)
    with ws.metastore.connect() as db:
        assert jobs.get(db, job.job_id).plan == edited


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (FieldMapping(source="Nowhere", target="note"), "no column 'Nowhere'"),
        (FieldMapping(source="Qty", target="nowhere"), "has no column 'nowhere'"),
        (made("note", step("expression", sql="gone")), "there is no column 'gone'"),
        (made("note"), "'note' has no source column"),
    ],
)
def test_what_cannot_be_is_named(
    ws: Workspace, sqlite_shop: str, mapping: FieldMapping, why: str
) -> None:
    job = draft(ws, LOCAL, FILE)
    with pytest.raises(InvalidMapping, match=why):
        preview_steps(ws, LOCAL, job.job_id, mapping)


def test_rights_are_asked(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, FILE)
    mapping = made("note", step("user"))
    assert preview_steps(ws, people.ann, job.job_id, mapping).steps[0].cells[0] == "ann"
    with pytest.raises((NotFound, ImportDenied)):
        preview_steps(ws, people.eve, job.job_id, mapping)
    for rows in (0, 201):
        with pytest.raises(InvalidRequest, match="1 to 200 rows"):
            preview_steps(ws, people.ann, job.job_id, mapping, rows=rows)


def test_a_file_without_rows(ws: Workspace, sqlite_shop: str) -> None:
    job = draft(ws, LOCAL, b"Code,Qty\n")
    found = preview_steps(ws, LOCAL, job.job_id, made("note", step("now")))
    assert (found.row_numbers, found.steps) == ((), ())


def test_an_export_has_no_mapping(ws: Workspace, sqlite_shop: str) -> None:
    job = exports.create_export(ws, LOCAL, ExportPlan(connection="shop", table="orders"))
    with pytest.raises(InvalidRequest, match="is an export"):
        preview_steps(ws, LOCAL, job.job_id, made("note", step("now")))


def test_a_mapping_in_the_words_of_the_api() -> None:
    constant = {"name": "constant", "options": {"value": 1}}
    document = {"targetColumn": "note", "transform": constant}
    assert mapping_from(document) == made("note", step("constant", value="1"))
    with pytest.raises(InvalidMapping, match="targetColumn is missing"):
        mapping_from({"sourceColumn": "a"})


MAPPINGS = [
    {"sourceColumn": "Code", "targetColumn": "line_code"},
    {"sourceColumn": "Order", "targetColumn": "order_id"},
    {"sourceColumn": "SKU", "targetColumn": "product_sku"},
    {
        "targetColumn": "quantity",
        "transform": {"name": "expression", "options": {"sql": "CAST(TRIM(qty) AS INT) * 2"}},
        "default_value": 1,
    },
    {"sourceColumn": "Each", "targetColumn": "unit_price"},
    {
        "sourceColumn": "When",
        "targetColumn": "ordered_on",
        "transform": {"name": "date", "options": {"format": ["DD/MM/YYYY", "YYYYMMDD"]}},
    },
    {"targetColumn": "gift_wrap", "transform": {"name": "constant", "options": {"value": False}}},
    {"targetColumn": "status", "transform": {"name": "constant", "options": {"value": "open"}}},
    {
        "targetColumn": "note",
        "transform": {
            "name": "concatenate",
            "options": {"columns": ["Code", "Qty"], "separator": "/"},
        },
    },
]


def test_an_import_whose_cells_are_made(ws: Workspace, shop: str) -> None:
    mappings = [m for m in MAPPINGS if m["targetColumn"] != "ordered_on"]
    today = {"name": "now", "options": {"part": "date"}}
    mappings.append({"targetColumn": "ordered_on", "transform": today})
    # The guide's date_format is about the cells of the file.
    job = load(ws, LOCAL, FILE, mappings=mappings, options={"date_format": "eu"})
    assert job.status is JobStatus.PARTIALLY_COMPLETED, job.error_message
    rows = {row["line_code"]: row for row in table_rows(ws)}
    assert {code: row["quantity"] for code, row in rows.items()} == {"A": 4, "C": 1}
    assert rows["A"]["note"] == "A/ 2 "
    assert rows["C"]["note"] == "C"
    (problem,) = findings.list_violations(ws, LOCAL, job.job_id)
    assert (problem.row, problem.column, problem.field, problem.check, problem.value) == (
        2, None, "quantity", "expression", None,
    )  # fmt: skip
    assert problem.message == "the expression has no result with Qty 'x'"


def test_dates_written_in_two_ways(ws: Workspace, sqlite_shop: str) -> None:
    job = load(ws, LOCAL, FILE, mappings=MAPPINGS)
    assert job.counts.rejected == 2
    (row,) = table_rows(ws)
    assert str(row["ordered_on"]) == "2026-01-31"
    problems = findings.list_violations(ws, LOCAL, job.job_id)
    assert {(p.row, p.field, p.check) for p in problems} == {
        (2, "quantity", "expression"),
        (3, "ordered_on", "date"),
    }
