"""Several files into tables that refer to each other, loaded as one."""

from __future__ import annotations

from typing import Any

import pytest

from core.databases.loaders.ledger import LEDGER
from core.errors import (
    Conflict,
    InvalidRequest,
)
from core.model.job import JobStatus
from core.model.plan import OnConflict, OnErrors
from core.usecases import (
    import_set_work,
    import_sets,
    imports,
    local,
    undoing,
)
from core.workspace import Workspace
from tests.core.usecases import album_sets
from tests.core.usecases.album_sets import (
    ALBUMS,
    ARTISTS,
    FILES,
    TRACKS,
    a_set,
    heights,
    members,
    run,
    said,
)
from tests.core.usecases.conftest import LOCAL, table_rows

music, small = album_sets.music, album_sets.small  # fixtures


def test_files_in_any_order_are_loaded_parents_first(music: Workspace) -> None:
    made = a_set(music)
    assert [(m.job.table, m.reasons) for m in made.members] == [
        ("artists", ()),
        ("albums", ("albums refers to artists (artist_id)",)),
        ("tracks", ("tracks refers to albums (album_id)", "tracks refers to artists (artist_id)")),
    ]
    assert (made.circle, made.refused) == (None, None)
    assert (made.job.filename, made.job.table) == ("3 files", "tracks, albums, artists")
    done = run(music, made)
    assert (done.status, done.counts.inserted, done.progress_percent) == (
        JobStatus.COMPLETED, 8, 100,
    )  # fmt: skip
    assert heights(music) == (2, 3, 3)
    for table, rows in (("artists", 2), ("albums", 3), ("tracks", 3)):
        member = members(music, made)[table]
        assert (member.status, member.counts.inserted, member.total_rows) == (
            JobStatus.COMPLETED, rows, rows,
        )  # fmt: skip
        assert member.counts.reconciled
        assert member.completed_at is not None
    # One row of the set, one of each member, in the transaction of the rows.
    ledger = {row["run_id"]: row["table_name"] for row in table_rows(music, LEDGER.name)}
    assert ledger[made.job.job_id] == made.job.table
    assert {ledger[m.job.job_id] for m in made.members} == {"artists", "albums", "tracks"}


def test_one_bad_row_and_nothing_is_written_anywhere(music: Workspace) -> None:
    made = a_set(music, FILES | {"Tracks.csv": TRACKS + "103,Lost,99,1\n"})
    done = run(music, made)
    assert (done.status, done.error_code) == (JobStatus.FAILED, "IMPORT_004")
    assert done.error_message == (
        "Tracks.csv: 1 of 4 rows have errors. Nothing of the set was written."
    )
    assert (done.counts.rows_read, done.counts.rejected, done.counts.skipped) == (9, 1, 8)
    assert heights(music) == (0, 0, 0)
    found = members(music, made)
    assert {job.status for job in found.values()} == {JobStatus.VALIDATED}
    assert said(music, found["tracks"]) == [(4, "'99' is not in albums (id)")]
    assert found["tracks"].rejects_file is not None
    assert found["artists"].rejects_file is None


def test_rows_of_rejected_parents_are_rejected_and_say_so(music: Workspace) -> None:
    artists = ARTISTS + "3,\n"  # no name
    albums = ALBUMS + "13,Third,3\n"
    made = a_set(music, {"tracks.csv": TRACKS + "103,Lost,13,\n", "albums.csv": albums,
                         "artists.csv": artists})  # fmt: skip
    done = run(music, made, on_errors=OnErrors.LOAD_VALID)
    assert (done.status, done.counts.inserted, done.counts.rejected) == (
        JobStatus.PARTIALLY_COMPLETED, 8, 3,
    )  # fmt: skip
    assert heights(music) == (2, 3, 3)
    found = members(music, made)
    assert said(music, found["albums"]) == [
        (4, "'3' is of a row for artists (id) that was rejected")
    ]
    assert said(music, found["tracks"]) == [
        (4, "'13' is of a row for albums (id) that was rejected")
    ]
    assert {job.status for job in found.values()} == {JobStatus.PARTIALLY_COMPLETED}
    assert {table: job.counts.rejected for table, job in found.items()} == {
        "artists": 1, "albums": 1, "tracks": 1,
    }  # fmt: skip


def test_a_parent_that_only_the_database_refuses(music: Workspace) -> None:
    """Its children are refused by the database too, one by one."""
    with music.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE UNIQUE INDEX titles ON albums (lower(title))")
    albums = ALBUMS + "13,ROCK,2\n"  # an index over an expression, which no check knows
    made = a_set(music, {"albums.csv": albums, "artists.csv": ARTISTS,
                         "tracks.csv": TRACKS + "103,Lost,13,2\n"})  # fmt: skip
    done = run(music, made, on_errors=OnErrors.LOAD_VALID)
    assert (done.status, done.counts.inserted, done.counts.rejected) == (
        JobStatus.PARTIALLY_COMPLETED, 8, 2,
    )  # fmt: skip
    assert [row for row, _ in said(music, members(music, made)["tracks"])] == [4]
    again = a_set(music, {"albums.csv": "id,title,artist_id\n20,rock,1\n",
                          "artists.csv": "id,name\n5,New\n"})  # fmt: skip
    stopped = run(music, again)
    assert (stopped.status, stopped.counts.rejected) == (JobStatus.FAILED, 1)
    assert heights(music) == (2, 3, 3)


