"""Whether a file is a workbook, which sheet holds the table, and where on it the table stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.errors import InvalidFormat
from core.formats.base import Head, ReadLimits
from core.formats.excel.grid import Grid
from core.formats.excel.layout import blank_rows, header_cells, lay_out
from core.formats.excel.surroundings import footer_rows, other_tables
from core.formats.excel.workbook import OLE_START, ZIP_START, Sheet, Workbook
from core.formats.text.header import HeaderJudgement, judge_header
from core.model.dialect import Detection, Dialect, Finding, Given

EXCEL = "excel"
EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_MOST_PREAMBLE = 30  # rows
_SAMPLE_ROWS = 200
_FIRST_LINES = 10
_LONGEST_SHOWN = 500  # characters of a line
_MOST_HEADER_ROWS = 5
#: What begins like a number or date, and is no year: years do stand in headers.
_VALUE = re.compile(r"(?!(?:19|20)\d\d$)-?\d|(?:true|false)$")


@dataclass(kw_only=True, slots=True)
class _Told:
    """How the sheet is to be read, and why."""

    dialect: Dialect
    given: Given
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def find(
        self,
        name: str,
        value: str,
        confidence: float,
        evidence: str,
        sheets: Sequence[Sheet] = (),
    ) -> None:
        """`sheets`: those of which one can be chosen."""
        choices = tuple(sheet.name for sheet in sheets)
        self.findings.append(
            Finding(
                name=name, value=value, confidence=confidence, evidence=evidence, choices=choices
            )
        )


def detect(head: Head, *, given: Given) -> Detection | None:
    """See `core.formats.base.Reader`. Any ZIP or OLE file named as a workbook must be one."""
    if not head.start.startswith((ZIP_START, OLE_START)):
        return None
    named = "format" in given or head.filename.lower().endswith(EXTENSIONS)
    try:
        workbook = Workbook(head.whole())
    except InvalidFormat:
        if named:
            raise
        return None
    sheet = workbook.chosen(given.get("sheet"))
    grid = workbook.load(sheet)
    found = Dialect(format=EXCEL, sheet=sheet.name)
    told = _Told(dialect=replace(found, **given), given=given)
    _tell_sheet(told, workbook, sheet)
    _tell_table(told, grid)
    layout = lay_out(grid, told.dialect, ReadLimits())
    flawed = grid.flaws.drop_nulls()
    if flawed.len():
        rows = "1 row has" if flawed.len() == 1 else f"{flawed.len():,} rows have"
        told.warnings.append(f"{rows} cells without a value: {flawed[0]}.")
    return Detection(
        dialect=told.dialect,
        columns=tuple(layout.names),
        findings=tuple(told.findings),
        warnings=(*workbook.warnings, *told.warnings, *layout.warnings),
        first_lines=_first_lines(grid),
    )


def _tell_sheet(told: _Told, workbook: Workbook, sheet: Sheet) -> None:
    others = [other for other in workbook.sheets if other is not sheet]
    if not others:
        told.find("sheet", sheet.name, 0.99, "It is the only sheet.", workbook.sheets)
        return
    listed = ", ".join(_described(workbook, other) for other in others[:20])
    if len(others) > 20:
        listed += f" and {len(others) - 20} more"
    filled = any(other.visible and _rows(workbook, other) for other in others)
    told.find(
        "sheet",
        sheet.name,
        0.6 if filled else 0.9,
        f"It is the first visible sheet with cells. Other sheets: {listed}.",
        workbook.sheets,
    )
    if filled and "sheet" not in told.given:
        told.warnings.append(
            f"Only the sheet “{sheet.name}” is read. Choose another to import it: {listed}."
        )


def _described(workbook: Workbook, sheet: Sheet) -> str:
    rows = _rows(workbook, sheet)
    size = "cannot be read" if rows is None else f"{rows:,} rows" if rows != 1 else "1 row"
    return f"“{sheet.name}” ({size}{'' if sheet.visible else ', hidden'})"


def _rows(workbook: Workbook, sheet: Sheet) -> int | None:
    try:
        return workbook.rows(sheet)
    except InvalidFormat:
        return None


def _tell_table(told: _Told, grid: Grid) -> None:
    start = told.given.get("skip_rows", 0)
    blank = blank_rows(grid)[start:]
    filled = [start + n for n in (~blank[: _SAMPLE_ROWS + _MOST_PREAMBLE]).arg_true()]
    if not filled:
        return
    first = filled[0]
    if "skip_rows" not in told.given:
        first = _first_of_table(grid, filled)
        told.dialect = replace(told.dialect, skip_rows=first)
    above = [n for n in filled if n < first]
    if above:
        words = " ".join(cell for cell in grid.cells.row(above[0]) if cell)[:60]
        evidence = f"Title rows beginning with “{words}” stand above the first row of the table."
        told.find("skip_rows", str(first), 0.8, evidence)
        told.warnings.append(f"The first {first} rows are skipped: titles, beginning “{words}”.")
    names = _tell_header(told, grid, [n for n in filled if n >= first])
    if "skip_footer" not in told.given:
        footer = footer_rows(grid, first)
        if footer.skipped:
            told.dialect = replace(told.dialect, skip_footer=footer.skipped)
            told.find("skip_footer", str(footer.skipped), 0.7, footer.evidence)
        told.warnings += footer.warnings
    told.warnings += other_tables(grid, first, names)


def _first_of_table(grid: Grid, filled: Sequence[int]) -> int:
    """The first row that fills more than a quarter of the columns the rows usually fill."""
    counts = {n: sum(cell is not None for cell in grid.cells.row(n)) for n in filled}
    usual = sorted(counts.values())[len(counts) // 2]
    for n in filled[:_MOST_PREAMBLE]:
        if counts[n] > max(1, usual // 4) or usual < 2:
            return n
    return filled[0]


def _tell_header(told: _Told, grid: Grid, filled: Sequence[int]) -> list[str]:
    """Settle the header, and say its cells."""
    first = filled[0]
    depth, why = _depth(grid, first, told.given)
    body = first + depth
    below = [n for n in filled if n >= body][:_SAMPLE_ROWS]
    names = header_cells(grid, first, body)
    rows = [names, *([cell or "" for cell in grid.cells.row(n)] for n in below)]
    judged = judge_header(rows, len(names))
    if "header" in told.given:
        told.dialect = replace(told.dialect, header_rows=depth)
        if depth > 1:
            told.find("header_rows", str(depth), 0.8, why)
        return names
    if depth > 1:
        told.dialect = replace(told.dialect, header=True, header_rows=depth)
        told.find("header", "yes", 0.85, why)
        told.find("header_rows", str(depth), 0.8, why)
        return names
    if first in grid.typed_rows and any(_VALUE.match(cell) for cell in names):
        judged = HeaderJudgement(
            present=False, confidence=0.85, evidence="It holds numbers or dates, not only texts."
        )
    told.dialect = replace(told.dialect, header=judged.present)
    told.find("header", "yes" if judged.present else "no", judged.confidence, judged.evidence)
    if judged.confidence < 0.75:
        told.warnings.append(judged.warning)
    return names


def _depth(grid: Grid, first: int, given: Given) -> tuple[int, str]:
    """How many rows the header takes, by cells merged in it; 1 and '' when none are."""
    if not given.get("header", True):
        return 1, ""
    if "header_rows" in given:
        return given["header_rows"], "More than one row was set for it."
    deepest = 1
    wide = False
    for (top, left), (bottom, right) in grid.merged:
        if top == first and left < grid.cells.width:
            deepest = max(deepest, bottom - top + 1)
            wide = wide or (right > left and bottom == top)
    if deepest == 1 and wide and first + 1 < grid.cells.height:
        under = grid.cells.row(first + 1)
        if first + 1 not in grid.typed_rows and sum(cell is not None for cell in under) > 1:
            deepest = 2
    if deepest == 1 or deepest > _MOST_HEADER_ROWS or first + deepest >= grid.cells.height:
        return 1, ""
    return deepest, f"Cells are merged over the {deepest} rows from row {first + 1} on."


def _first_lines(grid: Grid) -> tuple[str, ...]:
    lines = []
    for row in grid.cells.head(_FIRST_LINES).iter_rows():
        line = "\t".join(cell or "" for cell in row).rstrip("\t")
        lines.append(line[:_LONGEST_SHOWN])
    return tuple(lines)
