from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import InvalidMapping
from core.mapping.validate import unmapped_required, validate_mappings
from core.model.mapping import FieldMapping, Lookup, Step
from core.model.table import ForeignKey


def test_a_good_mapping_passes(customers):
    mappings = (
        FieldMapping(source="Mail", target="email", steps=(Step(transform="trim"),)),
        FieldMapping(source="Mail", target="name"),
    )
    assert validate_mappings(mappings, ["Mail"], customers) is None


@pytest.mark.parametrize(
    ("mappings", "why"),
    [
        ((), "No column of the file"),
        ((FieldMapping(source="x", target="email"),), "no column 'x'"),
        ((FieldMapping(source="a", target="mail"),), "customers has no column 'mail'"),
        (
            (FieldMapping(source="a", target="email"), FieldMapping(source="b", target="email")),
            "'a' and 'b', are mapped to 'email'",
        ),
        ((FieldMapping(source="a", target="initials"),), "computed by the database"),
        (
            (FieldMapping(source="a", target="email", steps=(Step(transform="shout"),)),),
            "'shout'",
        ),
    ],
)
def test_what_is_wrong_is_named(customers, mappings, why):
    with pytest.raises(InvalidMapping, match=why):
        validate_mappings(mappings, ["a", "b"], customers)


def test_only_columns_nobody_else_fills_are_required(customers):
    assert unmapped_required((), customers) == ("email",)
    assert unmapped_required((FieldMapping(source="a", target="email"),), customers) == ()


def made(name: str, *then: Step, **options: str) -> FieldMapping:
    return FieldMapping(
        source="", target="name", steps=(Step(transform=name, options=options), *then)
    )


@pytest.mark.parametrize(
    "mapping",
    [
        made("constant", Step(transform="upper"), value="x"),
        made("concatenate", columns='["a", "b"]'),
        made("expression", sql="A || b"),
        made("now"),
    ],
)
def test_cells_may_be_made(customers, mapping):
    assert validate_mappings([mapping], ["a", "b"], customers) is None


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (FieldMapping(source="", target="name"), "'name' has no source column: name one"),
        (made("trim"), "'name' has no source column: name one"),
        (replace(made("constant", value="x"), source="a"), "constant makes its cells by itself"),
        (made("now", Step(transform="user")), "user makes its cells by itself"),
        (made("concatenate", columns='["a", "z"]'), "names 'z', which is no column of the file"),
        (made("expression", sql="a || z"), "there is no column 'z'"),
        (made("now", *[Step(transform="trim")] * 50), "'name' has 51 transforms; at most 50"),
        (
            FieldMapping(
                source="a", target="name", steps=(Step(transform="round", options={"digits": "x"}),)
            ),
            "Transform round: option 'digits' must be a whole number",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_named(customers, mapping, why):
    with pytest.raises(InvalidMapping, match=why):
        validate_mappings([mapping], ["a", "b"], customers)


def test_a_made_column_and_another_on_one_target(customers):
    mappings = (FieldMapping(source="a", target="name"), made("now"))
    with pytest.raises(
        InvalidMapping, match="feed 'name': column 'a' of the file and transform now"
    ):
        validate_mappings(mappings, ["a"], customers)


def test_a_lookup_needs_a_column_that_refers_to_a_table_by_itself(customers):
    def key(*columns: str) -> ForeignKey:
        return ForeignKey(
            name=None,
            columns=columns,
            target_schema=None,
            target_table="units",
            target_columns=columns,
        )

    mapping = FieldMapping(source="a", target="quantity", lookup=Lookup(by="Name"))
    for keys in ((), (key("age"),), (key("quantity", "age"),)):
        with pytest.raises(
            InvalidMapping, match="'quantity' of customers refers to no other table"
        ):
            validate_mappings([mapping], ["a"], replace(customers, foreign_keys=keys))
    table = replace(customers, foreign_keys=(key("quantity"),))
    assert validate_mappings([mapping], ["a"], table) is None
    with pytest.raises(InvalidMapping, match="names no column to look in"):
        validate_mappings([replace(mapping, lookup=Lookup(by=""))], ["a"], table)
