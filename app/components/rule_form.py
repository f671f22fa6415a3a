"""A rule in a dialog: set, tried on the rows that are in the table, kept."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.components import frames, text
from app.components.failures import shown
from app.components.option_fields import option_fields
from app.components.rule_words import CHOICES, SEVERITIES, suggested_name
from app.components.visit import Visit, visit
from core.model.check import Severity
from core.model.mapping import OptionInfo, OptionKind
from core.model.rule import Rule, RuleInfo, RuleTrial
from core.model.table import Table
from core.usecases import rules

TOLD = "rule:told"  #: what is said of a rule once the dialog is closed
_TRIED = "rule:tried"
_VERSION = "rule:version"


def begin() -> None:
    """Forget an earlier edit: the next draw starts from the rule as it is kept."""
    st.session_state.pop(_TRIED, None)
    st.session_state[_VERSION] = int(st.session_state.get(_VERSION, 0)) + 1


@st.dialog("Rule", width="large")
def edit_rule(table: Table, rule: Rule) -> None:
    """Set a new rule of the table, or change one that has an id."""
    v = visit()
    key = f"rule:{st.session_state.get(_VERSION, 0)}"
    edited = _fields(table, rule, key)
    outcome = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        asks = st.button(
            "Try", icon=":material/science:", key=f"{key}:try",
            help="How many rows that are in the table break it. Nothing is kept.",
        )  # fmt: skip
        away = st.button("Cancel", key=f"{key}:cancel")
        keeps = st.button("Save", type="primary", icon=":material/check:", key=f"{key}:save")
    if away:
        st.rerun()
    with shown():
        if asks:
            _try(v, edited)
        if keeps:
            _keep(v, edited)
    tried = st.session_state.get(_TRIED)
    if tried is not None and tried[0] == edited:
        with outcome:
            _outcome(tried[1])


def _try(v: Visit, rule: Rule) -> None:
    with st.spinner("Trying it on the rows of the table…"):
        trial = rules.rule_trial(v.ws, v.who, rule)
    st.session_state[_TRIED] = (rule, trial)


def _keep(v: Visit, rule: Rule) -> None:
    with st.spinner("Saving…"):
        stored, trial = rules.save_rule(v.ws, v.who, rule)
    st.session_state[TOLD] = f"{text.plain(stored.name)} is kept. {text.plain(_broken(trial))}"
    st.rerun()


def _fields(table: Table, rule: Rule, key: str) -> Rule:
    """Draw the fields; the rule as they now say."""
    kinds = {info.name: info for info in rules.rule_kinds()}
    left, right = st.columns(2)
    kind = left.selectbox(
        "What it asks",
        list(kinds),
        index=list(kinds).index(rule.kind) if rule.kind in kinds else 0,
        format_func=lambda name: kinds[name].title,
        key=f"{key}:kind",
    )
    info = kinds[kind]
    with right:
        columns = _columns(table, rule, info, key)
    st.caption(text.plain(info.description))
    if info.columns == "none":
        st.caption(f"Columns: {text.plain(', '.join(table.column_names))}")
    given = rule.options if kind == rule.kind else {}
    options = option_fields(
        [_fitting(option, table) for option in info.options],
        given,
        columns=table.column_names,
        key=f"{key}:{kind}",
        words=CHOICES,
    )
    left, right = st.columns(2)
    name = left.text_input(
        "Name", rule.name, placeholder=suggested_name(columns, info), max_chars=100,
        help="Violations carry it as their check.", key=f"{key}:name",
    )  # fmt: skip
    severity = right.segmented_control(
        "A row that breaks it",
        list(Severity),
        default=rule.severity,
        format_func=SEVERITIES.__getitem__,
        required=True,
        key=f"{key}:severity",
    )
    message = st.text_input(
        "Message", rule.message, placeholder="Our own words", max_chars=500,
        help="Said instead of our own words; {value} stands for the cell.", key=f"{key}:message",
    )  # fmt: skip
    return replace(
        rule,
        kind=kind,
        columns=columns,
        options=options,
        name=name.strip() or suggested_name(columns, info),
        severity=severity,
        message=message.strip(),
    )


def _columns(table: Table, rule: Rule, info: RuleInfo, key: str) -> tuple[str, ...]:
    """Choose what the rule is about, among columns that can have a rule of this kind."""
    names = [c.name for c in table.columns if not info.fits or c.kind in info.fits]
    kept = [name for name in rule.columns if name in names]
    own = f"{key}:{info.name}:columns"
    if info.columns == "none":
        st.text_input("Column", "the whole row", disabled=True, key=own)
        return ()
    if info.columns == "many":
        return tuple(st.multiselect("Columns", names, kept, key=own))
    chosen = st.selectbox(
        "Column",
        names,
        index=names.index(kept[0]) if kept else None,
        placeholder="Choose a column" if names else "No column of the table fits",
        key=own,
    )
    return (chosen,) if chosen else ()


def _fitting(option: OptionInfo, table: Table) -> OptionInfo:
    """The option as this form draws it: columns are chosen, lists are written one a line."""
    if option.name == "column":
        return replace(option, choices=("", *table.column_names))
    return replace(option, hint="") if option.kind is OptionKind.LIST else option


def _broken(trial: RuleTrial) -> str:
    if not trial.rows:
        return "The table has no rows yet."
    if not trial.broken:
        return f"None of the {text.counted(trial.rows, 'row')} looked at breaks it."
    verb = "breaks" if trial.broken == 1 else "break"
    return f"{text.number(trial.broken)} of {text.counted(trial.rows, 'row')} {verb} it."


def _outcome(trial: RuleTrial) -> None:
    """How many present rows break the rule, and a few of those."""
    look = ("orange", "warning") if trial.broken else ("green", "check_circle")
    st.markdown(f":{look[0]}[:material/{look[1]}:] **{text.plain(_broken(trial))}**")
    if not trial.samples:
        return
    why = "Why"
    while why in trial.samples[0].cells:
        why += " "
    cells = [{**row.cells, why: row.message} for row in trial.samples]
    names = list(cells[0])
    st.dataframe(
        frames.of_rows(cells, names),
        hide_index=True,
        height=frames.height(len(cells)),
        row_height=32,
        placeholder="NULL",
        key="rule:samples",
        alt="Rows that break the rule",
    )
