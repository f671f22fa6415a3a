"""An import in one pass: accepted rows are loaded on another thread while the next are checked.

All of it is one transaction, which nothing commits before the whole file is checked. Nothing is
spooled, so a file must not have to be known whole before its first row may be written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from core.databases.beside import reads_beside_writes
from core.databases.loaders import Loader, Outcome
from core.databases.loaders.faults import refers_to_itself
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode
from core.pipeline.importing import CheckedFile, into_spool, nothing_written, too_many
from core.pipeline.loading import Loaded, counts_of, load_batch, stops
from core.pipeline.spool import read_batches

if TYPE_CHECKING:
    import polars as pl

    from core.files.scratch import Scratch
    from core.pipeline.judging import Terms

#: Batches that wait for the loader or are loaded, besides the one that is checked.
_AHEAD = 2


def may_flow(plan: ImportPlan, terms: Terms) -> bool:
    """May rows be loaded while others are checked?

    Not where a later row decides what becomes of an earlier one (update and sync, a table that
    refers to itself, changes foreseen), nor where the questions about rows that are there would
    wait for our own writing.
    """
    at_once = plan.mode is WriteMode.DIRECT and plan.planned is None
    in_order = not plan.on_conflict.updates and not refers_to_itself(terms.table)
    return at_once and in_order and reads_beside_writes(terms.engine)


class Flow:
    """Takes what `check_file` accepts. Leaving it ends the thread, and the transaction with it.

    `open_loader` is called with the first row that is accepted.
    """

    def __init__(self, plan: ImportPlan, open_loader: Callable[[], Loader]) -> None:
        self._plan, self._open = plan, open_loader
        self._loader: Loader | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="load")
        self._ahead: deque[Future[None]] = deque()
        self._done, self._deleted = Outcome(), 0
        self._given_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._given_up = True
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._loader is not None:
            self._loader.rollback()

    @property
    def loader(self) -> Loader:
        """The loader, opened by now or never. Raises as `open_loader` does."""
        if self._loader is None:
            self._loader = self._open()
            if self._plan.on_conflict is OnConflict.REPLACE:
                self._deleted = self._loader.clear()
        return self._loader

    def take(self, accepted: pl.DataFrame, rejected: int) -> None:
        """Load the rows when those before are in; `rejected` rows of the file were so far.

        What went wrong with earlier ones is raised. Once nothing can come of the import any
        more, what was written is taken back and rows are let go of.
        """
        if not accepted.is_empty() or self._hopeless(rejected):
            self.pour([accepted], rejected)

    def pour(self, batches: Iterable[pl.DataFrame], rejected: int) -> None:
        """The same with several batches, each asked for when its turn has come."""
        if not self._given_up and self._hopeless(rejected):
            self.give_up()
        if self._given_up:
            return
        loader = self.loader
        self._wait(_AHEAD - 1)
        self._ahead.append(self._thread.submit(self._load, loader, batches))

    def finish(self, checked: CheckedFile) -> Loaded:
        """What became of the file, once all of it was taken, unless its checks stop the import.

        The transaction is left open for the caller to commit unless the import has stopped.
        """
        self._wait(0)
        failures = self._done.failures
        if stops(self._plan, checked, self._done):
            self.give_up()
            counts = nothing_written(checked, len(failures))
            return Loaded(counts=counts, failures=failures, stopped=True)
        # A file without a row that is accepted may still empty the table, and has a ledger row.
        self._loader = self.loader
        counts = counts_of(checked, self._done, self._deleted)
        return Loaded(counts=counts, failures=failures, stopped=False)

    def _load(self, loader: Loader, batches: Iterable[pl.DataFrame]) -> None:
        """On the thread. Rows still waiting are not tried when nothing can come of them."""
        for accepted in batches:
            if self._given_up or self._hopeless(0):
                return
            self._done += load_batch(self._plan, loader, accepted)

    def _hopeless(self, rejected: int) -> bool:
        failed = len(self._done.failures)
        if failed and self._plan.on_errors is OnErrors.STOP:
            return True
        return self._stopped_by_checks(rejected) or too_many(self._plan, rejected + failed)

    def _stopped_by_checks(self, rejected: int) -> bool:
        stop = self._plan.on_errors is OnErrors.STOP and rejected > 0
        return stop or too_many(self._plan, rejected)

    def give_up(self) -> None:
        """Take back what was written: nothing can come of the import, so it holds no locks."""
        self._given_up = True
        self._wait(0)
        if self._loader is not None:
            self._loader.rollback()

    def _wait(self, most: int) -> None:
        while len(self._ahead) > most:
            self._ahead.popleft().result()


class HeldBack:
    """Takes what `check_file` accepts: into a spool as long as all of it may have to wait, from
    where it flows, with all that follows, once there are too many rows for that."""

    def __init__(self, spool: Scratch, flow: Flow, most: int | None) -> None:
        """`most` rows of a file are held back; None: however many there are."""
        self._spool, self._flow, self._most = spool, flow, most
        self._keep = into_spool(spool.file)
        self._accepted = 0
        self.flows = most == 0  #: is the spool of no use any more?

    def take(self, accepted: pl.DataFrame, rejected: int) -> None:
        """As `check_file` tells. Raises as `Flow.take` does."""
        if self.flows:
            self._flow.take(accepted, rejected)
            return
        self._keep(accepted, rejected)
        self._accepted += accepted.height
        if self._most is not None and self._accepted + rejected > self._most:
            self.flows = True
            self._flow.pour(self._held(), rejected)

    def _held(self) -> Iterator[pl.DataFrame]:
        with self._spool.reread() as spool:
            yield from read_batches(spool)
