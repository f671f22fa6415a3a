from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.mapping.validate import unmapped_required, validate_mappings
from core.model.mapping import FieldMapping, Step


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
