"""One file brought into the table of orders by the pipeline alone: a process of its own.

    python -m benchmarks.one_pipeline ADDRESS FILE [ON_CONFLICT]

Reading, mapping, checking with Pandera and writing, in one process: no upload, nothing encrypted,
no parser beside it, no job. Bad rows are rejected into the two files of evidence. Prints JSON: the
counts.
"""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.orders import COLUMNS, TABLE
from core.databases.connect import normalise_url, open_engine
from core.databases.loaders import Loader, open_loader
from core.databases.reflect import reflect_table
from core.formats import read_file
from core.formats.base import Batch, ReadLimits
from core.formats.confinement.parser import ParserLimits
from core.model.dialect import Dialect
from core.model.job import Counts
from core.model.mapping import Circumstances, FieldMapping
from core.model.plan import ImportPlan, OnConflict, OnErrors
from core.pipeline.evidence import Evidence
from core.pipeline.flowing import Flow, may_flow
from core.pipeline.importing import Source, check_file, into_spool
from core.pipeline.judging import Terms
from core.pipeline.loading import load_spool


class PlainFile(Source):
    """A file that is read as it lies, in this process."""

    def batches(
        self, plan: ImportPlan, *, as_shown: Collection[str] = frozenset()
    ) -> Iterator[Batch]:
        """As Source has it, for a file that shows its cells as they are."""
        with Path(next(self.open()).decode()).open("rb") as file:
            yield from read_file(file, plan.dialect, rows=plan.batch_rows, limits=self.limits)


def bring_in(address: str, file: Path, on_conflict: OnConflict) -> Counts:
    """Import the file. Raises as the pipeline does."""
    engine = open_engine(normalise_url(address))
    plan = ImportPlan(
        connection="",
        table=TABLE,
        upload="",
        filename=file.name,
        dialect=Dialect(format="csv", delimiter=",", null_values=("",)),
        mappings=tuple(FieldMapping(source=name, target=name) for name in COLUMNS),
        on_conflict=on_conflict,
        on_errors=OnErrors.LOAD_VALID,
        undoable=False,
    )
    circumstances = Circumstances(now=datetime.now(UTC), user="benchmark", filename=file.name)
    terms = Terms(table=reflect_table(engine, TABLE), engine=engine, circumstances=circumstances)
    source = PlainFile(
        open=lambda: iter([bytes(file)]),
        size=file.stat().st_size,
        limits=ReadLimits(),
        parser=ParserLimits(),
    )
    key = terms.table.conflict_key(COLUMNS, ())

    def loader() -> Loader:
        return open_loader(
            engine, terms.table, COLUMNS, key=key, on_conflict=on_conflict, run_id=uuid.uuid4().hex
        )

    with tempfile.TemporaryFile() as found, tempfile.TemporaryFile() as rejects:
        evidence = Evidence(found, rejects, plan.dialect)
        if may_flow(plan, terms):
            with Flow(plan, loader) as flow:
                checked = check_file(plan, terms, source, evidence, flow.take, _unwatched)
                counts = flow.finish(checked).counts
                flow.loader.commit(counts)
                return counts
        with tempfile.TemporaryFile() as spool:
            checked = check_file(plan, terms, source, evidence, into_spool(spool), _unwatched)
            spool.seek(0)
            with loader() as opened:
                counts = load_spool(plan, checked, spool, opened, _unwatched).counts
                opened.commit(counts)
            return counts


def _unwatched(_phase: str, _done: float, _rows: int) -> None:
    """Nobody looks on."""


def main(arguments: list[str]) -> None:
    address, file, *more = arguments
    counts = bring_in(address, Path(file), OnConflict(more[0] if more else "error"))
    print(json.dumps(asdict(counts)))


if __name__ == "__main__":
    main(sys.argv[1:])
