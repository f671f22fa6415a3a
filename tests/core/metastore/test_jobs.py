from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest, NotFound
from core.metastore import approvals, jobs, queue
from core.metastore.engine import Metastore
from core.metastore.schema import import_jobs
from core.model.access import User
from core.model.dialect import Dialect
from core.model.job import JobKind, JobStatus, JobTask
from core.model.mapping import FieldMapping
from core.model.plan import ExportPlan, Filter, ImportPlan, OnConflict, Operator, plan_hash


def test_a_new_import_is_a_draft(metastore: Metastore, ann: User, import_plan: ImportPlan) -> None:
    plan = replace(
        import_plan,
        dialect=Dialect(format="csv", delimiter=";"),
        mappings=(FieldMapping(source="Name", target="name"),),
        on_conflict=OnConflict.SKIP,
    )
    with metastore.begin() as db:
        job = jobs.insert_import(db, plan, created_by=ann.id, file_size=7)
        row = jobs.details(db, job)
    assert (job.kind, job.status, job.task) == (JobKind.IMPORT, JobStatus.PENDING, JobTask.NONE)
    assert (job.queued, job.running, job.active) == (False, False, False)
    assert job.plan == plan
    assert (job.connection, job.table, job.filename) == ("default", "products", "p.csv")
    assert (job.format, job.file_size, job.created_by_name) == ("csv", 7, "ann")
    assert row["plan_hash"] == plan_hash(plan)
    assert row["upload_file"] == "u" * 32
    assert row["import_options"]["delimiter"] == ";"
    assert row["import_options"]["on_duplicate"] == "skip"
    assert row["field_mappings"]["mappings"][0]["target"] == "name"


def test_a_new_export(metastore: Metastore, export_plan: ExportPlan) -> None:
    plan = replace(export_plan, filters=(Filter(column="id", operator=Operator.IN, value=[1]),))
    with metastore.begin() as db:
        job = jobs.insert_export(db, plan, created_by=None, estimated_rows=12)
        row = jobs.details(db, job)
    assert (job.kind, job.plan, job.total_rows, job.created_by) == (JobKind.EXPORT, plan, 12, None)
    assert row["selected_columns"] == ["id", "total"]
    assert row["filters"] == [{"column": "id", "operator": "in", "value": [1]}]


def test_a_job_is_its_owners(
    metastore: Metastore, ann: User, bob: User, export_plan: ExportPlan
) -> None:
    with metastore.begin() as db:
        job = jobs.insert_export(db, export_plan, created_by=ann.id)
        assert jobs.get(db, job.job_id) == job
        assert jobs.get(db, job.job_id, owner=ann.id) == job
        with pytest.raises(NotFound) as others:
            jobs.get(db, job.job_id, owner=bob.id)
        with pytest.raises(NotFound):
            jobs.get(db, "no\x00thing")
    assert others.value.detail == f"There is no job {job.job_id}."


def test_a_row_by_other_hands_is_a_job_too(metastore: Metastore) -> None:
    with metastore.begin() as db:
        db.execute(
            sa.text(
                "INSERT INTO import_jobs (job_id, table_name, status, original_filename,"
                " file_format) VALUES ('j1', 'products', 'completed', 'p.csv', 'json')"
            )
        )
        db.execute(
            sa.text(
                "INSERT INTO export_jobs (job_id, table_name, export_format)"
                " VALUES ('j2', 'orders', 'excel')"
            )
        )
        first, second = jobs.get(db, "j1"), jobs.get(db, "j2")
        assert len(jobs.list_jobs(db)) == 2
    assert first.status is JobStatus.COMPLETED
    assert isinstance(first.plan, ImportPlan)
    assert (first.plan.table, first.plan.dialect.format) == ("products", "json")
    assert isinstance(second.plan, ExportPlan)
    assert (second.plan.table, second.plan.dialect.format) == ("orders", "excel")


