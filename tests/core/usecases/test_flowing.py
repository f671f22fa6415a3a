"""Rows that are loaded while later ones are checked: never any of them without all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.databases.loaders import Loader, already_committed
from core.databases.loaders.ledger import LEDGER
from core.metastore import jobs as job_rows
from core.model.job import Job, JobStatus
from core.model.plan import OnConflict, OnErrors
from core.pipeline import flowing
from core.usecases import findings, import_work, imports, jobs, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, table_rows
from tests.core.usecases.recovering import as_if_killed, die, empty, forking, restore
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.journal_mode import set_journal

_BATCH = 200  #: rows


@pytest.fixture
def flow(ws: Workspace, shop: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A database that can be read while it is written to; no row ever waits in a spool."""
    if ws.engine(shop).dialect.name == "sqlite":
        set_journal(ws.engine(shop), "wal")
    monkeypatch.delattr(import_work, "load_spool")
    yield ws
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql("DROP INDEX IF EXISTS once")


def lines(*batches: str) -> str:
    """A file of as many batches; the word says what is in the middle of each."""
    text = HEADER
    for number, word in enumerate(batches):
        for n in range(_BATCH):
            odd = word if n == _BATCH // 2 else "good"
            note = "Twin" if odd == "twin" else f"n{number}-{n}"
            text += line(f"L{number}-{n}", quantity=0 if odd == "bad" else 1, note=note)
    return text


def queued(ws: Workspace, text: str, on_errors: OnErrors, **given: Any) -> Job:
    options = {"undo": False, "batch_size": _BATCH, **given.pop("options", {})}
    options = {name: said for name, said in options.items() if said is not None}
    job = draft(ws, LOCAL, text.encode(), options=options, **given)
    return imports.start_import(ws, LOCAL, job.job_id, on_errors=on_errors)


def take(ws: Workspace, text: str, on_errors: OnErrors = OnErrors.LOAD_VALID, **given: Any) -> Job:
    job = local.run_here(ws, queued(ws, text, on_errors, **given).job_id)
    assert job.counts.reconciled
    return job


def refuse_twins(ws: Workspace) -> None:
    """What no check knows of: two notes of one spelling."""
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql(
            "CREATE UNIQUE INDEX once ON order_lines (lower(note)) WHERE note = 'Twin'"
        )


def before_loading(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]
) -> list[threading.Thread]:
    """Do something before each batch is loaded; the threads it was done on."""
    load, threads = flowing.load_batch, list[threading.Thread]()

    def watched(*args: Any) -> Any:
        threads.append(threading.current_thread())
        act(len(threads))
        return load(*args)

    monkeypatch.setattr(flowing, "load_batch", watched)
    return threads


