"""5,000 order lines with eleven bad cells: the file and tables of the acceptance tests.

Nothing here imports the product. The expected values are computed beside the file, so a test
that compares an exported table with `expected_rows()` compares it with the source itself.

    create_order_tables(engine)      order_lines, empty, and its two parents, filled
    write_order_lines(path)          the CSV an analyst would drop
    BAD_CELLS                        what must be found wrong in it, where, by which check
    repair(text)                     the rejects file with every bad cell put right
    expected_rows()                  the finished table in canonical text
    exported_rows(text)              an exported CSV, to be compared with expected_cells()
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

TABLE = "order_lines"
ROWS = 5_000
ORDERS = 1_250
PRODUCTS = 60

#: Header of the file → column of the table. None of them is spelled the same.
COLUMNS = {
    "Line Code": "line_code",
    "Order ID": "order_id",
    "Product SKU": "product_sku",
    "Qty": "quantity",
    "Unit Price": "unit_price",
    "Ordered On": "ordered_on",
    "Gift Wrap": "gift_wrap",
    "Status": "status",
    "Note": "note",
}
#: The mapping a person would choose, as the guide writes it.
MAPPING = [
    {"sourceColumn": "Line Code", "targetColumn": "line_code", "transform": None},
    {"sourceColumn": "Order ID", "targetColumn": "order_id", "transform": None},
    {"sourceColumn": "Product SKU", "targetColumn": "product_sku", "transform": None},
    {"sourceColumn": "Qty", "targetColumn": "quantity", "transform": None},
    {"sourceColumn": "Unit Price", "targetColumn": "unit_price", "transform": None},
    {
        "sourceColumn": "Ordered On",
        "targetColumn": "ordered_on",
        "transform": {"name": "date", "options": {"order": "dmy"}},
    },
    {"sourceColumn": "Gift Wrap", "targetColumn": "gift_wrap", "transform": "boolean"},
    {"sourceColumn": "Status", "targetColumn": "status", "transform": None},
    {"sourceColumn": "Note", "targetColumn": "note", "transform": None},
]

_DDL = (
    "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, customer_email VARCHAR(120) NOT NULL)",
    "CREATE TABLE products (sku VARCHAR(20) NOT NULL PRIMARY KEY, title VARCHAR(100) NOT NULL)",
    """CREATE TABLE order_lines (
        line_code VARCHAR(12) NOT NULL PRIMARY KEY,
        order_id INTEGER NOT NULL REFERENCES orders (id),
        product_sku VARCHAR(20) NOT NULL REFERENCES products (sku),
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        unit_price NUMERIC(10, 2) NOT NULL,
        ordered_on DATE NOT NULL,
        gift_wrap BOOLEAN NOT NULL,
        status VARCHAR(10) NOT NULL CHECK (status IN ('open', 'shipped', 'returned')),
        note VARCHAR(60)
    )""",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadCell:
    """One cell of the file that must be refused; `right` is what should have stood there."""

    kind: str  #: in words
    row: int  #: 1-based data row
    header: str
    wrong: str | None  #: None: nothing at all
    right: str
    checks: frozenset[str]  #: the check that must name it (a transform's failure names itself)

    @property
    def field(self) -> str:
        return COLUMNS[self.header]


def _line_code(row: int) -> str:
    return f"L{row:06d}"


def _bad(kind: str, row: int, header: str, wrong: str | None, *checks: str) -> BadCell:
    right = _cells(row)[header] or ""
    return BadCell(
        kind=kind, row=row, header=header, wrong=wrong, right=right, checks=frozenset(checks)
    )


_NOTES = (
    None,
    None,
    "leave at the door",
    'says "ring twice"',
    "Grüße aus Köln, bitte",
    "two\nlines",
    "",
    "00123",
    "日本へ 🎁",
    "semi;colon\tand tab",
)
_STATUSES = ("open", "shipped", "returned")


def _ordered_on(row: int) -> date:
    return date(2024, 1, 1) + timedelta(days=(row * 17) % 900)


def _cells(row: int) -> dict[str, str | None]:
    """The right cells of one data row, as the file spells them; None is an unquoted nothing."""
    return {
        "Line Code": _line_code(row),
        "Order ID": str((row - 1) // 4 + 1),
        "Product SKU": f"{(row * 7) % PRODUCTS:04d}",
        "Qty": str(row % 12 + 1),
        "Unit Price": f"{(row * 37) % 90_000 // 100}.{(row * 37) % 100:02d}",
        "Ordered On": _ordered_on(row).strftime("%d/%m/%Y"),
        "Gift Wrap": "yes" if row % 3 == 0 else "no",
        "Status": _STATUSES[row % len(_STATUSES)],
        "Note": _NOTES[row % len(_NOTES)],
    }


BAD_CELLS = (
    _bad("not a whole number", 312, "Qty", "three", "type"),
    _bad("number out of range", 655, "Qty", "99999999999999999999", "range"),
    _bad("too many decimals", 1004, "Unit Price", "12.345", "scale"),
    _bad("missing required", 1433, "Product SKU", None, "required"),
    _bad("text too long", 1872, "Note", "far too long " * 6, "length"),
    _bad("impossible date", 2290, "Ordered On", "31/02/2026", "date"),
    _bad("bad boolean", 2718, "Gift Wrap", "perhaps", "boolean"),
    _bad("not in the allowed set", 3141, "Status", "lost", "choice"),
    _bad("CHECK broken", 3690, "Qty", "0", "constraint"),
    _bad("duplicate key in the file", 4242, "Line Code", _line_code(17), "unique_in_file"),
    _bad("foreign key missing", 4871, "Order ID", "999999", "reference"),
)
GOOD = ROWS - len(BAD_CELLS)


def create_order_tables(engine: sa.Engine) -> None:
    """Make orders, products (both filled) and an empty order_lines."""
    orders = [{"id": n, "email": f"customer{n}@example.com"} for n in range(1, ORDERS + 1)]
    products = [{"sku": f"{n:04d}", "title": f"Product {n}"} for n in range(PRODUCTS)]
    with engine.begin() as connection:
        for statement in _DDL:
            connection.execute(sa.text(statement))
        connection.execute(sa.text("INSERT INTO orders VALUES (:id, :email)"), orders)
        connection.execute(sa.text("INSERT INTO products VALUES (:sku, :title)"), products)


def write_order_lines(path: Path) -> Path:
    """Write the CSV, bad cells and all: UTF-8, commas, CRLF, dates day first, yes/no words."""
    wrong = {(bad.row, bad.header): bad.wrong for bad in BAD_CELLS}
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\r\n")
        for row in range(1, ROWS + 1):
            cells = _cells(row)
            texts = [_spell(wrong.get((row, header), cell)) for header, cell in cells.items()]
            file.write(",".join(texts) + "\r\n")
    return path


def repair(rejects: str) -> str:
    """The rejects file with every bad cell put right, found by the row number it carries."""
    reader = csv.DictReader(io.StringIO(rejects, newline=""))
    assert reader.fieldnames is not None
    right = {bad.row: bad for bad in BAD_CELLS}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, reader.fieldnames, lineterminator="\r\n")
    writer.writeheader()
    for record in reader:
        bad = right[int(record["tableport_row"])]
        record[bad.header] = bad.right
        writer.writerow(record)
    return out.getvalue()


def expected_rows() -> dict[str, dict[str, str | None]]:
    """The finished table by line_code, every cell in canonical text."""
    return {_line_code(row): canonical for row, canonical in _canonical_rows()}


def exported_rows(text: str) -> dict[str, dict[str, str]]:
    """An exported CSV by line_code, as Python's csv module reads it."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["line_code"]: dict(row) for row in rows}


def expected_cells() -> dict[str, dict[str, str]]:
    """`expected_rows` as `exported_rows` would see it: NULL is an empty cell."""
    return {
        code: {column: cell or "" for column, cell in row.items()}
        for code, row in expected_rows().items()
    }


def _canonical_rows() -> Iterator[tuple[int, dict[str, str | None]]]:
    for row in range(1, ROWS + 1):
        cells = {COLUMNS[header]: cell for header, cell in _cells(row).items()}
        cells["ordered_on"] = _ordered_on(row).isoformat()
        cells["gift_wrap"] = "true" if row % 3 == 0 else "false"
        yield row, cells


def _spell(cell: str | None) -> str:
    if cell is None:
        return ""
    if cell == "" or any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
