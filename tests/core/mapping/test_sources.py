from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.mapping.sources import sources_of
from core.model.mapping import FieldMapping, Step


def made(name: str, **options: str) -> FieldMapping:
    return FieldMapping(source="", target="t", steps=(Step(transform=name, options=options),))


@pytest.mark.parametrize(
    ("mapping", "sources"),
    [
        (FieldMapping(source="a", target="t"), ("a",)),
        (made("constant", value="x"), ()),
        (made("now"), ()),
        (made("concatenate", columns='["b", "a"]'), ("b", "a")),
        (made("expression", sql="\"Unit price\" || a || A || 5 || 'x'"), ("Unit price", "a", "A")),
        (made("expression", sql="1 + 1"), ()),
    ],
)
def test_every_column_that_is_read(mapping, sources):
    assert sources_of(mapping) == sources


def test_the_file_tells_how_a_column_is_spelled():
    assert sources_of(made("expression", sql="UPPER(name) || NAME"), ("Name", "Id")) == ("Name",)


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (FieldMapping(source="", target="t"), "'t' has no source column"),
        (made("trim"), "'t' has no source column"),
        (made("shout"), "no transform 'shout'"),
        (made("expression", sql="SUM(a)"), "no function SUM"),
    ],
)
def test_what_reads_nothing_is_named(mapping, why):
    with pytest.raises(InvalidMapping, match=why):
        sources_of(mapping)
