"""What checking a whole file found, in numbers and one bar."""

from __future__ import annotations

import streamlit as st

from app.components.stacked_bar import stacked_bar
from app.components.text import counted, number
from core.model.check import CheckReport


def numbers(report: CheckReport) -> None:
    """Rows read, fine, remarked upon and wrong, and the same as a bar."""
    fine = max(report.valid_rows - report.warning_rows, 0)
    tiles = {
        "Rows read": report.total_rows,
        "Fine": fine,
        "With a remark": report.warning_rows,
        "With errors": report.error_rows,
    }
    # Side by side where there is room, two by two on a phone.
    with st.container(horizontal=True, gap="small"):
        for title, amount in tiles.items():
            st.metric(title, number(amount), border=True)
    stacked_bar(
        [("green", fine), ("orange", report.warning_rows), ("red", report.error_rows)],
        words=f"{counted(fine, 'row')} fine, {counted(report.warning_rows, 'row')} with a remark, "
        f"{counted(report.error_rows, 'row')} with errors",
        key="check:bar",
    )
    if report.ignored:
        st.caption(f"{counted(report.ignored, 'blank or extra line')} ignored")
