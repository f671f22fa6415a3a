"""Is a failure likely to pass by itself, so that trying again makes sense?"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

#: Classes of SQLSTATE: connection lost, transaction rolled back (deadlock, serialisation),
#: out of resources (disk, memory, connections), operator intervention (restart).
#: https://www.postgresql.org/docs/current/errcodes-appendix.html
_CLASSES = frozenset({"08", "40", "53", "57"})
_LOCK_NOT_AVAILABLE = "55P03"
_STATEMENT_TIMEOUT = "57014"  # would only time out again
#: https://dev.mysql.com/doc/mysql-errors/8.4/en/: disk full, connections, restart, lock, deadlock;
#: from 2000 on what the driver says when the server is out of reach.
_MYSQL = frozenset({1021, 1040, 1053, 1203, 1205, 1213, 1226, 1927, 2002, 2003, 2006, 2013})
#: https://www.sqlite.org/rescode.html, primary codes
_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN")


def is_passing(error: BaseException) -> bool:
    """True for a database that was busy, restarting, full or out of reach.

    Looks along the chain of `raise … from`, so that a TargetDatabaseError is judged by what
    the driver said.
    """
    return any(isinstance(cause, sa.exc.DBAPIError) and _passing(cause) for cause in _causes(error))


def _passing(error: sa.exc.DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "pgcode", None)
    if isinstance(state, str):
        chosen = state[:2] in _CLASSES or state == _LOCK_NOT_AVAILABLE
        return chosen and state != _STATEMENT_TIMEOUT
    if error.orig is not None and hasattr(error.orig, "sqlstate"):
        return not _MYSQL.isdisjoint(error.orig.args[:1])
    name = getattr(error.orig, "sqlite_errorname", None)
    if isinstance(name, str):
        return name.startswith(_SQLITE)
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
