"""How far a run has come that is committed part by part, in the database that holds its rows.

One row for who may write the next part, and one for every part: it is written in the transaction
of the part, so that what is noted and what is in the table are one thing. A worker that lost its
job to a later attempt finds that attempt's number, and can commit nothing any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from core.databases.loaders import ledger
from core.databases.loaders.contract import Outcome
from core.databases.refusals import translated
from core.model.job import Counts

PROGRESS = sa.Table(
    "tableport_progress",
    sa.MetaData(),
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, nullable=False),  # of part 0: the only one that may write
    sa.Column("upto", sa.BigInteger, nullable=False),  # number of the last row it deals with
    sa.Column("counts", sa.Text, nullable=False),  # JSON: what became of its rows
    sa.Column("refused", sa.Text, nullable=False),  # JSON: numbers of rows the database refused
)
_OWNER = 0
_COUNTED = ("inserted", "updated", "unchanged", "skipped")


class Overtaken(Exception):
    """A later attempt at the same run has begun: nothing may be written any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """The parts of a run that are committed."""

    parts: int = 0
    upto: int = 0  #: rows of the file up to this number are dealt with
    done: Outcome = field(default_factory=Outcome)  #: without the rows refused
    refused: frozenset[int] = frozenset()  #: numbers of rows the database refused
    checked: Counts = field(default_factory=Counts)  #: of the check: rows read, rejected, ignored

    @property
    def counts(self) -> Counts:
        """What became of the rows dealt with; all that the check rejected are among them."""
        done, refused = self.done, len(self.refused)
        loaded = done.inserted + done.updated + done.unchanged + done.skipped
        return Counts(
            rows_read=loaded + refused + self.checked.rejected,
            inserted=done.inserted,
            updated=done.updated,
            unchanged=done.unchanged,
            skipped=done.skipped,
            rejected=refused + self.checked.rejected,
            ignored=self.checked.ignored,
        )

    def with_part(self, upto: int, outcome: Outcome) -> Progress:
        """The progress once this part is committed too; `outcome` tells its failures."""
        return replace(
            self,
            parts=self.parts + 1,
            upto=upto,
            done=self.done + replace(outcome, failures=()),
            refused=self.refused | {failure.row for failure in outcome.failures},
        )


def prepare(engine: Engine) -> bool:
    """Make our table where it is missing; False when the database user may not.

    Raises TargetDatabaseError.
    """
    with translated("The progress of imports cannot be kept"), engine.connect() as connection:
        return ledger.prepare(connection, PROGRESS)


def so_far(engine: Engine, run_id: str) -> Progress:
    """What is committed of a run; nothing where no progress was ever kept.

    Raises TargetDatabaseError.
    """
    with translated("The progress of the import cannot be read"), engine.connect() as connection:
        if not ledger.usable(connection, PROGRESS):
            return Progress()
        return _read(connection, run_id)


def take(connection: Connection, run_id: str, attempt: int, checked: Counts) -> Progress:
    """From here on only this attempt may write; what is committed so far.

    `checked`: rows read, rejected and ignored, the same in every attempt. Waits for a part that an
    earlier attempt is just committing. Raises Overtaken.
    """
    try:
        with connection.begin_nested():
            _write(connection, run_id, _OWNER, attempt, 0, asdict(checked), ())
    except IntegrityError:
        mine = PROGRESS.c.attempt <= attempt
        if not _held(connection, run_id, mine, attempt):
            raise Overtaken(run_id) from None
    return _read(connection, run_id)


def require_latest(connection: Connection, run_id: str, attempt: int) -> None:
    """The fence, first statement of every part: later attempts wait until it has ended.

    Raises Overtaken.
    """
    if not _held(connection, run_id, PROGRESS.c.attempt == attempt, attempt):
        raise Overtaken(run_id)


def note(
    connection: Connection, run_id: str, attempt: int, progress: Progress, part: Outcome
) -> None:
    """Write down a part in its own transaction; `progress` has it already."""
    refused = sorted(failure.row for failure in part.failures)
    counts = {name: getattr(part, name) for name in _COUNTED}
    _write(connection, run_id, progress.parts, attempt, progress.upto, counts, refused)


def forget(connection: Connection, run_id: str) -> None:
    """Remove what is known of a run."""
    connection.execute(sa.delete(PROGRESS).where(PROGRESS.c.run_id == run_id))


def _held(connection: Connection, run_id: str, mine: sa.ColumnElement[bool], attempt: int) -> bool:
    owner = sa.update(PROGRESS).where(PROGRESS.c.run_id == run_id, PROGRESS.c.part == _OWNER, mine)
    return connection.execute(owner.values(attempt=attempt)).rowcount == 1


def _write(
    connection: Connection,
    run_id: str,
    part: int,
    attempt: int,
    upto: int,
    counts: dict[str, int],
    refused: Iterable[int],
) -> None:
    connection.execute(
        sa.insert(PROGRESS).values(
            run_id=run_id,
            part=part,
            attempt=attempt,
            upto=upto,
            counts=json.dumps(counts),
            refused=json.dumps(list(refused)),
        )
    )


def _read(connection: Connection, run_id: str) -> Progress:
    rows = connection.execute(
        sa.select(PROGRESS.c.upto, PROGRESS.c.counts, PROGRESS.c.refused)
        .where(PROGRESS.c.run_id == run_id)
        .order_by(PROGRESS.c.part)
    ).all()
    if not rows:
        return Progress()
    owner, *parts = rows
    done, refused = Outcome(), set[int]()
    for part in parts:
        done += Outcome(**json.loads(part.counts))
        refused.update(json.loads(part.refused))
    return Progress(
        parts=len(parts),
        upto=parts[-1].upto if parts else 0,
        done=done,
        refused=frozenset(refused),
        checked=Counts(**json.loads(owner.counts)),
    )
