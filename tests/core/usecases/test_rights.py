"""Nobody gets past a use case without a grant: at the time it runs, and by every path."""

from __future__ import annotations

import pytest

from core.errors import (
    ActionDenied,
    ApprovalRequired,
    Conflict,
    ExportDenied,
    FileExpired,
    FileTooLarge,
    ImportDenied,
    InvalidColumns,
    NotFound,
    TooManyRowsToExport,
)
from core.model.job import JobStatus
from core.model.plan import ExportPlan, Filter, OnErrors, Operator, Sort
from core.usecases import (
    access,
    approvals,
    audit,
    connections,
    exports,
    findings,
    imports,
    jobs,
    local,
    tables,
    uploads,
)
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load, table_rows, upload
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

GOOD = (HEADER + line("A1") + line("A2")).encode()
PLAN = ExportPlan(connection="shop", table=TABLE)


def test_without_a_grant_nothing_exists(ws: Workspace, people: People) -> None:
    assert tables.list_tables(ws, people.eve, "shop") == []
    assert connections.list_connections(ws, people.eve) == []
    with pytest.raises(NotFound):
        tables.describe_table(ws, people.eve, TABLE, "shop")
    with pytest.raises(NotFound):
        access.effective_permissions(ws, people.eve, TABLE, "shop")
    with pytest.raises(ImportDenied):
        upload(ws, people.eve, GOOD)
    with pytest.raises(ExportDenied):
        exports.create_export(ws, people.eve, PLAN)
    with pytest.raises(ExportDenied):
        tables.browse_table(ws, people.eve, TABLE, "shop")
    denied = audit.list_events(ws, people.admin, username="eve", operation="access_denied")
    assert len(denied) == 3


def test_with_a_grant_only_that_table(ws: Workspace, people: People) -> None:
    assert [t.label for t in tables.list_tables(ws, people.ann, "shop")] == [TABLE]
    file_id = upload(ws, people.ann, GOOD)
    with pytest.raises(ImportDenied):
        imports.draft_import(ws, people.ann, upload_id=file_id, table="orders", connection="shop")


