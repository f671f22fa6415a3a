"""What an import would change: tiles that filter, cells by column, and old beside new."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.checked_grid import Cell, GridColumn, checked_grid
from app.components.failures import shown
from app.components.visit import Visit
from core.model.changes import Change, ChangeKind, ChangesPage, Foreseen
from core.model.job import Job
from core.usecases import planning

#: Title, icon and colour of each kind, in the order of the tiles.
KINDS: dict[ChangeKind, tuple[str, str, str]] = {
    ChangeKind.NEW: ("New", "add_circle", "green"),
    ChangeKind.CHANGED: ("Changed", "edit", "blue"),
    ChangeKind.UNCHANGED: ("Unchanged", "check", "gray"),
    ChangeKind.CONFLICT: ("Conflict", "call_split", "orange"),
    ChangeKind.REJECTED: ("Rejected", "block", "red"),
    ChangeKind.REPEATED: ("Repeated", "content_copy", "gray"),
    ChangeKind.DELETED: ("Deleted", "delete", "red"),
}
#: Shown also when there are none: a plan says so.
_ALWAYS = (
    ChangeKind.NEW,
    ChangeKind.CHANGED,
    ChangeKind.UNCHANGED,
    ChangeKind.CONFLICT,
    ChangeKind.REJECTED,
)
_WORDS = {
    ChangeKind.UNCHANGED: "These rows are in the table as they are in the file: there is nothing "
    "to show.",
    ChangeKind.REPEATED: "Another row of the file has the same key, and that one counts.",
    ChangeKind.REJECTED: "What is wrong with them, and how to mend it, is under Check.",
}
_WHOLE = (ChangeKind.NEW, ChangeKind.DELETED)  #: shown a row a line, with all their cells
_PAGE = 20


def plan_view(v: Visit, job: Job, foreseen: Foreseen) -> None:
    """Draw the plan of a job; the filters are the visitor's own."""
    key = f"plan:{job.job_id}:{foreseen.digest[:12]}"
    kind = _tiles(foreseen, key)
    column = _columns(foreseen, kind, key)
    if kind in _WORDS:
        st.caption(_WORDS[kind])
        return
    _page(v, job, foreseen, kind, column, key)


def _tiles(foreseen: Foreseen, key: str) -> ChangeKind:
    """One tile a kind, with its number; the one chosen."""
    drawn = [kind for kind in KINDS if kind in _ALWAYS or foreseen.amount(kind)]
    first = next((k for k in (ChangeKind.CHANGED, ChangeKind.DELETED, ChangeKind.CONFLICT)
                  if foreseen.amount(k)), ChangeKind.NEW)  # fmt: skip
    chosen: ChangeKind = st.session_state.setdefault(f"{key}:kind", first)
    with st.container(horizontal=True, gap="small"):
        for kind in drawn:
            title, icon, colour = KINDS[kind]
            amount = foreseen.amount(kind)
            mark = f":material/{icon}:"
            if amount and kind is not chosen:
                mark = f":{colour}[{mark}]"
            if st.button(
                f"{mark} **{text.number(amount)}** {title}",
                key=f"{key}:tile:{kind.value}",
                type="primary" if kind is chosen else "secondary",
                help=f"Show the rows that are {title.lower()}",
            ):
                st.session_state[f"{key}:kind"] = kind
                st.rerun()
    return chosen


def _columns(foreseen: Foreseen, kind: ChangeKind, key: str) -> str | None:
    """Cells changed by column, each a filter of the changed rows."""
    if kind is not ChangeKind.CHANGED or not foreseen.columns:
        return None
    return st.pills(
        "Cells changed, by column",
        list(foreseen.columns),
        format_func=lambda name: f"{text.plain(name)} · {text.number(foreseen.columns[name])}",
        key=f"{key}:column",
    )


def _page(
    v: Visit, job: Job, foreseen: Foreseen, kind: ChangeKind, column: str | None, key: str
) -> None:
    at = f"{key}:{kind.value}:{column}"
    number = int(st.session_state.get(f"{at}:page", 1))
    with shown():
        found = planning.list_changes(
            v.ws, v.who, job.job_id, kind=kind, column=column, limit=_PAGE,
            offset=(number - 1) * _PAGE,
        )  # fmt: skip
        if not found.total:
            st.caption(f"0 rows are {KINDS[kind][0].lower()}.")
            return
        _grid(found, kind, key=f"{at}:grid:{number}")
        pages = -(-found.total // _PAGE)
        if pages > 1:
            st.pagination(pages, key=f"{at}:page")
        if kind is ChangeKind.NEW and foreseen.amount(kind) > found.total:
            st.caption(f"The first {text.counted(found.total, 'new row')} can be looked at here.")


def _grid(found: ChangesPage, kind: ChangeKind, *, key: str) -> None:
    if kind in _WHOLE:
        names = [cell.column for cell in found.changes[0].cells]
        columns = [_ROW, *(GridColumn(title=name) for name in names)]
        checked_grid(columns, [_whole(change) for change in found.changes], key=key)
        return
    columns = [
        _ROW,
        GridColumn(title="Key", width=130),
        GridColumn(title="Column", width=170),
        GridColumn(title="In the table", width=230, quiet=True),
        GridColumn(title="In the file", width=230, fills=True),
    ]
    checked_grid(columns, [line for change in found.changes for line in _lines(change)], key=key)


_ROW = GridColumn(title="Row", width=70, pinned=True, quiet=True)


def _whole(change: Change) -> list[Cell]:
    deleted = change.kind is ChangeKind.DELETED
    cells = [
        Cell(text="hidden", message=_HIDDEN) if c.hidden
        else Cell(text=c.old if deleted else c.new)
        for c in change.cells
    ]  # fmt: skip
    return [_number(change), *cells]


_HIDDEN = "You may not see what the table has in this column"


def _lines(change: Change) -> list[list[Cell]]:
    """One line a cell; a row without any has one line that says why it is here."""
    named = Cell(text=", ".join("NULL" if c is None else c for c in change.key.values()))
    if not change.cells:
        why = change.reason or "Nothing in it differs"
        return [[_number(change), named, Cell(text=""), Cell(text=why, message=why), Cell(text="")]]
    mark = "w" if change.kind is ChangeKind.CHANGED else ""
    return [
        [
            _number(change),
            named,
            Cell(text=c.column),
            Cell(text="hidden", message=_HIDDEN) if c.hidden else Cell(text=c.old),
            Cell(text=c.new, mark=mark),
        ]
        for c in change.cells
    ]


def _number(change: Change) -> Cell:
    if change.row is None:
        return Cell(text="\u2013", message="A row of the table", mark="e")
    return Cell(text=text.number(change.row), message=f"Line {change.line} of the file")
