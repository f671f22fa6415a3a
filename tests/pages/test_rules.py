"""The rules of a table on the screen: set, tried, turned off, deleted, and seen by importers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.testing.v1 import AppTest

from app.components import rule_form
from app.components.rule_words import asked, suggested_name
from core.metastore import permissions
from core.metastore import rules as kept_rules
from core.model.access import Action, Grant, Role
from core.model.check import Severity
from core.model.rule import Rule
from core.usecases import rules
from core.usecases.local import local_identity
from core.workspace import Workspace

Screen = Callable[..., AppTest]

KINDS = {info.name: info for info in rules.rule_kinds()}
FEW = Rule(
    connection="demo",
    table="orders",
    name="few pieces",
    kind="range",
    columns=("quantity",),
    options={"max": "3"},
    message="{value} is too many",
)


def press(shown: AppTest, label: str) -> AppTest:
    return next(b for b in shown.button if b.label == label).click().run()


def kept(ws: Workspace) -> list[Rule]:
    return rules.list_rules(ws, local_identity(), "orders")


def said(shown: AppTest) -> str:
    parts = (*shown.markdown, *shown.caption, *shown.text)
    return " ".join(part.value for part in parts).replace("\\", "")


def keeper(ws: Workspace) -> None:
    """Let everybody of role user administer the orders."""
    actions = frozenset({Action.ADMINISTER})
    grant = Grant(connection="demo", table="orders", actions=actions)
    with ws.metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, grant)


def _dialog() -> None:
    """A dialog stays open over the runs of a test when it is asked for in each."""
    from app.components import rule_form
    from app.components.visit import visit
    from core.model.rule import Rule
    from core.usecases import rules

    v = visit()
    blank = Rule(connection="demo", table="orders", name="", kind="required", columns=())
    kept = rules.list_rules(v.ws, v.who, "orders")
    rule_form.edit_rule(rules.ruled_table(v.ws, v.who, "orders"), kept[0] if kept else blank)


def dialog(screen: Screen) -> AppTest:
    screen("root")
    return AppTest.from_function(_dialog, default_timeout=30).run()


def test_a_rule_is_set_tried_and_kept(screen: Screen, ws: Workspace) -> None:
    shown = dialog(screen)
    shown.selectbox(key="rule:0:kind").select("range").run()
    column = shown.selectbox(key="rule:0:range:columns")
    assert "quantity" in column.options
    assert "customer_email" not in column.options, "a text has no range"
    column.select("quantity")
    shown.text_input(key="rule:0:range:max").input("1")
    shown.text_input(key="rule:0:message").input("{value} is too many")
    press(shown, "Try")
    assert kept(ws) == [], "trying keeps nothing"
    sample = shown.dataframe[0].value
    assert list(sample.columns) == ["order_id", "quantity", "Why"]
    assert (sample["quantity"].astype(int) > 1).all()
    assert sample["Why"][0] == f"{sample['quantity'][0]} is too many"
    assert "rows break it" in said(shown)
    shown.text_input(key="rule:0:range:max").input("2").run()
    assert "rows break it" not in said(shown), "what was tried was another rule"
    press(shown, "Save")
    (rule,) = kept(ws)
    assert (rule.name, rule.kind, rule.columns) == ("quantity range", "range", ("quantity",))
    assert (rule.options, rule.message) == ({"max": "2"}, "{value} is too many")
    assert "quantity range is kept" in shown.session_state[rule_form.TOLD]


def test_what_does_not_fit_is_said_in_the_dialog(screen: Screen, ws: Workspace) -> None:
    shown = dialog(screen)
    press(shown, "Save")
    assert "names one column" in shown.error[0].value
    assert kept(ws) == []


def test_a_rule_is_changed_turned_off_and_deleted(screen: Screen, ws: Workspace) -> None:
    stored, _ = rules.save_rule(ws, local_identity(), FEW)
    shown = screen("root", "rules", table="orders")
    assert "few pieces" in said(shown)
    assert "quantity · Range: at most 3" in said(shown)
    edited = dialog(screen)
    edited.button_group[0].set_value(Severity.WARNING)
    press(edited, "Save")
    assert kept(ws) == [replace(stored, severity=Severity.WARNING)]
    shown = screen("root", "rules", table="orders")
    assert "Only remarks on it" in said(shown)
    shown.session_state[rule_form.TOLD] = "few pieces is kept"
    shown.run()
    assert [toast.value for toast in shown.toast] == ["few pieces is kept"]
    shown.toggle[0].set_value(False).run()
    assert [rule.enabled for rule in kept(ws)] == [False]
    assert "1 rule, 1 turned off" in said(shown)
    shown.toggle[0].set_value(True).run()
    assert [rule.enabled for rule in kept(ws)] == [True]
    press(shown, "Delete it for good")
    assert kept(ws) == []
    assert "No rule yet" in said(shown)


def test_a_rule_that_no_longer_fits_can_be_turned_off_only(screen: Screen, ws: Workspace) -> None:
    stored, _ = rules.save_rule(ws, local_identity(), FEW)
    with ws.metastore.begin() as db:
        kept_rules.put(db, replace(stored, columns=("gone",)), by=None)
    shown = screen("root", "rules", table="orders")
    shown.toggle[0].set_value(False).run()
    assert not shown.error
    assert [rule.enabled for rule in kept(ws)] == [False]
    shown.toggle[0].set_value(True).run()
    assert "no column" in shown.error[0].value
    assert shown.toggle[0].value is False, "the switch tells how things are"
    assert [rule.enabled for rule in kept(ws)] == [False]


def test_only_keepers_are_offered_the_screen(
    screen: Screen, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []
    real = st.navigation

    def navigation(pages: dict[str, list[StreamlitPage]], **how: Any) -> StreamlitPage:
        offered[:] = [page.title for section in pages.values() for page in section]
        return real(pages, **how)

    monkeypatch.setattr(st, "navigation", navigation)
    screen("ulla")
    assert "Rules" not in offered
    keeper(ws)
    screen("ulla")
    assert "Rules" in offered
    rules.save_rule(ws, local_identity(), FEW)
    shown = screen("ulla", "rules")
    assert shown.selectbox[0].options == ["orders"]
    shown.selectbox[0].select("orders").run()
    assert "few pieces" in said(shown)


def test_views_are_not_offered(screen: Screen, ws: Workspace) -> None:
    with ws.engine("demo").begin() as db:
        db.execute(sa.text("CREATE VIEW late AS SELECT * FROM orders"))
    options = screen("root", "rules").selectbox[0].options
    assert "orders" in options
    assert "late" not in options, "no rows are imported into a view"


def test_importers_read_the_rules_of_a_table(screen: Screen, ws: Workspace) -> None:
    assert len(screen("ulla", "data_import", table="orders").dataframe) == 1
    rules.save_rule(ws, local_identity(), FEW)
    rules.save_rule(ws, local_identity(), replace(FEW, name="off", enabled=False))
    shown = screen("ulla", "data_import", table="orders").dataframe[1].value
    assert list(shown["Rule"]) == ["few pieces"]
    assert list(shown["Message"]) == ["{value} is too many"]


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("required", {}, ""),
        ("range", {"min": "0", "max": "10"}, "at least 0, at most 10"),
        ("compare", {"operator": "<=", "column": "sent_on"}, "at most sent_on"),
        ("compare", {"operator": "<>", "value": "7"}, "other than 7"),
        ("allowed", {"values": json.dumps(["new", "paid"]), "ignore_case": "true"},
         "new, paid, in any case"),
        ("allowed", {"values": json.dumps(list("abcdefg"))}, "a, b, c, d, e and 2 more"),
        ("allowed", {"values": "no list"}, "no list"),
        ("pattern", {"pattern": "[A-Z]+", "whole": "false"}, "[A-Z]+, not the whole cell"),
        ("expression", {"expression": "a < b"}, "a < b"),
        ("date", {"not_after": "today"}, "not after today"),
    ],
)  # fmt: skip
def test_rules_in_words(kind: str, options: dict[str, str], words: str) -> None:
    assert asked(replace(FEW, kind=kind, options=options), KINDS[kind]) == words


def test_a_name_is_suggested() -> None:
    assert suggested_name(("a", "b"), KINDS["unique"]) == "a b no repeats"
    assert suggested_name((), KINDS["expression"]) == "expression rule"
    assert len(suggested_name(("c" * 300,), KINDS["range"])) == 100