def test_another_users_job_and_upload_do_not_exist(ws: Workspace, people: People) -> None:
    access.set_grant(ws, LOCAL, "eve", table=TABLE, connection="shop", can_import=True)
    job = load(ws, people.ann, GOOD + line("A3", quantity=0).encode())
    export = exports.create_export(ws, people.ann, PLAN)
    local.run_here(ws, export.job_id)
    assert isinstance(job.plan.upload, str)
    eve = people.eve
    calls = [
        lambda: jobs.get_job(ws, eve, job.job_id),
        lambda: jobs.cancel_job(ws, eve, job.job_id),
        lambda: imports.read_file(ws, eve, job.job_id),
        lambda: imports.preview_import(ws, eve, job.job_id),
        lambda: imports.validate_import(ws, eve, job.job_id),
        lambda: imports.start_import(ws, eve, job.job_id),
        lambda: findings.list_violations(ws, eve, job.job_id),
        lambda: findings.list_rejected(ws, eve, job.job_id),
        lambda: findings.open_rejects(ws, eve, job.job_id),
        lambda: exports.open_artifact(ws, eve, export.job_id),
        lambda: exports.delete_artifact(ws, eve, export.job_id),
        lambda: audit.list_events(ws, eve, job_id=job.job_id),
        lambda: imports.draft_import(
            ws, eve, upload_id=job.plan.upload, table=TABLE, connection="shop"
        ),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert jobs.list_jobs(ws, eve) == []
    assert len(jobs.list_jobs(ws, people.admin)) == 2


def test_a_revocation_bites_on_the_next_call_and_on_the_queued_job(
    ws: Workspace, people: People
) -> None:
    job = draft(ws, people.ann, GOOD)
    queued = imports.start_import(ws, people.ann, job.job_id)
    export = exports.create_export(ws, people.ann, PLAN)
    access.remove_grant(ws, LOCAL, "ann", table=TABLE, connection="shop")
    with pytest.raises(ImportDenied):
        imports.read_file(ws, people.ann, job.job_id)
    refused = local.run_here(ws, queued.job_id)
    assert (refused.status, refused.error_code) == (JobStatus.FAILED, "IMPORT_003")
    unwritten = local.run_here(ws, export.job_id)
    assert (unwritten.status, unwritten.error_code) == (JobStatus.FAILED, "EXPORT_002")
    assert table_rows(ws) == []


def test_a_download_is_asked_again(ws: Workspace, people: People) -> None:
    export = exports.create_export(ws, people.ann, PLAN)
    done = local.run_here(ws, export.job_id)
    url = exports.download_url(ws, people.ann, done)
    assert url is not None
    signature = url.partition("signature=")[2]
    exports.open_artifact(ws, people.ann, export.job_id, signature=signature)
    with pytest.raises(ExportDenied):  # one bit flipped
        exports.open_artifact(
            ws, people.ann, export.job_id, signature=signature[:-1] + chr(ord(signature[-1]) ^ 1)
        )
    with pytest.raises(ExportDenied):  # made for ann, used by an administrator
        exports.open_artifact(ws, people.admin, export.job_id, signature=signature)
    access.remove_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", half="export")
    with pytest.raises(ExportDenied):
        exports.open_artifact(ws, people.ann, export.job_id, signature=signature)


def test_hidden_columns_are_hidden_everywhere(ws: Workspace, people: People) -> None:
    load(ws, LOCAL, (HEADER + line("A1", note="canary")).encode())
    access.set_grant(
        ws, LOCAL, "ann", table=TABLE, connection="shop", allowed_columns=["line_code", "quantity"]
    )
    seen = tables.describe_table(ws, people.ann, TABLE, "shop")
    assert seen.table.column_names == ("line_code", "quantity")
    assert "canary" not in str(seen)
    page = tables.browse_table(ws, people.ann, TABLE, "shop")
    assert page.columns == ("line_code", "quantity")
    assert tables.browse_table(ws, people.ann, TABLE, "shop", search="canary").total_rows == 0
    hidden = Filter(column="note", operator=Operator.EQUALS, value="canary")
    for call in (
        lambda: tables.browse_table(ws, people.ann, TABLE, "shop", filters=[hidden]),
        lambda: tables.browse_table(ws, people.ann, TABLE, "shop", sort=[Sort(column="note")]),
        lambda: tables.browse_table(ws, people.ann, TABLE, "shop", columns=["note"]),
        lambda: exports.create_export(
            ws, people.ann, ExportPlan(connection="shop", table=TABLE, filters=(hidden,))
        ),
        lambda: exports.create_export(
            ws, people.ann, ExportPlan(connection="shop", table=TABLE, columns=("note",))
        ),
    ):
        with pytest.raises(InvalidColumns):
            call()
    export = exports.create_export(ws, people.ann, PLAN)
    local.run_here(ws, export.job_id)
    assert exports.open_artifact(ws, people.ann, export.job_id).open().read() == (
        b"line_code,quantity\r\nA1,1\r\n"
    )


def test_an_import_that_needs_approval_waits_for_somebody_else(
    ws: Workspace, people: People
) -> None:
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", requires_approval=True)
    job = draft(ws, people.ann, GOOD)
    waiting = imports.start_import(ws, people.ann, job.job_id)
    assert waiting.status is JobStatus.AWAITING_APPROVAL
    with pytest.raises(ApprovalRequired):
        local.run_here(ws, job.job_id)
    with pytest.raises(ActionDenied):
        approvals.approve(ws, people.ann, job.job_id)
    assert [j.job_id for j in approvals.list_waiting(ws, people.rex)] == [job.job_id]
    assert approvals.list_waiting(ws, people.ann) == []
    approvals.approve(ws, people.rex, job.job_id, "looks right")
    with pytest.raises(Conflict):
        approvals.reject(ws, people.admin, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED
    assert len(table_rows(ws)) == 2


def test_the_parameter_may_add_approval_and_nobody_may_take_it_away(
    ws: Workspace, people: People
) -> None:
    job = draft(ws, people.ann, GOOD, requires_approval=True)
    assert imports.start_import(ws, people.ann, job.job_id).status is JobStatus.AWAITING_APPROVAL
    own = draft(ws, people.admin, GOOD, requires_approval=True)
    imports.start_import(ws, people.admin, own.job_id)
    with pytest.raises(ActionDenied):  # an administrator's own import waits too
        approvals.approve(ws, people.admin, own.job_id)
    rejected = approvals.reject(ws, people.rex, job.job_id, "not this month")
    assert rejected.status is JobStatus.CANCELLED
    assert "not this month" in (rejected.error_message or "")


def test_limits_of_the_grant(ws: Workspace, people: People) -> None:
    access.set_grant(
        ws, LOCAL, "ann", table=TABLE, connection="shop",
        max_rows_per_import=1, max_rows_per_export=1, max_file_size_mb=1,
    )  # fmt: skip
    job = load(ws, people.ann, GOOD)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "IMPORT_005")
    load(ws, LOCAL, GOOD)
    with pytest.raises(TooManyRowsToExport):
        exports.create_export(ws, people.ann, PLAN)
    big = (HEADER + line("A9", note="x" * 900) * 1300).encode()
    with pytest.raises(FileTooLarge):
        draft(ws, people.ann, big)
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", import_formats=["json"])
    with pytest.raises(ImportDenied):
        draft(ws, people.ann, GOOD)


def test_an_upload_is_ones_own_to_remove(ws: Workspace, people: People) -> None:
    file_id = upload(ws, people.ann, GOOD)
    with pytest.raises(NotFound):
        uploads.remove_upload(ws, people.eve, file_id)
    uploads.remove_upload(ws, people.ann, file_id)
    with pytest.raises(FileExpired):
        imports.draft_import(ws, people.ann, upload_id=file_id, table=TABLE, connection="shop")


def test_a_running_plan_cannot_be_changed(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, GOOD)
    imports.start_import(ws, people.ann, job.job_id)
    with pytest.raises(Conflict):
        imports.update_import(ws, people.ann, job.job_id, on_errors=OnErrors.LOAD_VALID)
    cancelled = jobs.cancel_job(ws, people.ann, job.job_id)
    assert cancelled.status is JobStatus.CANCELLED
    with pytest.raises(Conflict):
        imports.start_import(ws, people.ann, job.job_id)
