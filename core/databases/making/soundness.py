"""What no table can be made with: names that are taken or kept, sizes out of range."""

from __future__ import annotations

from core.databases.features import Features
from core.databases.making.declared import Making, making_of
from core.databases.names import OWN_PREFIX
from core.errors import InvalidRequest
from core.model.new_table import NewColumn, NewTable
from core.model.table import KEPT_NAMES, Kind

#: Characters of a VARCHAR and digits of a NUMERIC, the most that can be asked for.
MOST_CHARACTERS, MOST_DIGITS = 10_485_760, 1_000
#: In a name of a table these would have to be quoted wherever it is written.
_NOT_IN_TABLES = frozenset(".\"'`/\\")


def require_sound_name(spec: NewTable, features: Features) -> None:
    """Raises InvalidRequest when no table can be called so here, or none can be made at all."""
    making = making_of(features)
    if spec.schema is not None and not features.schemas:
        raise InvalidRequest(f"{features.title} has no schemas: leave {spec.schema!r} out.")
    _check_name("The table", spec.name, making)
    if bad := sorted(_NOT_IN_TABLES & set(spec.name)):
        raise InvalidRequest(f"The table's name {spec.name!r} has {bad[0]} in it: leave it out.")
    if spec.name.lower().startswith((OWN_PREFIX, "sqlite_", "pg_")):
        raise InvalidRequest(
            f"The table cannot be called {spec.name!r}: Tableport and the databases keep names "
            f"that begin with {OWN_PREFIX}, sqlite_ and pg_ for themselves."
        )


def require_sound(spec: NewTable, features: Features) -> None:
    """Raises InvalidRequest naming the table or column that cannot be made so."""
    require_sound_name(spec, features)
    making = making_of(features)
    if not spec.columns:
        raise InvalidRequest(f"{spec.name} has no column: a table needs one at least.")
    if len(spec.columns) > making.most_columns:
        raise InvalidRequest(
            f"{spec.name} has {len(spec.columns):,} columns; {features.title} takes "
            f"{making.most_columns:,}. Leave some out, or take the file apart."
        )
    seen: dict[str, str] = {}
    for column in spec.columns:
        _check_column(column, making)
        folded = column.name.casefold()
        if folded in seen:
            raise InvalidRequest(
                f"Two columns would be called {column.name!r}, case apart: rename one of them."
            )
        seen[folded] = column.name
    _check_counted(spec, making)


def _check_name(what: str, name: str, making: Making) -> None:
    if not name.strip() or name != name.strip():
        raise InvalidRequest(f"{what} needs a name without blanks at its ends, not {name!r}.")
    if any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for c in name):
        raise InvalidRequest(f"{what} cannot be called {name!r}: it holds a control character.")
    if len(name.encode()) > making.longest_name:
        raise InvalidRequest(
            f"{what} has a name of {len(name.encode())} bytes, {name[:40]!r}…: at most "
            f"{making.longest_name} are possible."
        )


def _check_column(column: NewColumn, making: Making) -> None:
    _check_name("A column", column.name, making)
    name = column.name
    if name.lower() in making.system_names | KEPT_NAMES:
        raise InvalidRequest(f"A column cannot be called {name!r}: the name is kept. Rename it.")
    if column.kind not in making.words:
        known = ", ".join(making.words)
        raise InvalidRequest(f"{name}: a column can be made as {known}, not as {column.kind}.")
    if column.max_length is not None and not 1 <= column.max_length <= MOST_CHARACTERS:
        raise InvalidRequest(f"{name}: the length must be 1 to {MOST_CHARACTERS:,} characters.")
    if column.kind is Kind.NUMBER and column.scale is not None:
        precision = column.precision or 0
        if not 1 <= precision <= MOST_DIGITS or not 0 <= column.scale <= precision:
            raise InvalidRequest(
                f"{name}: an exact number has 1 to {MOST_DIGITS:,} digits in all, and from 0 to "
                "as many of them after the point."
            )


def _check_counted(spec: NewTable, making: Making) -> None:
    counted = [column for column in spec.columns if column.autoincrement]
    if not counted:
        return
    alone = key_of(spec) == (counted[0].name,)
    if (
        len(counted) > 1
        or counted[0].kind is not Kind.INTEGER
        or not (alone or not making.counts_key)
    ):
        raise InvalidRequest(
            f"{counted[-1].name}: only one column can number the rows, and it must be of whole "
            "numbers and the key."
        )


def key_of(spec: NewTable) -> tuple[str, ...]:
    """The columns of the primary key."""
    return tuple(column.name for column in spec.columns if column.primary_key)
