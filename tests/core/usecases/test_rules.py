"""Rules that keepers set: who may, what they are told, and that every import is held to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import (
    ActionDenied,
    Conflict,
    InvalidColumns,
    InvalidRequest,
    NotFound,
)
from core.metastore import permissions
from core.metastore import rules as kept_rules
from core.model.access import Action, Grant, Role
from core.model.check import Severity
from core.model.plan import OnConflict, OnErrors
from core.model.rule import BrokenRow, Rule, RuleTrial
from core.usecases import audit, findings, imports, rules
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load, table_rows
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

TWO = (HEADER + line("A1", quantity=5) + line("A2", quantity=50)).encode()


def a_rule(kind: str = "range", *columns: str, **options: str) -> Rule:
    return Rule(
        connection="shop",
        table=TABLE,
        name="house rule",
        kind=kind,
        columns=columns or ("quantity",),
        options=options or {"max": "10"},
    )


def keeper(ws: Workspace, *columns: str) -> None:
    """Let everybody of role user administer the order lines, seeing only these columns."""
    grant = Grant(
        connection="shop",
        table=TABLE,
        actions=frozenset({Action.ADMINISTER}),
        allowed_columns=columns,
    )
    with ws.metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, grant)


@pytest.mark.usefixtures("shop")
def test_a_rule_is_tried_kept_and_held_against_every_import(ws: Workspace) -> None:
    load(ws, LOCAL, TWO)
    sample = BrokenRow(
        cells={"line_code": "A2", "quantity": "50"}, message="'50' must be at most 10"
    )
    told = RuleTrial(rows=2, broken=1, samples=(sample,))
    assert rules.rule_trial(ws, LOCAL, a_rule()) == told
    assert rules.list_rules(ws, LOCAL, TABLE, "shop") == []
    stored, trial = rules.save_rule(ws, LOCAL, replace(a_rule(), message="{value} is too many"))
    assert (trial.rows, trial.broken) == (2, 1)
    assert [row.message for row in trial.samples] == ["50 is too many"]
    assert rules.list_rules(ws, LOCAL, TABLE, "shop") == [stored]

    more = (HEADER + line("B1", quantity=11) + line("B2", quantity=10)).encode()
    job = load(ws, LOCAL, more)
    assert (job.counts.inserted, job.counts.rejected) == (1, 1)
    (found,) = findings.list_violations(ws, LOCAL, job.job_id)
    assert (found.row, found.field, found.check) == (1, "quantity", "house rule")
    assert (found.message, found.value) == ("11 is too many", "11")
    assert rules.origin_of(found.check) == "rule"

    job = draft(ws, LOCAL, more)
    shown = imports.preview_import(ws, LOCAL, job.job_id)
    assert [v.check for v in shown.violations] == ["house rule", "unique_in_table"]
    rules.save_rule(ws, LOCAL, replace(stored, enabled=False))
    shown = imports.preview_import(ws, LOCAL, job.job_id)
    assert "house rule" not in {v.check for v in shown.violations}


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("rule", "rejected"),
    [
        (a_rule("unique", "note"), ["A3"]),
        (a_rule("expression", expression="quantity < 9 OR note IS NOT NULL"), ["A4"]),
        (replace(a_rule("required", "note"), options={}), ["A4"]),
        (replace(a_rule(max="1"), severity=Severity.WARNING), []),
    ],
    ids=["unique", "expression", "required", "warning"],
)
def test_every_sort_of_rule(ws: Workspace, rule: Rule, rejected: list[str]) -> None:
    if rule.kind in ("unique", "expression"):
        rule = replace(
            rule,
            columns=() if rule.kind == "expression" else rule.columns,
            options={} if rule.kind == "unique" else rule.options,
        )
    rules.save_rule(ws, LOCAL, rule)
    lines = (
        line("A1", note="x"),
        line("A2", note="y"),
        line("A3", note="x"),
        line("A4", quantity=9),
        # A row that a rule turned away is none that a key is compared with.
        line("A3", note="z"),
    )
    job = load(ws, LOCAL, (HEADER + "".join(lines)).encode())
    bad = findings.list_rejected(ws, LOCAL, job.job_id)
    codes = [row.cells["line_code"] for row in bad.rows]
    repeated = [] if rule.kind == "unique" else ["A3"]
    assert sorted(codes) == sorted(rejected + repeated)


@pytest.mark.usefixtures("sqlite_shop")
def test_a_required_column_must_be_in_the_file_when_rows_are_inserted(ws: Workspace) -> None:
    rules.save_rule(ws, LOCAL, replace(a_rule("required", "note"), options={}))
    content = (HEADER + line("A1", note="x")).encode()
    mappings = [
        {"sourceColumn": name, "targetColumn": name} for name in HEADER.strip().split(",")[:-1]
    ]
    job = load(ws, LOCAL, content, mappings=mappings)
    (found,) = findings.list_violations(ws, LOCAL, job.job_id)
    assert found.message == "note must have a value, and the file does not give it"
    job = load(ws, LOCAL, content, mappings=mappings, on_conflict=OnConflict.UPDATE)
    assert job.counts.inserted == 1


def test_only_keepers_set_rules(ws: Workspace, people: People) -> None:
    for act in (rules.save_rule, rules.rule_trial):
        with pytest.raises(ActionDenied):
            act(ws, people.ann, a_rule())
    stored, _ = rules.save_rule(ws, people.admin, a_rule())
    assert stored.id is not None
    with pytest.raises(ActionDenied):
        rules.delete_rule(ws, people.ann, stored.id, table=TABLE, connection="shop")
    assert rules.list_rules(ws, people.ann, TABLE, "shop") == [stored]
    with pytest.raises(NotFound):
        rules.list_rules(ws, people.eve, TABLE, "shop")
    keeper(ws)
    changed, _ = rules.save_rule(ws, people.eve, replace(stored, name="other"))
    rules.delete_rule(ws, people.eve, stored.id, table=TABLE, connection="shop")
    events = audit.list_events(ws, people.admin, operation="settings_changed")
    told = [event for event in events if "rule" in event.details]
    assert [(e.username, e.details["rule"], e.details["act"]) for e in told] == [
        ("eve", "other", "deleted"),
        ("eve", "other", "saved"),
        ("root2", "house rule", "saved"),
    ]
    assert changed.name == "other"


def test_a_keeper_asks_nothing_of_columns_they_may_not_see(ws: Workspace, people: People) -> None:
    keeper(ws, "quantity")
    rules.rule_trial(ws, people.eve, a_rule())
    for hidden in (
        a_rule("range", "unit_price"),
        a_rule("compare", "quantity", operator="<", column="order_id"),
        replace(a_rule("expression", expression="order_id > quantity"), columns=()),
    ):
        with pytest.raises(InvalidColumns):
            rules.rule_trial(ws, people.eve, hidden)


def test_a_keeper_who_may_not_see_rows_is_told_numbers_only(ws: Workspace, people: People) -> None:
    load(ws, LOCAL, TWO)
    keeper(ws)
    assert rules.rule_trial(ws, people.eve, a_rule()) == RuleTrial(rows=2, broken=1)


def test_a_sample_has_no_cell_of_a_hidden_column(ws: Workspace, people: People) -> None:
    load(ws, LOCAL, TWO)
    grant = Grant(
        connection="shop",
        table=TABLE,
        actions=frozenset({Action.ADMINISTER, Action.EXPORT}),
        allowed_columns=("quantity",),
    )
    with ws.metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, grant)
    trial = rules.rule_trial(ws, people.eve, a_rule())
    assert [row.cells for row in trial.samples] == [{"quantity": "50"}]


@pytest.mark.usefixtures("sqlite_shop")
def test_a_few_broken_rows_are_shown_once_each(ws: Workspace) -> None:
    load(ws, LOCAL, (HEADER + "".join(line(f"A{n}", quantity=50) for n in range(9))).encode())
    trial = rules.rule_trial(ws, LOCAL, a_rule("unique", "quantity", ignore_case="false"))
    assert (trial.rows, trial.broken) == (9, 8)
    codes = [row.cells["line_code"] for row in trial.samples]
    assert codes == ["A1", "A2", "A3", "A4", "A5"]


def test_who_keeps_rules_and_what_they_may_name(ws: Workspace, people: People) -> None:
    assert rules.keeps_rules(ws, LOCAL)
    assert rules.keeps_rules(ws, people.admin)
    assert not rules.keeps_rules(ws, people.eve)
    with pytest.raises(ActionDenied):
        rules.ruled_table(ws, people.eve, TABLE, "shop")
    keeper(ws, "quantity")
    assert rules.keeps_rules(ws, people.eve)
    assert rules.ruled_table(ws, people.eve, TABLE, "shop").column_names == ("quantity",)


def test_a_rule_is_turned_off_and_on(ws: Workspace, people: People) -> None:
    stored, _ = rules.save_rule(ws, LOCAL, a_rule())
    assert stored.id is not None
    with pytest.raises(ActionDenied):
        rules.turn_rule(ws, people.ann, stored.id, enabled=False, table=TABLE, connection="shop")
    for enabled in (False, True):
        turned = rules.turn_rule(
            ws, people.admin, stored.id, enabled=enabled, table=TABLE, connection="shop"
        )
        assert turned == replace(stored, enabled=enabled)
        assert rules.list_rules(ws, LOCAL, TABLE, "shop") == [turned]
    events = audit.list_events(ws, people.admin, operation="settings_changed")
    acts = [e.details["act"] for e in events if "rule" in e.details]
    assert acts == ["saved", "turned off", "saved"]
    with pytest.raises(NotFound):
        rules.turn_rule(ws, LOCAL, 99, enabled=False, table=TABLE, connection="shop")


@pytest.mark.usefixtures("sqlite_shop")
def test_a_rule_that_no_longer_fits_can_be_turned_off(ws: Workspace) -> None:
    stored, _ = rules.save_rule(ws, LOCAL, a_rule())
    assert stored.id is not None
    with ws.metastore.begin() as db:
        kept_rules.put(db, replace(stored, columns=("gone",)), by=None)
    off = rules.turn_rule(ws, LOCAL, stored.id, enabled=False, table=TABLE, connection="shop")
    assert not off.enabled
    with pytest.raises(InvalidRequest, match="no column 'gone'"):
        rules.turn_rule(ws, LOCAL, stored.id, enabled=True, table=TABLE, connection="shop")


def test_who_may_only_export_sees_no_rule_on_a_hidden_column(ws: Workspace, people: People) -> None:
    rules.save_rule(ws, LOCAL, a_rule())
    price = replace(a_rule("range", "unit_price"), name="price")
    rules.save_rule(ws, LOCAL, price)
    grant = Grant(
        connection="shop",
        table=TABLE,
        actions=frozenset({Action.EXPORT}),
        allowed_columns=("quantity",),
    )
    with ws.metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, grant)
    shown = rules.list_rules(ws, people.eve, TABLE, "shop")
    assert [rule.name for rule in shown] == ["house rule"]


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"name": "Length"}, InvalidRequest, "name of a check or transform"),
        ({"name": "trim"}, InvalidRequest, "name of a check or transform"),
        ({"name": "foreign_key"}, InvalidRequest, "name of a check or transform"),
        ({"name": " "}, InvalidRequest, "at most 100 characters"),
        ({"message": "m" * 501}, InvalidRequest, "at most 500"),
        ({"kind": "magic"}, InvalidRequest, "no kind of rule"),
        ({"columns": ("nobody",)}, InvalidRequest, "no column 'nobody'"),
        ({"options": {"max": "a"}}, InvalidRequest, "not a integer"),
        ({"options": {"max": "1" * 100_001}}, InvalidRequest, "more than 100,000"),
        ({"table": "nothing"}, NotFound, "nothing"),
        ({"id": 99}, NotFound, "no rule 99"),
    ],
)
def test_what_cannot_be_kept(
    ws: Workspace, change: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        rules.save_rule(ws, LOCAL, replace(a_rule(), **change))
    assert rules.list_rules(ws, LOCAL, TABLE, "shop") == []


@pytest.mark.usefixtures("sqlite_shop")
def test_a_second_rule_of_the_same_name(ws: Workspace) -> None:
    rules.save_rule(ws, LOCAL, a_rule())
    with pytest.raises(Conflict):
        rules.save_rule(ws, LOCAL, a_rule())


@pytest.mark.usefixtures("sqlite_shop")
def test_a_rule_is_another_tables_own(ws: Workspace) -> None:
    stored, _ = rules.save_rule(ws, LOCAL, a_rule())
    assert stored.id is not None
    with pytest.raises(NotFound):
        rules.delete_rule(ws, LOCAL, stored.id, table="orders", connection="shop")
    with pytest.raises(NotFound):
        rules.save_rule(ws, LOCAL, replace(stored, table="orders", columns=("id",)))


@pytest.mark.usefixtures("sqlite_shop")
def test_a_rule_that_no_longer_fits_stops_the_import_in_words(ws: Workspace) -> None:
    rules.save_rule(ws, LOCAL, replace(a_rule("length", "note"), options={"max": "5"}))
    with ws.engine("shop").begin() as db:
        db.execute(sa.text(f"ALTER TABLE {TABLE} DROP COLUMN note"))
    without = (HEADER.replace(",note", "") + line("A1").replace(",open,", ",open")).encode()
    job = load(ws, LOCAL, without)
    assert "house rule" in (job.error_message or "")
    assert "no column 'note'" in (job.error_message or "")
    assert table_rows(ws) == []


@pytest.mark.usefixtures("sqlite_shop")
def test_rules_go_out_and_in_as_json(ws: Workspace) -> None:
    rules.save_rule(ws, LOCAL, a_rule())
    document = [{"name": "copied", "kind": "range", "columns": ["id"], "options": {"min": "1"}}]
    (read,) = rules.read_rules(ws, "orders", json.dumps({"rules": document}), "shop")
    stored, _ = rules.save_rule(ws, LOCAL, read)
    assert (stored.table, stored.name, stored.options) == ("orders", "copied", {"min": "1"})
    for bad in ("", "[1]", "{}", '[{"name": 1}]', "[" * 10_000):
        with pytest.raises(InvalidRequest):
            rules.read_rules(ws, "orders", bad, "shop")


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("given", "rejected"),
    [
        ([{"rule_type": "range", "value": [1, 10]}], ["A2"]),
        ([{"rule_type": "range", "value": {"min": 10}}], ["A1"]),
        ([{"type": "max", "value": 10}], ["A2"]),
        ([{"rule_type": "custom", "value": "quantity = 5"}], ["A2"]),
        ([{"rule_type": "unique"}, {"rule_type": "not_null"}], []),
    ],
)
def test_an_import_may_bring_rules_of_its_own(
    ws: Workspace, given: list[dict[str, Any]], rejected: list[str]
) -> None:
    rules.save_rule(ws, LOCAL, replace(a_rule(max="1000"), name="theirs"))
    names = HEADER.strip().split(",")
    mappings: list[dict[str, Any]] = [{"source_field": n, "target_field": n} for n in names]
    mappings[3]["validation_rules"] = given
    job = draft(ws, LOCAL, TWO, mappings=mappings)
    assert [rule.kind for rule in rules.list_rules(ws, LOCAL, TABLE, "shop")] == ["range"]
    shown = imports.preview_import(ws, LOCAL, job.job_id)
    rows = sorted({v.row for v in shown.violations})
    assert [f"A{row}" for row in rows] == rejected
    job = load(ws, LOCAL, TWO, mappings=mappings, on_errors=OnErrors.LOAD_VALID)
    assert job.counts.rejected == len(rejected)


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"rule_type": "magic"}], "'magic' is not one of min_length"),
        ([{"rule_type": "email"}], "cannot have a rule of this kind"),
        ([{"rule_type": "range", "value": 5}], "a range has a value"),
        ("email", "a list of objects"),
        ([{"rule_type": "unique"}] * 101, "more than 100"),
    ],
)
def test_rules_of_an_import_that_are_not_understood(
    ws: Workspace, given: object, says: str
) -> None:
    mappings = [{"source": "quantity", "target": "quantity", "validation_rules": given}]
    with pytest.raises(InvalidRequest, match=says):
        draft(ws, LOCAL, TWO, mappings=mappings)
