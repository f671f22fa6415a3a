"""What an administrator gives to one user beside importing: by default undo, else what is named."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import ActionDenied, ImportDenied, InvalidRequest, NotFound
from core.model.access import CHANGE_ACTIONS, EXPORT_ACTIONS, IMPORT_ACTIONS, Action, Identity
from core.model.job import JobStatus
from core.usecases import access, audit, imports, local, new_tables
from core.usecases import tables as table_acts
from core.usecases.new_table_document import proposal_document
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, upload
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

GOOD = (HEADER + line("A1")).encode()
BEFORE = IMPORT_ACTIONS | EXPORT_ACTIONS  #: what ann may do, undo apart


def give(ws: Workspace, table: str = TABLE, **given: Any) -> frozenset[Action]:
    """What ann may do to the table then."""
    return access.set_grant(ws, LOCAL, "ann", table=table, connection="shop", **given).actions


def test_who_may_import_may_undo_and_no_more(ws: Workspace, people: People) -> None:
    assert give(ws, can_import=True) == BEFORE | {Action.UNDO}


def test_what_is_named_is_all_there_is(ws: Workspace, people: People) -> None:
    assert give(ws, more_actions=sorted(CHANGE_ACTIONS)) == BEFORE | CHANGE_ACTIONS
    assert give(ws, more_actions=["delete", "delete"]) == BEFORE | {Action.DELETE}
    assert give(ws, max_rows_per_import=7) == BEFORE | {Action.DELETE}
    assert give(ws, more_actions=[]) == BEFORE


def test_forbidding_imports_forbids_them_all(ws: Workspace, people: People) -> None:
    left = give(ws, more_actions=sorted(CHANGE_ACTIONS), can_import=False)
    assert left == BEFORE - {Action.IMPORT}
    assert give(ws, can_import=True) == BEFORE | CHANGE_ACTIONS


@pytest.mark.parametrize("name", ["review", "administer", "import", "drop"])
def test_nothing_else_can_be_given_so(ws: Workspace, people: People, name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{name}: .*create_table, delete, replace, undo"):
        give(ws, more_actions=["undo", name])
    assert access.list_grants(ws, LOCAL, "ann")[0][1].actions == BEFORE | {Action.UNDO}


def test_giving_is_an_administrators_and_is_audited(ws: Workspace, people: People) -> None:
    with pytest.raises(ActionDenied):
        access.set_grant(ws, people.ann, "ann", table=TABLE, more_actions=["replace"])
    give(ws, more_actions=["undo", "replace"])
    (event,) = audit.list_events(ws, LOCAL, operation="permission_granted", limit=1)
    assert event.details["import"] == {"more_actions": ["replace", "undo"]}


@pytest.mark.parametrize(("mode", "action"), [("replace", "replace"), ("sync", "delete")])
def test_rows_may_go_once_that_is_given(
    ws: Workspace, people: People, mode: str, action: str
) -> None:
    job = draft(ws, people.ann, GOOD, options={"on_duplicate": mode})
    with pytest.raises(ImportDenied):
        imports.start_import(ws, people.ann, job.job_id)
    give(ws, more_actions=[action])
    imports.start_import(ws, people.ann, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED


def test_a_table_that_is_not_there_is_given_to_who_may_create_it(
    ws: Workspace, people: People
) -> None:
    with pytest.raises(NotFound):
        give(ws, "new_orders", can_export=True)
    given = give(ws, "new_orders", more_actions=["create_table"])
    assert given == IMPORT_ACTIONS | {Action.CREATE_TABLE}
    give(ws, "new_orders", can_export=True)  # still not there, and still to be created
    make(ws, people.ann, "new_orders")
    assert "new_orders" in [ref.name for ref in table_acts.list_tables(ws, people.ann, "shop")]
    with pytest.raises(ImportDenied, match="may not create"):
        make(ws, people.ann, "other_orders")


def make(ws: Workspace, who: Identity, name: str) -> None:
    """Load a file into a new table of that name."""
    content = b"n,s\n1,a\n2,b\n"
    found = new_tables.propose_table(
        ws, who, upload_id=upload(ws, who, content), connection="shop", name=name
    )
    job = new_tables.draft_new_table(
        ws, who, proposal_document(found)["create_table"],
        upload_id=upload(ws, who, content), connection="shop",
    )  # fmt: skip
    imports.start_import(ws, who, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED
