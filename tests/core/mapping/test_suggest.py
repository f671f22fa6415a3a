from __future__ import annotations

import pytest

from core.mapping.likeness import likeness, words
from core.mapping.suggest import SourceColumn, suggest
from core.model.mapping import Step
from core.model.table import Column, Kind, Table, TableRef


def one(table: Table, name: str, *samples: str):
    (suggestion,) = suggest([SourceColumn(name=name, samples=samples)], table)
    return suggestion


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("E-mail Addr.", ("e", "mail", "addr")),
        ("customerID", ("customer", "id")),
        ("HTTPServer", ("http", "server")),
        ("Prénom_2", ("prenom", "2")),
        ("---", ()),
    ],
)
def test_words_of_a_name(name, expected):
    assert words(name) == expected


@pytest.mark.parametrize(
    ("source", "target", "confidence"),
    [
        ("email", "email", 1.0),
        ("E-mail", "email", 0.95),
        ("Birth Date", "birth_date", 0.95),
        ("createdAt", "created_at", 0.95),
        ("CRÉATED AT", "created_at", 0.95),
        ("email_address", "email", 0.8),
        ("Telephone No.", "phone", 0.8),
        ("DOB", "birth_date", 0.8),
        ("zip", "postcode", 0.8),
        ("Full Name", "name", 0.8),
        ("years_old", "age", 0.8),
        ("Qty", "quantity", 0.8),
        ("customer_name", "name", 0.75),
        ("Customer E-mail Addr.", "email", 0.75),
        ("Total", "amount", 0.7),
        ("title", "name", 0.7),
        ("colour", "email", 0.0),
        ("street", "email", 0.0),
    ],
)
def test_likeness_of_names(source, target, confidence):
    assert likeness(source, target, "customers").confidence == confidence


@pytest.mark.parametrize("source", ["email", "E-MAIL", "Email Address"])
def test_every_suggestion_has_a_reason(customers, source):
    suggestion = one(customers, source, "a@b.de")
    assert suggestion.target == "email"
    assert suggestion.reason.endswith(".")
    assert suggestion.samples == ("a@b.de",)


def test_suggestions_come_in_the_order_of_the_columns_and_take_a_target_once(customers):
    found = suggest(
        [SourceColumn(name=n) for n in ("Phone", "email_address", "email", "nothing")], customers
    )
    assert [(s.source, s.target) for s in found] == [
        ("Phone", "phone"),
        ("email_address", None),
        ("email", "email"),
        ("nothing", None),
    ]


def test_ties_are_left_to_the_user(customers):
    found = suggest([SourceColumn(name="Telephone"), SourceColumn(name="Mobile")], customers)
    assert [s.target for s in found] == [None, None]
    assert all("equally likely for 'phone'" in s.reason for s in found)


def test_one_source_for_two_targets_is_a_tie():
    table = Table(
        ref=TableRef(name="t"),
        columns=tuple(
            Column(name=n, kind=Kind.TEXT, type_text="TEXT") for n in ("mail", "e_mail_address")
        ),
    )
    suggestion = one(table, "Email")
    assert suggestion.target is None
    assert "'mail' and 'e_mail_address' are equally likely" in suggestion.reason


def test_generated_columns_are_never_suggested(customers):
    suggestion = one(customers, "initials")
    assert suggestion.target is None
    assert "computed by the database" in suggestion.reason


@pytest.mark.parametrize("name", ["tableport_row", "tableport_line", "Tableport_Reason"])
def test_columns_of_the_rejects_file_are_not_data(customers, name):
    suggestion = one(customers, name, "1")
    assert suggestion.target is None
    assert "rejected rows" in suggestion.reason


@pytest.mark.parametrize(
    ("name", "samples"),
    [
        ("age", ("Ann", "Bob")),
        ("age", ("12.5", "13.5")),
        ("birth_date", ("Ann", "5")),
        ("active", ("maybe", "soon")),
        ("amount", ("2026-01-02",)),
        ("created_at", ("red",)),
    ],
)
def test_cells_of_another_type_are_not_suggested(customers, name, samples):
    suggestion = one(customers, name, *samples)
    assert suggestion.target is None
    assert f"'{samples[0]}' is not" in suggestion.reason


def test_a_few_bad_cells_do_not_hide_the_target(customers):
    assert one(customers, "age", "12", "n/a", "15", "40").target == "age"


@pytest.mark.parametrize(
    ("name", "samples", "step"),
    [
        ("name", (" Ann", "Bob"), Step(transform="trim")),
        ("name", ("Ann", "BOB"), None),
        ("email", ("A@b.de", "b@B.de"), None),
        ("age", ("12", " 13 "), None),
        ("amount", ("1,234.56", "7,000"), Step(transform="number", options={"decimal": "point"})),
        ("amount", ("12,5", "1.234"), Step(transform="number", options={"decimal": "comma"})),
        ("amount", ("1,234", "5,678"), Step(transform="number", options={"decimal": "point"})),
        ("amount", ("€ 1.234",), Step(transform="number", options={"decimal": "auto"})),
        ("amount", ("1,5", "1,234.5"), Step(transform="number", options={"decimal": "auto"})),
        ("amount", ("12.50", "1.234", "1e3"), None),
        ("quantity", ("1.234", "5"), Step(transform="number", options={"decimal": "comma"})),
        ("active", ("Yes", "No"), Step(transform="boolean")),
        ("active", ("true", "0"), None),
        ("birth_date", ("13/2/2026", "1/2/2026"), Step(transform="date", options={"order": "dmy"})),
        ("birth_date", ("02/13/2026",), Step(transform="date", options={"order": "mdy"})),
        ("birth_date", ("01/02/2026",), Step(transform="date", options={"order": "auto"})),
        ("birth_date", ("18 Oct 2026",), Step(transform="date", options={"order": "auto"})),
        ("birth_date", ("2026-01-02",), None),
        ("created_at", ("2026-01-02 10:00", "2026-01-02T10:00:00Z"), None),
    ],
)  # fmt: skip
def test_steps_follow_from_the_cells(customers, name, samples, step):
    suggestion = one(customers, name, *samples)
    assert suggestion.target == name
    assert suggestion.steps == ((step,) if step else ())


@pytest.mark.parametrize(
    ("name", "samples", "evidence"),
    [
        ("birth_date", ("01/02/2026", "13/02/2026"), "'13/02/2026' can only be day first"),
        ("birth_date", ("01/02/2026",), "choose the order"),
        ("birth_date", ("13/02/2026", "02/13/2026"), "has the day first and '02/13/2026'"),
        ("amount", ("5", "1,234.56"), "'1,234.56' can only be read with a decimal point"),
        ("amount", ("1,234",), "Every comma is followed by exactly three digits"),
        ("amount", ("€ 1.234",), "choose which"),
        ("quantity", ("1.234",), "holds whole numbers"),
    ],
)
def test_reasons_give_the_evidence(customers, name, samples, evidence):
    assert evidence in one(customers, name, *samples).reason


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.TIME, "10:30", "soon"),
        (Kind.UUID, "123e4567-e89b-12d3-a456-426614174000", "123"),
        (Kind.JSON, '{"a": 1}', "{a}"),
        (Kind.BINARY, r"\x00ff", "00ff"),
        (Kind.OTHER, "{1,2}", None),
    ],
)
def test_other_kinds_by_their_shape(kind, good, bad):
    table = Table(
        ref=TableRef(name="t"), columns=(Column(name="x", kind=kind, type_text=kind.value),)
    )
    assert one(table, "x", good).target == "x"
    assert one(table, "x", "").target == "x"
    if bad:
        assert one(table, "x", bad).target is None
