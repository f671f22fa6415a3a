"""Imports by way of staging and part by part come to what one in one transaction comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders import progress
from core.databases.loaders.staged import shelf_name
from core.errors import InvalidRequest, TargetDatabaseError
from core.jobs import worker
from core.metastore import files, jobs, queue
from core.model.file import FilePurpose
from core.model.job import Job, JobStatus
from core.model.plan import OnConflict, OnErrors
from core.usecases import clearing, imports, kept_work, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, load, table_rows
from tests.order_lines import BAD_CELLS, GOOD, write_order_lines

MODES = ("staged", "resume")
HEADER = "Line Code,Order ID,Product SKU,Qty,Unit Price,Ordered On,Gift Wrap,Status,Note\n"


def lines(*codes: str, note: str = "", order: int = 1) -> bytes:
    rows = (f"{code},{order},0001,1,2.50,2024-01-31,yes,open,{note}\n" for code in codes)
    return (HEADER + "".join(rows)).encode()


def options(mode: str, **more: Any) -> dict[str, Any]:
    return {"options": {"mode": mode, "batch_size": 3} | more}


def codes(ws: Workspace) -> list[str]:
    return sorted(row["line_code"] for row in table_rows(ws))


def left(ws: Workspace, job: Job) -> list[str]:
    """What an import keeps to go on with: tables of the target, rows there, files of ours."""
    engine = ws.engine("shop")
    found = [n for n in sa.inspect(engine).get_table_names() if n == shelf_name(job.job_id)]
    if progress.so_far(engine, job.job_id).parts:
        found.append("progress")
    with ws.metastore.connect() as db:
        return found + [f.filename for f in files.of_job(db, job.job_id) if is_spool(f.purpose)]


def is_spool(purpose: FilePurpose) -> bool:
    return purpose is FilePurpose.SPOOL


@pytest.mark.parametrize("mode", MODES)
def test_a_file_with_bad_cells(ws: Workspace, shop: str, tmp_path: Path, mode: str) -> None:
    content = write_order_lines(tmp_path / "lines.csv").read_bytes()
    job = load(ws, LOCAL, content, options={"mode": mode})
    assert (job.status, job.error_message) == (JobStatus.PARTIALLY_COMPLETED, None)
    assert (job.counts.inserted, job.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert job.counts.reconciled
    assert len(table_rows(ws)) == GOOD
    assert left(ws, job) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("on_conflict", ["skip", "update"])
@pytest.mark.usefixtures("shop")
def test_rows_that_are_there_and_rows_that_come_twice(
    ws: Workspace, mode: str, on_conflict: str
) -> None:
    load(ws, LOCAL, lines("A", "C", "E", note="old"))
    content = (
        lines("A", "B", "C", "D", "D", "F", note="new") + lines("E", note="old")[len(HEADER) :]
    )
    job = load(ws, LOCAL, content, **options(mode, on_conflict=on_conflict))
    found = job.counts
    both = (found.inserted, found.updated, found.unchanged, found.skipped, found.rejected)
    assert both == ((3, 0, 0, 4, 0) if on_conflict == "skip" else (3, 2, 1, 1, 0))
    notes = {row["line_code"]: row["note"] for row in table_rows(ws)}
    there = "old" if on_conflict == "skip" else "new"
    assert notes == {"A": there, "B": "new", "C": there, "D": "new", "E": "old", "F": "new"}


@pytest.mark.parametrize("on_conflict", ["replace", "sync"])
@pytest.mark.usefixtures("shop")
def test_staged_rows_may_take_the_place_of_others(ws: Workspace, on_conflict: str) -> None:
    load(ws, LOCAL, lines("A", "B", "X"))
    given = options("staged", on_conflict=on_conflict)
    job = load(ws, LOCAL, lines("A", "B", "C", "D"), on_errors=OnErrors.STOP, **given)
    assert codes(ws) == ["A", "B", "C", "D"]
    assert job.counts.deleted == (3 if on_conflict == "replace" else 1)
    assert job.counts.inserted == (4 if on_conflict == "replace" else 2)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.usefixtures("shop")
def test_rows_that_only_the_database_refuses(
    ws: Workspace, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that others wrote while the file was checked."""
    check = kept_work.check_file

    def checked_while_others_write(*args: Any) -> Any:
        found = check(*args)
        load(ws, LOCAL, lines("B", "F"))
        return found

    monkeypatch.setattr(kept_work, "check_file", checked_while_others_write)
    job = load(ws, LOCAL, lines("A", "B", "C", "D", "E", "F", "G"), **options(mode))
    assert (job.status, job.counts.inserted, job.counts.rejected) == (
        JobStatus.PARTIALLY_COMPLETED, 5, 2,
    )  # fmt: skip
    assert codes(ws) == ["A", "B", "C", "D", "E", "F", "G"]


@pytest.mark.usefixtures("shop")
def test_staged_writes_nothing_when_the_database_refuses_a_row_and_it_is_to_stop(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = draft(ws, LOCAL, lines("A", "B", "C", "D"), **options("staged"))
    imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.STOP)
    fill = kept_work.KeptWork._fill_shelf

    def filled(*args: Any) -> None:
        fill(*args)
        load(ws, LOCAL, lines("D"))

    monkeypatch.setattr(kept_work.KeptWork, "_fill_shelf", filled)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.counts.inserted) == (JobStatus.FAILED, 0)
    assert codes(ws) == ["D"]
    assert left(ws, job) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.usefixtures("shop")
