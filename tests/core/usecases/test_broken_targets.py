"""A disk that is full and a connection that is cut in the middle of an import, in every mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.connect import open_engine
from core.databases.loaders.base import Loader
from core.errors import ImportDenied, InvalidRequest
from core.metastore import queue
from core.model.job import JobStatus
from core.model.plan import OnErrors, WriteMode
from core.usecases import access, connections, imports, local, watch
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, table_rows
from tests.core.usecases.recovering import (
    is_sqlite,
    queued,
    require_exact_evidence,
    require_tidy,
)
from tests.order_lines import GOOD, TABLE, create_order_tables, write_order_lines

#: What brings the rows of a batch to the database.
BRINGS = {WriteMode.DIRECT: "load", WriteMode.STAGED: "shelve", WriteMode.RESUME: "load"}


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    retry_later = queue.retry_later

    def now(db: Any, job: Any, owner: str, _delay: float, values: Any) -> bool:
        return retry_later(db, job, owner, 0.0, values)

    monkeypatch.setattr(queue, "retry_later", now)


def at_call(
    monkeypatch: pytest.MonkeyPatch, mode: WriteMode, call: int, happens: Callable[[Loader], None]
) -> None:
    function, calls = getattr(Loader, BRINGS[mode]), [0]

    def brought(loader: Loader, *args: Any) -> Any:
        calls[0] += 1
        if calls[0] == call:
            happens(loader)
        return function(loader, *args)

    monkeypatch.setattr(Loader, BRINGS[mode], brought)


def broken(ws: Workspace, loader: Loader) -> None:
    """The disk is full for this connection, or the server ends it."""
    if is_sqlite(ws):
        loader.connection.exec_driver_sql("PRAGMA max_page_count = 1")
        return
    driver: Any = loader.connection.connection.driver_connection
    with ws.engine("shop").connect() as other:
        ended = sa.text("SELECT pg_terminate_backend(:pid, 10000)")
        assert other.execute(ended, {"pid": driver.info.backend_pid}).scalar()


@pytest.mark.parametrize("mode", WriteMode)
@pytest.mark.usefixtures("shop")
def test_trouble_that_passes_costs_an_attempt(
    ws: Workspace, tmp_path: Path, mode: WriteMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queued(ws, tmp_path, mode=mode)
    give_up = queue.retry_later

    def mended(*args: Any) -> bool:
        ws.engine("shop").dispose()  # room on the disk again, and another connection
        return give_up(*args)

    at_call(monkeypatch, mode, 3, lambda loader: broken(ws, loader))
    monkeypatch.setattr(queue, "retry_later", mended)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert ended.counts.inserted == GOOD == len(table_rows(ws))
    require_exact_evidence(ws, job)
    require_tidy(ws)


@pytest.mark.parametrize("mode", WriteMode)
def test_a_disk_that_stays_full_fails_clearly_and_the_next_import_succeeds(
    ws: Workspace, sqlite_shop: str, tmp_path: Path, mode: WriteMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    job = queued(ws, tmp_path, mode=mode)
    with monkeypatch.context() as patched:
        at_call(patched, mode, 3, lambda loader: broken(ws, loader))
        ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.FAILED, 3)
    assert "the disk is full" in (ended.error_message or "")
    assert len(table_rows(ws)) == ended.counts.inserted
    assert (ended.counts.inserted > 0) == (mode is WriteMode.RESUME)
    ws.engine(sqlite_shop).dispose()
    with ws.engine(sqlite_shop).begin() as db:
        db.exec_driver_sql(f"DELETE FROM {TABLE}")
    again = local.run_here(ws, queued(ws, tmp_path, mode=mode).job_id)
    assert again.counts.inserted == GOOD == len(table_rows(ws))


@pytest.mark.parametrize("mode", WriteMode)
def test_rights_that_are_taken_back_stop_it_at_the_next_batch(
    ws: Workspace, people: People, tmp_path: Path, mode: WriteMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_order_lines(tmp_path / "lines.csv").read_bytes()
    job = draft(ws, people.ann, content, options={"mode": mode.value})
    imports.start_import(ws, people.ann, job.job_id, on_errors=OnErrors.LOAD_VALID)
    monkeypatch.setattr(watch, "_RIGHTS_EVERY", -1.0)
    check, calls = watch.Watch.check_rights, [0]

    def revoked(self: watch.Watch) -> Any:
        calls[0] += 1
        if calls[0] == 9:  # once at the start, with each of five batches checked, then loaded
            access.set_grant(
                ws, LOCAL, "ann", table=TABLE, connection="shop", can_import=False, can_export=True
            )
        return check(self)

    monkeypatch.setattr(watch.Watch, "check_rights", revoked)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, ImportDenied.code)
    assert calls[0] == 9
    assert len(table_rows(ws)) == ended.counts.inserted
    assert (ended.counts.inserted > 0) == (mode is WriteMode.RESUME)


def test_the_file_of_our_own_tables_is_refused(ws: Workspace) -> None:
    """SQLite would let only one of the two write."""
    url = ws.settings.metastore_address
    engine = open_engine(url)
    create_order_tables(engine)
    engine.dispose()
    connections.add_connection(ws, LOCAL, name="ours", url=url, default=True)
    job = draft(ws, LOCAL, b"Line Code\nA\n", connection="ours")
    with pytest.raises(InvalidRequest, match="keeps its own tables"):
        imports.start_import(ws, LOCAL, job.job_id)
