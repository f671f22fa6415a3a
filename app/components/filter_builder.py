"""Which rows to take: conditions on columns, with operators in words and typed values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import streamlit as st

from core.model.plan import Filter, Operator
from core.model.table import Column, Kind

_TEXT = {
    Operator.EQUALS: "is",
    Operator.NOT_EQUALS: "is not",
    Operator.CONTAINS: "contains",
    Operator.STARTS_WITH: "starts with",
    Operator.ENDS_WITH: "ends with",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
}
_NUMBER = {
    Operator.EQUALS: "=",
    Operator.NOT_EQUALS: "≠",
    Operator.GREATER_THAN: ">",
    Operator.GREATER_OR_EQUAL: "≥",
    Operator.LESS_THAN: "<",
    Operator.LESS_OR_EQUAL: "≤",
    Operator.BETWEEN: "between",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
}
_TIME = {
    Operator.EQUALS: "is on",
    Operator.NOT_EQUALS: "is not on",
    Operator.GREATER_THAN: "after",
    Operator.GREATER_OR_EQUAL: "on or after",
    Operator.LESS_THAN: "before",
    Operator.LESS_OR_EQUAL: "on or before",
    Operator.BETWEEN: "between",
}
_EMPTY = {Operator.IS_NULL: "is empty (NULL)", Operator.IS_NOT_NULL: "is not empty"}
_WITHOUT_VALUE = frozenset(_EMPTY)


def operators(column: Column) -> dict[Operator, str]:
    """The operators that make sense for a column, in words."""
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        words = _NUMBER
    elif column.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        words = _TIME
    elif column.kind is Kind.BOOLEAN:
        words = {Operator.EQUALS: "is"}
    elif column.kind in (Kind.JSON, Kind.BINARY, Kind.OTHER):
        words = {}
    else:
        words = _TEXT
    return words | _EMPTY


def filter_builder(columns: tuple[Column, ...], *, key: str) -> tuple[Filter, ...]:
    """Draw the conditions; those that are complete, to be joined by AND."""
    rows: list[int] = st.session_state.setdefault(f"{key}:rows", [])
    st.markdown("**Rows**" if rows else "**Rows** :gray[· all of them]")
    found = []
    for number in rows:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            condition = _condition(columns, key=f"{key}:{number}")
            if st.button(
                "",
                icon=":material/close:",
                key=f"{key}:{number}:remove",
                help="Remove",
                type="tertiary",
            ):
                rows.remove(number)
                st.rerun()
        if condition is not None:
            found.append(condition)
    label = "And another condition" if rows else "Add a condition"
    if st.button(label, icon=":material/filter_list:", type="tertiary", key=f"{key}:add"):
        rows.append(max(rows, default=0) + 1)
        st.rerun()
    return tuple(found)


def _condition(columns: tuple[Column, ...], *, key: str) -> Filter | None:
    names = {c.name: c for c in columns}
    name = st.selectbox(
        "Column", list(names), key=f"{key}:column", label_visibility="collapsed", width=190
    )
    column = names[str(name)]
    words = operators(column)
    operator = st.selectbox(
        "Comparison",
        list(words),
        format_func=words.__getitem__,
        key=f"{key}:operator:{column.name}",
        label_visibility="collapsed",
        width=160,
    )
    assert isinstance(operator, Operator)
    if operator in _WITHOUT_VALUE:
        return Filter(column=column.name, operator=operator)
    value = _value(column, operator, key=f"{key}:value:{column.name}:{operator.value}")
    return None if value is None else Filter(column=column.name, operator=operator, value=value)


def _value(column: Column, operator: Operator, *, key: str) -> Any:
    if operator in (Operator.IN, Operator.NOT_IN):
        given = st.multiselect(
            "Values",
            list(column.choices),
            key=key,
            accept_new_options=True,
            label_visibility="collapsed",
            placeholder="Type values",
            width=260,
        )
        return [str(v) for v in given] or None
    if operator is Operator.BETWEEN:
        low = _one(column, "From", key=f"{key}:low")
        high = _one(column, "To", key=f"{key}:high")
        return None if low is None or high is None else [low, high]
    return _one(column, "Value", key=key)


def _one(column: Column, title: str, *, key: str) -> Any:
    """One value in the column's own text, None while nothing is given."""
    if column.kind is Kind.BOOLEAN:
        return st.selectbox(
            title, ["true", "false"], key=key, label_visibility="collapsed", width=120
        )
    if column.kind in (Kind.DATE, Kind.DATETIME):
        picked = st.date_input(
            title, None, key=key, label_visibility="collapsed", width=150, format="YYYY-MM-DD"
        )
        return picked.isoformat() if isinstance(picked, date | datetime) else None
    if column.choices:
        return st.selectbox(
            title,
            list(column.choices),
            index=None,
            key=key,
            label_visibility="collapsed",
            width=200,
            placeholder=title,
        )
    typed = st.text_input(
        title, key=key, label_visibility="collapsed", placeholder=title, width=180
    )
    return typed if typed else None
