"""An error of ours, shown as a sentence, its code and what to do. Never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.components.text import plain
from core.errors import TableportError


def show(error: TableportError) -> None:
    """What happened, what to do, and the code to quote."""
    words = plain(error.detail)
    quoted = f"{error.code} · job {error.job_id}" if error.job_id else error.code
    st.error(
        f"{words}  \n:small[{plain(error.solution)}. :gray[{plain(quoted)}]]",
        icon=":material/error:",
    )


@contextmanager
def shown() -> Iterator[None]:
    """Show an error of ours where it happens; what follows the block still runs."""
    try:
        yield
    except TableportError as error:
        show(error)


@contextmanager
def shown_and_stopped() -> Iterator[None]:
    """Show an error of ours and end the run: what follows could not be drawn."""
    try:
        yield
    except TableportError as error:
        show(error)
        st.stop()
