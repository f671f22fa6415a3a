"""Step 1 of an import: the table, what it demands, your limits, and the file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote

import streamlit as st

from app.components import text
from app.components.download import download
from app.components.failures import show, shown_and_stopped
from app.components.import_state import editable, go
from app.components.mended_rejects import lineage, recognised_card
from app.components.new_table import NEW, new_table, offer
from app.components.rule_list import rules_of_table
from app.components.schema_view import import_limits, schema_view
from app.components.table_picker import Picked, table_picker
from app.components.uploader import Uploaded, uploader
from app.components.visit import Visit
from core.errors import TableportError
from core.model.access import Action
from core.model.job import Job
from core.model.packing import EXTENSIONS as PACKED_EXTENSIONS
from core.model.plan import ImportPlan
from core.model.repair import Recognised
from core.model.table import Table
from core.usecases import access, formats, imports, mending, tables

#: How many files of this visit could not be read, and why the last one could not.
REFUSED = "import:refused"
#: A file that was dropped and turned out to hold rejected rows, while nobody has said what it is.
MENDED = "import:mended"
HINT = (
    "Choose the table that should receive the rows. You then see its columns and what they "
    "demand, and drop the file."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mended:
    """Rejected rows of an import, dropped where a new file was awaited."""

    picked: Picked
    received: Uploaded
    found: Recognised


def start(v: Visit, job: Job | None) -> None:
    """Draw the step; a received file becomes a draft and leads to the next step."""
    if job is not None:
        _file_facts(job)
        return
    if NEW in st.query_params:
        new_table(v)
        return
    with shown_and_stopped():
        picked = table_picker(v, actions=(Action.IMPORT,), hint=HINT, key="import")
    if picked is None:
        offer(v)
        return
    with shown_and_stopped():
        described = tables.describe_table(
            v.ws, v.who, picked.table, picked.connection, for_import=True
        )
        allowed = access.effective_permissions(v.ws, v.who, picked.table, picked.connection)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        mended: Mended | None = st.session_state.get(MENDED)
        if mended is not None and mended.picked == picked:
            _recognised(v, mended)
        else:
            _drop(v, picked, allowed["import_permission"])
        with st.container(horizontal=True, vertical_alignment="center"):
            _template(picked)
            offer(v)
        import_limits(allowed["import_permission"])
    with right:
        _schema(v, described.table, picked.connection)


def _schema(v: Visit, table: Table, connection: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{text.plain(table.label)}**")
        schema_view(table, key=f"import:schema:{table.label}")
        rules_of_table(v, table, connection)


def _drop(v: Visit, picked: Picked, allowed: dict[str, Any]) -> None:
    readable = [f for f in formats.importable_formats(v.ws) if f.name in _families(allowed)]
    extensions = tuple(e for f in readable for e in f.extensions)
    titles = ", ".join(f.title for f in readable)
    refusals, refused = st.session_state.get(REFUSED, (0, None))
    limit = int(allowed["max_file_size_mb"] * (1 << 20))
    received = uploader(
        title="Drop a file here, or click to choose",
        hint=f"{titles} · up to {text.size(limit)}",
        extensions=(*extensions, *PACKED_EXTENSIONS),
        most=limit,
        key=f"import:file:{picked.connection}:{picked.table}:{refusals}",
    )
    if refused is not None:
        show(refused)
    if received is not None:
        _receive(v, picked, received)


def _template(picked: Picked) -> None:
    where = f"/api/v1/data/tables/{quote(picked.table, safe='')}/template"
    download(
        "Blank Excel template",
        f"{where}?connection={quote(picked.connection, safe='')}",
        key=f"import:template:{picked.connection}:{picked.table}",
    )


def _receive(v: Visit, picked: Picked, received: Uploaded) -> None:
    """Ask first where the file holds rejected rows of an import; draft one of any other."""
    found = None
    # What cannot be read is told by the draft, in its own words.
    with suppress(TableportError), st.spinner("Reading the first rows…"):
        found = mending.recognise_rejects(v.ws, v.who, received.upload_id)
    if found is None:
        _draft(v, picked, received)
    st.session_state[MENDED] = Mended(picked=picked, received=received, found=found)
    st.session_state.pop(REFUSED, None)
    st.rerun()


def _recognised(v: Visit, mended: Mended) -> None:
    received = mended.received
    chosen = recognised_card(v, mended.found, received.upload_id, received.filename)
    if chosen is None:
        return
    del st.session_state[MENDED]
    if chosen == "new":
        _draft(v, mended.picked, received)
    st.rerun()


def _draft(v: Visit, picked: Picked, received: Uploaded) -> NoReturn:
    """Make a job of the file; one that cannot be read leaves a fresh drop zone and the reason."""
    try:
        with st.spinner("Reading the first rows…"):
            job = imports.draft_import(
                v.ws,
                v.who,
                upload_id=received.upload_id,
                table=picked.table,
                connection=picked.connection,
            )
    except TableportError as error:
        count, _ = st.session_state.get(REFUSED, (0, None))
        st.session_state[REFUSED] = (count + 1, error)
    else:
        st.session_state.pop(REFUSED, None)
        st.query_params.from_dict({"job": job.job_id, "step": "understand"})
    st.rerun()


def _families(allowed: dict[str, Any]) -> set[str]:
    return set(allowed["allowed_formats"])


def _file_facts(job: Job) -> None:
    plan = text.plan_of_import(job)
    with st.container(border=True):
        st.text(plan.filename)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(plan.dialect.format, icon=":material/description:", color="blue")
            st.caption(
                f"{text.size(job.file_size)} · into {text.plain(plan.table)} of "
                f"{text.plain(plan.connection)} · uploaded {text.ago(job.created_at)}",
                width="content",
            )
        _follows(plan)
        with st.container(horizontal=True):
            if st.button("Use another file", icon=":material/swap_horiz:"):
                again(plan.connection, plan.table)
            if st.button("Choose another table", icon=":material/table:"):
                again(plan.connection, None)
            if editable(job) and st.button(
                "Continue", type="primary", icon=":material/arrow_forward:"
            ):
                go("understand")


def _follows(plan: ImportPlan) -> None:
    """That the rows are those of another import, with the way to it."""
    said = lineage(plan)
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/healing: {text.plain(said)}", width="content")
        if plan.follows is not None and st.button(
            "Show that import", type="tertiary", icon=":material/arrow_back:"
        ):
            st.query_params.from_dict({"job": plan.follows})
            st.rerun()


def again(connection: str, table: str | None) -> None:
    """Begin a new import, into the same table where one is given."""
    where = {"connection": connection, "table": table} if table else {"connection": connection}
    st.query_params.from_dict(where)
    st.rerun()
