"""How a user mapped files with the same columns before: kept, recalled, listed, forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import InvalidMapping
from core.mapping.fingerprint import fingerprint, folded
from core.mapping.suggest import REJECT_COLUMNS
from core.mapping.validate import validate_mappings
from core.metastore import remembered
from core.model.access import Action
from core.model.mapping import FieldMapping, RememberedMapping, Suggestion
from core.usecases.rights import connection_name, note, require
from core.usecases.targets import reflected

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.plan import ImportPlan
    from core.model.table import Table
    from core.workspace import Workspace

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What goes where, as far as it can be told."""

    suggestions: tuple[Suggestion, ...]  #: for each column of the file
    #: Beyond one for each column: made of no column of the file, or a second time of one.
    further: tuple[FieldMapping, ...] = ()
    remembered: RememberedMapping | None = None  #: as this user did it before


def remember(ws: Workspace, who: Identity, plan: ImportPlan, columns: Sequence[str]) -> None:
    """Keep the mapping of an import that was completed, for the next file with such columns."""
    known = fingerprint(columns)
    if known is None or not plan.mappings:
        return
    with ws.metastore.begin() as db:
        remembered.put(
            db,
            who.user_id,
            plan.connection,
            plan.table,
            fingerprint=known,
            columns=columns,
            mappings=plan.mappings,
            used_at=datetime.now(UTC),
        )


def list_remembered(
    ws: Workspace, who: Identity, table: str, connection: str | None = None
) -> list[RememberedMapping]:
    """The caller's own mappings into a table, the last used first. Raises ImportDenied."""
    name = connection_name(ws, connection)
    require(ws, who, Action.PREVIEW_IMPORT, name, table)
    label = reflected(ws, name, table).label
    with ws.metastore.connect() as db:
        return remembered.list_remembered(db, who.user_id, name, label)


def forget_remembered(
    ws: Workspace,
    who: Identity,
    remembered_id: int,
    *,
    table: str,
    connection: str | None = None,
) -> None:
    """Forget one of the caller's own. Raises ImportDenied or NotFound."""
    name = connection_name(ws, connection)
    require(ws, who, Action.PREVIEW_IMPORT, name, table)
    label = reflected(ws, name, table).label
    with ws.metastore.begin() as db:
        remembered.delete(db, who.user_id, name, label, remembered_id)
        note(
            ws, who, "settings_changed", table=label, db=db,
            details={"remembered_mapping": remembered_id, "act": "deleted"},
        )  # fmt: skip


def recalled(
    ws: Workspace,
    who: Identity,
    connection: str,
    table: Table,
    found: tuple[Suggestion, ...],
    seen: Mapping[str, Sequence[str]],
) -> Proposal:
    """The proposal `found`, overruled by how this user mapped such a file before.

    `seen`: the columns of parents that values may be looked up by, by column of the table.
    """
    known = fingerprint([s.source for s in found])
    before = None
    if known is not None:
        with ws.metastore.connect() as db:
            before = remembered.find(db, who.user_id, connection, table.label, known)
    if before is None:
        return Proposal(suggestions=found)
    return _Recall(before, table, found, seen).proposal()


class _Recall:
    """A mapping as it was then, held against file and table as they are now."""

    def __init__(
        self,
        before: RememberedMapping,
        table: Table,
        found: tuple[Suggestion, ...],
        seen: Mapping[str, Sequence[str]],
    ) -> None:
        self._before, self._table, self._found, self._seen = before, table, found, seen
        self._columns = tuple(s.source for s in found)
        self._then = f"your import of {_day(before.used_at)}"
        self._usable: dict[str, FieldMapping] = {}
        self._lost: dict[str, str] = {}
        self._further: list[FieldMapping] = []
        for mapping in before.mappings:
            self._take(mapping)

    def proposal(self) -> Proposal:
        return Proposal(
            suggestions=tuple(self._suggestion(one) for one in self._found),
            further=tuple(self._further),
            remembered=self._before,
        )

    def _take(self, mapping: FieldMapping) -> None:
        source = self._column(mapping.source) if mapping.source else ""
        if source is None:
            return
        mapping = replace(mapping, source=source)
        why = self._unusable(mapping)
        if why is not None:
            self._lost[source] = why
        elif source and source not in self._usable:
            self._usable[source] = mapping
        else:
            self._further.append(mapping)

    def _column(self, name: str) -> str | None:
        """The column of this file that is meant, however its header is spelled now."""
        if name in self._columns:
            return name
        alike = [column for column in self._columns if folded(column) == folded(name)]
        return alike[0] if len(alike) == 1 else None

    def _unusable(self, mapping: FieldMapping) -> str | None:
        if mapping.target not in self._table.column_names:
            return (
                f"In {self._then} it went into '{mapping.target}', which {self._table.label} no"
                " longer has."
            )
        lookup = mapping.lookup
        if lookup is not None and lookup.by not in self._seen.get(mapping.target, ()):
            return f"In {self._then} it was looked up by '{lookup.by}', which cannot be done now."
        try:
            validate_mappings((mapping,), self._columns, self._table)
        except InvalidMapping as error:
            return f"It cannot be mapped as in {self._then}: {error}."
        return None

    def _suggestion(self, found: Suggestion) -> Suggestion:
        mapping = self._usable.get(found.source)
        if mapping is not None:
            return Suggestion(
                source=found.source,
                target=mapping.target,
                steps=mapping.steps,
                lookup=mapping.lookup,
                skip_empty=mapping.skip_empty,
                auto=True,
                confidence=1.0,
                reason=f"As in {self._then}.",
                samples=found.samples,
            )
        lost = self._lost.get(found.source)
        taken = {m.target for m in (*self._usable.values(), *self._further)}
        if lost is not None and found.target is not None and found.target not in taken:
            return replace(found, auto=False, reason=f"{lost} {found.reason}")
        if found.source.lower() in REJECT_COLUMNS:
            return found
        return Suggestion(
            source=found.source,
            target=None,
            reason=lost or f"It was left out of {self._then}.",
            samples=found.samples,
        )


def _day(moment: datetime) -> str:
    """12 May; with the year unless it is this one."""
    day = f"{moment.day} {_MONTHS[moment.month - 1]}"
    return day if moment.year == datetime.now(UTC).year else f"{day} {moment.year}"
