"""Whoever looks values up must be allowed to see the parent they are looked up in."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import ImportDenied, NotFound
from core.model.job import Job, JobStatus
from core.model.mapping import Answer, Decision, FieldMapping
from core.model.plan import OnErrors
from core.model.reference import Finding
from core.usecases import access, findings, imports, local, references
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft
from tests.core.usecases.music import LOOKUPS, NAMES, TRACKS, fill


@pytest.fixture
def sqlite_music(ws: Workspace, people: People) -> Workspace:
    fill(ws)
    access.set_grant(ws, LOCAL, "ann", table="Track", connection="shop", can_import=True)
    return ws


ONLY_GENRE = (*NAMES, FieldMapping(source="Media type", target="MediaTypeId"), LOOKUPS[4])


def genre_job(ws: Workspace, people: People) -> Job:
    text = TRACKS.replace("MPEG audio file", "1").replace("AAC audio file", "2")
    job = draft(ws, people.ann, text.encode(), table="Track", mappings=[
        {"source": m.source, "target": m.target} for m in NAMES
    ])  # fmt: skip
    return imports.update_import(ws, people.ann, job.job_id, mappings=ONLY_GENRE)


def grant_genre(ws: Workspace, **given: Any) -> None:
    access.set_grant(ws, LOCAL, "ann", table="Genre", connection="shop", **given)


def test_without_a_right_to_the_parent_nothing_is_looked_up(
    sqlite_music: Workspace, people: People
) -> None:
    ws, ann = sqlite_music, people.ann
    with pytest.raises(ImportDenied, match="look up values in Genre"):
        genre_job(ws, people)
    grant_genre(ws, can_preview_export=True)
    job = genre_job(ws, people)
    queued = imports.start_import(ws, ann, job.job_id, on_errors=OnErrors.LOAD_VALID)
    second = genre_job(ws, people)
    access.remove_grant(ws, LOCAL, "ann", table="Genre", connection="shop")
    refused = local.run_here(ws, queued.job_id)
    assert (refused.status, refused.error_code) == (JobStatus.FAILED, "IMPORT_003")
    assert "Genre" in (refused.error_message or "")
    calls = [
        lambda: imports.preview_import(ws, ann, second.job_id),
        lambda: imports.validate_import(ws, ann, second.job_id),
        lambda: imports.start_import(ws, ann, second.job_id),
        lambda: imports.update_import(ws, ann, second.job_id, mappings=ONLY_GENRE),
        lambda: references.list_references(ws, ann, second.job_id, "GenreId"),
        lambda: references.decide_references(ws, ann, second.job_id, "GenreId", []),
        lambda: references.list_natural_keys(ws, ann, "Track", "GenreId", "shop"),
    ]
    for call in calls:
        with pytest.raises(ImportDenied, match="look up values in Genre"):
            call()
    with pytest.raises(NotFound):
        references.list_references(ws, people.eve, second.job_id, "GenreId")
    with pytest.raises(ImportDenied):
        references.list_natural_keys(ws, people.eve, "Track", "GenreId", "shop")


def test_columns_of_the_parent_that_may_not_be_seen(
    sqlite_music: Workspace, people: People
) -> None:
    ws = sqlite_music
    grant_genre(ws, can_preview_export=True, allowed_columns=["GenreId", "Name"])
    job = genre_job(ws, people)
    with pytest.raises(ImportDenied, match="Note"):
        references.list_references(ws, people.ann, job.job_id, "GenreId", by="Note")
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("""UPDATE "Genre" SET "Note" = "Name" """)
    found = references.list_natural_keys(ws, people.ann, "Track", "GenreId", "shop")
    assert [key.column for key in found.natural_keys] == ["Name"]
    grant_genre(ws, can_preview_export=True, allowed_columns=["Name"])
    with pytest.raises(ImportDenied, match="GenreId"):
        references.list_references(ws, people.ann, job.job_id, "GenreId")


def test_who_may_only_import_into_the_parent_is_told_none_of_its_values(
    sqlite_music: Workspace, people: People
) -> None:
    ws = sqlite_music
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("""INSERT INTO "Genre" VALUES (8, 'ROCK', NULL)""")
    grant_genre(ws, can_import=True, can_preview_import=True)
    job = genre_job(ws, people)
    imports.start_import(ws, people.ann, job.job_id, on_errors=OnErrors.LOAD_VALID)
    done = local.run_here(ws, job.job_id)
    told = {v.message for v in findings.list_violations(ws, people.ann, done.job_id)}
    assert "'Jaz' is in no row of Genre (Name)" in told
    other = genre_job(ws, people)
    decision = Decision(value="Rock", answer=Answer.BLANK)
    references.decide_references(ws, people.ann, other.job_id, "GenreId", [decision])
    report = references.list_references(ws, people.ann, other.job_id, "GenreId")
    unclear = next(v for v in report.values if v.value == "rock")
    assert (unclear.match.finding, unclear.match.rows.count) == (Finding.AMBIGUOUS, 2)
    assert unclear.match.rows.keys == ()
    assert not any(v.match.near for v in report.values)
