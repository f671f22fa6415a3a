"""The rows that a check held back: mended here, fetched as a file, or handed in mended."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.download import download
from app.components.edit_tools import find_and_replace
from app.components.failures import shown
from app.components.fix_grid import fix_grid
from app.components.mended_rejects import hand_in
from app.components.problem_cards import Chosen
from app.components.visit import Visit
from core.model.check import CheckReport
from core.model.job import Job
from core.model.plan import plan_hash
from core.model.preview import RejectedPage
from core.usecases import findings, fixing

PAGE_ROWS = 100


def fix_rows(v: Visit, job: Job, report: CheckReport, *, editable: bool) -> None:
    """Draw the page of rejected rows that is asked for, of one problem or of all."""
    if not report.error_rows:
        st.markdown(":green[:material/check_circle:] **No row is held back**")
        return
    chosen = _chosen(job)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if chosen.check is not None and st.button(
            f"Only {text.plain(chosen.field or 'whole rows')}: {text.plain(chosen.check)}",
            icon=":material/filter_alt_off:",
            help="Show every row that is held back",
        ):
            del st.session_state["check:chosen"]
            st.rerun()
    first = _page(v, job, chosen, 1)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if editable:
            find_and_replace(v, job, first.columns)
            hand_in(v, job)
        download("Rejects as CSV", rejects_url(job), key="check:rejects")
        download("as Excel", rejects_url(job, "xlsx"), key="check:rejects:xlsx")
    pages = max(1, -(-first.total // PAGE_ROWS))
    number = 1
    if pages > 1:
        number = st.pagination(pages, key=f"check:page:{chosen.field}:{chosen.check}")
    page = first if number == 1 else _page(v, job, chosen, number)
    _grid(v, job, page, chosen, number, editable=editable)


def rejects_url(job: Job, kind: str = "csv") -> str:
    """Where the rejected rows of a job can be fetched, as csv or xlsx."""
    return f"/api/v1/data/import/{job.job_id}/rejects?format={kind}"


def _chosen(job: Job) -> Chosen:
    job_id, chosen = st.session_state.get("check:chosen", ("", Chosen()))
    return chosen if job_id == job.job_id else Chosen()


def _page(v: Visit, job: Job, chosen: Chosen, number: int) -> RejectedPage:
    return findings.list_rejected(
        v.ws,
        v.who,
        job.job_id,
        offset=(number - 1) * PAGE_ROWS,
        limit=PAGE_ROWS,
        field=chosen.field,
        check=chosen.check,
    )


def _grid(
    v: Visit, job: Job, page: RejectedPage, chosen: Chosen, number: int, *, editable: bool
) -> None:
    """The rows with the edits made so far; a changed cell is kept and judged at once."""
    edits = fixing.list_edits(v.ws, v.who, job.job_id)
    rows, said = page.rows, ""
    if edits.since and page.rows:
        again = fixing.recheck(v.ws, v.who, job.job_id, [row.row for row in page.rows])
        rows = again.rows
        said = f":green[:material/check_circle: {text.counted(again.mended, 'row')} mended]"
        if again.partial:
            said += " :gray[· whether a key repeats in the file is told by the next check]"
    st.markdown(
        f"**{text.counted(page.total, 'row')} held back** :gray[· {text.counted(len(rows), 'row')} "
        f"shown{', double-click a cell to mend it' if editable else ''}] {said}"
    )
    # A fresh grid for every state of the edits: what the server says is what it shows.
    state = f"{plan_hash(job.plan)[:12]}:{edits.since}"
    key = f"check:grid:{job.job_id}:{chosen.field}:{chosen.check}:{number}:{state}"
    changes = fix_grid(page.columns, rows, editable=editable, key=key)
    if not changes:
        return
    with shown():
        for change in changes:
            fixing.add_edit(v.ws, v.who, job.job_id, change)
        st.rerun()
