from __future__ import annotations

import sqlite3
from typing import Any

import psycopg2
import pymysql
import pytest
import sqlalchemy as sa

from core.errors import TargetDatabaseError
from core.jobs.passing import is_passing


def _sqlite(name: str) -> sa.exc.OperationalError:
    cause = sqlite3.OperationalError("words")
    cause.sqlite_errorname = name
    return sa.exc.OperationalError("SELECT", {}, cause)


def _postgresql(state: str | None) -> sa.exc.DBAPIError:
    class Coded(psycopg2.OperationalError):
        pgcode: Any = state

    return sa.exc.OperationalError("SELECT", {}, Coded("words"))


def _mysql(number: int) -> sa.exc.OperationalError:
    return sa.exc.OperationalError("SELECT", {}, pymysql.err.OperationalError(number, "words"))


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (_sqlite("SQLITE_BUSY"), True),
        (_sqlite("SQLITE_BUSY_SNAPSHOT"), True),
        (_sqlite("SQLITE_FULL"), True),
        (_sqlite("SQLITE_ERROR"), False),
        (_postgresql("40P01"), True),
        (_postgresql("57P01"), True),
        (_postgresql("53100"), True),
        (_postgresql("55P03"), True),
        (_postgresql("57014"), False),
        (_postgresql("28P01"), False),
        (_postgresql(None), True),
        (_mysql(1213), True),
        (_mysql(2003), True),
        (_mysql(1142), False),
        (_mysql(3024), False),
        (sa.exc.IntegrityError("INSERT", {}, sqlite3.IntegrityError("x")), False),
        (ValueError("x"), False),
    ],
)
def test_what_may_pass(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing


def test_a_connection_that_was_cut_may_come_back() -> None:
    error = sa.exc.DBAPIError("SELECT", {}, psycopg2.Error("x"), connection_invalidated=True)
    assert is_passing(error)


def test_a_translated_error_is_judged_by_its_cause() -> None:
    def translate(cause: Exception) -> Exception:
        try:
            raise TargetDatabaseError("words") from cause
        except TargetDatabaseError as error:
            return error

    assert is_passing(translate(_sqlite("SQLITE_LOCKED")))
    assert not is_passing(translate(_sqlite("SQLITE_ERROR")))
