"""Rules are stored as they are, by table, and under a name of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Conflict, InvalidRequest, NotFound
from core.metastore import rules
from core.metastore.engine import Metastore
from core.model.access import User
from core.model.check import Severity
from core.model.rule import Rule

RULE = Rule(
    connection="shop",
    table="Größe.t",
    name="adults only",
    kind="range",
    columns=("age", "^x*$"),
    options={"min": "18", "ü": "'"},
    severity=Severity.WARNING,
    message="{value}?",
    enabled=False,
)


def test_a_rule_comes_back_as_it_was(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        stored = rules.put(db, RULE, by=ann.id)
        assert replace(stored, id=None) == RULE
        assert rules.list_rules(db, "shop", "Größe.t") == [stored]
        assert rules.list_rules(db, "shop", "other") == rules.list_rules(db, "x", "Größe.t") == []
        changed = replace(stored, name="grown-ups", options={}, enabled=True)
        assert rules.put(db, changed, by=None) == changed
        rules.delete(db, changed.id or 0)
        assert rules.list_rules(db, "shop", "Größe.t") == []


def test_names_are_unique_in_a_table(metastore: Metastore) -> None:
    with metastore.begin() as db:
        first = rules.put(db, RULE, by=None)
        other = rules.put(db, replace(RULE, name="b"), by=None)
        rules.put(db, replace(RULE, table="u"), by=None)
        with pytest.raises(Conflict, match="has a rule 'adults only' already"):
            rules.put(db, RULE, by=None)
        with pytest.raises(Conflict):
            rules.put(db, replace(other, name="adults only"), by=None)
        assert rules.put(db, first, by=None) == first


def test_what_is_not_there_and_what_does_not_fit(metastore: Metastore) -> None:
    with metastore.begin() as db:
        with pytest.raises(NotFound):
            rules.get(db, 7)
        with pytest.raises(NotFound):
            rules.delete(db, 7)
        with pytest.raises(NotFound):
            rules.put(db, replace(RULE, id=7), by=None)
        with pytest.raises(InvalidRequest, match="at most 100 characters"):
            rules.put(db, replace(RULE, name="n" * 101), by=None)
