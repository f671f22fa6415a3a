"""What MySQL and MariaDB refuse with, by its number, in plain words.

https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
https://mariadb.com/kb/en/mariadb-error-code-reference/. The driver's errors carry a number and,
of the server's own, an SQLSTATE.
"""

from __future__ import annotations

import re

from core.databases.wording import (
    Refusal,
    Row,
    broken_reference,
    check_refusal,
    key_named,
    unique_refusal,
)
from core.model.table import Kind, Table

_REASONS = {
    **dict.fromkeys((1045, 1698), "the password or the user name is wrong"),
    1130: "this user may not sign in from here",
    1049: "the database named in the address does not exist",
    **dict.fromkeys((1044, 1142, 1143, 1227, 1370), "the database user lacks the right to do this"),
    **dict.fromkeys((1036, 1290, 1792, 1836), "the database is read-only"),
    1205: "another program holds a lock on the table; try again later",
    1213: "it ran into a deadlock with another program; try again",
    **dict.fromkeys((1317, 1969, 3024), "it took longer than the time allowed"),
    **dict.fromkeys((1021, 1114), "the database server's disk is full"),
    **dict.fromkeys((1040, 1203, 1226), "the server has too many connections"),
    1146: "the table no longer exists",
    1054: "a column no longer exists",
    1356: "a table or a column it needs does not exist",
    1062: "a value that must be unique occurs twice",
    1452: "a row refers to a row that does not exist",
    1451: "another row refers to one of these",
    **dict.fromkeys((1053, 1927, 2006, 2013), "the server closed the connection"),
    1153: "a row is larger than the server takes at once (max_allowed_packet)",
    1665: "the server logs statements: set its binlog_format to ROW or MIXED",
    3159: "the server asks for an encrypted connection: add ?ssl_ca=… to the address",
}
_FORBIDDEN = (1044, 1142, 1143, 1227, 1290, 1792, 1836)
_LOCKED = 1205

#: HY000 is "any other error": of these a row is at fault all the same.
_ROW_NUMBERS = frozenset({1300, 1364, 1366, 1526, 1644, 1748, 3819})
#: Classes of SQLSTATE that say the operation is at fault, not the row. A trigger may raise any
#: state of its own, so that every other class blames the row.
_OPERATION_STATES = (
    "08", "0A", "0K", "24", "25", "28", "2F", "35", "3D", "40", "42", "70", "HY", "XA",
)  # fmt: skip
_TOO_WIDE = 1118  # ER_TOO_BIG_ROWSIZE, of the class 42

_COLUMN = re.compile(
    r"(?:column|Column|Field) (?:[`\"][^`\"]+[`\"]\.)*(['`\"])(.+?)\1(?= |$)", re.S
)
_RULE = re.compile(r"CONSTRAINT [`\"](.*)[`\"] failed for|constraint '(.*)' is violated", re.I)
_KEY = re.compile(r"for key '(.*)'$", re.DOTALL)
_REFERENCE = re.compile(r"CONSTRAINT ([`\"])(.*?)\1 FOREIGN KEY", re.DOTALL)


def number_of(origin: object) -> int | None:
    """The number of an error of this driver's, None for any other."""
    if not hasattr(origin, "sqlstate"):
        return None
    first = next(iter(getattr(origin, "args", ())), None)
    return first if isinstance(first, int) else None


def mysql_reason(number: int) -> str | None:
    """The failure of a whole operation, in words that may be shown to anybody."""
    return _REASONS.get(number)


def mysql_forbids(number: int) -> bool:
    """Does the database user lack a right?"""
    return number in _FORBIDDEN


def mysql_locked(number: int) -> bool:
    """Does another program hold the table?"""
    return number == _LOCKED


def mysql_blames_row(origin: object) -> bool:
    """Is a row at fault, so that the others may go in without it?"""
    number, state = number_of(origin), getattr(origin, "sqlstate", None)
    if state is None or number in _REASONS:
        # Said by the driver alone: the server never got, or never answered, the statement.
        return number in (1062, 1451, 1452)
    return number in (*_ROW_NUMBERS, _TOO_WIDE) or not state.startswith(_OPERATION_STATES)


def mysql_refusal(origin: object, table: Table, row: Row) -> Refusal:
    """Why a row was refused; it is quoted from `row`, never from what the server says."""
    number, text = number_of(origin), str(getattr(origin, "args", ("", ""))[-1])
    match number:
        case 1062 | 1586:
            return _duplicate(table, text, row)
        case 1216 | 1452:
            return broken_reference(table, _reference(text), row)
        case 1217 | 1451:
            return broken_reference(table, "", row)
        case 1048 | 1263 | 1364:
            name = _column(text)
            message = f"{name or 'a column'} may not be empty in {table.label}"
            return Refusal(check="required", field=name, message=message)
        case 3819 | 4025:
            return _broken_rule(table, text)
        case 1526 | 1748:
            message = f"the row lies outside the partitions of {table.label}"
            return Refusal(check="check", field=None, message=message)
    state = getattr(origin, "sqlstate", None) or ""
    if state.startswith(("22", "01", "HY", "42")) and number != 1644:
        return _misfit(table, number, _column(text))
    return Refusal(check="trigger", field=None, message=f"a trigger refused the row: {text}")


def _column(text: str) -> str | None:
    found = _COLUMN.search(text)
    return found[2] if found else None


def _reference(text: str) -> str | None:
    found = _REFERENCE.search(text)
    return found[2].replace(found[1] * 2, found[1]) if found else None


def _duplicate(table: Table, text: str, row: Row) -> Refusal:
    found = _KEY.search(text)
    # MySQL 8 says `table.key`, MariaDB `key`.
    name = found[1].removeprefix(f"{table.ref.name}.") if found else None
    return unique_refusal(key_named(table, name), row, name)


def _broken_rule(table: Table, text: str) -> Refusal:
    found = _RULE.search(text)
    name = (found[1] or found[2]) if found else None
    rules = {check.name for check in table.checks}
    if name is not None and name not in rules:
        # A rule beside a column has the column's name, with the table's before it.
        name = name.removeprefix(f"{table.ref.name}.")
        if name in table.column_names and table.column(name).kind is Kind.JSON:
            return Refusal(check="type", field=name, message=f"{name}: the value is no valid JSON")
    return check_refusal(table, name, name if name in table.column_names else None)


def _misfit(table: Table, number: int | None, name: str | None) -> Refusal:
    kind = table.column(name).type_text if name in table.column_names and name else "the column"
    words = {
        1118: "the row is too large for the table",
        1264: f"the value is out of the range of {kind}",
        1406: f"the value is longer than {kind} takes",
        1690: f"the value is out of the range of {kind}",
    }.get(number or 0, f"the value does not fit {kind}")
    return Refusal(check="type", field=name, message=f"{name}: {words}" if name else words)
