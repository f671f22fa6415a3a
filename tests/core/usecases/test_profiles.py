"""The profile kept with a job: in the guide's words, and the same when read back."""

from __future__ import annotations

import json

import pytest

from core.errors import ImportDenied, InvalidRequest, NotFound
from core.model.check import CheckReport, ProblemGroup, Severity
from core.model.mapping import FieldMapping, Step
from core.model.plan import ExportPlan, ImportPlan, OnErrors
from core.model.profile import CellKind, ColumnProfile, Profile
from core.usecases import exports, imports, local, profiles
from core.usecases.profiles import analysis_document, profile_of, recommendations
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

#: REQUIREMENTS 3.3.
GUIDE = {
    "field_name", "data_type", "unique_values", "null_count", "min_length", "max_length",
    "sample_values",
}  # fmt: skip
ROWS = (HEADER + line("A1") + line("A2", quantity=20) + line("A3", sku="9999")).encode()


@pytest.mark.usefixtures("sqlite_shop")
def test_a_check_keeps_the_profile_and_reading_it_back_gives_the_same(ws: Workspace) -> None:
    job = draft(ws, LOCAL, ROWS)
    assert profiles.read_profile(ws, LOCAL, job.job_id) == Profile()
    imports.validate_import(ws, LOCAL, job.job_id)
    job = local.run_here(ws, job.job_id)
    found = profiles.read_profile(ws, LOCAL, job.job_id)
    assert [column.name for column in found.columns] == HEADER.strip().split(",")
    by_name = {column.name: column for column in found.columns}
    assert by_name["note"].nulls == found.rows == found.sample_rows == 3
    assert by_name["quantity"].kind is CellKind.INTEGER
    assert (by_name["quantity"].lowest, by_name["quantity"].highest) == ("1", "20")
    document = job.validation_results
    assert all(item.keys() >= GUIDE for item in document["fieldAnalysis"])
    assert profile_of(json.loads(json.dumps(document))) == found
    assert document["validationDuration"] >= 0
    assert document["estimatedImportTime"] >= document["validationDuration"]
    assert "Column 'note' is empty in every row." in document["recommendations"]


@pytest.mark.usefixtures("sqlite_shop")
def test_an_import_keeps_it_too_also_when_nothing_was_written(ws: Workspace) -> None:
    for on_errors in OnErrors:
        content = (HEADER + line("A1") + line("A2", sku="none such")).encode()
        job = load(ws, LOCAL, content, on_errors=on_errors)
        assert job.counts.rejected == 1
        assert len(profiles.read_profile(ws, LOCAL, job.job_id).columns) == 9


@pytest.mark.usefixtures("sqlite_shop")
def test_cells_are_profiled_as_read_before_transforms(ws: Workspace) -> None:
    job = draft(ws, LOCAL, (HEADER + line(" a1 ")).encode())
    upper = FieldMapping(source="line_code", target="line_code", steps=(Step(transform="upper"),))
    assert isinstance(job.plan, ImportPlan)
    others = [m for m in job.plan.mappings if m.target != "line_code"]
    imports.update_import(ws, LOCAL, job.job_id, mappings=(upper, *others))
    imports.validate_import(ws, LOCAL, job.job_id)
    local.run_here(ws, job.job_id)
    first = profiles.read_profile(ws, LOCAL, job.job_id).columns[0]
    assert (first.samples, first.padded) == ((" a1 ",), 1)


def test_only_those_who_may_see_the_file_see_it(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, ROWS)
    with pytest.raises(NotFound):
        profiles.read_profile(ws, people.eve, job.job_id)
    from core.usecases import access

    access.remove_grant(ws, LOCAL, "ann", table=TABLE, connection="shop")
    with pytest.raises(ImportDenied):
        profiles.read_profile(ws, people.ann, job.job_id)


@pytest.mark.usefixtures("sqlite_shop")
def test_an_export_has_none(ws: Workspace) -> None:
    export = exports.create_export(ws, LOCAL, ExportPlan(connection="shop", table=TABLE))
    with pytest.raises(InvalidRequest):
        profiles.read_profile(ws, LOCAL, export.job_id)


def column(**given: object) -> ColumnProfile:
    plain = {
        "name": "c", "rows": 100, "nulls": 0, "blanks": 0, "padded": 0, "leading_zeros": 0,
        "distinct": 50, "distinct_exact": True, "kind": CellKind.TEXT,
    }  # fmt: skip
    return ColumnProfile(**plain | given)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"nulls": 60, "blanks": 40}, ["Column 'c' is empty in every row."]),
        ({"nulls": 75}, ["Column 'c' is empty in 75 % of the rows."]),
        ({"distinct": 1}, ["Column 'c' has the same value in every row."]),
        ({"leading_zeros": 3}, []),
        (
            {"leading_zeros": 3, "kind": CellKind.INTEGER},
            [
                "3 cells of 'c' with a zero in front: a column of numbers would not keep it, a"
                " column of text does."
            ],
        ),
        (
            {"padded": 1},
            ["1 cell of 'c' with white space at an end: the transform trim takes it off."],
        ),
        ({"remarks": ("Choose.",)}, ["Choose."]),
    ],
)
def test_recommendations(given: dict[str, object], said: list[str]) -> None:
    profile = Profile(rows=100, sample_rows=100, columns=(column(**given),))
    assert list(recommendations(profile, CheckReport())) == said


def test_one_problem_behind_most_errors_is_named_first() -> None:
    groups = tuple(
        ProblemGroup(
            field="born", column="Born", check="type", severity=Severity.ERROR, count=count,
            message="'x' is not a date",
        )
        for count in (90, 10)
    )  # fmt: skip
    report = CheckReport(total_rows=200, error_count=100, groups=groups)
    (said,) = recommendations(Profile(), report)
    assert said == "90 % of all errors are one problem in born: 'x' is not a date."


def test_there_are_never_very_many() -> None:
    columns = tuple(column(name=f"c{n}", nulls=100) for n in range(200))
    made = analysis_document(
        Profile(rows=100, sample_rows=100, columns=columns), CheckReport(), seconds=1, estimate=2
    )
    assert len(made["recommendations"]) == 20
