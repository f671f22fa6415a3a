"""The columns of a proposed table as rows of a grid, and back."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from core.model.new_table import NewColumn, ProposedColumn, TableProposal
from core.model.table import Kind
from core.usecases.new_table_document import proposal_document

#: What a person chooses from, and what it means for a column.
KINDS: dict[str, dict[str, Any]] = {
    "Text": {"kind": "text"},
    "Whole number": {"kind": "integer"},
    "Whole number, 64 bits": {"kind": "integer", "big": True},
    "Decimal": {"kind": "number"},
    "Floating point": {"kind": "number"},
    "Yes or no": {"kind": "boolean"},
    "Date": {"kind": "date"},
    "Date and time": {"kind": "datetime"},
    "Date and time, UTC": {"kind": "datetime", "timezone": True},
    "Time of day": {"kind": "time"},
    "JSON": {"kind": "json"},
    "UUID": {"kind": "uuid"},
}
#: Of a decimal that nobody gave a size.
_DIGITS, _DECIMALS = 18, 4

HINTS: dict[str, Any] = {
    "Use": st.column_config.CheckboxColumn(width=52, help="Make this column"),
    "From the file": st.column_config.TextColumn(width=130),
    "Column": st.column_config.TextColumn(width=150, required=True, help="Its name in the table"),
    "Kind": st.column_config.SelectboxColumn(width=150, options=list(KINDS), required=True),
    "Size": st.column_config.NumberColumn(
        width=70, min_value=1, step=1, help="Text: the most characters. Decimal: digits in all"
    ),
    "Decimals": st.column_config.NumberColumn(
        width=84, min_value=0, step=1, help="Decimal: digits after the point"
    ),
    "Required": st.column_config.CheckboxColumn(width=80, help="Blank cells are rejected"),
    "Key": st.column_config.CheckboxColumn(width=56, help="Tells the rows apart"),
    "For example": st.column_config.TextColumn(width=220),
}


def frame_of(proposal: TableProposal) -> pl.DataFrame:
    """One row for each column that is proposed."""
    rows = [_row(one) for one in proposal.columns]
    schema = {
        "Use": pl.Boolean,
        "From the file": pl.String,
        "Column": pl.String,
        "Kind": pl.String,
        "Size": pl.Int64,
        "Decimals": pl.Int64,
        "Required": pl.Boolean,
        "Key": pl.Boolean,
        "For example": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def _row(one: ProposedColumn) -> dict[str, Any]:
    column = one.column
    return {
        "Use": True,
        "From the file": one.mapping.source,
        "Column": column.name,
        "Kind": kind_word(column),
        "Size": column.precision or column.max_length,
        "Decimals": column.scale,
        "Required": not column.nullable,
        "Key": column.primary_key,
        "For example": " · ".join(one.samples),
    }


def kind_word(column: NewColumn) -> str:
    """What a person calls the kind of the column."""
    if column.kind is Kind.NUMBER:
        return "Floating point" if column.scale is None else "Decimal"
    for word, fields in KINDS.items():
        wanted = (fields["kind"], fields.get("big", False), fields.get("timezone", False))
        if wanted == (column.kind.value, column.big, column.timezone):
            return word
    return "Text"


def columns_of(edited: pl.DataFrame, proposal: TableProposal) -> list[dict[str, Any]]:
    """The columns of `create_table` that the grid shows now."""
    proposed = proposal_document(proposal)["create_table"]["columns"]
    rows = zip(edited.iter_rows(named=True), proposed, strict=True)
    return [_column(row, one) for row, one in rows if row["Use"]]


def _column(row: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        **KINDS[row["Kind"]],
        "name": (row["Column"] or "").strip(),
        "source": one["source"],
        "nullable": not (row["Required"] or row["Key"]),
        "primary_key": bool(row["Key"]),
    }
    if row["Kind"] == "Text":
        made["max_length"] = row["Size"]
    if row["Kind"] == "Decimal":
        made["precision"] = row["Size"] or _DIGITS
        made["scale"] = _DECIMALS if row["Decimals"] is None else row["Decimals"]
    if made["kind"] == one["kind"]:
        # The steps are those its cells need to be read as this kind.
        made["transform"] = one["transform"]
    return made
