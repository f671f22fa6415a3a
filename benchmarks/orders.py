"""The table and the file that are loaded: the same cells on every machine, every time.

Twelve columns of every common kind. Texts hold commas, quotes, line breaks and letters of several
scripts; keys are scattered, as they are in life, so that no index gets them in order.
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

TABLE = "orders"
COLUMNS = (
    "id", "code", "customer", "note", "quantity", "price", "discount", "ordered_on",
    "shipped_at", "paid", "reference", "region",
)  # fmt: skip
#: Both databases take these words, SQLite whatever they say.
DDL = f"""CREATE TABLE {TABLE} (
    id {{key}} NOT NULL PRIMARY KEY,
    code VARCHAR(20) NOT NULL UNIQUE,
    customer VARCHAR(80) NOT NULL,
    note TEXT,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    price NUMERIC(12, 2) NOT NULL CHECK (price >= 0),
    discount NUMERIC(5, 4),
    ordered_on DATE NOT NULL,
    shipped_at TIMESTAMPTZ,
    paid BOOLEAN NOT NULL,
    reference UUID NOT NULL,
    region VARCHAR(10) NOT NULL CHECK (region IN ('north', 'east', 'south', 'west')))"""

_NAMES = (
    "Anna Berg",
    "José Núñez",
    "O'Neill & Sons",
    "Łucja Żak",
    "山田 太郎",
    "Smith, John",
    "Ёлкина",
)
_NOTES = ('said "later"', "two\nlines", "call, then send", "ünverändert", "plain words only", "")
_REGIONS = ("north", "east", "south", "west")
_FIRST_DAY = date(2015, 1, 1)
_FIRST_MOMENT = datetime(2015, 1, 1, 6, 30, tzinfo=UTC)
# Odd numbers: n times one of them is another number for every n below the power of two.
_SCATTER_32, _SCATTER_128 = 2654435761, 0x9E3779B97F4A7C15F39CC0605CEDC835


def write_orders(file: Path, rows: int) -> None:
    """A CSV of that many rows, about 150 bytes each; an empty cell is NULL."""
    write_rows(file, order_rows(rows))


def write_rows(file: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """A CSV of these rows and the header."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def order_rows(rows: int) -> Iterator[tuple[object, ...]]:
    """The rows of the file, in its order."""
    for n in range(1, rows + 1):
        yield (
            n,
            f"ORD-{n * _SCATTER_32 % 2**32:010d}",
            f"{_NAMES[n % len(_NAMES)]} {n % 9973}",
            _NOTES[n % len(_NOTES)],
            n % 500,
            f"{n % 100_000}.{n % 100:02d}",
            "" if n % 3 == 0 else f"0.{n % 10_000:04d}",
            _FIRST_DAY + timedelta(days=n % 4000),
            "" if n % 4 == 0 else _FIRST_MOMENT + timedelta(seconds=n * 37),
            "true" if n % 2 else "false",
            uuid.UUID(int=n * _SCATTER_128 % 2**128),
            _REGIONS[n % len(_REGIONS)],
        )


def contents(file: Path) -> tuple[int, int]:
    """(rows, checksum of all cells in any order) of a CSV of the table.

    Spellings of one value count as one: t and true, 12.5 and 12.50, a T or a blank between day
    and clock, +00 and +00:00. NULL and the empty text too, since sqlite3 imports no NULLs.
    """
    cells = pl.scan_csv(file, infer_schema=False).select(
        pl.concat_str([_spelled(name) for name in COLUMNS], separator="\x1f").alias("row")
    )
    # Shortened hashes, so that no sum of them can overflow.
    found = cells.select(pl.len(), (pl.col("row").hash(seed=1) // 2**24).sum().alias("sum"))
    rows, checksum = found.collect(engine="streaming").row(0)
    return int(rows), int(checksum)


def _spelled(name: str) -> pl.Expr:
    cell = pl.col(name).fill_null("")
    match name:
        case "price" | "discount":
            return cell.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
        case "shipped_at":
            return cell.str.replace("T", " ", literal=True).str.replace(r"\+00$", "+00:00")
        case "paid":
            return cell.replace({"t": "true", "1": "true", "f": "false", "0": "false"})
        case _:
            return cell
