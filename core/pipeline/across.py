"""Rules that need more than the batch at hand.

Keys that repeat within the file, keys already in the table, and references to rows that are not
there. What a repeated or existing key means depends on the plan (ruling A11): with skip or update
it is the plan's own business and at most a warning; otherwise it rejects the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from core.checks.across import Repeats, UniqueTracker, repeat_problems
from core.checks.problems import PROBLEMS, gather, positions
from core.databases.lookup import existing_keys, is_empty, missing_references
from core.model.check import Severity
from core.model.plan import OnConflict

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.plan import ImportPlan
    from core.model.table import ForeignKey, Table
    from core.pipeline.set_keys import SetKeys

#: The check that a key is not in the table yet.
KEY_TAKEN = "unique_in_table"


class AcrossRows:
    """The state that these rules keep from batch to batch of one file."""

    def __init__(
        self, plan: ImportPlan, table: Table, engine: Engine, set_keys: SetKeys | None = None
    ) -> None:
        """`set_keys`: of the files of a set that come before this one."""
        targets = tuple(m.target for m in plan.mappings)
        self._table, self._engine, self._set_keys = table, engine, set_keys
        self._on_conflict = plan.on_conflict
        self.conflict_key = table.conflict_key(targets, plan.key)
        keys = _mapped_keys(table, set(targets), self.conflict_key)
        self._strict = plan.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
        self._is_new = plan.creates is not None
        self._keys = keys
        self._replaces = plan.on_conflict.updates
        # With update a later row replaces an earlier one, other unique values and all: whether
        # those clash can only be told against the table, by the database.
        self._tracker = UniqueTracker(
            ([self.conflict_key] if self.conflict_key else []) if self._replaces else keys,
            keep="last" if self._replaces else "first",
            table=table,
        )
        self._foreign_keys = [
            fk
            for fk in table.foreign_keys
            if set(targets).issuperset(fk.columns)
            # A parent may be in this very file: only the database can tell.
            and (fk.target_schema, fk.target_table) != (table.ref.schema, table.ref.name)
            and not (set_keys is not None and set_keys.awaits(fk))
        ]

    def check(self, frame: pl.DataFrame, position: pl.Series) -> pl.DataFrame:
        """Problems of a typed batch; `position` is each row's place in the batch as read."""
        found = [self._orphans(fk, frame) for fk in self._foreign_keys]
        if self._on_conflict is OnConflict.SYNC:
            found.append(self._keyless(frame))
        spared = self._spared(frame)
        if self._looks:
            keys = self._keys if self._strict else [k for k in self._keys if k != self.conflict_key]
            found += [self._existing(key, frame, spared) for key in keys]
        # Rows rejected for another reason never get to the table, nor do those that are there
        # already when such are skipped: their keys do not count.
        bad = gather(found)["index"].unique()
        sound = ~pl.int_range(frame.height, dtype=pl.UInt32, eager=True).is_in(bad.implode())
        sound &= ~spared
        kept, place = frame.filter(sound), positions(sound)
        found += [_placed(p, place) for p in self._repeated(kept)]
        return _placed(gather(found), position)

    @cached_property
    def _looks(self) -> bool:
        """May keys of rows be in the table? Rows that are about to go have keys that are free, and
        a table that is not there yet has no rows.

        A table that is empty is not asked again, through batch after batch of our own rows that
        nobody sees yet; what others bring into it meanwhile the database tells as it gets ours.
        """
        looks = self._on_conflict in (OnConflict.ERROR, OnConflict.SKIP)
        return looks and not self._is_new and not is_empty(self._engine, self._table)

    def superseded(self) -> pl.Series:
        """Row numbers that a later row with the same key replaces; only with update."""
        return self._tracker.superseded().cast(pl.Int64)

    def _repeated(self, frame: pl.DataFrame) -> list[pl.DataFrame]:
        repeats = self._tracker.feed(frame)
        own = next((r.index for r in repeats if r.key == self.conflict_key), None)
        problems: list[pl.DataFrame] = []
        for repeat in repeats:
            if self._strict:
                problems.append(repeat_problems(frame, repeat, Severity.ERROR))
            elif repeat.key == self.conflict_key:
                problems.append(repeat_problems(frame, repeat, Severity.WARNING))
            else:
                # A row that the conflict key says to skip clashes with nothing.
                other = repeat if own is None else _without(repeat, own)
                problems.append(repeat_problems(frame, other, Severity.ERROR))
        return problems

    def _spared(self, frame: pl.DataFrame) -> pl.Series:
        """Rows that will be skipped, since their key is in the table."""
        if self._on_conflict is not OnConflict.SKIP or not self.conflict_key or not self._looks:
            return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        return existing_keys(self._engine, self._table, self.conflict_key, frame)

    def _existing(
        self, key: tuple[str, ...], frame: pl.DataFrame, spared: pl.Series
    ) -> pl.DataFrame:
        there = existing_keys(self._engine, self._table, key, frame) & ~spared
        said = f"is already in {self._table.label}, where {' and '.join(key)} must be unique"
        return _key_problems(frame, key, there, KEY_TAKEN, said)

    def _keyless(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows without a whole key could not be told, in the end, from rows the file lacks."""
        empty = (frame.get_column(name).is_null() for name in self.conflict_key)
        index = positions(reduce(or_, empty))
        key = " and ".join(self.conflict_key)
        message = f"Rows are told apart by {key}: to sync, give every row a value"
        return pl.DataFrame({"index": index}).select(
            "index",
            pl.lit(self.conflict_key[0]).alias("field"),
            pl.lit("required").alias("check"),
            pl.lit(message).alias("message"),
            pl.lit(Severity.ERROR.value).alias("severity"),
        )

    def _orphans(self, fk: ForeignKey, frame: pl.DataFrame) -> pl.DataFrame:
        orphan = missing_references(self._engine, self._table, fk, frame)
        key = f"{fk.target_label} ({', '.join(fk.target_columns)})"
        found = []
        if self._set_keys is not None:
            orphan &= ~self._set_keys.accepted(fk, self._table, frame)
            refused = orphan & self._set_keys.refused(fk, self._table, frame)
            orphan &= ~refused
            said = f"is of a row for {key} that was rejected"
            found.append(_key_problems(frame, fk.columns, refused, "reference", said))
        found.append(_key_problems(frame, fk.columns, orphan, "reference", f"is not in {key}"))
        return gather(found)


def _mapped_keys(
    table: Table, targets: set[str], conflict_key: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """Every unique key the file gives wholly, the conflict key first."""
    keys = [k.columns for k in table.keys if targets.issuperset(k.columns)]
    if conflict_key:
        keys = [conflict_key, *(k for k in keys if k != conflict_key)]
    return list(dict.fromkeys(keys))


def _without(repeat: Repeats, index: pl.Series) -> Repeats:
    keep = ~repeat.index.is_in(index.implode())
    return Repeats(
        key=repeat.key,
        index=repeat.index.filter(keep),
        earlier_row=repeat.earlier_row.filter(keep),
    )


def _key_problems(
    frame: pl.DataFrame, key: Sequence[str], mask: pl.Series, check: str, said: str
) -> pl.DataFrame:
    index = positions(mask)
    values = [frame.get_column(name).gather(index).cast(pl.String) for name in key]
    shown = pl.DataFrame([v.alias(f"v{n}") for n, v in enumerate(values)]).select(
        pl.concat_str(pl.all(), separator=", ", ignore_nulls=True).alias("shown")
    )["shown"]
    return pl.DataFrame({"index": index, "shown": shown}).select(
        "index",
        pl.lit(key[0]).alias("field"),
        pl.lit(check).alias("check"),
        pl.format("'{}' {}", "shown", pl.lit(said)).alias("message"),
        pl.lit(Severity.ERROR.value).alias("severity"),
    )


def _placed(problems: pl.DataFrame, position: pl.Series) -> pl.DataFrame:
    """The same problems, by place in the batch they came from."""
    if problems.is_empty():
        return pl.DataFrame(schema=PROBLEMS)
    return problems.with_columns(position.gather(problems["index"]).cast(pl.UInt32).alias("index"))
