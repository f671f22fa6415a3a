"""A file for which there is no table: proposed, drafted, made with the load."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.making import tables
from core.databases.reflect import list_tables, reflect_table
from core.errors import Conflict, ImportDenied, InvalidRequest
from core.metastore import permissions
from core.model.access import EXPORT_ACTIONS, IMPORT_ACTIONS, Action, Grant, Identity, Role
from core.model.job import Job, JobStatus
from core.model.new_table import NewTable, TableProposal
from core.model.plan import ImportPlan, OnErrors
from core.usecases import audit, imports, local, new_tables, profiles, uploads
from core.usecases import tables as table_acts
from core.usecases.new_table_document import proposal_document
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, upload

ORDERS = b"""Order No.,Customer,Total,Ordered,Paid?
1,Ada,"1.234,50",31/12/2025,yes
2,Bob,"9,99",02/01/2026,no
3,Cy,"0,10",13/01/2026,yes
"""


@pytest.fixture(autouse=True)
def tidy(request: pytest.FixtureRequest) -> Any:
    """The tables made in a database that is shared with other tests go."""
    if "shop" not in request.fixturenames:
        yield
        return
    ws = request.getfixturevalue("ws")
    request.getfixturevalue("shop")
    yield
    with ws.engine("shop").begin() as db:
        for name in ("new_orders", "numbers", "taken"):
            db.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def propose(
    ws: Workspace, content: bytes, name: str = "new orders.csv", who: Identity = LOCAL, **given: Any
) -> tuple[TableProposal, str]:
    file_id = upload(ws, who, content, name)
    given = {"connection": "shop"} | given
    return new_tables.propose_table(ws, who, upload_id=file_id, **given), file_id


def drafted(
    ws: Workspace, content: bytes, who: Identity = LOCAL, change: Any = None, **given: Any
) -> Job:
    proposal, file_id = propose(ws, content, who=who)
    document = proposal_document(proposal)["create_table"]
    if change is not None:
        change(document)
    given = {"connection": "shop"} | given
    return new_tables.draft_new_table(ws, who, document, upload_id=file_id, **given)


def run(ws: Workspace, job: Job, on_errors: OnErrors = OnErrors.STOP) -> Job:
    imports.start_import(ws, LOCAL, job.job_id, on_errors=on_errors)
    return local.run_here(ws, job.job_id)


def rows(ws: Workspace, table: str = "new_orders") -> list[tuple[Any, ...]]:
    with ws.engine("shop").connect() as db:
        return [tuple(row) for row in db.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1"))]


def there(ws: Workspace) -> set[str]:
    return {ref.name for ref in list_tables(ws.engine("shop"))}


def test_a_table_is_proposed_made_and_filled_in_one_job(ws: Workspace, shop: str) -> None:
    proposal, _ = propose(ws, ORDERS)
    assert proposal.table.name == "new_orders"
    assert [c.column.name for c in proposal.columns] == [
        "order_no", "customer", "total", "ordered", "paid",
    ]  # fmt: skip
    assert proposal.whole
    assert proposal.rows_read == 3
    assert proposal.statement.startswith('CREATE TABLE "new_orders"')
    job = drafted(ws, ORDERS)
    assert "new_orders" not in there(ws), "a draft makes nothing"
    shown = imports.preview_import(ws, LOCAL, job.job_id)
    assert shown.rows[0]["total"] == "1234.50"
    assert not shown.violations
    checked = local.run_here(ws, imports.validate_import(ws, LOCAL, job.job_id).job_id)
    assert checked.validation_results["isValid"]
    assert "new_orders" not in there(ws)
    done = run(ws, job)
    assert (done.status, done.counts.inserted) == (JobStatus.COMPLETED, 3)
    found = [(r[0], r[1], float(r[2]), str(r[3]), bool(r[4])) for r in rows(ws)]
    assert found[0] == (1, "Ada", 1234.5, str(date(2025, 12, 31)), True)
    made = reflect_table(ws.engine("shop"), "new_orders")
    assert made == tables.drafted_table(ws.engine("shop"), proposal.table)
    events = {e.operation for e in audit.list_events(ws, LOCAL, job_id=job.job_id, limit=50)}
    assert {"table_created", "import_completed"} <= events


def test_rows_that_break_the_kind_stop_the_import_and_leave_no_table(
    ws: Workspace, shop: str
) -> None:
    job = drafted(ws, b"n,s\n1,a\n2,b\nx,c\n", change=_as_integers)
    stopped = run(ws, job)
    assert (stopped.status, stopped.counts.rejected) == (JobStatus.FAILED, 1)
    assert "new_orders" not in there(ws)
    again = run(ws, drafted(ws, b"n,s\n1,a\n2,b\nx,c\n", change=_as_integers), OnErrors.LOAD_VALID)
    assert again.status is JobStatus.PARTIALLY_COMPLETED
    assert rows(ws) == [(1, "a"), (2, "b")]
    profile = profiles.read_profile(ws, LOCAL, again.job_id)
    assert [column.name for column in profile.columns] == ["n", "s"]


def _as_integers(document: dict[str, Any]) -> None:
    column = document["columns"][0]
    assert (column["kind"], column["name"]) == ("text", "n")
    column |= {"kind": "integer", "max_length": None, "transform": None}


def test_loading_while_checking_makes_the_table_too(ws: Workspace, shop: str) -> None:
    at_once = {"undo": False}
    stopped = run(ws, drafted(ws, b"n\n1\nx\n", change=_as_integers, options=at_once))
    assert stopped.status is JobStatus.FAILED
    assert "new_orders" not in there(ws)
    done = run(ws, drafted(ws, b"n\n1\n2\n", options=at_once))
    assert (done.counts.inserted, rows(ws)) == (2, [(1,), (2,)])


def test_rows_that_only_the_database_refuses_leave_no_table(ws: Workspace, shop: str) -> None:
    job = drafted(ws, b"a,b\n1,1\n2,1\n", change=lambda d: d["columns"][1].update(unique=True))
    ended = run(ws, job)
    assert ended.status is JobStatus.FAILED
    assert "new_orders" not in there(ws)


def test_somebody_was_faster(ws: Workspace, shop: str) -> None:
    job, other = drafted(ws, ORDERS), drafted(ws, ORDERS)
    imports.start_import(ws, LOCAL, job.job_id)
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE TABLE new_orders (a INTEGER)")
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, Conflict.code)
    assert "already" in str(ended.error_message)
    assert rows(ws) == []
    for act in (imports.validate_import, imports.start_import):
        with pytest.raises(Conflict, match="another name"):
            act(ws, LOCAL, other.job_id)
    with pytest.raises(Conflict):
        drafted(ws, ORDERS, change=lambda d: d.update(name="NEW_orders"))
    assert propose(ws, ORDERS)[0].table.name == "new_orders_2"


def test_a_worker_that_died_after_its_commit_loads_nothing_twice(ws: Workspace, shop: str) -> None:
    job = drafted(ws, ORDERS)
    done = run(ws, job)
    with ws.metastore.begin() as db:  # the worker dies between its commit and telling of it
        db.exec_driver_sql(
            "UPDATE import_jobs SET status='IMPORTING', run_after=0, lease_until=0,"
            " lease_owner='gone:1:x', counts='{}', completed_at=NULL"
        )
    again = local.run_here(ws, job.job_id)
    assert (again.status, again.counts, again.attempt) == (JobStatus.COMPLETED, done.counts, 2)
    assert len(rows(ws)) == 3


@pytest.mark.parametrize("mode", ["staged", "resume"])
def test_other_modes_are_refused(ws: Workspace, sqlite_shop: str, mode: str) -> None:
    job = drafted(ws, ORDERS, options={"mode": mode, "on_errors": "load_valid"})
    with pytest.raises(InvalidRequest, match="mode"):
        imports.start_import(ws, LOCAL, job.job_id)


def test_without_sources_the_columns_are_mapped_by_their_names(
    ws: Workspace, sqlite_shop: str
) -> None:
    def unsourced(document: dict[str, Any]) -> None:
        document["columns"] = [
            {"name": "customer", "kind": "text"}, {"name": "order_no", "kind": "integer"},
        ]  # fmt: skip

    plan = drafted(ws, ORDERS, change=unsourced).plan
    assert isinstance(plan, ImportPlan)
    assert {(m.source, m.target) for m in plan.mappings} == {
        ("Customer", "customer"), ("Order No.", "order_no"),
    }  # fmt: skip


def test_rejected_rows_are_mended_into_the_table_that_was_made(
    ws: Workspace, sqlite_shop: str
) -> None:
    from core.usecases import findings, mending

    job = drafted(ws, b"n,s\n1,a\nx,c\n", change=_as_integers)
    run(ws, job, OnErrors.LOAD_VALID)
    mended = findings.open_rejects(ws, LOCAL, job.job_id).open().read()
    mended = mended.replace(b"x,c", b"7,c")
    follower = mending.patch_import(ws, LOCAL, job.job_id, upload(ws, LOCAL, mended)).job
    assert isinstance(follower.plan, ImportPlan)
    assert follower.plan.creates is None
    assert run(ws, follower).status is JobStatus.COMPLETED
    assert rows(ws) == [(1, "a"), (7, "c")]


# ---------------------------------------------------------------- rights
def granted(ws: Workspace, *actions: Action, table: str = "*") -> None:
    with ws.metastore.begin() as db:
        permissions.set_role_grant(
            db, Role.VIEWER, Grant(connection="shop", table=table, actions=frozenset(actions))
        )


@pytest.fixture
def vic(ws: Workspace, people: People) -> Identity:
    from core.usecases import users

    user, _ = users.create_user(
        ws, LOCAL, username="vic", role=Role.VIEWER, password="long enough 42 vic"
    )
    return Identity(user_id=user.id, username="vic", role=Role.VIEWER)


def test_creating_has_its_own_grant(ws: Workspace, vic: Identity) -> None:
    granted(ws, *IMPORT_ACTIONS, *EXPORT_ACTIONS)
    proposed, _ = propose(ws, ORDERS)
    document = proposal_document(proposed)["create_table"]
    own = upload(ws, vic, ORDERS)
    for act in (
        lambda: new_tables.propose_table(ws, vic, upload_id=own, connection="shop"),
        lambda: new_tables.describe_statement(ws, vic, document, "shop"),
        lambda: new_tables.draft_new_table(ws, vic, document, upload_id=own, connection="shop"),
    ):
        with pytest.raises(ImportDenied, match="may not create"):
            act()
    refused = audit.list_events(ws, LOCAL, operation="access_denied", limit=5)
    assert refused[0].details["action"] == "create_table"


def test_who_may_create_only_that_table(ws: Workspace, vic: Identity) -> None:
    granted(ws, *IMPORT_ACTIONS, *EXPORT_ACTIONS, Action.CREATE_TABLE, table="new_orders")
    job = drafted(ws, ORDERS, vic)
    imports.start_import(ws, vic, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED
    assert [ref.name for ref in table_acts.list_tables(ws, vic, "shop")] == ["new_orders"]
    own = upload(ws, vic, ORDERS)
    with pytest.raises(ImportDenied):
        new_tables.propose_table(ws, vic, upload_id=own, connection="shop", name="other")


def test_a_grant_taken_back_stops_the_job(ws: Workspace, vic: Identity) -> None:
    granted(ws, *IMPORT_ACTIONS, Action.CREATE_TABLE)
    proposal, _ = propose(ws, ORDERS, who=vic)
    assert any("not see its rows" in remark for remark in proposal.remarks)
    job = drafted(ws, ORDERS, vic)
    imports.start_import(ws, vic, job.job_id)
    granted(ws, *IMPORT_ACTIONS)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, ImportDenied.code)
    assert "new_orders" not in there(ws)


# ---------------------------------------------------------------- proposals
def test_the_name_can_be_given(ws: Workspace, sqlite_shop: str) -> None:
    assert propose(ws, ORDERS, name="x.csv", who=LOCAL)[0].table == replace(
        propose(ws, ORDERS)[0].table, name="x"
    )
    file_id = upload(ws, LOCAL, ORDERS)
    named = new_tables.propose_table(
        ws, LOCAL, upload_id=file_id, connection="shop", name="My Table"
    )
    assert named.table.name == "My Table"
    with pytest.raises(Conflict, match="Order_Lines"):
        new_tables.propose_table(
            ws, LOCAL, upload_id=file_id, connection="shop", name="Order_Lines"
        )
    with pytest.raises(InvalidRequest, match="has \\. in it"):
        new_tables.propose_table(ws, LOCAL, upload_id=file_id, connection="shop", name="a.b")


def test_options_are_followed_and_a_changed_table_is_told_as_a_statement(
    ws: Workspace, sqlite_shop: str
) -> None:
    proposal, _ = propose(ws, b"a;b\n1;2\n", options={"has_headers": "false", "delimiter": ";"})
    assert [c.mapping.source for c in proposal.columns] == ["column_1", "column_2"]
    document = proposal_document(proposal)["create_table"]
    document["columns"][1] |= {"name": "second", "kind": "date", "max_length": None}
    assert '"second" DATE' in new_tables.describe_statement(ws, LOCAL, document, "shop")


def test_a_file_read_in_another_way_has_other_columns(ws: Workspace, sqlite_shop: str) -> None:
    job = drafted(ws, b"a,b\n1,2\n", change=lambda d: d["columns"][0].update(name="mine"))
    changed = imports.update_import(ws, LOCAL, job.job_id, dialect={"header": False}).plan
    assert isinstance(changed, ImportPlan)
    assert changed.creates is not None
    assert [c.name for c in changed.creates.columns] == ["column_1", "column_2"]
    assert [m.source for m in changed.mappings] == ["column_1", "column_2"]
    again = imports.update_import(ws, LOCAL, job.job_id, dialect={"header": False}).plan
    assert again == changed
    assert run(ws, job).counts.inserted == 2


def test_an_upload_of_somebody_else_is_not_there(ws: Workspace, people: People) -> None:
    own = uploads.receive_upload(ws, people.ann, iter([ORDERS]), filename="a.csv").file_id
    from core.errors import NotFound

    with pytest.raises((NotFound, ImportDenied)):
        new_tables.propose_table(ws, people.eve, upload_id=own, connection="shop")


def test_a_table_without_columns_is_no_table() -> None:
    assert NewTable(name="a", schema="b.c").label == '"b.c".a'
