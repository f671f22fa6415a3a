"""Files with known right mappings: made of tables of many trades, and of public databases."""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from benchmarks import mapping_headers
from benchmarks.mapping_tables import LabelledColumn, LabelledTable, labelled_tables
from benchmarks.mapping_values import Maker
from core.databases.connect import open_engine
from core.databases.glimpse import naming_columns
from core.databases.reflect import reflect_table
from core.mapping.evidence import TableValues
from core.mapping.suggest import SourceColumn
from core.model.table import Table
from core.usecases.proposals import Parents, known_values

#: Rows of a made table, and rows of a file that are looked at.
TABLE_ROWS, FILE_ROWS = 300, 200
_PARENT_ROWS = 8
_LEFT_OUT = 0.15  #: share of a table's columns that a file does not have

#: What columns hold that belong nowhere.
_STRANGE = (
    "serial", "flag", "one alpha beta gamma", "person", "first", "city", "day 2020 2026",
    "moment 2022 2026", "money 10 900", "whole 1 50", "code A999", "prose", "phone", "company",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Where a column belongs, and whether its cells are names of the rows referred to."""

    target: str | None
    by_name: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A file for a table, and its right mapping."""

    variant: str
    table: Table
    columns: tuple[SourceColumn, ...]
    truths: tuple[Truth, ...]
    known: TableValues


@dataclass(frozen=True, kw_only=True, slots=True)
class _Setting:
    """A table as it is, with what a file of new rows for it holds."""

    engine: Engine
    table: Table
    parents: Parents
    names: Mapping[str, str]  #: columns of names, by columns that refer
    cells: Mapping[str, Sequence[str]]  #: of the file, by column
    called: Mapping[str, Mapping[str, str]]  #: headers people use: variant → column → header


def made_cases(
    text: str, folder: Path, *, held_out: bool, seed: int, fillings: Sequence[bool] = (True, False)
) -> Iterator[Case]:
    """Of tables of our own, filled and empty. `text`: as in `mapping_tables`."""
    tables = labelled_tables(text)
    for filled in fillings:
        kind = f"{'held-out' if held_out else 'tuning'}-{'filled' if filled else 'empty'}-{seed}"
        path = folder / f"{kind}.db"
        files = _made(tables, path, seed, filled=filled)
        engine = open_engine(f"sqlite:///{path}")
        for table in tables:
            if table.is_parent:
                continue
            called = {
                "business names": {c.name: c.business for c in table.columns},
                "another language": {c.name: c.foreign for c in table.columns},
            }
            setting = _setting(engine, table.name, files[table.name], called)
            suffix = "" if filled else ", empty table"
            yield from _cases(setting, held_out=held_out, seed=seed, suffix=suffix)
        engine.dispose()


def _made(
    tables: Sequence[LabelledTable], path: Path, seed: int, *, filled: bool
) -> dict[str, dict[str, list[str]]]:
    """The tables are made and filled; returns the cells of a file of further rows for each."""
    keys: dict[str, list[str]] = {}
    files: dict[str, dict[str, list[str]]] = {}
    with closing(sqlite3.connect(path)) as db:
        for table in tables:
            maker = Maker(seed + zlib.crc32(table.name.encode()), keys)
            kinds = [column.values for column in table.columns]
            rows = [maker.row(kinds) for _ in range(TABLE_ROWS + FILE_ROWS)]
            if table.is_parent:
                rows = list({row[1]: row for row in rows}.values())[:_PARENT_ROWS]
                keys[table.name] = [row[0] for row in rows]
            there = rows if table.is_parent else rows[:TABLE_ROWS]
            db.execute(table.ddl)
            if filled or table.is_parent:
                marks = ", ".join("?" for _ in kinds)
                typed = [_typed(row, table.columns) for row in there]
                db.executemany(f"INSERT OR IGNORE INTO {table.name} VALUES ({marks})", typed)
            names = [column.name for column in table.columns]
            files[table.name] = dict(
                zip(names, map(list, zip(*rows[TABLE_ROWS:], strict=True)), strict=True)
            ) if not table.is_parent else {}  # fmt: skip
        db.commit()
    return files


def _typed(row: Sequence[str], columns: Sequence[LabelledColumn]) -> list[object]:
    """SQLite keeps yes and no as numbers."""
    return [
        int(cell == "true") if column.type == "BOOLEAN" else cell
        for cell, column in zip(row, columns, strict=True)
    ]


def copied_cases(path: Path, folder: Path, called: Mapping[str, Mapping[str, Mapping[str, str]]],
                 *, seed: int) -> Iterator[Case]:  # fmt: skip
    """Of a database of others, half the rows of a table taken for the file. All held out."""
    with closing(sqlite3.connect(path)) as db:
        names = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
    for number, name in enumerate(names):
        copy = folder / f"{path.stem}-{number}.db"
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        engine = open_engine(f"sqlite:///{copy}")
        table = reflect_table(engine, name)
        cells = _taken_out(copy, table)
        setting = _setting(engine, name, cells, called.get(name, {}))
        if all(cells.values()):
            yield from _cases(setting, held_out=True, seed=seed + number, suffix="")
        engine.dispose()
        copy.unlink()


def _taken_out(path: Path, table: Table) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as db:
        quoted = '"' + table.ref.name.replace('"', '""') + '"'
        rows = db.execute(f"SELECT rowid, * FROM {quoted}").fetchall()
        taken = [row for at, row in enumerate(rows) if at % 2]
        db.executemany(f"DELETE FROM {quoted} WHERE rowid = ?", [(row[0],) for row in taken])
        db.commit()
    kept = {}
    for at, column in enumerate(table.columns, 1):
        cells = [row[at] for row in taken[:FILE_ROWS]]
        if not any(isinstance(cell, bytes) for cell in cells):
            kept[column.name] = ["" if cell is None else str(cell) for cell in cells]
    return kept


def _setting(
    engine: Engine,
    name: str,
    cells: Mapping[str, Sequence[str]],
    called: Mapping[str, Mapping[str, str]],
) -> _Setting:
    table = reflect_table(engine, name)
    parents, names = {}, {}
    for reference in table.foreign_keys:
        if len(reference.columns) != 1:
            continue
        parent = reflect_table(engine, reference.target_label)
        parents[reference.columns[0]] = (
            parent, reference.target_columns[0], parent.column_names
        )  # fmt: skip
        found = [by for by in naming_columns(engine, parent) if by != reference.target_columns[0]]
        if found:
            names[reference.columns[0]] = found[0]
    return _Setting(
        engine=engine, table=table, parents=parents, names=names, cells=cells, called=called
    )


def _cases(setting: _Setting, *, held_out: bool, seed: int, suffix: str) -> Iterator[Case]:
    rules = mapping_headers.HELD_OUT if held_out else mapping_headers.TUNING
    for variant in (*rules, *setting.called):
        rnd = random.Random(f"{seed} {variant} {setting.table.label}")
        columns: list[SourceColumn] = []
        truths: list[Truth] = []
        for name, cells in setting.cells.items():
            if rnd.random() < _LEFT_OUT:
                continue
            by_name = name in setting.names and rnd.random() < 0.5
            given = _names(setting, name, cells) if by_name else cells
            if variant in rules:
                header = rules[variant](name, len(columns), setting.table.ref.name, rnd)
            else:
                header = setting.called[variant].get(name, name)
            columns.append(_column(header, given))
            truths.append(Truth(target=name, by_name=by_name))
        for header in mapping_headers.strange(held_out, rnd):
            nothing = mapping_headers.HELD_OUT["Field 1"] if "1" in variant else None
            header = nothing("", len(columns), "", rnd) if nothing else header
            columns.append(_column(header, _strange_cells(rnd)))
            truths.append(Truth(target=None))
        yield Case(
            variant=variant + suffix,
            table=setting.table,
            columns=tuple(columns),
            truths=tuple(truths),
            known=known_values(
                setting.engine, setting.table, setting.table.column_names, setting.parents, columns
            ),
        )


def _column(header: str, cells: Sequence[str]) -> SourceColumn:
    filled = tuple(cell for cell in cells if cell.strip())
    return SourceColumn(
        name=header, samples=filled, blanks=1 - len(filled) / len(cells) if cells else 0.0
    )


def _names(setting: _Setting, column: str, cells: Sequence[str]) -> list[str]:
    """The names of the rows that keys lead to."""
    parent, key, _ = setting.parents[column]
    by = setting.names[column]
    quoted = [f'"{name}"' for name in (key, by, parent.ref.name)]
    with setting.engine.connect() as db:
        found = db.exec_driver_sql("SELECT {}, {} FROM {}".format(*quoted))
        names = {str(row[0]): str(row[1]) for row in found}
    return [names.get(cell, "") for cell in cells]


def _strange_cells(rnd: random.Random) -> list[str]:
    """Numbers, yes and no, or something that columns of the table may well hold too."""
    maker = Maker(rnd.randrange(10**9), {})
    kind = rnd.choice(_STRANGE)
    return [maker.value(kind) for _ in range(FILE_ROWS)]
