from __future__ import annotations

from dataclasses import replace

import pytest

from core.access.authorise import actions_of, allows, authorise, check_columns, visible_columns
from core.errors import ActionDenied, ExportDenied, ImportDenied, InvalidColumns
from core.model.access import EXPORT_ACTIONS, Action, Grant, Identity, Role
from core.model.new_table import NewTable
from core.model.plan import ImportPlan, OnConflict
from core.model.table import Column, Kind, Table, TableRef

ANN = Identity(user_id=1, username="ann", role=Role.USER)
ADMIN = Identity(user_id=2, username="root", role=Role.ADMIN)
LOCAL = Identity(user_id=None, username="local", role=Role.USER, local=True)
NAMES_ONLY = Grant(actions=EXPORT_ACTIONS, allowed_columns=("name", "gone"))
USERS = Table(
    ref=TableRef(name="users"),
    columns=tuple(
        Column(name=name, kind=Kind.TEXT, type_text="TEXT") for name in ("id", "name", "salary")
    ),
)
DENIALS = {
    Action.IMPORT: ImportDenied,
    Action.VALIDATE: ImportDenied,
    Action.PREVIEW_IMPORT: ImportDenied,
    Action.EXPORT: ExportDenied,
    Action.PREVIEW_EXPORT: ExportDenied,
    Action.REPLACE: ImportDenied,
    Action.DELETE: ImportDenied,
    Action.CREATE_TABLE: ImportDenied,
    Action.UNDO: ImportDenied,
    Action.REVIEW: ActionDenied,
    Action.ADMINISTER: ActionDenied,
}


def test_every_action_has_its_denial() -> None:
    assert set(DENIALS) == set(Action)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.USER, Role.VIEWER])
@pytest.mark.parametrize("action", Action)
def test_only_what_is_granted_is_allowed(role: Role, action: Action) -> None:
    who = Identity(user_id=1, username="x", role=role)
    only = Grant(actions=frozenset({action}))
    all_but = Grant(actions=frozenset(Action) - {action})
    assert authorise(who, only, action, table_label="users") is only
    assert allows(who, only, action)
    assert not allows(who, all_but, action)
    with pytest.raises(DENIALS[action], match="users"):
        authorise(who, all_but, action, table_label="users")


@pytest.mark.parametrize("who", [ADMIN, LOCAL])
@pytest.mark.parametrize("action", Action)
def test_administrators_pass(who: Identity, action: Action) -> None:
    grant = Grant(allowed_columns=("name",), requires_approval=True, max_rows_per_export=5)
    passed = authorise(who, grant, action, columns=["salary"], table_label="users")
    assert allows(who, grant, action)
    assert passed.actions == frozenset(Action)
    assert passed.allowed_columns == ()
    assert (passed.requires_approval, passed.max_rows_per_export) == (True, 5)


@pytest.mark.parametrize("columns", [["salary"], ["name", "salary"], ["no_such_column"]])
def test_a_column_that_may_not_be_seen(columns: list[str]) -> None:
    with pytest.raises(InvalidColumns, match=columns[-1]):
        authorise(ANN, NAMES_ONLY, Action.EXPORT, columns=columns, table_label="users")


@pytest.mark.parametrize("columns", [None, [], ["name"], ["name", "name"]])
def test_columns_that_may_be_seen(columns: list[str] | None) -> None:
    authorise(ANN, NAMES_ONLY, Action.EXPORT, columns=columns, table_label="users")


def test_an_empty_list_allows_every_column() -> None:
    everything = Grant(actions=EXPORT_ACTIONS)
    authorise(ANN, everything, Action.EXPORT, columns=["salary"], table_label="users")
    assert visible_columns(everything, USERS) == ("id", "name", "salary")


def test_visible_columns_are_those_of_the_table_that_are_allowed() -> None:
    assert visible_columns(NAMES_ONLY, USERS) == ("name",)


def test_hidden_and_missing_columns_are_refused_in_the_same_words() -> None:
    words = []
    for column in ("salary", "gone", "missing"):
        with pytest.raises(InvalidColumns) as caught:
            check_columns(NAMES_ONLY, USERS, ["name", column])
        words.append(caught.value.detail.replace(column, "…"))
    assert len(set(words)) == 1
    check_columns(NAMES_ONLY, USERS, ["name"])


def test_what_a_plan_does_to_its_table_is_asked_action_by_action() -> None:
    plan = ImportPlan(connection="c", table="t", upload="u", filename="f")
    made = replace(plan, creates=NewTable(name="t"))
    assert actions_of(plan) == (Action.IMPORT,)
    assert actions_of(made) == (Action.IMPORT, Action.CREATE_TABLE)
    both = replace(made, on_conflict=OnConflict.REPLACE)
    assert actions_of(both) == (Action.IMPORT, Action.REPLACE, Action.CREATE_TABLE)
