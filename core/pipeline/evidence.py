"""Every violation and every rejected row, written as they are met.

Two files come of it: the violations (NDJSON, one a line, in the order of the file's rows as far as
one pass can keep it, then an index) and the rejects (CSV: the file's own columns as the mapping got
them, then the row, the line, the reasons and the job), which a person can mend and drop back in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.checks.report import ReportBuilder
from core.formats import by_name
from core.formats.base import LINE, META, ROW, WriteOptions
from core.model.check import Severity
from core.model.dialect import Dialect
from core.model.table import Column, Kind
from core.pipeline.evidence_index import BLOCK, Block, Index, with_shapes
from core.pipeline.spool import write_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The columns a rejects file adds to those of the file it came from.
ADDED = ("tableport_row", "tableport_line", "tableport_reason", "tableport_job")
REJECT_ROW, REJECT_LINE, REJECT_REASON, REJECT_JOB = ADDED

VIOLATION_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "line": pl.Int64(),
    "column": pl.String(),
    "field": pl.String(),
    "check": pl.String(),
    "message": pl.String(),
    "value": pl.String(),
    "severity": pl.String(),
}


def as_violations(
    problems: pl.DataFrame, source: pl.DataFrame, sources: Mapping[str, str]
) -> pl.DataFrame:
    """Problems (by position in the batch) as violations: row, line, source column, cell added.

    `source` is the batch as read; `sources` names the source column of each target.
    """
    parts: list[pl.DataFrame] = []
    for (target,), group in problems.group_by(["field"], maintain_order=True):
        column = sources.get(str(target)) if target is not None else None
        index = group["index"]
        value = (
            source[column].gather(index)
            if column is not None
            else pl.Series([None] * group.height, dtype=pl.String)
        )
        parts.append(
            pl.DataFrame(
                {
                    "row": source[ROW].gather(index),
                    "line": source[LINE].gather(index),
                    "column": pl.Series([column] * group.height, dtype=pl.String),
                    "field": group["field"],
                    "check": group["check"],
                    "message": group["message"],
                    "value": value,
                    "severity": group["severity"],
                },
                schema=VIOLATION_SCHEMA,
            )
        )
    if not parts:
        return pl.DataFrame(schema=VIOLATION_SCHEMA)
    return pl.concat(parts).sort("row", maintain_order=True)


def reasons_by_row(violations: pl.DataFrame) -> pl.DataFrame:
    """One row per rejected row: `row` and `reason`, its errors joined with "; "."""
    said = (
        pl.when(pl.col("field").is_null())
        .then(pl.col("message"))
        .otherwise(pl.concat_str("field", pl.lit(": "), "message"))
    )
    return (
        violations.filter(pl.col("severity") == Severity.ERROR.value)
        .group_by("row", maintain_order=True)
        .agg(said.unique(maintain_order=True).str.join("; ").alias("reason"))
    )


def as_written(dialect: Dialect) -> Dialect:
    """How the rejects of a file are written.

    BOM, so that a spreadsheet opens it as UTF-8; the file's own delimiter, so that it opens the
    way its owner is used to, unless it cannot stand beside our quotes.
    """
    own = dialect.delimiter
    fits = dialect.format == "csv" and len(own) == 1 and own != '"'
    return Dialect(format="csv", delimiter=own if fits else ",", bom=True)


@dataclass(slots=True)
class Evidence:
    """Collects what was found wrong. Memory is bounded: the rows go straight to the two files."""

    violations_file: BinaryIO
    rejects_file: BinaryIO
    dialect: Dialect  #: of the file the rejects came from
    job_id: str = ""  #: of the import that rejects the rows
    report: ReportBuilder = field(default_factory=ReportBuilder)
    rejected_rows: int = 0
    notes: BinaryIO | None = None  #: where what is added is noted down, for `kept_check`
    _index: Index = field(default_factory=Index)
    _open: bool = False  #: does the last block take more?

    def add(self, source: pl.DataFrame, violations: pl.DataFrame) -> None:
        """Note the violations of one batch; `source` holds at least the rejected rows."""
        if violations.is_empty():
            return
        if self.notes is not None:
            write_batch(self.notes, violations)
            write_batch(self.notes, source.filter(source[ROW].is_in(violations["row"].implode())))
        violations = with_shapes(violations)
        block = self._block()
        violations.write_ndjson(self.violations_file)
        self.report.add(violations)
        reasons = reasons_by_row(violations)
        if reasons.height:
            self._write_rejects(source, reasons, block)
        block.note(violations)
        block.end = self.violations_file.tell()
        block.rejects_end = self.rejects_file.tell()
        self._open = block.violations < BLOCK

    def finish(self) -> None:
        """Write what is needed to read pages of it. Nothing can be added any more."""
        self._index.write(self.violations_file, self.violations_file.tell())

    def _block(self) -> Block:
        if not self._open:
            at, rejects_at = self.violations_file.tell(), self.rejects_file.tell()
            self._index.blocks.append(Block(at, at, rejects_at, rejects_at))
        return self._index.blocks[-1]

    def _write_rejects(self, source: pl.DataFrame, reasons: pl.DataFrame, block: Block) -> None:
        rows = source.filter(source[ROW].is_in(reasons["row"].implode()))
        said = rows.select(pl.col(ROW).alias("row")).join(reasons, on="row", maintain_order="left")
        out = pl.DataFrame(
            [
                # A rejects file that was dropped back in has these columns: they are told anew.
                *(rows[name] for name in rows.columns if name not in {*META, *ADDED}),
                rows[ROW].cast(pl.String).alias(REJECT_ROW),
                rows[LINE].cast(pl.String).alias(REJECT_LINE),
                said["reason"].alias(REJECT_REASON),
            ]
        ).with_columns(pl.lit(self.job_id).alias(REJECT_JOB))
        columns = [Column(name=n, kind=Kind.TEXT, type_text="TEXT") for n in out.columns]
        writer = by_name("csv").writer
        assert writer is not None
        # Cells go back as they came: escaping formulas would change what is mended and loaded.
        first = WriteOptions(dialect=as_written(self.dialect), escape_formulas=False)
        more = replace(first, dialect=replace(first.dialect, header=False, bom=False))
        if not self._index.header:
            writer.write([out.clear()], columns, self.rejects_file, first)
            self._index.header = block.rejects_start = self.rejects_file.tell()
        self.rejected_rows += writer.write([out], columns, self.rejects_file, more)
