"""Import sets that crash, are changed while they work, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders import TargetTransaction
from core.errors import (
    ActionDenied,
    Conflict,
    ImportDenied,
    InvalidFormat,
    InvalidRequest,
    NotFound,
    TargetDatabaseError,
)
from core.metastore import jobs as job_rows
from core.metastore import permissions
from core.metastore.schema import import_jobs
from core.model.access import Action, Grant, Identity, Role
from core.model.import_set import SetFile
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.usecases import (
    access,
    approvals,
    import_set_work,
    import_sets,
    imports,
    jobs,
    local,
    users,
)
from core.workspace import Workspace
from tests.core.usecases import album_sets
from tests.core.usecases.album_sets import (
    ARTISTS,
    FILES,
    TRACKS,
    a_set,
    heights,
    members,
    run,
)
from tests.core.usecases.conftest import LOCAL, upload

music, small = album_sets.music, album_sets.small  # fixtures


class TestACrash:
    def test_before_the_commit_leaves_nothing(
        self, music: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = a_set(music)
        import_sets.start_set(music, LOCAL, made.job.job_id)
        commit = TargetTransaction.commit

        def die(*_: Any) -> None:
            monkeypatch.setattr(TargetTransaction, "commit", commit)
            raise KeyboardInterrupt

        monkeypatch.setattr(TargetTransaction, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            local.run_here(music, made.job.job_id)
        assert heights(music) == (0, 0, 0)
        assert {m.status for m in members(music, made).values()} == {JobStatus.PENDING}

    @pytest.mark.parametrize("when", ["before the members", "before the set"])
    def test_after_the_commit_is_found_in_the_ledger(
        self, music: Workspace, monkeypatch: pytest.MonkeyPatch, when: str
    ) -> None:
        made = a_set(music, FILES | {"Tracks.csv": TRACKS + "103,Lost,99,1\n"})
        first = run(music, made, on_errors=OnErrors.LOAD_VALID)
        counts = {table: job.counts for table, job in members(music, made).items()}
        _lost(music, [made.job, *(m.job for m in made.members if when == "before the members")])
        monkeypatch.delattr(import_set_work, "check_file")  # nothing may be done again
        again = local.run_here(music, made.job.job_id)
        assert (again.status, again.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
        assert again.counts == first.counts
        found = members(music, made)
        assert {table: job.counts for table, job in found.items()} == counts
        assert {job.status for job in found.values()} == {
            JobStatus.COMPLETED, JobStatus.PARTIALLY_COMPLETED,
        }  # fmt: skip
        assert heights(music) == (2, 3, 3)

    def test_an_answer_that_was_lost(
        self, music: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit = TargetTransaction.commit

        def cut_off(transaction: TargetTransaction, *args: Any) -> None:
            commit(transaction, *args)
            raise TargetDatabaseError("The connection was closed.")

        monkeypatch.setattr(TargetTransaction, "commit", cut_off)
        made = a_set(music)
        assert run(music, made).status is JobStatus.COMPLETED
        assert {m.counts.inserted for m in members(music, made).values()} == {2, 3}
        assert heights(music) == (2, 3, 3)


def _lost(ws: Workspace, lost: list[Job]) -> None:
    """As if a worker had died before it could write these rows."""
    with ws.metastore.begin() as db:
        db.execute(
            sa.update(import_jobs)
            .where(import_jobs.c.job_id.in_([job.job_id for job in lost]))
            .values(status="IMPORTING", counts={}, import_results={}, completed_at=None)
        )
        db.execute(
            sa.update(import_jobs)
            .where(import_jobs.c.job_id == lost[0].job_id)
            .values(lease_owner="gone:1:x", lease_until=0.0, run_after=0.0)
        )


class TestWhileItIsAtWork:
    def test_a_member_is_neither_changed_nor_started_alone(self, small: Workspace) -> None:
        made = a_set(small)
        member = made.members[0].job
        for alone in (imports.start_import, imports.validate_import):
            with pytest.raises(Conflict, match="is part of the set"):
                alone(small, LOCAL, member.job_id)
        imports.update_import(small, LOCAL, member.job_id, max_error_count=5)
        import_sets.start_set(small, LOCAL, made.job.job_id)
        with pytest.raises(Conflict, match="its set is at work"):
            imports.update_import(small, LOCAL, member.job_id, max_error_count=6)
        with pytest.raises(Conflict, match="The set is PENDING"):
            import_sets.start_set(small, LOCAL, made.job.job_id)
        jobs.cancel_job(small, LOCAL, made.job.job_id)
        imports.start_import(small, LOCAL, member.job_id)
        assert local.run_here(small, member.job_id).counts.inserted == 2

    def test_a_member_that_changed_all_the_same_stops_it(self, small: Workspace) -> None:
        made = a_set(small)
        import_sets.start_set(small, LOCAL, made.job.job_id)
        with small.metastore.begin() as db:
            plan = dict(
                db.execute(
                    sa.select(import_jobs.c.plan).where(
                        import_jobs.c.job_id == made.members[0].job.job_id
                    )
                ).scalar_one()
            )
            db.execute(sa.update(import_jobs)
                       .where(import_jobs.c.job_id == made.members[0].job.job_id)
                       .values(plan=plan | {"on_conflict": "skip"}))  # fmt: skip
        ended = local.run_here(small, made.job.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, "DATA_409")
        assert heights(small) == (0, 0, 0)

    def test_it_can_be_cancelled_and_its_imports_are_drafts_again(
        self, small: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = a_set(small)
        import_sets.start_set(small, LOCAL, made.job.job_id)
        load = import_set_work.load_spool

        def cancelled_meanwhile(*args: Any) -> Any:
            if not jobs.get_job(small, LOCAL, made.job.job_id).cancel_requested:
                jobs.cancel_job(small, LOCAL, made.job.job_id)
            return load(*args)

        monkeypatch.setattr(import_set_work, "load_spool", cancelled_meanwhile)
        assert local.run_here(small, made.job.job_id).status is JobStatus.CANCELLED
        assert heights(small) == (0, 0, 0)
        again = import_sets.set_of_imports(small, LOCAL, [m.job.job_id for m in made.members])
        monkeypatch.undo()
        assert run(small, again).status is JobStatus.COMPLETED

    def test_a_cancelled_member_stops_it(self, small: Workspace) -> None:
        made = a_set(small)
        jobs.cancel_job(small, LOCAL, made.members[1].job.job_id)
        with pytest.raises(Conflict, match=r"02 albums\.csv is CANCELLED"):
            import_sets.start_set(small, LOCAL, made.job.job_id)


class TestRefused:
    def test_a_set_is_no_import(self, small: Workspace) -> None:
        made = a_set(small)
        with pytest.raises(InvalidRequest, match="is a set of 3 imports"):
            imports.start_import(small, LOCAL, made.job.job_id)
        with pytest.raises(NotFound):
            import_sets.read_set(small, LOCAL, made.members[0].job.job_id)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"on_conflict": "sync"}, "to sync those of artists"),
            ({"mode": "resume", "on_errors": "load_valid"}, "all at once"),
            ({"planned": "0" * 64}, "bound to changes foreseen"),
        ],
    )
    def test_what_only_one_file_alone_can_do(
        self, small: Workspace, change: dict[str, str], words: str
    ) -> None:
        made = a_set(small)
        with small.metastore.begin() as db:
            job = job_rows.get(db, made.members[0].job.job_id)
            plan = dict(
                db.execute(
                    sa.select(import_jobs.c.plan).where(import_jobs.c.id == job.id)
                ).scalar_one()
            )
            db.execute(sa.update(import_jobs).where(import_jobs.c.id == job.id)
                       .values(plan=plan | change))  # fmt: skip
        with pytest.raises(InvalidRequest, match=words):
            import_sets.start_set(small, LOCAL, made.job.job_id)

    def test_files_whose_tables_are_not_plain(self, small: Workspace) -> None:
        with pytest.raises(InvalidRequest) as refused:
            a_set(small, {"hens eggs.csv": "id\n1\n", "what.csv": "id\n1\n"})
        assert str(refused.value) == (
            "hens eggs.csv could be for eggs or hens; what.csv has the name of no table that you "
            "may import into. Name the table of each such file."
        )

    def test_one_file(self, small: Workspace) -> None:
        with pytest.raises(InvalidRequest, match="2 to 50 files; 1 were given"):
            a_set(small, {"artists.csv": ARTISTS})

    def test_a_file_that_cannot_be_read_leaves_no_drafts(self, small: Workspace) -> None:
        files = {"artists.csv": ARTISTS, "albums.json": '{"a": [1, 2'}
        with pytest.raises(InvalidFormat, match=r"^albums\.json: "):
            a_set(small, files)
        drafts = jobs.list_jobs(small, LOCAL)
        assert [job.status for job in drafts] == [JobStatus.CANCELLED]


class TestRights:
    @pytest.fixture
    def ann(self, small: Workspace) -> Identity:
        found = _person(small, "ann")
        for table in ("artists", "albums"):
            access.set_grant(small, LOCAL, "ann", table=table, connection="shop", can_import=True)
        return found

    def test_are_asked_of_every_member(self, small: Workspace, ann: Identity) -> None:
        two = {name: text for name, text in FILES.items() if name != "Tracks.csv"}
        with pytest.raises(InvalidRequest, match=r"Tracks\.csv has the name of no table"):
            a_set(small, who=ann)
        files = [SetFile(upload_id=upload(small, ann, text.encode(), name), table=table)
                 for (name, text), table in zip(FILES.items(), ("tracks", "albums", "artists"),
                                                strict=True)]  # fmt: skip
        with pytest.raises(ImportDenied, match="tracks"):
            import_sets.draft_set(small, ann, files)
        made = a_set(small, two, ann)
        assert import_sets.start_set(small, ann, made.job.job_id).queued
        # Taken back before it runs.
        access.set_grant(small, LOCAL, "ann", table="albums", connection="shop", can_import=False)
        ended = local.run_here(small, made.job.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, "IMPORT_003")
        assert heights(small) == (0, 0, 0)

    def test_nobody_else_sees_it(self, small: Workspace, ann: Identity) -> None:
        made = a_set(small)
        for act in (import_sets.read_set, import_sets.check_set, import_sets.start_set):
            with pytest.raises(NotFound):
                act(small, ann, made.job.job_id)

    def test_one_member_that_needs_approval_makes_the_set_need_it(
        self, small: Workspace, ann: Identity
    ) -> None:
        access.set_grant(
            small, LOCAL, "ann", table="albums", connection="shop", can_import=True,
            requires_approval=True,
        )  # fmt: skip
        rex, eve = _person(small, "rex", Role.MANAGER), _person(small, "eve")
        with small.metastore.begin() as db:
            review = Grant(connection="shop", table="albums", actions=frozenset({Action.REVIEW}))
            permissions.set_role_grant(db, Role.MANAGER, review)
        two = {name: text for name, text in FILES.items() if name != "Tracks.csv"}
        made = a_set(small, two, ann)
        waiting = import_sets.start_set(small, ann, made.job.job_id)
        assert waiting.status is JobStatus.AWAITING_APPROVAL
        assert approvals.list_waiting(small, eve) == []
        with pytest.raises(NotFound):
            approvals.approve(small, eve, made.job.job_id)
        with pytest.raises(ActionDenied):
            approvals.approve(small, ann, made.job.job_id)
        assert [job.job_id for job in approvals.list_waiting(small, rex)] == [made.job.job_id]
        with pytest.raises(Conflict):  # what he is asked about stays as it is
            imports.update_import(small, ann, made.members[1].job.job_id, max_error_count=1)
        approvals.approve(small, rex, made.job.job_id)
        assert local.run_here(small, made.job.job_id).counts.inserted == 5


def _person(ws: Workspace, name: str, role: Role = Role.USER) -> Identity:
    user, _ = users.create_user(
        ws, LOCAL, username=name, role=role, password="long enough 42 " + name
    )
    return Identity(user_id=user.id, username=name, role=role)