class TestWhatIsLoaded:
    def test_every_good_row_on_another_thread(
        self, flow: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threads = before_loading(monkeypatch, lambda _: None)
        job = take(flow, lines("good", "bad", "good"))
        assert job.status is JobStatus.PARTIALLY_COMPLETED
        assert (job.counts.inserted, job.counts.rejected) == (3 * _BATCH - 1, 1)
        assert len(table_rows(flow)) == 3 * _BATCH - 1
        assert findings.list_rejected(flow, LOCAL, job.job_id).total == 1
        assert len(threads) == 3
        assert threading.main_thread() not in threads

    def test_a_key_of_an_earlier_batch_is_one_of_the_file_not_of_the_table(
        self, flow: Workspace
    ) -> None:
        text = lines("good", "good") + line("L0-7")
        job = take(flow, text, on_conflict=OnConflict.ERROR)
        (violation,) = findings.list_violations(flow, LOCAL, job.job_id)
        assert (violation.row, violation.check) == (2 * _BATCH + 1, "unique_in_file")

    def test_rows_that_are_there_are_skipped(self, flow: Workspace) -> None:
        take(flow, lines("good"))
        job = take(flow, lines("good", "good"), on_conflict=OnConflict.SKIP)
        assert (job.counts.inserted, job.counts.skipped) == (_BATCH, _BATCH)

    def test_they_take_the_place_of_all_there_were(self, flow: Workspace) -> None:
        take(flow, HEADER + line("A1") + line("A2"))
        job = take(flow, lines("good"), OnErrors.STOP, on_conflict=OnConflict.REPLACE)
        assert job.counts.deleted == 2
        assert len(table_rows(flow)) == job.counts.inserted == _BATCH
        assert already_committed(flow.engine("shop"), job.job_id) == job.counts

    def test_a_file_without_rows_takes_nobodys_place(self, flow: Workspace) -> None:
        take(flow, HEADER + line("A1"))
        job = take(flow, HEADER, OnErrors.STOP, on_conflict=OnConflict.REPLACE)
        assert (job.status, job.counts.deleted) == (JobStatus.FAILED, 0)
        assert len(table_rows(flow)) == 1

    def test_what_only_the_database_refuses_is_rejected(self, flow: Workspace) -> None:
        refuse_twins(flow)
        job = take(flow, lines("twin", "twin", "good"))
        assert (job.counts.inserted, job.counts.rejected) == (3 * _BATCH - 1, 1)
        (row,) = findings.list_rejected(flow, LOCAL, job.job_id).rows
        assert (row.row, row.cells["note"]) == (_BATCH + _BATCH // 2 + 1, "Twin")

    def test_what_others_bring_into_an_empty_table_meanwhile_is_not_lost(
        self, flow: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take(flow, HEADER + line("L1-3", note="theirs"))
        theirs, ledger = table_rows(flow), table_rows(flow, LEDGER.name)
        empty(flow)
        opened = import_work.open_loader

        def late(*args: Any, **given: Any) -> Loader:
            restore(flow, theirs, ledger)
            return opened(*args, **given)

        monkeypatch.setattr(import_work, "open_loader", late)
        job = take(flow, lines("good", "good"))
        assert (job.counts.inserted, job.counts.rejected) == (2 * _BATCH - 1, 1)
        (row,) = findings.list_rejected(flow, LOCAL, job.job_id).rows
        assert row.row == _BATCH + 4
        assert theirs[0] in table_rows(flow)


class TestWhatMayHaveToBeUndone:
    """Is held back until there are more rows than an import keeps what undoing takes of."""

    @pytest.mark.parametrize("word", ["good", "bad"])
    def test_many_rows_flow_once_they_are_too_many(
        self, flow: Workspace, word: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_work.ImportWork, "_most_held", lambda *_: 2 * _BATCH)
        threads = before_loading(monkeypatch, lambda _: None)
        job = take(flow, lines(word, "good", "good", "good"))
        bad = int(word == "bad")
        assert (job.counts.inserted, job.counts.rejected) == (4 * _BATCH - bad, bad)
        assert len(table_rows(flow)) == 4 * _BATCH - bad
        assert len(threads) == 4

    def test_few_rows_are_loaded_afterwards(
        self, ws: Workspace, shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(flowing, "load_batch")
        job = take(ws, lines("good"), options={"undo": None})
        assert job.counts.inserted == _BATCH
        assert job.plan.undoable is None


class TestWhatStopsIt:
    def test_a_bad_row_after_rows_that_were_loaded(self, flow: Workspace) -> None:
        job = take(flow, lines("good", "bad", "bad"), OnErrors.STOP)
        assert (job.status, job.error_code) == (JobStatus.FAILED, "IMPORT_004")
        assert (job.counts.rejected, job.counts.skipped) == (2, 3 * _BATCH - 2)
        assert findings.list_rejected(flow, LOCAL, job.job_id).total == 2
        assert table_rows(flow) == []

    def test_a_row_the_database_refuses(self, flow: Workspace) -> None:
        refuse_twins(flow)
        job = take(flow, lines("twin", "twin", "good"), OnErrors.STOP)
        assert (job.status, job.counts.rejected) == (JobStatus.FAILED, 1)
        assert findings.list_rejected(flow, LOCAL, job.job_id).total == 1
        assert table_rows(flow) == []

    def test_more_bad_rows_than_are_borne_whoever_finds_them(self, flow: Workspace) -> None:
        refuse_twins(flow)
        text = lines("twin", "twin", "bad", "good")
        job = take(flow, text, options={"max_error_count": 1})
        assert "More than 1 rows" in (job.error_message or "")
        assert (job.status, job.counts.rejected) == (JobStatus.FAILED, 2)
        assert table_rows(flow) == []

    def test_being_cancelled(self, flow: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        job = queued(flow, lines(*["good"] * 4), OnErrors.LOAD_VALID)
        seen: list[str] = []

        def cancel(number: int) -> None:
            if number == 2:
                with flow.metastore.connect() as db:
                    seen.append(job_rows.get(db, job.job_id).phase)
                jobs.cancel_job(flow, LOCAL, job.job_id)

        before_loading(monkeypatch, cancel)
        ended = local.run_here(flow, job.job_id)
        assert ended.status is JobStatus.CANCELLED
        assert seen == ["Checking and loading"]
        assert table_rows(flow) == []

    def test_a_database_whose_readers_would_wait_is_loaded_afterwards(
        self, ws: Workspace, sqlite_shop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(flowing, "load_batch")
        assert take(ws, HEADER + line("A1")).counts.inserted == 1


class TestAWorkerThatDies:
    def test_leaves_nothing_to_be_doubled(self, flow: Workspace) -> None:
        job = queued(flow, lines("good", "bad", "good"), OnErrors.LOAD_VALID)
        with forking() as dying_workers:
            for step in ("while rows are loaded", "when the file is checked"):
                die(flow, dying_workers, step)
                assert table_rows(flow) == []
        ended = local.run_here(flow, job.job_id)
        assert (ended.attempt, ended.counts.inserted) == (3, 3 * _BATCH - 1)
        assert len(table_rows(flow)) == 3 * _BATCH - 1

    @pytest.mark.parametrize("on_errors", list(OnErrors))
    def test_finds_a_commit_that_came_through_late(
        self, flow: Workspace, on_errors: OnErrors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first worker was cut off while the server carried out its COMMIT."""
        job = queued(flow, lines("good", "good"), on_errors)
        first = local.run_here(flow, job.job_id)
        rows, ledger = table_rows(flow), table_rows(flow, LEDGER.name)
        empty(flow)
        as_if_killed(flow)
        opened = import_work.open_loader

        def late(*args: Any, **given: Any) -> Loader:
            restore(flow, rows, ledger)
            return opened(*args, **given)

        monkeypatch.setattr(import_work, "open_loader", late)
        again = local.run_here(flow, job.job_id)
        assert (again.status, again.counts, again.attempt) == (first.status, first.counts, 2)
        assert len(table_rows(flow)) == 2 * _BATCH
