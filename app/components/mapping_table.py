"""Source columns to table columns, edited in AgGrid.

Collecting edits in the browser needs functions in the grid's options, and such a grid runs any
option that looks like a function. So its options are constant: names from the file or the
database travel as cells only, where nothing is run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st
from st_aggrid import AgGrid, JsCode

from app.components import grid_theme
from app.components.transform_words import NONE, in_words, offered
from core.model.mapping import FieldMapping, OnUpdate, Step, Suggestion, TransformInfo
from core.model.table import Column, Table

# Line ends are taken out of functions on their way to the browser: semicolons are not optional.

#: Every row of the grid as it stands, so that no edit is lost to a rerun.
_COLLECT = JsCode("""
function ({ eventData }) {
  const rows = [];
  eventData.api.forEachNode(node => rows.push([
    node.data.index, node.data.target || '', node.data.transform || '', node.data.skip === true,
  ]));
  return rows;
}
""")

#: A target can be fed once: those taken by other rows are not offered.
_TARGETS = JsCode("""
function (params) {
  const taken = new Set();
  params.api.forEachNode(node => {
    if (node.data.index !== params.data.index && node.data.target) { taken.add(node.data.target); }
  });
  const all = JSON.parse(params.api.getRowNode('0').data.targets);
  return { values: [''].concat(Object.keys(all).filter(name => !taken.has(name))) };
}
""")

_TRANSFORMS = JsCode("""
function (params) {
  return { values: JSON.parse(params.api.getRowNode('0').data.transforms) };
}
""")

_TYPE = JsCode("""
function (params) {
  if (!params.data.target) { return ''; }
  return JSON.parse(params.api.getRowNode('0').data.targets)[params.data.target] || '';
}
""")

_REASON = JsCode("""
function (params) {
  return params.data.target === params.data.suggested ? params.data.reason
    : params.data.target ? 'Chosen by you'
    : 'Perhaps ' + params.data.suggested + ': ' + params.data.reason;
}
""")

_SURE = JsCode("""
function (params) {
  return params.data.suggested && [params.data.suggested, ''].includes(params.data.target || '')
    ? params.data.confidence : null;
}
""")

_COLUMNS: list[dict[str, Any]] = [
    {
        "field": "source",
        "headerName": "File column",
        "pinned": "left",
        "width": 132,
        "cellClass": "tp-strong",
        "tooltipField": "source",
    },
    {
        "field": "samples",
        "headerName": "Samples",
        "width": 138,
        "cellClass": "tp-quiet",
        "tooltipField": "samples",
    },
    {
        "field": "target",
        "headerName": "Table column",
        "width": 150,
        "editable": True,
        "singleClickEdit": True,
        "cellEditor": "agSelectCellEditor",
        "cellEditorParams": _TARGETS,
        "cellClassRules": {"tp-remark": "!data.target"},
    },
    {
        "headerName": "Type",
        "headerTooltip": "With a star: the table demands a value",
        "width": 118,
        "valueGetter": _TYPE,
        "tooltipValueGetter": _TYPE,
        "cellClass": "tp-quiet",
    },
    {
        "field": "transform",
        "headerName": "Transform",
        "width": 150,
        "editable": True,
        "singleClickEdit": True,
        "cellEditor": "agSelectCellEditor",
        "cellEditorParams": _TRANSFORMS,
    },
    {
        "field": "skip",
        "headerName": "Skip",
        "width": 60,
        "editable": True,
        "cellDataType": "boolean",
        "headerTooltip": "An empty cell leaves the field out: the default applies, or the old "
        "value stays",
    },
    {
        "headerName": "Sure",
        "headerTooltip": "How sure the proposal is; what is not sure enough waits for you",
        "width": 74,
        "valueGetter": _SURE,
        "valueFormatter": "value == null ? '' : Math.round(value * 100) + ' %'",
        "cellClass": "tp-number",
    },
    {
        "headerName": "Why",
        "flex": 1,
        "minWidth": 160,
        "valueGetter": _REASON,
        "tooltipValueGetter": _REASON,
        "cellClass": "tp-quiet",
    },
    {"headerName": "state", "hide": True, "valueGetter": "data.target ? '' : '\u00a7unmapped'"},
]


def mapping_table(
    suggestions: Sequence[Suggestion],
    mappings: Sequence[FieldMapping],
    table: Table,
    infos: Sequence[TransformInfo],
    *,
    search: str,
    unmapped_only: bool,
    key: str,
) -> tuple[FieldMapping, ...] | None:
    """Draw the grid; the mappings as the visitor has edited them, None while untouched.

    The rows are those of the first draw under this `key`: what comes later from the server
    does not overwrite an edit. Another key starts afresh.
    """
    start = st.session_state.setdefault(key, (tuple(suggestions), tuple(mappings)))
    menu = offered(infos) | {in_words(m.steps, infos): m.steps for m in start[1]}
    frame = _frame(start[0], start[1], table, infos, menu)
    words = [search.replace("::", " ").strip(), "\u00a7unmapped" if unmapped_only else ""]
    result = AgGrid(
        frame,
        gridOptions=grid_theme.options(
            [dict(column) for column in _COLUMNS],
            quickFilterText=" ".join(words).strip(),
            includeHiddenColumnsInQuickFilter=True,
            stopEditingWhenCellsLoseFocus=True,
            enterNavigatesVerticallyAfterEdit=True,
        ),
        height=38 + 34 * max(3, min(len(frame), 12)) + 4,
        data_return_mode="CUSTOM",
        custom_jscode_for_grid_return=_COLLECT,
        update_on=["cellValueChanged"],
        allow_unsafe_jscode=True,
        theme=grid_theme.theme(),
        custom_css=grid_theme.CSS,
        key=f"{key}:grid",
    )
    return read(result.raw_data, start[0], start[1], menu)


def read(
    rows: Any,
    suggestions: Sequence[Suggestion],
    before: Sequence[FieldMapping],
    menu: Mapping[str, tuple[Step, ...]],
) -> tuple[FieldMapping, ...] | None:
    """The grid's answer as mappings; None when it has not answered.

    What the grid does not show stays as it was `before`: lookups, and columns that are made.
    """
    if not isinstance(rows, list):
        return None
    lookups = {(s.source, s.target or ""): s.lookup for s in suggestions}
    lookups |= {(m.source, m.target): m.lookup for m in before}
    policies = {m.target: m.on_update for m in before}
    edited = tuple(
        FieldMapping(
            source=(source := suggestions[int(index)].source),
            target=target,
            steps=menu.get(transform, ()),
            skip_empty=bool(skip),
            lookup=lookups.get((source, target)),
            on_update=policies.get(target, OnUpdate.OVERWRITE),
        )
        for index, target, transform, skip in rows
        if target and str(index).isdigit() and int(index) < len(suggestions)
    )
    taken = {m.target for m in edited}
    return edited + tuple(m for m in before if not m.source and m.target not in taken)


def _frame(
    suggestions: Sequence[Suggestion],
    mappings: Sequence[FieldMapping],
    table: Table,
    infos: Sequence[TransformInfo],
    menu: Mapping[str, tuple[Step, ...]],
) -> pl.DataFrame:
    chosen = {m.source: m for m in mappings}
    known = {c.name: _kind(c) for c in table.columns if c.writable}
    targets = json.dumps({m.target: "" for m in mappings} | known)
    rows = []
    for index, suggestion in enumerate(suggestions):
        mapping = chosen.get(suggestion.source)
        rows.append(
            {
                "index": str(index),
                "source": suggestion.source,
                "samples": "  ·  ".join(suggestion.samples),
                "target": mapping.target if mapping else "",
                "transform": in_words(mapping.steps, infos) if mapping else NONE,
                "skip": bool(mapping and mapping.skip_empty),
                "confidence": suggestion.confidence,
                "suggested": suggestion.target or "",
                "reason": suggestion.reason,
                "targets": targets if index == 0 else "",
                "transforms": json.dumps(list(menu)) if index == 0 else "",
            }
        )
    return pl.DataFrame(rows)


def _kind(column: Column) -> str:
    return f"{column.type_text} *" if column.required else column.type_text
