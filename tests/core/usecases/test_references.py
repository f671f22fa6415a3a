"""Files that name the rows they refer to: tracks with the titles of albums, the names of genres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.errors import InvalidMapping, InvalidRequest
from core.metastore import jobs as job_rows
from core.model.edit import ReplaceValues
from core.model.job import Job, JobStatus
from core.model.mapping import Answer, Decision, FieldMapping, Lookup
from core.model.plan import ImportPlan, OnErrors
from core.model.reference import Finding
from core.usecases import findings, imports, local, references
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, table_rows
from tests.core.usecases.music import LOOKUPS, NAMES, TABLES, TRACKS, fill


@pytest.fixture
def music(ws: Workspace, shop: str) -> Iterator[Workspace]:
    """Albums, genres and the rest, on either backend."""
    fill(ws)
    yield ws
    with ws.engine(shop).begin() as db:
        for name in TABLES:
            db.exec_driver_sql(f'DROP TABLE "{name}"')


@pytest.fixture
def small(ws: Workspace, sqlite_shop: str) -> Workspace:
    """The same on SQLite alone, where the backend makes no difference."""
    assert sqlite_shop
    fill(ws)
    return ws


def tracks(ws: Workspace, mappings: tuple[FieldMapping, ...] = LOOKUPS, text: str = TRACKS) -> Job:
    job = draft(ws, LOCAL, text.encode(), table="Track", mappings=[
        {"source": m.source, "target": m.target} for m in NAMES
    ])  # fmt: skip
    return imports.update_import(ws, LOCAL, job.job_id, mappings=mappings)


def run(ws: Workspace, job: Job, on_errors: OnErrors = OnErrors.LOAD_VALID) -> Job:
    imports.start_import(ws, LOCAL, job.job_id, on_errors=on_errors)
    done = local.run_here(ws, job.job_id)
    assert done.counts.reconciled
    return done


def rows(ws: Workspace, table: str = "Track") -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in table_rows(ws, f'"{table}"'))


def said(ws: Workspace, job: Job) -> list[tuple[int | None, str | None, str, str]]:
    found = findings.list_violations(ws, LOCAL, job.job_id)
    return [(v.row, v.field, v.severity.value, v.message) for v in found]


def test_tracks_by_names_are_loaded_once_decided(music: Workspace) -> None:
    job = tracks(music)
    first = run(music, job, OnErrors.STOP)
    assert (first.status, first.counts.rejected) == (JobStatus.FAILED, 3)
    assert said(music, job) == [
        (3, "AlbumId", "error",
         "'Greatest Hits' is in 3 rows of Album (AlbumId 9, 12, 21): decide which"),
        (4, "AlbumId", "error",
         "'Greatest Hits' is in 3 rows of Album (AlbumId 9, 12, 21): decide which"),
        (4, "GenreId", "error", "'Jaz' is in no row of Genre (Name); did you mean 'Jazz'?"),
        (7, "AlbumId", "warning", "'15' is no Title of Album and was taken as its AlbumId"),
        (7, "GenreId", "warning", "'3' is no Name of Genre and was taken as its GenreId"),
        (8, "AlbumId", "error", "'Nowhere' is in no row of Album (Title)"),
        (8, "GenreId", "error", "'Polka' is in no row of Genre (Name)"),
    ]  # fmt: skip
    assert {v.check for v in findings.list_violations(music, LOCAL, job.job_id)} == {"reference"}
    assert rows(music) == []

    again = tracks(music)
    decide = [
        ("AlbumId", Decision(value="Greatest Hits", answer=Answer.USE, use="12")),
        ("AlbumId", Decision(value="Nowhere", answer=Answer.BLANK)),
        ("GenreId", Decision(value="Jaz", answer=Answer.USE, use="2")),
        ("GenreId", Decision(value="Polka", answer=Answer.REJECT)),
    ]
    for column, decision in decide:
        again = references.decide_references(music, LOCAL, again.job_id, column, [decision])
    done = run(music, again)
    assert done.status is JobStatus.PARTIALLY_COMPLETED
    assert (done.counts.rows_read, done.counts.inserted, done.counts.rejected) == (8, 7, 1)
    assert rows(music) == [
        (1, "Go Down", 4, 1, 1),
        (2, "Overdose", 4, 1, 1),
        (3, "Best of", 12, 2, 3),
        (4, "Second best", 12, 2, 2),
        (5, "Jump", 20, 1, 1),
        (6, "Loner", None, 1, None),
        (7, "Numbered", 15, 1, 3),
    ]
    assert (8, "GenreId", "error", "'Polka' is rejected, as decided") in said(music, done)
    rejected = findings.list_rejected(music, LOCAL, done.job_id)
    assert [row.cells["Genre"] for row in rejected.rows] == ["Polka"]


def test_what_is_decided_is_held_against_the_parent_too(music: Workspace) -> None:
    job = tracks(music, text=TRACKS.splitlines()[0] + "\n1,x,Nowhere,MPEG audio file,Polka\n")
    decisions = {"AlbumId": "99", "GenreId": "Jazz"}
    for column, key in decisions.items():
        value = "Nowhere" if column == "AlbumId" else "Polka"
        decision = Decision(value=value, answer=Answer.USE, use=key)
        references.decide_references(music, LOCAL, job.job_id, column, [decision])
    done = run(music, job)
    assert {message for *_, message in said(music, done)} == {"'Jazz' is not a whole number"}
    references_only = tracks(
        music, LOOKUPS[:4], TRACKS.splitlines()[0] + "\n1,x,Nowhere,MPEG audio file,\n"
    )
    decision = Decision(value="Nowhere", answer=Answer.USE, use="99")
    references.decide_references(music, LOCAL, references_only.job_id, "AlbumId", [decision])
    assert said(music, run(music, references_only)) == [
        (1, "AlbumId", "error", "'99' is not in Album (AlbumId)")
    ]


def test_a_blank_where_a_reference_must_be(small: Workspace) -> None:
    text = TRACKS.splitlines()[0] + "\n1,x,,  ,\n2,y,,nothing,\n"
    job = tracks(small, text=text)
    decision = Decision(value="nothing", answer=Answer.BLANK)
    references.decide_references(small, LOCAL, job.job_id, "MediaTypeId", [decision])
    done = run(small, job)
    assert said(small, done) == [
        (row, "MediaTypeId", "error", "MediaTypeId must have a value") for row in (1, 2)
    ]


def test_the_preview_shows_keys_and_what_is_unknown(small: Workspace) -> None:
    shown = imports.preview_import(small, LOCAL, tracks(small).job_id)
    assert [row["GenreId"] for row in shown.rows] == ["1", "1", "3", "Jaz", "1", None, "3", "Polka"]
    assert len(shown.violations) == 7


def test_a_table_that_refers_to_itself_knows_the_rows_it_has(small: Workspace) -> None:
    text = "Id,Name,Boss\n2,Nancy,andrew\n3,Jane,Nancy\n"
    lookup = FieldMapping(source="Boss", target="Boss", lookup=Lookup(by="Name"))
    own = (FieldMapping(source="Id", target="Id"), FieldMapping(source="Name", target="Name"))
    job = draft(small, LOCAL, text.encode(), table="Staff")
    imports.update_import(small, LOCAL, job.job_id, mappings=(*own, lookup))
    done = run(small, job)
    assert rows(small, "Staff") == [(1, "Andrew", None), (2, "Nancy", 1)]
    assert said(small, done) == [
        (2, "Boss", "error",
         "'Nancy' is in no row of Staff (Name), where the rows of this file do not count yet"),
    ]  # fmt: skip


def test_the_report_counts_every_value_and_lists_the_open_ones_first(small: Workspace) -> None:
    job = tracks(small)
    decision = Decision(value="Polka", answer=Answer.REJECT)
    references.decide_references(small, LOCAL, job.job_id, "GenreId", [decision])
    report = references.list_references(small, LOCAL, job.job_id, "GenreId")
    assert (report.parent, report.by, report.key) == ("Genre", "Name", "GenreId")
    assert (report.rows, report.blank, report.whole, report.left_out) == (8, 1, True, 0)
    counted = (report.found, report.ambiguous, report.missing, report.decided)
    assert [(share.values, share.rows) for share in counted] == [(4, 5), (0, 0), (1, 1), (1, 1)]
    assert [(v.value, v.count, v.match.finding, v.match.key) for v in report.values] == [
        ("Jaz", 1, Finding.MISSING, None),
        ("Polka", 1, Finding.MISSING, None),
        ("Rock", 2, Finding.NAME, "1"),
        ("3", 1, Finding.KEY, "3"),
        ("Metal", 1, Finding.NAME, "3"),
        ("rock", 1, Finding.CASE, "1"),
    ]
    assert [(near.value, near.key) for near in report.values[0].match.near] == [("Jazz", "2")]
    assert report.values[1].decision == decision
    albums = references.list_references(small, LOCAL, job.job_id, "AlbumId")
    assert albums.values[0].match.rows.count == 3
    assert albums.values[0].match.rows.keys == ("9", "12", "21")


def test_another_column_of_the_parent_is_tried_without_being_kept(small: Workspace) -> None:
    job = tracks(small)
    tried = references.list_references(small, LOCAL, job.job_id, "GenreId", by="Note")
    assert (tried.by, tried.missing.values, tried.found.values) == ("Note", 5, 1)
    plan = music_plan(small, job)
    assert plan.mappings == LOOKUPS


def test_edits_count_before_values_are_listed_and_looked_up(small: Workspace) -> None:
    job = tracks(small)
    edit = ReplaceValues(column="Genre", values={"Jaz": "Jazz", "Polka": None})
    with small.metastore.begin() as db:
        job_rows.set_plan(db, job, replace(music_plan(small, job), edits=(edit,)))
    report = references.list_references(small, LOCAL, job.job_id, "GenreId")
    assert (report.missing.values, report.blank) == (0, 2)
    shown = imports.preview_import(small, LOCAL, job.job_id)
    assert [row["GenreId"] for row in shown.rows] == ["1", "1", "3", "2", "1", None, "3", None]


def music_plan(ws: Workspace, job: Job) -> ImportPlan:
    with ws.metastore.connect() as db:
        plan = job_rows.get(db, job.job_id).plan
    assert isinstance(plan, ImportPlan)
    return plan


def test_of_a_long_file_the_first_rows_are_read_and_it_is_said(
    small: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tracks(small)
    for most, whole, rows_read in ((3, False, 3), (8, True, 8)):
        monkeypatch.setattr(references, "COUNTED_ROWS", most)
        report = references.list_references(small, LOCAL, job.job_id, "GenreId")
        assert (report.rows, report.whole) == (rows_read, whole)
    monkeypatch.setattr(references, "LISTED", 2)
    monkeypatch.setattr(references, "_AT_ONCE", 3)
    report = references.list_references(small, LOCAL, job.job_id, "GenreId")
    assert ([v.value for v in report.values], report.left_out) == (["Jaz", "Polka"], 4)
    assert report.found.rows == 5


def test_decisions_are_added_changed_and_taken_back(small: Workspace) -> None:
    job = tracks(small)

    def kept(*decisions: Decision, **given: Any) -> tuple[str, dict[str, str | None]]:
        references.decide_references(small, LOCAL, job.job_id, "GenreId", decisions, **given)
        lookup = music_plan(small, job).mappings[4].lookup
        assert lookup is not None
        return lookup.by, {d.value: d.use or d.answer.value for d in lookup.decisions}

    jaz = Decision(value="Jaz", answer=Answer.USE, use="2")
    assert kept(jaz, Decision(value="Polka", answer=Answer.BLANK)) == (
        "Name", {"Jaz": "2", "Polka": "blank"},
    )  # fmt: skip
    assert kept(replace(jaz, use="3"), forget=["Polka", "x"]) == ("Name", {"Jaz": "3"})
    assert kept(by="Name") == ("Name", {"Jaz": "3"})
    assert kept(by="Note") == ("Note", {})


def test_a_column_can_be_given_a_lookup_by_deciding(small: Workspace) -> None:
    plain = tuple(replace(m, lookup=None) for m in LOOKUPS)
    job = tracks(small, plain)
    with pytest.raises(InvalidMapping, match="GenreId is not looked up"):
        references.list_references(small, LOCAL, job.job_id, "GenreId")
    with pytest.raises(InvalidMapping, match="GenreId is not looked up"):
        references.decide_references(small, LOCAL, job.job_id, "GenreId", [])
    references.decide_references(small, LOCAL, job.job_id, "GenreId", [], by="Name")
    assert music_plan(small, job).mappings[4] == LOOKUPS[4]


def test_natural_keys_of_a_parent(music: Workspace) -> None:
    found = references.list_natural_keys(music, LOCAL, "Track", "GenreId", "shop")
    assert (found.parent, found.key) == ("Genre", "GenreId")
    assert [(k.column, k.declared) for k in found.natural_keys] == [("Name", True)]
    media = references.list_natural_keys(music, LOCAL, "Track", "MediaTypeId", "shop")
    assert [(k.column, k.declared) for k in media.natural_keys] == [("Name", False)]
    assert found.others == ("Note",)
    with pytest.raises(InvalidMapping, match=r"Track\.Name cannot be looked up"):
        references.list_natural_keys(music, LOCAL, "Track", "Name", "shop")


@pytest.mark.parametrize(
    ("target", "lookup", "words"),
    [
        ("Name", Lookup(by="Name"), "Name"),
        ("GenreId", Lookup(by="Nothing"), "Genre has no column 'Nothing'"),
        (
            "GenreId",
            Lookup(by="Name", decisions=(Decision(value="Jaz", answer=Answer.USE),)),
            "which row of Genre to use for 'Jaz' is not said",
        ),
    ],
)
def test_lookups_that_cannot_be(small: Workspace, target: str, lookup: Lookup, words: str) -> None:
    job = tracks(small, NAMES)
    wrong = FieldMapping(source="Genre", target=target, lookup=lookup)
    mappings = (NAMES[0], wrong, LOOKUPS[3])
    with pytest.raises(InvalidMapping, match=words):
        imports.preview_import(small, LOCAL, job.job_id, mappings=mappings)


def test_decisions_that_cannot_be(small: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = tracks(small).job_id
    for decision in (
        Decision(value="Jaz", answer=Answer.USE),
        Decision(value="Jaz", answer=Answer.BLANK, use="2"),
    ):
        with pytest.raises(InvalidRequest, match="'Jaz'"):
            references.decide_references(small, LOCAL, job_id, "GenreId", [decision])
    with pytest.raises(InvalidMapping, match="'Composer'"):
        references.list_references(small, LOCAL, job_id, "Composer")
    monkeypatch.setattr(references, "_MOST_DECISIONS", 0)
    with pytest.raises(InvalidRequest, match="More than 0 decisions"):
        references.decide_references(
            small, LOCAL, job_id, "GenreId", [Decision(value="x", answer=Answer.BLANK)]
        )


# ---------------------------------------------------------------- who may
