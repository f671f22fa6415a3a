"""Results as text for a terminal, as Markdown for a page, as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.benchmark import Benchmark, Measured, Result, Table
from benchmarks.machine import Machine

_GIB = 1 << 30
_MIB = 1 << 20


def megabytes(size: int | None) -> str:
    """Mebibytes, as everywhere in Tableport; a dash where the size is not known."""
    return "–" if size is None else f"{size / _MIB:,.0f} MB"


def machine_words(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    memory = f"{machine.memory / _GIB:.0f} GB"
    return f"{machine.system}, {machine.cores} cores, {memory} of memory; {versions}"


def load_words(measured: Measured) -> str:
    before, after = measured.load_before, measured.load_after
    return f"Load of the machine: {before:.2f} before, {after:.2f} after."


def as_text(result: Result) -> str:
    parts = [_text_table(table) for table in result.tables]
    return "\n\n".join([*parts, "\n".join(f"* {note}" for note in result.notes)])


def _text_table(table: Table) -> str:
    lines = [table.columns, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join([table.title, *(_text_line(line, widths) for line in lines)])


def _text_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(padded).rstrip()


def as_markdown(measured: Measured, about: str) -> str:
    """`about`: when and where it was measured, in one line."""
    result = measured.result
    parts = [f"**{table.title}**\n\n{_markdown_table(table)}" for table in result.tables]
    notes = "\n".join(f"- {note}" for note in (*result.notes, about, load_words(measured)))
    return "\n\n".join([*parts, notes])


def _markdown_table(table: Table) -> str:
    ruler = ["---", *("--:" for _ in table.columns[1:])]
    lines = [table.columns, ruler, *table.rows]
    return "\n".join("| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def on_page(page: str, name: str, markdown: str) -> str:
    """The page with the benchmark's part replaced; it stands between two comments.

    Raises ValueError when the page has no such part.
    """
    start, end = f"<!-- {name}: written by python -m benchmarks -->", f"<!-- end of {name} -->"
    part = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not part.search(page):
        raise ValueError(f"The page has no part between {start!r} and {end!r}")
    return part.sub(lambda _: f"{start}\n\n{markdown}\n\n{end}", page)


def as_document(machine: Machine, measured: Mapping[str, Measured]) -> dict[str, Any]:
    """For JSON: the machine, then figures and load of each benchmark by name."""
    return {
        "machine": asdict(machine),
        "benchmarks": {
            name: {
                "load_before": done.load_before,
                "load_after": done.load_after,
                **done.result.figures,
            }
            for name, done in measured.items()
        },
    }


def listed(benchmarks: Sequence[Benchmark]) -> str:
    width = max(len(benchmark.name) for benchmark in benchmarks)
    return "\n".join(f"{b.name.ljust(width)}  {b.about}" for b in benchmarks)
