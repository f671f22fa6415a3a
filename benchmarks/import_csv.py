"""How long importing and exporting a CSV takes, against what cannot be avoided.

    python benchmarks/import_csv.py [rows]

Times on a shared machine mean little by themselves, so each is given as a ratio to the plainest
thing that does any of the work: Python's csv module reading the file and sqlite3 inserting its
rows, unchecked. The load of the machine is printed, because it decides how much to believe.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

HEADER = ("id", "name", "email", "amount", "ordered_on", "active")
DDL = """CREATE TABLE orders (
    id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(120),
    amount NUMERIC(10, 2) NOT NULL CHECK (amount >= 0), ordered_on DATE NOT NULL,
    active BOOLEAN NOT NULL)"""


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), rows)


def measure(folder: Path, rows: int) -> None:
    os.environ["TABLEPORT_HOME"] = str(folder / "home")
    file = folder / "orders.csv"
    write(file, rows)
    print(f"{rows:,} rows, {file.stat().st_size / 1e6:.1f} MB, load {os.getloadavg()[0]:.2f}")
    plain = timed(lambda: load_plainly(file, database(folder / "plain.db")))
    print(f"csv + sqlite3, unchecked   {plain:6.2f} s   {rows / plain:9,.0f} rows/s   1.0")
    ours = database(folder / "ours.db")
    report("tableport import, checked", rows, plain, ("import", file, "--connection", ours))
    out = ("export", "--connection", ours, "-o", folder / "out.csv")
    report("tableport export", rows, plain, out)
    print(f"load afterwards {os.getloadavg()[0]:.2f}")


def report(title: str, rows: int, plain: float, words: tuple[object, ...]) -> None:
    from app.cli import main as tableport

    command = [*map(str, words), "--table", "orders", "--json"]

    def run() -> None:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            try:
                tableport(command)
            except SystemExit as end:
                if end.code:
                    raise

    seconds = timed(run)
    print(f"{title:26} {seconds:6.2f} s   {rows / seconds:9,.0f} rows/s   {seconds / plain:.1f}")


def write(file: Path, rows: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for n in range(rows):
            day = f"20{20 + n % 6}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
            cells = (n, f"Person {n}", f"p{n}@example.com", f"{n % 9000}.{n % 100:02d}")
            writer.writerow((*cells, day, "true" if n % 2 else "false"))


def database(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute(DDL)
    connection.close()
    return path


def load_plainly(file: Path, path: Path) -> None:
    with file.open(newline="", encoding="utf-8") as source, sqlite3.connect(path) as connection:
        reader = csv.reader(source)
        next(reader)
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", reader)
    connection.close()


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
