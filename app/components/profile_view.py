"""What each column of a file is like: its kind, its gaps, its values, as cards with charts."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.components import text
from app.components.stacked_bar import stacked_bar
from core.model.profile import CellKind, ColumnProfile, Profile

_PAGE = 12
_TOP = 4  #: values shown of a column without a histogram
_ICONS = {
    CellKind.INTEGER: "123",
    CellKind.NUMBER: "decimal_increase",
    CellKind.BOOLEAN: "toggle_on",
    CellKind.DATE: "calendar_today",
    CellKind.DATETIME: "schedule",
    CellKind.UUID: "fingerprint",
    CellKind.JSON: "data_object",
    CellKind.EMAIL: "mail",
    CellKind.URL: "link",
    CellKind.TEXT: "notes",
    CellKind.EMPTY: "check_box_outline_blank",
}


def profile_view(profile: Profile, *, key: str) -> None:
    """Draw a card for each column, a page at a time."""
    if not profile.columns:
        st.caption("Nothing has been checked yet.")
        return
    if profile.sampled:
        st.caption(
            "Kinds and histograms are told from a sample of "
            f"{text.counted(profile.sample_rows, 'row')}; everything else from every row."
        )
    search = st.text_input(
        "Search",
        placeholder="Search columns",
        icon=":material/search:",
        label_visibility="collapsed",
        width=240,
        key=f"{key}:search",
    )
    found = [c for c in profile.columns if (search or "").casefold() in c.name.casefold()]
    pages = -(-len(found) // _PAGE)
    page = st.pagination(pages, key=f"{key}:page") if pages > 1 else 1
    cards = found[(page - 1) * _PAGE : page * _PAGE]
    for at in range(0, len(cards), 3):
        columns = st.columns(3, gap="small")
        for place, column in zip(columns, cards[at : at + 3], strict=False):
            with place:
                _card(column, key=f"{key}:{page}:{at}:{column.name}")
    if profile.left_out:
        st.caption(f"{text.counted(profile.left_out, 'further column')} are not described.")


def _card(column: ColumnProfile, *, key: str) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        kind = ", ".join(filter(None, (column.kind.value, text.plain(column.detail))))
        st.markdown(
            f":blue[:material/{_ICONS[column.kind]}:] **{text.plain(column.name)}** :gray[{kind}]",
            help=text.plain(column.evidence) or None,
        )
        empty = column.nulls + column.blanks
        stacked_bar(
            [("green", column.rows - empty), ("gray", empty)],
            words=f"{text.counted(column.rows - empty, 'cell')} filled, {text.number(empty)} empty",
            key=f"{key}:bar",
        )
        about = "" if column.distinct_exact else "about "
        st.caption(
            f"{text.number(column.rows - empty)} filled · {text.number(empty)} empty · "
            f"{about}{text.number(column.distinct)} different"
        )
        if column.top and (not column.bars or _few(column)):
            _top(column, key=key)
        elif column.bars:
            _bars(column, key=key)
        if column.lowest is not None:
            st.caption(f"{text.plain(column.lowest)} … {text.plain(column.highest or '')}")
        elif column.shortest is not None:
            st.caption(f"{column.shortest} to {text.counted(column.longest or 0, 'character')}")
        for remark in column.remarks:
            st.caption(f":orange[:material/info:] {text.plain(remark)}")


def _few(column: ColumnProfile) -> bool:
    """Of a few values the values themselves tell more than their lengths."""
    return column.bars_of == "lengths" and column.distinct <= _TOP


def _bars(column: ColumnProfile, *, key: str) -> None:
    said = "Length from" if column.bars_of == "lengths" else "From"
    frame = pl.DataFrame(
        {"From": [bar.low for bar in column.bars], "Cells": [bar.count for bar in column.bars]}
    ).with_row_index("at")
    x = {"field": "at", "type": "ordinal", "axis": None}
    y = {"field": "Cells", "type": "quantitative", "axis": None}
    _chart(frame, x, y, [{"field": "From", "title": said}, {"field": "Cells"}], key=f"{key}:bars")


def _top(column: ColumnProfile, *, key: str) -> None:
    """The most frequent values, each beside its bar."""
    frame = pl.DataFrame(
        {
            "Value": [t.value for t in column.top[:_TOP]],
            "Cells": [t.count for t in column.top[:_TOP]],
        }
    )
    label = {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelLimit": 110,
        "labelOverlap": False,
    }
    y = {"field": "Value", "type": "nominal", "sort": None, "axis": label}
    x = {"field": "Cells", "type": "quantitative", "axis": None}
    _chart(frame, x, y, [{"field": "Value"}, {"field": "Cells"}], key=f"{key}:top")


def _chart(
    frame: pl.DataFrame,
    x: dict[str, Any],
    y: dict[str, Any],
    tooltip: list[dict[str, str]],
    *,
    key: str,
) -> None:
    st.vega_lite_chart(
        frame,
        {
            "height": 96,
            "mark": {"type": "bar", "cornerRadiusEnd": 2},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
            "config": {"view": {"stroke": None}},
        },
        key=key,
    )
