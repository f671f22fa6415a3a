"""What a driver raised, in plain words: no SQL, no password, no other people's values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.databases.mysql_refusals import (
    mysql_blames_row,
    mysql_forbids,
    mysql_locked,
    mysql_reason,
    mysql_refusal,
    number_of,
)
from core.databases.wording import (
    NO_ROW,
    Refusal,
    Row,
    broken_reference,
    check_refusal,
    key_named,
    reference_refusal,
    unique_refusal,
)
from core.errors import TargetDatabaseError
from core.model.table import Table

__all__ = [
    "Refusal",
    "blames_row",
    "forbidden",
    "locked",
    "reason",
    "reference_refusal",
    "refusal",
    "translated",
    "unique_refusal",
]


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn whatever the driver raises inside into a TargetDatabaseError `what: reason`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise TargetDatabaseError(f"{what}: {reason(error)}") from error


# ---------------------------------------------------------------- whole operations
#: https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_STATE = {
    "28P01": "the password or the user name is wrong",
    "28000": "this user may not sign in from here",
    "3D000": "the database named in the address does not exist",
    "42501": "the database user lacks the right to do this",
    "25006": "the database is read-only",
    "55P03": "another program holds a lock on the table; try again later",
    "57014": "it took longer than the time allowed",
    "40P01": "it ran into a deadlock with another program; try again",
    "40001": "another program changed the same rows; try again",
    "53100": "the database server's disk is full",
    "53300": "the server has too many connections",
    "55000": "it is not ready to be read: a materialised view must be refreshed first",
    "42P01": "the table no longer exists",
    "42703": "a column no longer exists",
    "23503": "a row refers to a row that does not exist",
    "23505": "a value that must be unique occurs twice",
    "57P01": "the server closed the connection",
}

#: psycopg2 gives no SQLSTATE when the connection itself fails; SQLite never gives one.
_BY_WORDS = (
    ("password authentication failed", "the password or the user name is wrong"),
    ("no password supplied", "the address has no password and the server asks for one"),
    ("could not translate host name", "the host name is not known"),
    ("name or service not known", "the host name is not known"),
    ("connection refused", "nothing answers at that host and port"),
    ("timeout expired", "the server did not answer in time"),
    ("timed out", "the server did not answer in time"),
    ("no route to host", "the host cannot be reached"),
    ("server closed the connection", "the server closed the connection"),
    ("no such file or directory", "nothing answers at that address"),
    ("does not exist", "the database or user named in the address does not exist"),
    ("database is locked", "another program is writing to it; try again later"),
    ("database table is locked", "another program is writing to it; try again later"),
    ("readonly database", "the database is read-only"),
    ("not a database", "the file is not an SQLite database"),
    ("malformed", "the SQLite file is damaged"),
    ("unable to open", "the file cannot be opened"),
    ("disk is full", "the disk is full"),
    ("could not decode to utf-8", "it holds text that is not valid UTF-8"),
    ("no such table", "a table it needs does not exist"),
    ("no such column", "a column it needs does not exist"),
    ("foreign key constraint failed", "a row refers to a row that does not exist"),
    ("interrupted", "it took longer than the time allowed"),
)


def reason(error: BaseException) -> str:
    """The failure of a whole operation, in words that may be shown to anybody."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = getattr(origin, "pgcode", None)
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state:
        return f"it refused (SQLSTATE {state})"
    number = number_of(origin)
    if number is not None and (words := mysql_reason(number)):
        return words
    text = str(origin).lower()
    for words, plain in _BY_WORDS:
        if words in text:
            return plain
    if number is not None:
        return f"it refused (error {number})"
    return f"it refused without a reason we know ({type(origin).__name__})"


def forbidden(error: DBAPIError) -> bool:
    """Does the database user lack a right, rather than anything being broken?"""
    number = number_of(error.orig)
    if number is not None:
        return mysql_forbids(number)
    state = getattr(error.orig, "pgcode", None)
    return state in ("42501", "25006", "3F000") or "readonly database" in str(error.orig)


def locked(error: DBAPIError) -> bool:
    """Does another program hold the database or the table?"""
    number = number_of(error.orig)
    if number is not None:
        return mysql_locked(number)
    return getattr(error.orig, "pgcode", None) == "55P03" or "is locked" in str(error.orig)


# ---------------------------------------------------------------- single rows
#: Classes of SQLSTATE that say the operation is at fault, not the row. Triggers may raise any
#: state of their own, so that every other class blames the row.
_OPERATION_STATES = (
    *("08", "0A", "25", "26", "28", "2D", "34", "3D", "3F", "40", "42", "53", "55", "57", "58"),
    *("F0", "HV", "XX"),
)
_SQLITE_ROW = re.compile(
    r"(?P<what>UNIQUE|NOT NULL|CHECK|FOREIGN KEY|datatype mismatch|cannot store)"
    r"[^:]*:?\s*(?P<rest>.*)",
    re.DOTALL,
)


