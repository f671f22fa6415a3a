"""A plan is the whole of an import or an export as data.

Pages, the API, the command line and the scheduler all do the same thing: they build a plan
and submit it. A worker reads the plan back and needs nothing else. Plans travel as JSON;
`to_json` and `from_json` are exact inverses, and `plan_hash` is what an approval binds to.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.errors import InvalidRequest
from core.model.dialect import Dialect
from core.model.edit import Edit
from core.model.mapping import FieldMapping
from core.model.new_table import NewTable
from core.model.rule import Rule


class OnConflict(StrEnum):
    """What to do with a row whose key is already in the table."""

    ERROR = "error"
    SKIP = "skip"
    UPDATE = "update"
    REPLACE = "replace"  #: every row of the table goes; the file's rows are the table
    SYNC = "sync"  #: update, and rows whose keys are not in the file go

    @property
    def updates(self) -> bool:
        """Is a row that is there written again by the file's row of the same key?"""
        return self in (OnConflict.UPDATE, OnConflict.SYNC)

    @property
    def deletes(self) -> bool:
        """May rows of the table go that the file does not have?"""
        return self in (OnConflict.REPLACE, OnConflict.SYNC)


class WriteMode(StrEnum):
    """How accepted rows get into the table, and what a crash in between leaves (ENGINE §2)."""

    DIRECT = "direct"  #: straight into the table, in one transaction; after a crash from the start
    STAGED = "staged"  #: into a staging table, then across in one short transaction
    RESUME = "resume"  #: each batch is committed; seen while it runs, continued after a crash


class Blanks(StrEnum):
    """What an empty cell does to a row that is already in the table."""

    NULL = "null"  #: the cell becomes NULL
    KEEP = "keep"  #: it keeps the value it has
    DEFAULT = "default"  #: it becomes the column's default


class OnErrors(StrEnum):
    """What to do when some rows break the rules (ruling A31)."""

    STOP = "stop"  #: nothing is written
    LOAD_VALID = "load_valid"  #: valid rows go in, the rest are held as rejected rows


class Operator(StrEnum):
    """How a filter compares (R104)."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    GREATER_THAN = "greater_than"
    GREATER_OR_EQUAL = "greater_or_equal"
    LESS_THAN = "less_than"
    LESS_OR_EQUAL = "less_or_equal"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One condition on one column; several are joined by AND."""

    column: str
    operator: Operator
    value: Any = None  #: a scalar; a list for between (two), in, not_in; None for is_null


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    column: str
    descending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPlan:
    """Read this file, this way, into that table."""

    version: int = 1
    connection: str
    table: str  #: `table` or `schema.table`
    upload: str  #: file id in the store
    filename: str
    sha256: str = ""  #: of the upload
    dialect: Dialect = Dialect()
    given: tuple[str, ...] = ()  #: fields of the dialect a person set; the others were detected
    mappings: tuple[FieldMapping, ...] = ()
    edits: tuple[Edit, ...] = ()  #: applied in order to the rows as read
    on_conflict: OnConflict = OnConflict.ERROR
    on_errors: OnErrors = OnErrors.STOP
    key: tuple[str, ...] = ()  #: chosen key columns; empty: see Table.conflict_key
    rules: tuple[Rule, ...] = ()  #: of this import only, beside those kept for the table
    max_error_count: int | None = None  #: give up after so many rejected rows
    blanks: Blanks = Blanks.NULL
    mode: WriteMode = WriteMode.DIRECT
    undoable: bool | None = None  #: keep what undo needs; None: up to TABLEPORT_UNDO_ROWS rows
    keep_identity: bool = False  #: give identity columns that are always made the file's values
    max_rows: int | None = None  #: read no more data rows than this (the user's wish)
    batch_rows: int = 20_000  #: 1–100,000 (ruling A37)
    follows: str | None = None  #: the job whose rejected rows these are
    rows_of: str | None = None  #: file id of a patch: only the rows it names are read
    planned: str | None = None  #: digest of the changes foreseen: others than these are not made
    creates: NewTable | None = None  #: the table is made for this import
    undoes: str | None = None  #: the job whose writing is taken back; then there is no file
    members: tuple[str, ...] = ()  #: jobs that are carried out as one; then there is no file

    @property
    def blanks_by_column(self) -> dict[str, Blanks]:
        """What an empty cell means, by column of the table, where it is not simply NULL."""
        found = {m.target: Blanks.KEEP if m.skip_empty else self.blanks for m in self.mappings}
        return {name: blanks for name, blanks in found.items() if blanks is not Blanks.NULL}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportPlan:
    """Write these columns of these rows of that table, this way."""

    version: int = 1
    connection: str
    table: str
    columns: tuple[str, ...] = ()  #: empty: every column the user may see
    filters: tuple[Filter, ...] = ()
    search: str | None = None  #: text looked for in every text column selected
    sort: tuple[Sort, ...] = ()
    limit: int | None = None
    dialect: Dialect = Dialect()
    date_format: str = "iso"  #: iso, us, eu, de, timestamp, or strftime / moment tokens (A27)
    escape_formulas: bool = True  #: rulings A16, A41
    pretty: bool = False  #: laid out for people to read, where the format has a choice
    fit: bool = True  #: columns as wide as their values, in workbooks
    freeze: bool = True  #: the header stays in sight, in workbooks
    unencodable: str = "error"  #: or replace: what the encoding does not have becomes ?
    sql_for: str | None = None  #: standard, postgresql; None: as the connection's backend
    rows_per_statement: int = 500  #: of SQL
    filename: str | None = None  #: None: {table}_export_{time}{extension}
    #: Zip a file that turns out large (EXPORT_COMPRESS_LARGE_FILES) when not packed anyway.
    zip_when_large: bool = True


Plan = TypeVar("Plan", ImportPlan, ExportPlan)


_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "ImportPlan": TypeAdapter(ImportPlan),
    "ExportPlan": TypeAdapter(ExportPlan),
}


def foresees_alike(one: ImportPlan, other: ImportPlan) -> bool:
    """Would both make the same changes to the same table, were no row to stop them?"""
    bare = ImportPlan(connection="", table="", upload="", filename="")
    aside = {
        name: getattr(bare, name)
        for name in ("on_errors", "max_error_count", "mode", "undoable", "planned")
    }
    return replace(one, **aside) == replace(other, **aside)


def to_json(plan: ImportPlan | ExportPlan) -> dict[str, Any]:
    """The plan as JSON values, ready for a JSON column or a file."""
    document: dict[str, Any] = _ADAPTERS[type(plan).__name__].dump_python(plan, mode="json")
    return document


def from_json(kind: type[Plan], document: dict[str, Any]) -> Plan:
    """The plan a JSON document holds. Raises InvalidRequest naming the field at fault."""
    try:
        plan: Plan = _ADAPTERS[kind.__name__].validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "plan"
        raise InvalidRequest(f"{where}: {first['msg']}") from error
    return plan


def plan_hash(plan: ImportPlan | ExportPlan) -> str:
    """SHA-256 of the plan's canonical JSON, in hex.

    What is as it is by default stays out, so a later release with more fields hashes alike.
    """
    adapter = _ADAPTERS[type(plan).__name__]
    document = adapter.dump_python(plan, mode="json", exclude_defaults=True)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
