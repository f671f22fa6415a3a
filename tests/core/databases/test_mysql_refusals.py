"""Errors of MySQL and MariaDB in plain words, without a server."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from core.databases.refusals import blames_row, forbidden, locked, reason, refusal
from core.model.table import CheckConstraint, Column, ForeignKey, Kind, Table, TableRef, UniqueKey

TABLE = Table(
    ref=TableRef(name="t"),
    columns=(
        Column(name="id", kind=Kind.INTEGER, type_text="INT(11)"),
        Column(name="code", kind=Kind.TEXT, type_text="VARCHAR(3)"),
        Column(name="doc", kind=Kind.JSON, type_text="JSON"),
        Column(name="p_id", kind=Kind.INTEGER, type_text="INT(11)"),
    ),
    keys=(
        UniqueKey(name="PRIMARY", columns=("id",), primary=True),
        UniqueKey(name="a b", columns=("code",)),
    ),
    foreign_keys=(
        ForeignKey(
            name="fk",
            columns=("p_id",),
            target_schema=None,
            target_table="p",
            target_columns=("id",),
        ),
        ForeignKey(
            name='f"k', columns=("id",), target_schema=None, target_table="q", target_columns=("x",)
        ),
    ),
    checks=(CheckConstraint(name="code", sql="code <> 'x'"), CheckConstraint(name="r", sql="1")),
)
ROW: dict[str, Any] = {"id": 7, "code": "abcd", "p_id": 9}


def error(number: int, text: str, state: str | None = "HY000") -> DBAPIError:
    origin = pymysql.err.OperationalError(number, text, sqlstate=state)
    return OperationalError("INSERT", None, origin)


REFUSED: list[tuple[int, str, str, tuple[str, str | None, str]]] = [
    (
        *(1062, "23000", "Duplicate entry '7' for key 'PRIMARY'"),
        ("unique", "id", "id 7 is already in the table"),
    ),
    (
        *(1062, "23000", "Duplicate entry 'theirs' for key 't.a b'"),
        ("unique", "code", "code abcd is already in the table"),
    ),
    (
        *(1062, "23000", "Duplicate entry 'theirs' for key 'beginning'"),
        ("unique", None, "a value that must be unique is already in the table (rule beginning)"),
    ),
    (
        *(1452, "23000"),
        'a foreign key constraint fails ("d"."t", CONSTRAINT "fk" FOREIGN KEY ("p_id") …',
        ("foreign_key", "p_id", "p_id 9 is not in p"),
    ),
    (
        *(1452, "23000", 'fails (`d`.`t`, CONSTRAINT "f""k" FOREIGN KEY ("id") REFERENCES …'),
        ("foreign_key", "id", "id 7 is not in q"),
    ),
    (
        *(1451, "23000", "Cannot delete or update a parent row"),
        (
            *("foreign_key", None),
            "the row refers to a row that does not exist, or is referred to by another",
        ),
    ),
    (
        *(1048, "23000", "Column 'id' cannot be null"),
        ("required", "id", "id may not be empty in t"),
    ),
    (
        *(1364, "HY000", "Field 'code' doesn't have a default value"),
        ("required", "code", "code may not be empty in t"),
    ),
    (
        *(4025, "23000", "CONSTRAINT `t.code` failed for `d`.`t`"),
        ("check", "code", "the row breaks the rule code of t: code <> 'x'"),
    ),
    (
        *(3819, "HY000", "Check constraint 'r' is violated."),
        ("check", None, "the row breaks the rule r of t: 1"),
    ),
    (
        *(4025, "23000", "CONSTRAINT `t.doc` failed for `d`.`t`"),
        ("type", "doc", "doc: the value is no valid JSON"),
    ),
    (
        *(1406, "22001", "Data too long for column 'code' at row 1"),
        ("type", "code", "code: the value is longer than VARCHAR(3) takes"),
    ),
    (
        *(1264, "22003", "Out of range value for column 'id' at row 2"),
        ("type", "id", "id: the value is out of the range of INT(11)"),
    ),
    (
        *(1366, "22007", "Incorrect integer value: 'theirs' for column `d`.`t`.`id` at row 1"),
        ("type", "id", "id: the value does not fit INT(11)"),
    ),
    (
        *(1118, "42000", "Row size too large (> 8126)"),
        ("type", None, "the row is too large for the table"),
    ),
    (
        *(1526, "HY000", "Table has no partition for value 4"),
        ("check", None, "the row lies outside the partitions of t"),
    ),
    (
        *(1644, "45000", "we do not deal with 7"),
        ("trigger", None, "a trigger refused the row: we do not deal with 7"),
    ),
    (*(31000, "TB001", "no"), ("trigger", None, "a trigger refused the row: no")),
]


@pytest.mark.parametrize(("number", "state", "text", "expected"), REFUSED)
def test_rows_that_are_refused(
    number: int, state: str, text: str, expected: tuple[str, str | None, str]
) -> None:
    raised = error(number, text, state)
    assert blames_row(raised)
    found = refusal(raised, TABLE, ROW)
    assert (found.check, found.field, found.message) == expected


@pytest.mark.parametrize(
    ("number", "text", "state", "words"),
    [
        (1045, "Access denied for user 'u'@'h'", "28000", "the password or the user name is wrong"),
        (1205, "Lock wait timeout exceeded", "HY000", "another program holds a lock"),
        (1213, "Deadlock found", "40001", "deadlock with another program"),
        (1146, "Table 'd.t' doesn't exist", "42S02", "the table no longer exists"),
        (2003, "Can't connect to 'h' (timed out)", None, "the server did not answer in time"),
        (2013, "Lost connection", None, "the server closed the connection"),
        (1064, "You have an error in your SQL syntax", "42000", "it refused (error 1064)"),
    ],
)
def test_operations_that_fail(number: int, text: str, state: str | None, words: str) -> None:
    raised = error(number, text, state)
    assert not blames_row(raised)
    assert words in reason(raised)


def test_rights_and_locks() -> None:
    assert forbidden(error(1142, "CREATE command denied", "42000"))
    assert not forbidden(error(1050, "exists", "42S01"))
    assert locked(error(1205, "Lock wait timeout exceeded"))
    assert not locked(error(1213, "Deadlock found", "40001"))