def blames_row(error: DBAPIError) -> bool:
    """Is a row at fault, so that the others may go in without it?"""
    state = getattr(error.orig, "pgcode", None)
    if state is not None:
        return not state.startswith(_OPERATION_STATES)
    if number_of(error.orig) is not None:
        return mysql_blames_row(error.orig)
    # sqlite3 raises IntegrityError for constraints, RAISE() in triggers and STRICT tables.
    return type(error.orig).__name__ in ("IntegrityError", "DataError")


def refusal(error: DBAPIError, table: Table, row: Row = NO_ROW) -> Refusal:
    """Why the database refused a row; `row` is that row by column, to quote its own values."""
    if getattr(error.orig, "pgcode", None) is not None:
        return _postgresql_refusal(error.orig, table, row)
    if number_of(error.orig) is not None:
        return mysql_refusal(error.orig, table, row)
    return _sqlite_refusal(str(error.orig), table, row)


def _postgresql_refusal(origin: BaseException | None, table: Table, row: Row) -> Refusal:
    diagnosis = getattr(origin, "diag", None)
    state = getattr(origin, "pgcode", "") or ""
    column: str | None = getattr(diagnosis, "column_name", None)
    constraint: str | None = getattr(diagnosis, "constraint_name", None)
    if state == "23505":
        return unique_refusal(key_named(table, constraint), row, constraint)
    if state == "23503":
        detail = getattr(diagnosis, "message_detail", None) or ""
        return broken_reference(table, constraint, row, detail)
    if state == "23502":
        return Refusal(
            check="required", field=column, message=f"{column} may not be empty in {table.label}"
        )
    if state == "23514" and constraint is None:
        message = f"the row lies outside the partitions of {table.label}"
        return Refusal(check="check", field=None, message=message)
    if state == "23514":
        return check_refusal(table, constraint, column or _copy_column(diagnosis, table))
    if state == "23P01":
        return Refusal(
            check="unique",
            field=None,
            message=f"the row collides with another row (rule {constraint} of {table.label})",
        )
    primary = (getattr(diagnosis, "message_primary", None) or "").strip()
    if not state.startswith(("22", "54")):
        return Refusal(check="trigger", field=None, message=f"a trigger refused the row: {primary}")
    return Refusal(
        check="type",
        field=_copy_column(diagnosis, table),
        message=primary or "a value does not fit",
    )


def _copy_column(diagnosis: object, table: Table) -> str | None:
    """The column COPY was reading, from its context: `COPY t, line 1, column price: "x"`."""
    context = getattr(diagnosis, "context", None) or ""
    rest = re.split(r", line \d+, column ", context, maxsplit=1)[-1]
    # Names may hold colons themselves: of those that fit, the longest is meant.
    fitting = (name for name in table.column_names if f"{rest}:".startswith(f"{name}:"))
    return max(fitting, key=len, default=None)


def _sqlite_refusal(text: str, table: Table, row: Row) -> Refusal:
    found = _SQLITE_ROW.match(text)
    if found is None:
        # RAISE(ABORT, '...') in a trigger: the words are the trigger's own.
        return Refusal(check="trigger", field=None, message=f"a trigger refused the row: {text}")
    what, rest = found["what"], found["rest"]
    if what == "UNIQUE":
        index = re.fullmatch(r"index '(.*)'", rest, re.DOTALL)
        if index:
            return unique_refusal((), row, index[1])
        return unique_refusal(_sqlite_key(table, rest), row)
    if what == "NOT NULL":
        name = next(iter(_sqlite_key(table, rest)), None)
        message = f"{name or 'a column'} may not be empty in {table.label}"
        return Refusal(check="required", field=name, message=message)
    if what == "CHECK":
        return _sqlite_check(table, rest)
    if what == "FOREIGN KEY":
        return broken_reference(table, None, row)
    return Refusal(check="type", field=None, message=f"a value does not fit its column ({text})")


def _sqlite_key(table: Table, text: str) -> tuple[str, ...]:
    """The columns of `t.a, t.b`, where t, a and b may hold points, commas and blanks."""
    candidates = [key.columns for key in table.keys] + [i.columns for i in table.indexes]
    for columns in (*candidates, *((name,) for name in table.column_names)):
        listed = ", ".join(f"{table.ref.name}.{name}" for name in columns)
        if listed.strip() == text.strip():
            return columns
    return ()


def _sqlite_check(table: Table, rest: str) -> Refusal:
    """SQLite names a CHECK by its name, or by its text when it has none."""
    if any(check.name == rest for check in table.checks):
        return check_refusal(table, rest)
    return Refusal(check="check", field=None, message=f"the row breaks the rule: {rest}")
