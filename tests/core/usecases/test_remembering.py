"""A mapping that worked is offered again for the next file with the same columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from core.errors import ImportDenied, NotFound
from core.metastore import remembered
from core.model.access import Identity
from core.model.job import Job, JobStatus
from core.model.mapping import Answer, Decision, FieldMapping, Lookup, Step, Suggestion
from core.usecases import access, import_work, imports, local, remembering
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, upload
from tests.core.usecases.test_references import fill

pytestmark = pytest.mark.usefixtures("sqlite_shop")

FIRST = b"No,Was,Genre,Kind,Spare\n1,Go,Jaz,1,x\n2,Stop,Rock,1,y\n"
#: The same columns in another order and spelling, of another file.
NEXT = b"spare,KIND,genre,was,no\nx,1,Jaz,Go,11\n"
CHOSEN = (
    FieldMapping(source="No", target="TrackId"),
    FieldMapping(source="Was", target="Name", steps=(Step(transform="trim"),), skip_empty=True),
    FieldMapping(source="Kind", target="MediaTypeId"),
    FieldMapping(
        source="Genre",
        target="GenreId",
        lookup=Lookup(by="Name", decisions=(Decision(value="Jaz", answer=Answer.USE, use="2"),)),
    ),
    FieldMapping(
        source="", target="AlbumId", steps=(Step(transform="constant", options={"value": "4"}),)
    ),
)


def imported(ws: Workspace, who: Identity = LOCAL, content: bytes = FIRST) -> Job:
    """An import into Track, mapped by hand."""
    job = draft(ws, who, content, table="Track")
    imports.update_import(ws, who, job.job_id, mappings=CHOSEN)
    imports.start_import(ws, who, job.job_id)
    return local.run_here(ws, job.job_id)


def proposed(ws: Workspace, who: Identity = LOCAL, content: bytes = NEXT) -> dict[str, Suggestion]:
    job = draft(ws, who, content, table="Track", mappings=[])
    return {s.source: s for s in imports.read_file(ws, who, job.job_id).suggestions}


@pytest.fixture
def music(ws: Workspace) -> Workspace:
    fill(ws)
    return ws


def test_the_next_file_is_mapped_as_the_last(music: Workspace) -> None:
    assert imported(music).status is JobStatus.COMPLETED
    found = proposed(music)
    now = datetime.now(UTC)
    then = f"your import of {now.day} {now:%B}"
    was = found["was"]
    assert (was.target, was.steps, was.skip_empty) == ("Name", CHOSEN[1].steps, True)
    assert (was.auto, was.confidence, was.reason) == (True, 1.0, f"As in {then}.")
    assert found["genre"].lookup == CHOSEN[3].lookup
    spare = found["spare"]
    assert (spare.target, spare.reason) == (None, f"It was left out of {then}.")
    mapped = draft(music, LOCAL, NEXT, table="Track").plan.mappings
    assert {m.target: replace(m, source="") for m in mapped} == {
        m.target: replace(m, source="") for m in CHOSEN
    }


def test_it_does_not_matter_what_the_file_is_called_but_which_columns_it_has(
    music: Workspace,
) -> None:
    imported(music)
    other = upload(music, LOCAL, NEXT, "quite-another.csv")
    job = imports.draft_import(music, LOCAL, upload_id=other, table="Track", connection="shop")
    assert len(job.plan.mappings) == len(CHOSEN)
    more = NEXT.replace(b"spare", b"spare,extra").replace(b"x,", b"x,z,")
    assert not any("As in" in s.reason for s in proposed(music, content=more).values())


def test_what_failed_or_was_only_checked_is_not_remembered(music: Workspace) -> None:
    job = draft(music, LOCAL, FIRST.replace(b"Rock", b"Polka"), table="Track")
    imports.update_import(music, LOCAL, job.job_id, mappings=CHOSEN)
    imports.validate_import(music, LOCAL, job.job_id)
    local.run_here(music, job.job_id)
    imports.start_import(music, LOCAL, job.job_id)
    assert local.run_here(music, job.job_id).status is JobStatus.FAILED
    assert remembering.list_remembered(music, LOCAL, "Track", "shop") == []


def test_columns_that_are_gone_are_left_out_and_said_so(music: Workspace) -> None:
    imported(music)
    with music.engine("shop").begin() as db:
        db.exec_driver_sql('ALTER TABLE "Track" RENAME COLUMN "Name" TO "Label"')
        db.exec_driver_sql('ALTER TABLE "Genre" RENAME COLUMN "Name" TO "Called"')
    found = proposed(music)
    assert "it went into 'Name', which Track no longer has" in found["was"].reason
    assert not found["was"].auto
    assert "was looked up by 'Name', which cannot be done now" in found["genre"].reason
    assert found["no"].reason.startswith("As in")


def test_everybody_has_their_own(music: Workspace, people: People) -> None:
    for table in ("Track", "Genre"):
        access.set_grant(
            music, LOCAL, "ann", table=table, connection="shop",
            can_import=True, can_preview_export=True,
        )  # fmt: skip
    imported(music)
    assert not any("As in" in s.reason for s in proposed(music, people.ann).values())
    again = FIRST.replace(b"1,Go", b"5,Go").replace(b"2,Stop", b"6,Stop")
    imported(music, people.ann, again)
    assert proposed(music, people.ann)["was"].target == "Name"
    access.set_grant(
        music, LOCAL, "ann", table="Genre", connection="shop",
        can_import=False, can_preview_import=False, can_preview_export=False,
    )  # fmt: skip
    found = proposed(music, people.ann)
    assert (found["was"].target, found["genre"].target) == ("Name", None)


def test_forgetting(music: Workspace, people: People) -> None:
    imported(music)
    (one,) = remembering.list_remembered(music, LOCAL, "Track", "shop")
    assert (one.columns, one.mappings) == (("No", "Was", "Genre", "Kind", "Spare"), CHOSEN)
    job = draft(music, LOCAL, NEXT, table="Track", mappings=[])
    assert imports.read_file(music, LOCAL, job.job_id).remembered == one
    with pytest.raises(ImportDenied):
        remembering.list_remembered(music, people.eve, "Track", "shop")
    with pytest.raises(ImportDenied):
        remembering.forget_remembered(music, people.eve, one.id, table="Track", connection="shop")
    with pytest.raises(NotFound):
        remembering.forget_remembered(music, people.rex, one.id, table="Track", connection="shop")
    remembering.forget_remembered(music, LOCAL, one.id, table="Track", connection="shop")
    assert remembering.list_remembered(music, LOCAL, "Track", "shop") == []
    assert imports.read_file(music, LOCAL, job.job_id).remembered is None
    assert not any("As in" in s.reason for s in proposed(music).values())


def test_an_import_does_not_fail_because_it_cannot_be_remembered(
    music: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("locked"))

    monkeypatch.setattr(remembered, "put", broken)
    assert import_work.remember is remembering.remember
    assert imported(music).status is JobStatus.COMPLETED