def test_the_same_key_or_firing_is_the_same_job(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    fire = (4, datetime(2026, 1, 1, tzinfo=UTC))
    later = (4, datetime(2026, 1, 2, tzinfo=UTC))
    with metastore.begin() as db:

        def insert(**fields: object) -> str:
            job = jobs.insert_import(db, import_plan, created_by=None, **fields)  # type: ignore[arg-type]
            return job.job_id

        assert insert(idempotency_key="7:k") == insert(idempotency_key="7:k")
        assert insert(schedule=fire) == insert(schedule=fire)
        assert insert(schedule=fire) != insert(schedule=later)
        assert insert() != insert()
        assert jobs.count_jobs(db) == 5


def test_hostile_file_names_are_stored(metastore: Metastore, import_plan: ImportPlan) -> None:
    plan = replace(import_plan, filename="a\x00b" + "c" * 600)
    with metastore.begin() as db:
        job = jobs.insert_import(db, plan, created_by=None)
    assert job.filename is not None
    assert len(job.filename) == 500
    assert isinstance(job.plan, ImportPlan)
    assert job.plan.filename == plan.filename


def test_a_table_name_that_cannot_be_kept_is_refused(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db, pytest.raises(InvalidRequest, match="The table"):
        jobs.insert_import(db, replace(import_plan, table="t" * 256), created_by=None)


def test_lists_newest_first_over_both_kinds(
    metastore: Metastore, ann: User, bob: User, import_plan: ImportPlan, export_plan: ExportPlan
) -> None:
    with metastore.begin() as db:
        made = []
        for number in range(6):
            creator = (ann, bob)[number % 2].id
            if number % 3 == 0:
                made.append(jobs.insert_export(db, export_plan, created_by=creator))
            else:
                made.append(jobs.insert_import(db, import_plan, created_by=creator))
        jobs.update(db, made[1], status="FAILED")

        def numbers(**wanted: object) -> list[int]:
            ids = [job.job_id for job in made]
            found = jobs.list_jobs(db, **wanted)  # type: ignore[arg-type]
            return [ids.index(job.job_id) for job in found]

        assert numbers() == [5, 4, 3, 2, 1, 0]
        assert numbers(limit=2, offset=1) == [4, 3]
        assert numbers(limit=2, offset=5) == [0]
        assert numbers(kind=JobKind.EXPORT) == [3, 0]
        assert numbers(user_id=ann.id) == [4, 2, 0]
        assert numbers(table="orders", user_id=bob.id) == [3]
        assert numbers(status=JobStatus.FAILED) == [1]
        assert numbers(connection="other") == []
        assert numbers(table="\x00") == []
        assert jobs.count_jobs(db, table="products") == 4
        assert jobs.count_jobs(db, kind=JobKind.EXPORT, user_id=ann.id) == 1


def test_update_changes_columns_but_not_guarded_ones(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=None)
        jobs.update(db, job, validation_results={"total_rows": 3}, total_rows=3)
        assert jobs.get(db, job.job_id).validation_results == {"total_rows": 3}
        for guarded in ("lease_owner", "approved_at", "plan", "no_such_column"):
            with pytest.raises(ValueError, match=guarded):
                jobs.update(db, job, **{guarded: None})


def test_another_plan_voids_check_and_approval(
    metastore: Metastore, ann: User, bob: User, import_plan: ImportPlan
) -> None:
    other = replace(import_plan, table="others", upload="v" * 32)
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=ann.id, requires_approval=True)
        jobs.update(db, job, validation_results={"x": 1}, status="VALIDATED")
        approvals.approve(db, job, reviewer=bob.id, plan_hash=plan_hash(import_plan))
        changed = jobs.set_plan(db, job, other)
    assert (changed.plan, changed.table) == (other, "others")
    assert (changed.status, changed.validation_results) == (JobStatus.PENDING, {})
    assert changed.approved_at is None
    assert changed.requires_approval


def test_a_plan_that_somebody_changed_in_between_is_kept(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    mine, theirs = (replace(import_plan, max_rows=n) for n in (1, 2))
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=None)
        jobs.set_plan(db, job, theirs, instead_of=import_plan)
        with pytest.raises(Conflict, match="at the same moment"):
            jobs.set_plan(db, job, mine, instead_of=import_plan)
        assert jobs.get(db, job.job_id).plan == theirs


def test_imports_that_follow_another(metastore: Metastore, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        first = jobs.insert_import(db, import_plan, created_by=None)
        plan = replace(import_plan, follows=first.job_id)
        second = jobs.insert_import(db, plan, created_by=None)
        assert jobs.follow_ups(db, first.job_id) == [second]
        assert jobs.follow_ups(db, second.job_id) == []


def test_a_queued_running_or_ended_job_keeps_its_plan(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=None)
        queue.enqueue(db, job, JobTask.RUN)
        with pytest.raises(Conflict):
            jobs.set_plan(db, job, import_plan)
        held = queue.claim(db, "w", 60)
        assert held is not None
        with pytest.raises(Conflict):
            jobs.set_plan(db, job, import_plan)
        queue.finish(db, held, "w", JobStatus.FAILED, {})
        with pytest.raises(Conflict, match="FAILED"):
            jobs.set_plan(db, job, import_plan)


def test_a_failed_check_may_be_planned_and_asked_again(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=None)
        queue.enqueue(db, job, JobTask.VALIDATE)
        held = queue.claim(db, "w", 60)
        assert held is not None
        queue.finish(db, held, "w", JobStatus.FAILED, {"error_code": "IMPORT_002"})
        again = jobs.set_plan(db, job, replace(import_plan, max_rows=5))
        assert (again.status, again.error_code) == (JobStatus.PENDING, None)
        assert queue.enqueue(db, again, JobTask.VALIDATE).queued


def test_exports_expire(metastore: Metastore, export_plan: ExportPlan) -> None:
    now = datetime.now(UTC)
    with metastore.begin() as db:
        over, fresh, failed = (
            jobs.insert_export(db, export_plan, created_by=None) for _ in range(3)
        )
        for job, status, hours in (
            (over, "COMPLETED", -1),
            (fresh, "COMPLETED", 1),
            (failed, "FAILED", -1),
        ):
            expires = now + timedelta(hours=hours)
            jobs.update(db, job, status=status, artifact_file="f" * 32, expires_at=expires)
        assert jobs.mark_expired(db) == [over.job_id]
        assert jobs.get(db, over.job_id).status is JobStatus.EXPIRED
        assert jobs.get(db, over.job_id).artifact is None
        assert jobs.get(db, fresh.job_id).artifact == "f" * 32
        assert jobs.mark_expired(db) == []


def test_no_job_is_made_twice_by_the_database_either(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        job = jobs.insert_import(db, import_plan, created_by=None)
    statement = sa.insert(import_jobs).values(
        job_id=job.job_id, table_name="t", original_filename="f", file_format="csv"
    )
    with pytest.raises(sa.exc.IntegrityError), metastore.begin() as db:
        db.execute(statement)
