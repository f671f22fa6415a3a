"""What to export: table, columns, rows and format, with a live preview of exactly that."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.components import frames, text
from app.components.column_picker import column_picker
from app.components.failures import shown, shown_and_stopped
from app.components.filter_builder import filter_builder
from app.components.format_form import format_form
from app.components.schema_view import export_limits, schema_view
from app.components.table_picker import Picked, table_picker
from app.components.visit import Visit
from core.model.access import Action
from core.model.dialect import Dialect, FormatInfo
from core.model.plan import ExportPlan, plan_hash
from core.model.preview import RowPage
from core.model.table import Table
from core.usecases import access, exports, formats, jobs, tables
from core.usecases.export_options import parse_export_options

PREVIEW_ROWS = 50
HINT = "Choose a table to see its columns and rows, then take what you need."
#: Whoever may only look is shown the table too.
LOOKING = (Action.EXPORT, Action.PREVIEW_EXPORT)
#: From here on the screen says that it will take a while.
LARGE = 10_000


def export_plan(v: Visit) -> None:
    """Draw the choices; the button queues the export and leads to it."""
    with shown_and_stopped():
        picked = table_picker(v, actions=LOOKING, hint=HINT, key="export")
        if picked is None:
            return
        described = tables.describe_table(v.ws, v.who, picked.table, picked.connection)
        allowed = access.effective_permissions(v.ws, v.who, picked.table, picked.connection)
    key = f"export:{picked.connection}:{picked.table}"
    st.caption(export_limits(allowed["export_permission"]))
    with st.expander("Schema", icon=":material/schema:"):
        schema_view(described.table, key=f"{key}:schema")
    plan = _choices(described.table, picked, key)
    page = _preview(v, plan)
    if not allowed["export_permission"]["can_export"]:
        st.caption(":material/visibility: You may look at this table, but not export it.")
        return
    with st.container(border=True):
        permitted = set(allowed["export_permission"]["allowed_formats"])
        offered = [f for f in formats.exportable_formats(v.ws) if f.name in permitted]
        if not offered:
            st.caption(":orange[:material/block:] No format is open to you for this table.")
            return
        _finish(v, plan, page, offered, key)


def _choices(table: Table, picked: Picked, key: str) -> ExportPlan:
    with st.container(border=True):
        columns = column_picker(table.columns, key=key)
        filters = filter_builder(table.columns, key=f"{key}:filters")
        search = st.text_input(
            "Search",
            placeholder="Search in every text column",
            icon=":material/search:",
            key=f"{key}:search",
            label_visibility="collapsed",
            width=380,
        )
    return ExportPlan(
        connection=picked.connection,
        table=picked.table,
        columns=columns,
        filters=filters,
        search=search or None,
    )


def _preview(v: Visit, plan: ExportPlan) -> RowPage | None:
    """The first rows of exactly this selection; None when there is none to show."""
    if not plan.columns:
        st.caption(":material/deselect: No column is chosen.")
        return None
    with shown(), st.container(border=True):
        number = int(st.session_state.get(_page_key(plan), 1))
        page = exports.preview_export(
            v.ws, v.who, plan, rows=PREVIEW_ROWS, offset=(number - 1) * PREVIEW_ROWS
        )
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                f"**{text.counted(page.total_rows, 'row')}** :gray[· "
                f"{text.counted(len(page.columns), 'column')} · {_span(page)}]",
                width="content",
            )
            pages = -(-page.total_rows // PREVIEW_ROWS)
            if pages > 1:
                st.pagination(pages, max_visible_pages=5, key=_page_key(plan))
        if not page.rows:
            st.caption("No row of the table meets these conditions.")
        else:
            st.dataframe(
                frames.of_rows(page.rows, page.columns),
                hide_index=True,
                height=frames.height(len(page.rows), most=9),
                row_height=32,
                placeholder="NULL",
            )
        return page
    return None


def _page_key(plan: ExportPlan) -> str:
    """Another selection starts at its first page."""
    return f"export:page:{plan_hash(plan)}"


def _span(page: RowPage) -> str:
    return f"{text.number(page.offset + 1)} to {text.number(page.offset + len(page.rows))} shown"


def _finish(
    v: Visit, plan: ExportPlan, page: RowPage | None, offered: list[FormatInfo], key: str
) -> None:
    chosen = format_form(offered, key=key)
    with shown_and_stopped():
        options = parse_export_options(chosen)
    dialect = Dialect(format=options.pop("format"), **options.pop("dialect"))
    plan = replace(plan, dialect=dialect, **options)
    rows = page.total_rows if page else 0
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if page and page.rows:
            st.caption(_estimate(page), width="content")
        if st.button(
            f"Export {text.counted(rows, 'row')}",
            type="primary",
            icon=":material/download:",
            disabled=page is None,
        ):
            with shown_and_stopped(), st.spinner("Exporting…"):
                job = exports.create_export(v.ws, v.who, plan)
                jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
            st.query_params["job"] = job.job_id
            st.rerun()


def _estimate(page: RowPage) -> str:
    """About how large the rows are as text, judged by those shown."""
    cells = sum(len(v or "") + 1 for row in page.rows for v in row.values())
    about = round(cells / len(page.rows) * page.total_rows)
    large = " · large: runs in the background" if page.total_rows > LARGE else ""
    return f"about {text.size(about)} as text{large}"
