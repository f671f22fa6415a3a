"""AgGrid in the fonts and colours of the theme, in light and in dark.

A grid lives in a frame of its own, so the font and the palette are handed over. The colours
repeat those of .streamlit/config.toml.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from st_aggrid import StAggridTheme

_LIGHT = {
    "backgroundColor": "#ffffff",
    "foregroundColor": "#0f172a",
    "headerBackgroundColor": "#f5f7fb",
    "headerTextColor": "#4a5670",
    "borderColor": "#e6eaf2",
    "rowHoverColor": "#f3f6fc",
    "accentColor": "#1f5eff",
    "chromeBackgroundColor": "#ffffff",
    "menuBackgroundColor": "#ffffff",
    "tooltipBackgroundColor": "#0f172a",
    "tooltipTextColor": "#ffffff",
    "browserColorScheme": "light",
}
_DARK = {
    "backgroundColor": "#0b1020",
    "foregroundColor": "#e6ecff",
    "headerBackgroundColor": "#121a30",
    "headerTextColor": "#a7b4d6",
    "borderColor": "#24304f",
    "rowHoverColor": "#141d36",
    "accentColor": "#7da2ff",
    "chromeBackgroundColor": "#0b1020",
    "menuBackgroundColor": "#121a30",
    "tooltipBackgroundColor": "#e6ecff",
    "tooltipTextColor": "#0b1020",
    "browserColorScheme": "dark",
}
_SHARED = {
    "fontFamily": "Inter, sans-serif",
    "fontSize": 13,
    "headerFontSize": 13,
    "headerFontWeight": 500,
    "rowHeight": 34,
    "headerHeight": 36,
    "spacing": 6,
    "wrapperBorderRadius": 8,
    "borderRadius": 6,
    "columnBorder": True,
    "headerColumnBorder": True,
}

#: Rules for the frame of every grid; class names are used by cellClassRules.
CSS: dict[str, dict[str, str]] = {
    "@font-face": {
        "font-family": "Inter",
        "src": "url(/app/static/inter-latin-wght-normal.woff2) format('woff2')",
        "font-weight": "100 900",
    },
    ".tp-wrong": {
        "background-color": "rgba(225, 48, 68, 0.16) !important",
        "box-shadow": "inset 3px 0 0 #d1293d",
    },
    ".tp-remark": {
        "background-color": "rgba(222, 136, 20, 0.16) !important",
        "box-shadow": "inset 3px 0 0 #c2710c",
    },
    ".tp-fine": {"box-shadow": "inset 3px 0 0 #15803d"},
    ".tp-quiet": {"opacity": "0.62"},
    ".tp-number": {"font-variant-numeric": "tabular-nums"},
    ".tp-strong": {"font-weight": "550"},
}


def theme() -> StAggridTheme:
    """The parameters for the theme the browser shows now."""
    colours = _DARK if st.context.theme.type == "dark" else _LIGHT
    found: StAggridTheme = StAggridTheme(base="quartz").withParams(**_SHARED, **colours)
    return found


def options(columns: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Grid options with our defaults. No user data belongs in here: see mapping_table."""
    return {
        "columnDefs": columns,
        # Cells are text as they stand: a guessed type would blank what does not fit the guess.
        "defaultColDef": {
            "resizable": True,
            "sortable": False,
            "suppressHeaderMenuButton": True,
            "cellDataType": False,
        },
        "tooltipShowDelay": 250,
        "enableBrowserTooltips": False,
        "suppressMovableColumns": True,
        "suppressFieldDotNotation": True,
        **more,
    }
