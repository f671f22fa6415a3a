"""Templates and workbooks of rejected rows: what they offer, to whom, and the way back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from core.errors import ImportDenied, InvalidRequest, NotFound
from core.model.access import Identity
from core.model.job import Job, JobStatus
from core.model.mapping import FieldMapping, Step
from core.model.plan import ImportPlan, OnErrors
from core.model.table import Column, Kind, Table, TableRef, UniqueKey
from core.usecases import access, form_columns, forms, imports, local, mending
from core.usecases.findings import list_rejected, open_rejects
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, table_rows, upload
from tests.order_lines import PRODUCTS, TABLE

RED = "00FFC7CE"
DDL = (
    "CREATE TABLE homes (id INTEGER PRIMARY KEY, city VARCHAR(30) NOT NULL UNIQUE)",
    "INSERT INTO homes VALUES (1, 'Rome'), (2, 'Oslo'), (3, '1-2')",
    "CREATE TABLE tags (id INTEGER PRIMARY KEY)",
    "INSERT INTO tags VALUES (10), (9)",
    "CREATE TABLE pets (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, born DATE,"
    " kind VARCHAR(5) NOT NULL CHECK (kind IN ('cat', 'dog')), home INTEGER REFERENCES homes(id),"
    " tag INTEGER REFERENCES tags(id), age INTEGER GENERATED ALWAYS AS (1) VIRTUAL,"
    " code VARCHAR(9) NOT NULL DEFAULT 'x', UNIQUE (name, born))",
    "CREATE VIEW pets_seen AS SELECT * FROM pets",
)


@pytest.fixture
def pets(ws: Workspace, sqlite_shop: str) -> Workspace:
    with ws.engine("shop").begin() as db:
        for statement in DDL:
            db.exec_driver_sql(statement)
    return ws


@pytest.fixture
def ann(pets: Workspace, people: People) -> Identity:
    """May import into pets, and nothing else."""
    access.set_grant(pets, LOCAL, "ann", table="pets", connection="shop", can_import=True)
    return people.ann


def book(made: Any) -> Any:
    with made.open() as file:
        data = file.read()
    assert made.size == len(data)
    return openpyxl.load_workbook(io.BytesIO(data))


def lists(workbook: Any) -> dict[str, tuple[str, ...]]:
    """The values that each column of the first sheet offers, by its name."""
    sheet = workbook.worksheets[0]
    names = {c.column_letter: c.value for c in sheet[1]}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type != "list":
            continue
        formula = rule.formula1
        if formula.startswith("choices!"):
            area = formula.removeprefix("choices!").replace("$", "")
            values = tuple(row[0].value for row in workbook["choices"][area])
        else:
            values = tuple(formula.strip('"').split(","))
        found[names[str(rule.sqref)[0]]] = values
    return found


# ---------------------------------------------------------------- templates
def test_a_template_has_the_columns_with_their_help(pets: Workspace) -> None:
    made = forms.open_template(pets, LOCAL, "pets", None)
    assert made.filename == "pets.template.xlsx"
    found = book(made)
    sheet = found.worksheets[0]
    assert found.sheetnames == ["pets", "How to"]
    assert sheet.max_row == 1
    notes = {c.value: c.comment.text for c in sheet[1]}
    assert list(notes) == ["name", "born", "kind", "home", "tag", "code"]
    assert notes["name"].splitlines() == [
        "Text of 20 characters at most.", "Required.",
        "Together with born, no two rows have the same.",
    ]  # fmt: skip
    assert notes["born"].startswith("A date, such as 2026-01-31.\nMay stay empty.")
    assert "One of: cat, dog." in notes["kind"]
    assert "A city of homes, or its id." in notes["home"]
    assert notes["tag"].endswith("An id of tags.")
    assert "or delete the column: then the database gives" in notes["code"]
    yellow = {c.value for c in sheet[1] if c.fill.fgColor.rgb == "00FFE699"}
    assert yellow == {"name", "kind"}
    said = [c.value for c in found["How to"]["A"]]
    assert said[0] == "How to fill in rows for pets"
    assert any((line or "").startswith("id is not here") for line in said)
    assert any("name, kind" in (line or "") for line in said)
    assert any((line or "").startswith("kind: ") for line in said)
    assert lists(found) == {
        "kind": ("cat", "dog"), "home": ("1-2", "Oslo", "Rome"), "tag": ("10", "9"),
    }  # fmt: skip


def test_a_template_on_both_databases(ws: Workspace, shop: str) -> None:
    found = book(forms.open_template(ws, LOCAL, TABLE, shop))
    offered = lists(found)
    assert offered.keys() == {"product_sku", "gift_wrap", "status"}  # 1,250 orders are too many
    assert len(offered["product_sku"]) == PRODUCTS
    assert set(offered["status"]) == {"open", "shipped", "returned"}
    sheet = found.worksheets[0]
    formats = {c.value: sheet.column_dimensions[c.column_letter].number_format for c in sheet[1]}
    assert (formats["unit_price"], formats["ordered_on"]) == ("0.00", "yyyy-mm-dd")


def fill(made: Any, *rows: dict[str, Any], drop: str) -> bytes:
    """The template with rows, and without one of its columns."""
    filled = book(made)
    sheet = filled.worksheets[0]
    sheet.delete_cols(next(c.column for c in sheet[1] if c.value == drop))
    columns = {c.value: c.column for c in sheet[1]}
    for number, row in enumerate(rows, 2):
        for name, value in row.items():
            sheet.cell(number, columns[name], value)
    out = io.BytesIO()
    filled.save(out)
    return out.getvalue()


def test_a_template_filled_in_is_imported(pets: Workspace) -> None:
    made = forms.open_template(pets, LOCAL, "pets", None)
    data = fill(
        made,
        {"name": "007", "born": date(2001, 2, 3), "kind": "cat", "home": "Rome", "tag": "10"},
        {"name": "Bob", "kind": "dog", "home": "Oslo"},
        drop="code",
    )
    file_id = upload(pets, LOCAL, data, "pets.template.xlsx")
    job = imports.draft_import(pets, LOCAL, upload_id=file_id, table="pets", connection="shop")
    imports.start_import(pets, LOCAL, job.job_id)
    job = local.run_here(pets, job.job_id)
    assert job.status is JobStatus.COMPLETED
    first, _ = table_rows(pets, "pets")
    assert first | {"age": 1} == {
        "id": 1, "name": "007", "born": "2001-02-03", "kind": "cat", "home": 1, "tag": 10,
        "code": "x", "age": 1,
    }  # fmt: skip


def test_values_of_another_table_are_for_those_who_may_see_them(
    pets: Workspace, ann: Identity
) -> None:
    def offered() -> dict[str, tuple[str, ...]]:
        return lists(book(forms.open_template(pets, ann, "pets", None)))

    assert offered() == {"kind": ("cat", "dog")}
    grant: dict[str, Any] = {"table": "homes", "connection": "shop", "can_preview_export": True}
    access.set_grant(pets, LOCAL, "ann", **grant, allowed_columns=("city",))
    assert "home" not in offered()
    access.set_grant(pets, LOCAL, "ann", **grant, allowed_columns=("id",))
    assert offered()["home"] == ("1", "2", "3")
    access.set_grant(pets, LOCAL, "ann", **grant, allowed_columns=())
    assert offered()["home"] == ("1-2", "Oslo", "Rome")


def test_a_long_table_is_no_list(pets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_columns, "MOST_CHOICES", 2)
    found = lists(book(forms.open_template(pets, LOCAL, "pets", None)))
    assert found.keys() == {"kind", "tag"}


def test_a_parent_that_is_not_there_is_no_list(pets: Workspace) -> None:
    with pets.engine("shop").begin() as db:
        db.exec_driver_sql("PRAGMA foreign_keys = OFF")
        db.exec_driver_sql("DROP TABLE homes")
    found = book(forms.open_template(pets, LOCAL, "pets", None))
    assert lists(found).keys() == {"kind", "tag"}
    (note,) = [c.comment.text for c in found.worksheets[0][1] if c.value == "home"]
    assert note.endswith("An id of homes.")


def test_who_gets_no_template(pets: Workspace, ann: Identity, people: People) -> None:
    for who in (people.eve, ann):
        with pytest.raises(ImportDenied):
            forms.open_template(pets, who, "homes", None)
    with pytest.raises(ImportDenied, match="is a view"):
        forms.open_template(pets, LOCAL, "pets_seen", None)
    with pytest.raises(NotFound):
        forms.open_template(pets, LOCAL, "nowhere", None)


def test_a_table_that_cannot_be_written_has_no_template(
    pets: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = Column(name="c", kind=Kind.TEXT, type_text="TEXT", generated=True)
    table = Table(
        ref=TableRef(name="t"), columns=(computed,), keys=(UniqueKey(name="k", columns=("c",)),)
    )
    monkeypatch.setattr(forms, "reflected", lambda *_: table)
    with pytest.raises(InvalidRequest, match="no column that an import may give"):
        forms.open_template(pets, LOCAL, "t", None)


# ---------------------------------------------------------------- rejected rows
FILE = (
    "id,Name,Born,Sort,City\n"
    "1,007,2001-02-03,cat,Rome\n"
    "0002,Bob,03.02.2001x,dgo,Oslo\n"
    '3,"  =1+1\nlong ",never,cat,Oslo\n'
    "4,Dee,2001-02-03,cat,Rome,left over\n"
)
MAPPING = [
    {"sourceColumn": "id", "targetColumn": "id", "transform": None},
    {"sourceColumn": "Name", "targetColumn": "name", "transform": None},
    {"sourceColumn": "Born", "targetColumn": "born", "transform": None},
    {"sourceColumn": "Sort", "targetColumn": "kind", "transform": "trim"},
    {"sourceColumn": "City", "targetColumn": "home", "transform": None, "lookup": {"by": "city"}},
]


def rejected(ws: Workspace, who: Identity = LOCAL, content: str = FILE) -> Job:
    job = draft(ws, who, content.encode(), table="pets", mappings=MAPPING)
    imports.start_import(ws, who, job.job_id, on_errors=OnErrors.LOAD_VALID)
    return local.run_here(ws, job.job_id)


def test_rejected_rows_as_a_workbook(pets: Workspace) -> None:
    job = rejected(pets)
    made = forms.open_rejects_workbook(pets, LOCAL, job.job_id)
    assert (made.filename, made.job_id) == ("lines.rejects.xlsx", job.job_id)
    assert made.etag == forms.open_rejects_workbook(pets, LOCAL, job.job_id).etag
    found = book(made)
    sheet = found.worksheets[0]
    assert [c.value for c in sheet[1]] == [
        "id", "Name", "Born", "Sort", "City",
        "tableport_reason", "tableport_row", "tableport_line", "tableport_job",
    ]  # fmt: skip
    rows = {row[6].value: row for row in sheet.iter_rows(min_row=2)}
    assert sorted(rows) == [2, 3, 4]
    second = rows[2]
    assert [c.value for c in second[:5]] == ["0002", "Bob", "03.02.2001x", "dgo", "Oslo"]
    assert {c.number_format for c in second[:5]} == {"@"}
    red = [n for n, c in enumerate(second) if c.fill.fgColor.rgb == RED]
    assert red == [2, 3]
    assert all(second[n].comment.text for n in red)
    assert second[3].comment.text in second[5].value
    assert not [c for c in rows[4] if c.fill.fgColor.rgb == RED]
    assert "has" in rows[4][5].value
    assert {row[8].value for row in rows.values()} == {job.job_id}
    assert found.custom_doc_props["tableport_job"].value == job.job_id
    assert lists(found) == {"Sort": ("cat", "dog"), "City": ("1-2", "Oslo", "Rome")}
    assert any(job.job_id in c.value for c in found["How to"]["A"])


def test_the_reasons_are_those_of_the_csv(pets: Workspace) -> None:
    job = rejected(pets)
    with open_rejects(pets, LOCAL, job.job_id).open() as file:
        text = file.read().decode("utf-8-sig")
    known = {r["tableport_row"]: r["tableport_reason"] for r in csv.DictReader(io.StringIO(text))}
    sheet = book(forms.open_rejects_workbook(pets, LOCAL, job.job_id)).worksheets[0]
    rows = sheet.iter_rows(min_row=2, values_only=True)
    assert {str(row[6]): row[5] for row in rows} == known


def resaved(made: Any, change: Callable[[Any], None]) -> bytes:
    """What another program makes of the workbook."""
    workbook = book(made)
    change(workbook.worksheets[0])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_a_mended_workbook_patches_those_rows_alone(pets: Workspace) -> None:
    job = rejected(pets)
    made = forms.open_rejects_workbook(pets, LOCAL, job.job_id)
    with made.open() as file:
        untouched = upload(pets, LOCAL, file.read(), "rejects.xlsx")
    known = mending.recognise_rejects(pets, LOCAL, untouched)
    assert known is not None
    assert (known.job_id, known.rows) == (job.job_id, 3)

    def mend(sheet: Any) -> None:
        for row in sheet.iter_rows(min_row=2):
            row[2].value, row[3].value = "2001-02-04", "dog"
        sheet.delete_cols(6)

    data = resaved(made, mend)
    patched = mending.patch_import(pets, LOCAL, job.job_id, upload(pets, LOCAL, data, "m.xlsx"))
    assert (patched.rows, patched.cells) == (3, 6)
    imports.start_import(pets, LOCAL, patched.job.job_id)
    done = local.run_here(pets, patched.job.job_id)
    assert done.status is JobStatus.COMPLETED
    names = {row["id"]: row["name"] for row in table_rows(pets, "pets")}
    assert names == {1: "007", 2: "Bob", 3: "  =1+1\nlong ", 4: "Dee"}


def test_untouched_cells_come_back_as_they_were(pets: Workspace) -> None:
    naughty = [
        "007",
        "=1+1",
        "#N/A",
        "_x000D_",
        "NULL",
        "1e5",
        "TRUE",
        "a  ",
        "\u00a0b",
        "long " * 6_000,
    ]
    lines = "".join(f"x,{text},2001-01-01,cat,{text}\n" for text in naughty)
    job = draft(
        pets, LOCAL, f"id,Name,Born,Sort,City\n{lines}".encode(), table="pets", mappings=MAPPING
    )
    imports.validate_import(pets, LOCAL, job.job_id)
    job = local.run_here(pets, job.job_id)
    assert list_rejected(pets, LOCAL, job.job_id).total == len(naughty)
    made = forms.open_rejects_workbook(pets, LOCAL, job.job_id)

    def mend(sheet: Any) -> None:
        sheet["A2"].value = "1"

    for data in (made.open().read(), resaved(made, lambda _: None)):
        with pytest.raises(InvalidRequest, match="changes no cell"):
            mending.patch_import(pets, LOCAL, job.job_id, upload(pets, LOCAL, data, "m.xlsx"))
    mended = upload(pets, LOCAL, resaved(made, mend), "m.xlsx")
    assert mending.patch_import(pets, LOCAL, job.job_id, mended).cells == 1


def test_rows_are_written_in_pages_and_too_many_are_for_csv(
    pets: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = rejected(pets)
    monkeypatch.setattr(forms, "_AT_A_TIME", 2)
    sheet = book(forms.open_rejects_workbook(pets, LOCAL, job.job_id)).worksheets[0]
    assert [row[6] for row in sheet.iter_rows(min_row=2, values_only=True)] == [2, 3, 4]
    for limit, value in (("MOST_ROWS", 2), ("MOST_CELLS", 26)):
        with monkeypatch.context() as patch:
            patch.setattr(forms, limit, value)
            with pytest.raises(InvalidRequest, match=r"3 rows of 9 columns.*Choose CSV"):
                forms.open_rejects_workbook(pets, LOCAL, job.job_id)


def test_whose_rows_they_are(pets: Workspace, ann: Identity, people: People) -> None:
    access.set_grant(pets, LOCAL, "ann", table="homes", connection="shop", can_preview_export=True)
    job = rejected(pets, ann)
    found = lists(book(forms.open_rejects_workbook(pets, ann, job.job_id)))
    assert found["City"] == ("1-2", "Oslo", "Rome")
    access.set_grant(pets, LOCAL, "ann", table="homes", connection="shop", can_preview_export=False)
    assert lists(book(forms.open_rejects_workbook(pets, ann, job.job_id))).keys() == {"Sort"}
    with pytest.raises(NotFound):
        forms.open_rejects_workbook(pets, people.eve, job.job_id)
    access.set_grant(
        pets, LOCAL, "ann", table="pets", connection="shop", can_import=False,
        can_preview_import=False,
    )  # fmt: skip
    with pytest.raises(ImportDenied):
        forms.open_rejects_workbook(pets, ann, job.job_id)


def test_no_rejected_row_no_workbook(pets: Workspace) -> None:
    job = draft(pets, LOCAL, FILE.encode(), table="pets", mappings=MAPPING)
    with pytest.raises(NotFound, match="No row was rejected"):
        forms.open_rejects_workbook(pets, LOCAL, job.job_id)


def test_rows_are_handed_over_when_the_table_is_gone(pets: Workspace) -> None:
    job = rejected(pets)
    with pets.engine("shop").begin() as db:
        db.exec_driver_sql("DROP VIEW pets_seen")
        db.exec_driver_sql("DROP TABLE pets")
    found = book(forms.open_rejects_workbook(pets, LOCAL, job.job_id))
    assert found.worksheets[0].max_row == 4
    assert lists(found) == {}


def test_only_values_that_the_steps_leave_alone_are_offered(pets: Workspace) -> None:
    job = draft(pets, LOCAL, FILE.encode(), table="pets", mappings=MAPPING)
    assert isinstance(job.plan, ImportPlan)
    both = ("cat", "dog")
    for steps, offered in {"": both, "trim": both, "lowercase": both, "uppercase": ()}.items():
        mappings = (
            FieldMapping(
                source="Sort", target="kind", steps=tuple(Step(transform=s) for s in steps.split())
            ),
            FieldMapping(source="Other", target="gone"),
            FieldMapping(source="", target="name", steps=(Step(transform="constant"),)),
        )
        plan = replace(job.plan, mappings=mappings)
        found = form_columns.offered_values(pets, LOCAL, plan)
        assert found == ({"Sort": offered} if offered else {}), steps
