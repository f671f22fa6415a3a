"""What checking a whole file found, in numbers and one bar."""

from __future__ import annotations

import streamlit as st

from app.components.stacked_bar import stacked_bar
from app.components.text import counted, number
from core.model.check import CheckReport


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
