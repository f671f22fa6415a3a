"""The fix loop on a small shop: look, repair, undo, check again, drop mended rows back in."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import NoReturn

import polars as pl
import pytest

from core.errors import Conflict, ImportDenied, InvalidRequest, NotFound
from core.formats import by_name
from core.formats.base import WriteOptions
from core.metastore import files
from core.model.access import Identity
from core.model.dialect import Dialect
from core.model.edit import (
    FindReplace,
    Ignore,
    ReplaceValues,
    SetCell,
    StepsOn,
)
from core.model.job import Job, JobStatus
from core.model.mapping import Step
from core.model.plan import ImportPlan, OnErrors
from core.model.repair import Recognised
from core.model.table import Column, Kind
from core.usecases import fixing, imports, local, mending
from core.usecases.audit import list_events
from core.usecases.edit_rules import MOST_CELLS
from core.usecases.findings import list_rejected, open_rejects, read_report
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, table_rows, upload

EDITED = "import_edited"
FILE = b"""id,name,born,kind
1,Ann,2001-02-03,cat
2,Bob,18/10/2026,dog
3,Cid,19/10/2026,Dgo
4,Dee,,cat
5,Eve,2001-02-04,cat,left
"""


@pytest.fixture
def pets(ws: Workspace, sqlite_shop: str) -> Workspace:
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE pets (id INTEGER PRIMARY KEY, name VARCHAR(20), born DATE NOT NULL,"
            " kind VARCHAR(5) CHECK (kind IN ('cat', 'dog')))"
        )
    return ws


PLAIN = [
    {"sourceColumn": name, "targetColumn": name, "transform": None}
    for name in ("id", "name", "born", "kind")
]


def drafted(ws: Workspace, content: bytes = FILE) -> Job:
    return draft(ws, LOCAL, content, table="pets", mappings=PLAIN)


def checked(ws: Workspace, content: bytes = FILE) -> Job:
    job = drafted(ws, content)
    imports.validate_import(ws, LOCAL, job.job_id)
    return local.run_here(ws, job.job_id)


def started(ws: Workspace, job_id: str, on_errors: OnErrors = OnErrors.LOAD_VALID) -> Job:
    imports.start_import(ws, LOCAL, job_id, on_errors=on_errors)
    return local.run_here(ws, job_id)


def born(ws: Workspace) -> dict[int, str]:
    return {row["id"]: row["born"] for row in table_rows(ws, "pets")}


def rejects(ws: Workspace, job: Job) -> list[dict[str, str]]:
    with open_rejects(ws, LOCAL, job.job_id).open() as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


DATES = StepsOn(
    column="born", shape="99/99/9999", steps=(Step(transform="date", options={"order": "dmy"}),)
)


def test_problems_with_their_repairs(pets: Workspace) -> None:
    job = checked(pets)
    problems = {p.group.field: p for p in fixing.list_problems(pets, LOCAL, job.job_id)}
    dates = next(
        p for p in fixing.list_problems(pets, LOCAL, job.job_id) if p.group.shape == "99/99/9999"
    )
    assert dates.repairs[0].edit == DATES
    assert (dates.repairs[0].mends, dates.repairs[0].of) == (2, 2)
    (kind,) = problems["kind"].repairs
    assert kind.edit == ReplaceValues(column="kind", values={"Dgo": "dog"})
    assert problems[None].repairs == ()


def test_the_loop(pets: Workspace) -> None:
    job = checked(pets)
    assert job.validation_results["errorRows"] == 4
    shown = fixing.preview_edit(pets, LOCAL, job.job_id, DATES)
    assert (shown.cells, shown.rows, shown.among, shown.rejected) == (2, 2, 4, True)
    assert [(c.row, c.before, c.after) for c in shown.changes] == [
        (2, "18/10/2026", "2026-10-18"),
        (3, "19/10/2026", "2026-10-19"),
    ]

    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    fixing.add_edit(pets, LOCAL, job.job_id, SetCell(row=4, column="born", value="2004-04-04"))
    more = fixing.add_edit(pets, LOCAL, job.job_id, SetCell(row=5, column="kind", value="cat"))
    assert (len(more.edits), more.since, more.checked) == (3, 3, True)
    again = fixing.recheck(pets, LOCAL, job.job_id, [2, 3, 4, 5])
    assert (again.mended, again.partial) == (3, True)
    assert {r.row: [v.check for v in r.violations] for r in again.rows} == {
        2: [], 3: ["choice"], 4: [], 5: [],
    }  # fmt: skip

    stale = read_report(pets, LOCAL, job.job_id)
    assert stale.error_rows == 4  # the last check's, still to be read
    done = started(pets, job.job_id)
    assert (done.status, done.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, 4)
    assert born(pets) == {
        1: "2001-02-03", 2: "2026-10-18", 4: "2004-04-04", 5: "2001-02-04",
    }  # fmt: skip
    # What was rejected is shown as the checks saw it.
    (row,) = list_rejected(pets, LOCAL, job.job_id).rows
    assert row.cells["born"] == "2026-10-19"


def test_undoing_below_the_last_check_reads_the_file_again(pets: Workspace) -> None:
    job = drafted(pets)
    wrong = FindReplace(column="born", find="10", replace="99")
    fixing.add_edit(pets, LOCAL, job.job_id, wrong)
    imports.validate_import(pets, LOCAL, job.job_id)
    local.run_here(pets, job.job_id)
    (row, *_) = fixing.recheck(pets, LOCAL, job.job_id, [2]).rows
    assert row.cells["born"] == "18/99/2026"
    now = fixing.undo_edit(pets, LOCAL, job.job_id)
    assert (now.edits, now.since) == ((), 1)
    now = fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    assert now.since == 2
    again = fixing.recheck(pets, LOCAL, job.job_id, [2])
    assert again.rows[0].cells["born"] == "2026-10-18"
    assert again.mended == 1
    assert not fixing.preview_edit(pets, LOCAL, job.job_id, DATES).rejected
    assert fixing.clear_edits(pets, LOCAL, job.job_id).edits == ()
    with pytest.raises(Conflict, match="no edit to undo"):
        fixing.undo_edit(pets, LOCAL, job.job_id)


def test_what_only_the_whole_file_tells_lasts_while_a_row_is_unchanged(pets: Workspace) -> None:
    job = checked(pets, b"id,name,born,kind\n1,Ann,2001-02-03,cat\n1,Bob,2001-02-03,dog\n")
    again = fixing.recheck(pets, LOCAL, job.job_id, [2])
    assert [v.check for v in again.rows[0].violations] == ["unique_in_file"]
    assert (again.mended, again.partial) == (0, True)
    fixing.add_edit(pets, LOCAL, job.job_id, SetCell(row=2, column="id", value="2"))
    assert fixing.recheck(pets, LOCAL, job.job_id, [2]).mended == 1


def test_two_who_edit_at_the_same_moment(pets: Workspace) -> None:
    job = checked(pets)
    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    with pytest.raises(Conflict, match="at the same moment"):
        fixing.change_edits(pets, LOCAL, job, lambda _: (), {})
    assert fixing.list_edits(pets, LOCAL, job.job_id).edits == (DATES,)


def test_what_only_the_database_refuses_is_shown_as_edited(pets: Workspace) -> None:
    with pets.engine("shop").begin() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER never BEFORE INSERT ON pets WHEN new.born = '2026-10-18'"
            " BEGIN SELECT RAISE(ABORT, 'not that day'); END"
        )
    job = drafted(pets, FILE[: FILE.index(b"3,Cid")])
    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    done = started(pets, job.job_id)
    assert (done.counts.inserted, done.counts.rejected) == (1, 1)
    (row,) = list_rejected(pets, LOCAL, job.job_id).rows
    assert row.cells["born"] == "2026-10-18"


def test_an_ignored_group_has_no_repairs(pets: Workspace) -> None:
    job = checked(pets)
    fixing.add_edit(pets, LOCAL, job.job_id, Ignore(field="born", check="type", shape="99/99/9999"))
    found = {p.group.shape: p for p in fixing.list_problems(pets, LOCAL, job.job_id)}
    assert found["99/99/9999"].ignored
    assert found["99/99/9999"].repairs == ()
    assert not found["Aa"].ignored


def test_an_edit_that_cannot_be_carried_out_changes_nothing(pets: Workspace) -> None:
    job = checked(pets)
    for act in (fixing.preview_edit, fixing.add_edit):
        with pytest.raises(InvalidRequest, match="no column 'nope'"):
            act(pets, LOCAL, job.job_id, SetCell(row=1, column="nope", value="x"))
    assert fixing.list_edits(pets, LOCAL, job.job_id).edits == ()


def test_a_plan_takes_so_many_cells(pets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.usecases.edit_rules.MOST_CELLS", 1)
    assert MOST_CELLS == 10_000
    job = checked(pets)
    fixing.add_edit(pets, LOCAL, job.job_id, SetCell(row=2, column="name"))
    with pytest.raises(InvalidRequest, match="in the rejects file"):
        fixing.add_edit(pets, LOCAL, job.job_id, SetCell(row=3, column="name"))


def test_another_dialect_needs_the_edits_undone(pets: Workspace) -> None:
    job = checked(pets)
    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    with pytest.raises(Conflict, match="Undo the edits"):
        imports.update_import(pets, LOCAL, job.job_id, dialect={"skip_rows": 1})


# ---------------------------------------------------------------- mended files
def test_mended_rows_patch_an_import_that_has_not_run(pets: Workspace) -> None:
    job = checked(pets)
    rows = rejects(pets, job)
    assert {row["tableport_job"] for row in rows} == {job.job_id}
    rows[0]["born"], rows[1]["kind"] = "2020-01-01", "dog"
    # In another order, one column left out, one row left out: still the same rows.
    file = [{k: r[k] for k in reversed(r) if k != "name"} for r in rows[:2]]
    mended = upload(pets, LOCAL, as_csv(file), "mended.csv")
    assert mending.recognise_rejects(pets, LOCAL, mended) == Recognised(job_id=job.job_id, rows=2)
    patched = mending.patch_import(pets, LOCAL, job.job_id, mended)
    assert (patched.job.job_id, patched.rows, patched.cells) == (job.job_id, 2, 2)
    with pets.metastore.connect() as db:
        (patch,) = [f for f in files.of_job(db, job.job_id) if f.purpose == "patch"]
        assert isinstance(job.plan, ImportPlan)
        assert patch.expires_at == files.get(db, job.plan.upload).expires_at
    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    done = started(pets, job.job_id)
    assert done.counts.inserted == 3
    assert born(pets) == {1: "2001-02-03", 2: "2020-01-01", 3: "2026-10-19"}


def test_mended_rows_come_in_any_format(pets: Workspace) -> None:
    job = checked(pets)
    rows = rejects(pets, job)
    rows[0]["born"] = "2020-01-01"
    columns = [Column(name=name, kind=Kind.TEXT, type_text="TEXT") for name in rows[0]]
    writer, book = by_name("excel").writer, io.BytesIO()
    assert writer is not None
    options = WriteOptions(dialect=Dialect(format="excel"))
    writer.write([pl.DataFrame(rows)], columns, book, options)
    mended = upload(pets, LOCAL, book.getvalue(), "mended.xlsx")
    assert mending.recognise_rejects(pets, LOCAL, mended) == Recognised(job_id=job.job_id, rows=4)
    patched = mending.patch_import(pets, LOCAL, job.job_id, mended)
    assert (patched.rows, patched.cells) == (4, 1)


def test_rows_that_were_rejected_follow_those_that_are_loaded(pets: Workspace) -> None:
    job = started(pets, drafted(pets).job_id)
    assert (job.status, job.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, 1)
    rows = rejects(pets, job)
    for row, day in zip(
        rows, ("2020-01-01", "2020-01-02", "2020-01-03", "2001-02-04"), strict=True
    ):
        row["born"] = day
    rows[1]["kind"] = "dog"
    mended = upload(pets, LOCAL, as_csv(rows), "mended.csv")
    patched = mending.patch_import(pets, LOCAL, job.job_id, mended)
    follower = patched.job
    assert follower.job_id != job.job_id
    assert isinstance(follower.plan, ImportPlan)
    assert (follower.plan.follows, follower.status) == (job.job_id, JobStatus.PENDING)
    with pytest.raises(Conflict, match="has taken up rows"):
        mending.patch_import(pets, LOCAL, job.job_id, mended)
    done = started(pets, follower.job_id)
    # Row 5 was handed in as it was: its cells may still stand under the wrong column.
    assert (done.counts.rows_read, done.counts.inserted, done.counts.rejected) == (4, 3, 1)
    assert sorted(born(pets)) == [1, 2, 3, 4]
    (left,) = rejects(pets, done)
    assert (left["tableport_row"], left["tableport_job"]) == ("5", follower.job_id)

    left["kind"] = "cat"
    last = mending.patch_import(
        pets, LOCAL, done.job_id, upload(pets, LOCAL, as_csv([left]), "last.csv")
    )
    assert started(pets, last.job.job_id).status is JobStatus.COMPLETED
    assert sorted(born(pets)) == [1, 2, 3, 4, 5]


def test_where_an_import_stopped_all_rows_follow(pets: Workspace) -> None:
    job = started(pets, drafted(pets).job_id, OnErrors.STOP)
    assert (job.status, job.counts.inserted) == (JobStatus.FAILED, 0)
    rows = rejects(pets, job)
    rows[0]["born"] = "2020-01-01"
    mended = upload(pets, LOCAL, as_csv(rows[:1]), "mended.csv")
    follower = mending.patch_import(pets, LOCAL, job.job_id, mended).job
    with pets.metastore.connect() as db:
        known = files.live_ids(db)
    with pytest.raises(Conflict, match="has taken up rows"):
        mending.patch_import(pets, LOCAL, job.job_id, mended)
    # Nothing is left in the store of what was refused.
    assert pets.uploads.sweep_orphans(known, timedelta(0)) == 0
    assert started(pets, follower.job_id).counts.inserted == 2
    assert sorted(born(pets)) == [1, 2]


def test_any_other_file_is_not_recognised(pets: Workspace, people: People) -> None:
    job = checked(pets)
    assert mending.recognise_rejects(pets, LOCAL, upload(pets, LOCAL, FILE)) is None
    mended = as_csv(rejects(pets, job))
    wide = upload(pets, LOCAL, mended.decode("utf-8-sig").encode("utf-16"), "mended.csv")
    assert mending.recognise_rejects(pets, LOCAL, wide) == Recognised(job_id=job.job_id, rows=4)
    theirs = upload(pets, people.ann, mended)
    assert mending.recognise_rejects(pets, people.ann, theirs) is None
    with pytest.raises(InvalidRequest, match="no column 'tableport_row'"):
        mending.patch_import(pets, LOCAL, job.job_id, upload(pets, LOCAL, FILE))
    with pytest.raises(InvalidRequest, match="changes no cell"):
        mending.patch_import(pets, LOCAL, job.job_id, upload(pets, LOCAL, mended))


def test_no_parser_is_started_for_a_text_that_does_not_name_our_column(
    pets: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(*_: object) -> NoReturn:
        raise AssertionError("every dropped file is asked: this is slow")

    monkeypatch.setattr(mending, "look", parsed)
    assert mending.recognise_rejects(pets, LOCAL, upload(pets, LOCAL, FILE)) is None


def test_an_import_with_nothing_to_mend(pets: Workspace) -> None:
    good = started(pets, drafted(pets, FILE[: FILE.index(b"2,Bob")]).job_id)
    bad = checked(pets)
    mended = upload(pets, LOCAL, as_csv(rejects(pets, bad)), "mended.csv")
    with pytest.raises(Conflict, match="no rows to mend"):
        mending.patch_import(pets, LOCAL, good.job_id, mended)


# ---------------------------------------------------------------- rights
def test_edits_are_for_the_owner_of_the_import(pets: Workspace, people: People) -> None:
    job = checked(pets)

    def refused(who: Identity) -> None:
        acts = (
            lambda: fixing.list_problems(pets, who, job.job_id),
            lambda: fixing.list_edits(pets, who, job.job_id),
            lambda: fixing.preview_edit(pets, who, job.job_id, DATES),
            lambda: fixing.add_edit(pets, who, job.job_id, DATES),
            lambda: fixing.undo_edit(pets, who, job.job_id),
            lambda: fixing.clear_edits(pets, who, job.job_id),
            lambda: fixing.recheck(pets, who, job.job_id, [2]),
            lambda: mending.patch_import(pets, who, job.job_id, "0" * 32),
        )
        for act in acts:
            with pytest.raises((NotFound, ImportDenied)):
                act()

    refused(people.ann)
    refused(people.eve)
    assert fixing.list_edits(pets, LOCAL, job.job_id).edits == ()
    fixing.add_edit(pets, LOCAL, job.job_id, DATES)
    (event,) = [e for e in list_events(pets, LOCAL, job_id=job.job_id) if e.operation == EDITED]
    assert event.details == {"kind": "steps_on", "edits": 1}
