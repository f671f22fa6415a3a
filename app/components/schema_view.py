"""A table's columns and what they demand, and the visitor's limits on it."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.components.frames import height
from app.components.text import counted, number, plain
from core.model.table import Column, Table

_RULES = {
    "primary key": "violet",
    "required": "orange",
    "unique": "blue",
    "automatic": "gray",
    "computed": "gray",
}


def schema_view(table: Table, *, key: str) -> None:
    """Every column with its type, rules, default and what it refers to."""
    names = set(table.primary_key)
    unique = {k.columns[0] for k in table.keys if len(k.columns) == 1 and not k.primary}
    required = sum(c.required for c in table.columns)
    st.caption(
        f"{counted(len(table.columns), 'column')} · {number(required)} required{_keys(table)}"
    )
    frame = pl.DataFrame(
        {
            "Column": [c.name for c in table.columns],
            "Type": [c.type_text for c in table.columns],
            "Rules": [_rules(c, names, unique) for c in table.columns],
            "Default": [c.default for c in table.columns],
            "Refers to": [_reference(table, c.name) for c in table.columns],
            "Allowed": [", ".join(c.choices) or None for c in table.columns],
        },
        schema={
            "Column": pl.String,
            "Type": pl.String,
            "Rules": pl.List(pl.String),
            "Default": pl.String,
            "Refers to": pl.String,
            "Allowed": pl.String,
        },
    )
    kept = [n for n in frame.columns if n in {"Column", "Type", "Rules"} or frame[n].count()]
    st.dataframe(
        frame.select(kept),
        key=key,
        hide_index=True,
        height=height(len(table.columns), most=14),
        row_height=32,
        placeholder="",
        column_config={
            "Column": st.column_config.TextColumn(width=124),
            "Type": st.column_config.TextColumn(width=108),
            "Rules": st.column_config.MultiselectColumn(
                options=list(_RULES), color=list(_RULES.values()), width=168
            ),
            "Default": st.column_config.TextColumn(width=72),
        },
        alt=f"Columns of {table.label}",
    )


def _keys(table: Table) -> str:
    joined = [" + ".join(k.columns) for k in table.keys if len(k.columns) > 1]
    return f" · unique together: {plain('; '.join(joined))}" if joined else ""


def _rules(column: Column, primary: set[str], unique: set[str]) -> list[str]:
    marks = {
        "primary key": column.name in primary,
        "required": column.required,
        "unique": column.name in unique,
        "automatic": column.autoincrement or column.filled_by_trigger,
        "computed": column.generated,
    }
    return [name for name, applies in marks.items() if applies]


def _reference(table: Table, name: str) -> str | None:
    for key in table.foreign_keys:
        if name in key.columns:
            schema = f"{key.target_schema}." if key.target_schema else ""
            column = key.target_columns[key.columns.index(name)] if key.target_columns else ""
            return f"{schema}{key.target_table}.{column}".rstrip(".")
    return None


def import_limits(allowed: dict[str, Any]) -> None:
    """The visitor's limits: `import_permission` of the permissions of one table."""
    with st.container(border=True):
        st.markdown("**Your limits**")
        first, second = st.columns(2)
        first.metric("Largest file", f"{allowed['max_file_size_mb']} MB")
        second.metric("Most rows", number(allowed["max_rows_per_import"]))
        with st.container(horizontal=True, gap="xsmall"):
            for name in allowed["allowed_formats"]:
                st.badge(name, color="gray")
        if allowed["requires_approval"]:
            st.caption(
                ":material/approval_delegation: A reviewer must approve before rows are written"
            )
        else:
            st.caption(":material/bolt: Runs without approval")


def export_limits(allowed: dict[str, Any]) -> str:
    """The visitor's limits in one line: `export_permission` of one table."""
    columns = allowed["allowed_columns"]
    words = f"Up to {number(allowed['max_rows_per_export'])} rows per file"
    return f"{words} · {len(columns)} columns open to you" if columns else words