def test_a_check_that_stops_the_import_keeps_nothing(ws: Workspace, mode: str) -> None:
    given = options(mode, max_error_count=0)
    job = load(ws, LOCAL, lines("A", "B", "C", order=999_999), **given)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "IMPORT_004")
    assert (table_rows(ws), left(ws, job)) == ([], [])


@pytest.mark.parametrize("on_conflict", [OnConflict.REPLACE, OnConflict.SYNC])
def test_resume_refuses_what_it_could_not_take_back(
    ws: Workspace, sqlite_shop: str, on_conflict: OnConflict
) -> None:
    job = draft(ws, LOCAL, lines("A"), **options("resume", on_conflict=on_conflict.value))
    with pytest.raises(InvalidRequest, match="choose staged or direct"):
        imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.STOP)
    job = draft(ws, LOCAL, lines("A"), **options("resume"))
    with pytest.raises(InvalidRequest, match="choose on_errors load_valid"):
        imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.STOP)


class TestEndedMidway:
    """Two of three parts are in when it ends."""

    @pytest.fixture
    def job(self, ws: Workspace, shop: str, monkeypatch: pytest.MonkeyPatch) -> Job:
        job = draft(ws, LOCAL, lines(*"ABCDEFGH"), **options("resume"))
        return imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)

    def before_the_third(
        self, monkeypatch: pytest.MonkeyPatch, happens: Any, times: int = 1
    ) -> None:
        calls, batch = [0], kept_work.KeptWork._load_part

        def load_part(*args: Any) -> Any:
            calls[0] += 1
            if 3 <= calls[0] < 3 + times:
                happens()
            return batch(*args)

        monkeypatch.setattr(kept_work.KeptWork, "_load_part", load_part)

    def test_a_cancelled_one_keeps_what_is_in_and_says_how_much(
        self, ws: Workspace, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = kept_work.KeptWork._load_part

        def cancelling(*args: Any) -> Any:
            done = batch(*args)
            if done[0].parts == 2:
                with ws.metastore.begin() as db:
                    queue.cancel(db, job)
            return done

        monkeypatch.setattr(kept_work.KeptWork, "_load_part", cancelling)
        ended = local.run_here(ws, job.job_id)
        assert ended.status is JobStatus.CANCELLED
        assert (ended.counts.rows_read, ended.counts.inserted, ended.total_rows) == (6, 6, 8)
        assert ended.import_results["notes"] == [
            "6 rows had been written by then and stay in the table; "
            "2 rows were not loaded any more."
        ]
        assert codes(ws) == list("ABCDEF")
        assert left(ws, job) == []

    def test_passing_trouble_is_gone_on_from(
        self, ws: Workspace, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker, "retry_delay", lambda _: 0.0)

        def full() -> None:
            error = sa.exc.OperationalError("INSERT", {}, Exception("disk is full"))
            raise TargetDatabaseError("It could not be written: the disk is full") from error

        self.before_the_third(monkeypatch, full)
        ended = local.run_here(ws, job.job_id)
        assert (ended.status, ended.attempt) == (JobStatus.COMPLETED, 2)
        assert (ended.counts.inserted, codes(ws)) == (8, list("ABCDEFGH"))

    def test_a_failed_one_says_what_is_in(
        self, ws: Workspace, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone() -> None:
            raise TargetDatabaseError("The table no longer exists.")

        self.before_the_third(monkeypatch, gone, times=9)
        ended = local.run_here(ws, job.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, TargetDatabaseError.code)
        assert ended.error_message == (
            "The table no longer exists. 6 rows had been written by then and stay in the table; "
            "2 rows were not loaded any more."
        )
        assert ended.counts.inserted == 6

    def test_one_that_is_cancelled_while_it_waits_is_cleared_up_behind(
        self, ws: Workspace, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies() -> None:
            raise KeyboardInterrupt

        self.before_the_third(monkeypatch, dies)
        with pytest.raises(KeyboardInterrupt):
            local.run_here(ws, job.job_id)
        assert len(left(ws, job)) == 2
        clearing.clear_ended(ws)
        with ws.metastore.connect() as db:
            ended = jobs.get(db, job.job_id)
        assert (ended.status, ended.counts.inserted) == (JobStatus.CANCELLED, 6)
        assert left(ws, job) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_table_that_refers_to_itself_takes_children_before_their_parents(
    ws: Workspace, shop: str, mode: str
) -> None:
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql("DROP TABLE IF EXISTS staff")
        db.exec_driver_sql(
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES staff (id))"
        )
    content = b"id,boss\n1,7\n2,1\n3,99\n4,7\n5,2\n6,5\n7,\n"
    job = load(ws, LOCAL, content, table="staff", **options(mode))
    assert (job.status, job.counts.inserted, job.counts.rejected) == (
        JobStatus.PARTIALLY_COMPLETED, 6, 1,
    )  # fmt: skip
    assert [row["id"] for row in table_rows(ws, "staff ORDER BY id")] == [1, 2, 4, 5, 6, 7]
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql("DROP TABLE staff")
