"""The rules of a table: as their keeper changes them, and as importers read them."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import text
from app.components.failures import show, shown
from app.components.frames import height
from app.components.rule_form import TOLD, begin, edit_rule
from app.components.rule_words import SEVERITIES, asked
from app.components.visit import Visit
from core.errors import TableportError
from core.model.check import Severity
from core.model.rule import Rule, RuleInfo
from core.model.table import Table
from core.usecases import rules

_PAGE = 12
_REFUSED = "rules:refused:"  #: by table: refusals to turn a rule, and the last while it stands
_MARKS = {Severity.ERROR: ("red", "block"), Severity.WARNING: ("orange", "warning")}


def rules_of_table(v: Visit, table: Table, connection: str) -> None:
    """The rules in force for a table, to read; nothing where there are none."""
    with shown():
        kinds = {info.name: info for info in rules.rule_kinds()}
        kept = [r for r in rules.list_rules(v.ws, v.who, table.label, connection) if r.enabled]
        if not kept:
            return
        mild = sum(rule.severity is Severity.WARNING for rule in kept)
        st.caption(
            f"{text.counted(len(kept), 'rule')} beyond the schema"
            + (
                f", {text.number(mild)} of which only remark{'s' if mild == 1 else ''}"
                if mild
                else ""
            )
        )
        frame = pl.DataFrame(
            {
                "Rule": [rule.name for rule in kept],
                "Columns": [", ".join(rule.columns) or None for rule in kept],
                "Asks": [_asks(rule, kinds) for rule in kept],
                "A row that breaks it": [_LOOKS[rule.severity] for rule in kept],
                "Message": [rule.message or None for rule in kept],
            },
            schema_overrides={"Columns": pl.String, "Message": pl.String},
        )
        named = [n for n in frame.columns if frame[n].count()]
        st.dataframe(
            frame.select(named),
            key=f"rules:of:{table.label}",
            hide_index=True,
            height=height(len(kept), most=8),
            row_height=32,
            placeholder="",
            alt=f"Rules of {table.label}",
        )


_LOOKS = {Severity.ERROR: "is rejected", Severity.WARNING: "is remarked upon"}


def rule_list(v: Visit, table: Table, connection: str) -> None:
    """Every rule of the table, to change, turn on or off, or delete. Raises TableportError."""
    kept = rules.list_rules(v.ws, v.who, table.label, connection)
    if told := st.session_state.pop(TOLD, None):
        st.toast(told, icon=":material/rule:")
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(f"**{_counted(kept)}**", width="content")
        if st.button("Add a rule", type="primary", icon=":material/add:", key="rules:add"):
            begin()
            edit_rule(table, _blank(table, connection))
    if (refused := _refused(table.label)[1]) is not None:
        show(refused)
    if not kept:
        with st.container(border=True):
            st.caption(
                ":material/rule: No rule yet: an import is held against what the database itself "
                "demands, and nothing more."
            )
        return
    pages = -(-len(kept) // _PAGE)
    page = st.pagination(pages, key=f"rules:{table.label}:page") if pages > 1 else 1
    kinds = {info.name: info for info in rules.rule_kinds()}
    for rule in kept[(page - 1) * _PAGE : page * _PAGE]:
        _card(v, table, rule, kinds)


def _blank(table: Table, connection: str) -> Rule:
    return Rule(connection=connection, table=table.label, name="", kind="required", columns=())


def _counted(kept: list[Rule]) -> str:
    off = sum(not rule.enabled for rule in kept)
    return text.counted(len(kept), "rule") + (f", {text.number(off)} turned off" if off else "")


def _asks(rule: Rule, kinds: dict[str, RuleInfo]) -> str:
    info = kinds.get(rule.kind)
    if info is None:
        return rule.kind
    words = asked(rule, info)
    return f"{info.title}: {words}" if words else info.title


def _card(v: Visit, table: Table, rule: Rule, kinds: dict[str, RuleInfo]) -> None:
    colour, icon = _MARKS[rule.severity] if rule.enabled else ("gray", "pause_circle")
    with st.container(border=True, gap="small", key=f"rules:card:{rule.id}"):
        left, right = st.columns([3, 2], vertical_alignment="center")
        with left.container(gap="xsmall"):
            name = text.plain(rule.name)
            st.markdown(
                f":{colour}[:material/{icon}:] **{name}** :gray[· {SEVERITIES[rule.severity]}]"
            )
            # Plain text: markdown would make one sign of >= and of ->.
            st.text(f"{', '.join(rule.columns) or 'The whole row'} · {_asks(rule, kinds)}")
            if rule.message:
                st.caption(f"Says: {text.plain(rule.message)}")
        with right:
            _acts(v, table, rule)


def _acts(v: Visit, table: Table, rule: Rule) -> None:
    """Turn, change, delete."""
    tries, _ = _refused(table.label)
    key = f"rules:{rule.id}"
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
    ):
        on = st.toggle(
            "In force", rule.enabled, key=f"{key}:on:{rule.enabled}:{tries}", width="content"
        )
        if st.button("Edit", icon=":material/edit:", key=f"{key}:edit"):
            begin()
            edit_rule(table, rule)
        with st.popover("Delete", icon=":material/delete:", key=f"{key}:ask"):
            st.markdown(f"Imports are no longer held against **{text.plain(rule.name)}**.")
            gone = st.button("Delete it for good", type="primary", key=f"{key}:delete")
    if on != rule.enabled:
        _turn(v, rule, on)
    if gone and rule.id is not None:
        with shown():
            rules.delete_rule(v.ws, v.who, rule.id, table=rule.table, connection=rule.connection)
            st.rerun()


def _turn(v: Visit, rule: Rule, on: bool) -> None:
    """Turn the rule; a refusal is told above the list, and the switch goes back."""
    assert rule.id is not None
    tries, _ = _refused(rule.table)
    try:
        rules.turn_rule(
            v.ws, v.who, rule.id, enabled=on, table=rule.table, connection=rule.connection
        )
        st.session_state[_REFUSED + rule.table] = (tries, None)
    except TableportError as error:
        st.session_state[_REFUSED + rule.table] = (tries + 1, error)
    st.rerun()


def _refused(table: str) -> tuple[int, TableportError | None]:
    found: tuple[int, TableportError | None] = st.session_state.get(_REFUSED + table, (0, None))
    return found
