"""What checking a whole file found: numbers, one bar, and the problems in groups."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from app.components import frames
from app.components.stacked_bar import stacked_bar
from app.components.text import counted, number
from core.model.check import CheckReport, ProblemGroup, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The problem group whose rows are asked for."""

    field: str | None = None
    check: str | None = None


def numbers(report: CheckReport) -> None:
    """Rows read, fine, remarked upon and wrong, and the same as a bar."""
    fine = max(report.valid_rows - report.warning_rows, 0)
    columns = st.columns(4)
    columns[0].metric("Rows read", number(report.total_rows), border=True, height="stretch")
    columns[1].metric("Fine", number(fine), border=True, height="stretch")
    columns[2].metric("With a remark", number(report.warning_rows), border=True, height="stretch")
    columns[3].metric("With errors", number(report.error_rows), border=True, height="stretch")
    stacked_bar(
        [("green", fine), ("orange", report.warning_rows), ("red", report.error_rows)],
        words=f"{counted(fine, 'row')} fine, {counted(report.warning_rows, 'row')} with a remark, "
        f"{counted(report.error_rows, 'row')} with errors",
        key="check:bar",
    )
    if report.ignored:
        st.caption(f"{counted(report.ignored, 'blank or extra line')} ignored")


def problem_groups(report: CheckReport, *, key: str) -> Chosen:
    """Every kind of problem with its count; a click asks for its rows."""
    if not report.groups:
        st.markdown(
            f":green[:material/check_circle:] **0 problems in {counted(report.total_rows, 'row')}**"
        )
        return Chosen()
    st.markdown("**Problems**")
    groups = report.groups
    event = st.dataframe(
        _frame(groups),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=frames.height(len(groups), most=8),
        row_height=32,
        placeholder="",
        column_config={
            " ": st.column_config.MultiselectColumn(
                options=[s.value for s in Severity], color=["red", "orange"], width=82
            ),
            "Cells": st.column_config.ProgressColumn(
                format="localized", min_value=0, max_value=max(g.count for g in groups), width=130
            ),
            "Field": st.column_config.TextColumn(width=150),
            "Problem": st.column_config.TextColumn(width="large"),
            "For example": st.column_config.ListColumn(width="medium"),
        },
        alt="Problems by field and check",
    )
    chosen = event.selection.rows
    if not chosen or chosen[0] >= len(groups):
        return Chosen()
    group = groups[chosen[0]]
    return Chosen(field=group.field, check=group.check)


def _frame(groups: tuple[ProblemGroup, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            " ": [[g.severity.value] for g in groups],
            "Cells": [g.count for g in groups],
            "Field": [g.field or "whole row" for g in groups],
            "Problem": [g.message for g in groups],
            "For example": [list(g.samples) for g in groups],
        },
        schema={
            " ": pl.List(pl.String),
            "Cells": pl.Int64,
            "Field": pl.String,
            "Problem": pl.String,
            "For example": pl.List(pl.String),
        },
    )