def test_parents_that_are_in_the_table_already(music: Workspace) -> None:
    run(music, a_set(music))
    made = a_set(
        music,
        {"albums.csv": ALBUMS + "13,New,1\n14,Newer,3\n", "artists.csv": ARTISTS + "3,Third\n"},
        on_conflict=OnConflict.SKIP,
    )
    done = run(music, made)
    assert (done.counts.inserted, done.counts.skipped) == (3, 5)


def test_a_check_writes_nothing_and_knows_the_parents_of_the_set(music: Workspace) -> None:
    made = a_set(music, FILES | {"Tracks.csv": TRACKS + "103,Lost,99,1\n"})
    import_sets.check_set(music, LOCAL, made.job.job_id)
    checked = local.run_here(music, made.job.job_id)
    assert checked.status is JobStatus.VALIDATED
    results = checked.validation_results
    assert (results["totalRows"], results["errorRows"], results["isValid"]) == (9, 1, False)
    assert heights(music) == (0, 0, 0)
    found = members(music, made)
    assert {t: job.validation_results["errorRows"] for t, job in found.items()} == {
        "artists": 0, "albums": 0, "tracks": 1,
    }  # fmt: skip
    # Mended by its own steps, then loaded with the others.
    mapped = [m for m in found["tracks"].plan.mappings if m.target != "album_id"]  # type: ignore[union-attr]  # an import
    imports.update_import(music, LOCAL, found["tracks"].job_id, mappings=mapped)
    assert run(music, made).status is JobStatus.COMPLETED
    assert heights(music) == (2, 3, 4)


def test_its_members_can_be_undone_children_first(music: Workspace) -> None:
    made = a_set(music)
    run(music, made)
    found = members(music, made)
    for table in ("tracks", "albums", "artists"):
        undo = undoing.start_undo(music, LOCAL, found[table].job_id)
        assert local.run_here(music, undo.job_id).status is JobStatus.COMPLETED
    assert heights(music) == (0, 0, 0)


def test_the_imports_of_a_set_that_was_not_loaded_make_another(small: Workspace) -> None:
    made = a_set(small, FILES | {"Tracks.csv": TRACKS + "103,Lost,99,1\n"})
    run(small, made)
    ids = [m.job.job_id for m in made.members]
    again = import_sets.set_of_imports(small, LOCAL, ids, on_errors=OnErrors.LOAD_VALID)
    assert again.job.job_id != made.job.job_id
    with pytest.raises(Conflict, match="is part of the set"):
        import_sets.set_of_imports(small, LOCAL, ids)
    done = run(small, again)
    assert (done.status, done.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, 8)
    with pytest.raises(Conflict, match="is COMPLETED"):
        import_sets.set_of_imports(small, LOCAL, ids)


CIRCLE = {"hens.csv": "id,egg\n1,7\n2,8\n", "eggs.csv": "id,hen\n7,2\n8,1\n"}


class TestACircle:
    def test_that_may_be_checked_at_the_end_is_loaded(self, music: Workspace) -> None:
        made = a_set(music, CIRCLE)
        assert made.refused is None
        assert made.circle == "hens refers to eggs (egg) and eggs refers to hens (hen)"
        assert run(music, made).counts.inserted == 4

    def test_with_a_reference_that_leads_nowhere_is_not(self, music: Workspace) -> None:
        made = a_set(music, CIRCLE | {"hens.csv": "id,egg\n1,7\n2,9\n3,9\n"})
        import_sets.check_set(music, LOCAL, made.job.job_id)
        checked = local.run_here(music, made.job.job_id)
        assert checked.validation_results["errorRows"] == 2
        assert said(music, members(music, made)["hens"]) == [
            (2, "'9' is not in eggs (id)"), (3, "'9' is not in eggs (id)"),
        ]  # fmt: skip
        done = run(music, made)
        assert (done.status, done.counts.rejected) == (JobStatus.FAILED, 2)
        assert table_rows(music, "hens") == table_rows(music, "eggs") == []

    def test_that_the_database_breaks_at_the_commit(
        self, music: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As if the egg had gone between the check and the commit."""
        monkeypatch.setattr(import_set_work, "orphans", lambda *_: ())
        made = a_set(music, CIRCLE | {"hens.csv": "id,egg\n1,7\n2,9\n"})
        import_sets.start_set(music, LOCAL, made.job.job_id)
        ended = local.run_here(music, made.job.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, "DATABASE_001")
        assert table_rows(music, "hens") == table_rows(music, "eggs") == []
        assert {m.status for m in members(music, made).values()} == {JobStatus.PENDING}

    def test_is_all_or_nothing(self, small: Workspace) -> None:
        made = a_set(small, CIRCLE)
        with pytest.raises(InvalidRequest, match="wholly or not at all"):
            import_sets.start_set(small, LOCAL, made.job.job_id, on_errors=OnErrors.LOAD_VALID)

    def test_that_may_not_is_refused(self, small: Workspace, monkeypatch: Any) -> None:
        monkeypatch.setattr(import_sets, "may_defer", lambda *_: False)
        made = a_set(small, CIRCLE)
        assert made.refused is not None
        assert "would have to be there first" in made.refused
        with pytest.raises(InvalidRequest, match="declare its foreign key DEFERRABLE"):
            import_sets.start_set(small, LOCAL, made.job.job_id)
