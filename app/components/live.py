"""A part of a screen that refreshes itself only while there is something to see."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

#: A fragment run costs the server about 25 ms: twice a second for everyone would be too often.
EVERY_SECONDS = 2.0


def live(draw: Callable[[], bool], *, active: bool) -> None:
    """Draw now and, while `active`, every two seconds.

    `draw` answers whether there is still something going on; when that ends, the whole page
    runs once more, without the timer.
    """

    def part() -> None:
        if not draw() and active:
            st.rerun(scope="app")

    st.fragment(part, run_every=EVERY_SECONDS if active else None)()
