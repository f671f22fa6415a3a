"""What a program shows goes into columns of text, the value behind it into all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from core.formats.base import FLAW, LINE, ROW, Batch, ReadLimits
from core.formats.confinement.parser import ParserLimits
from core.model.mapping import FieldMapping, Lookup, Step
from core.model.plan import ImportPlan
from core.model.table import Column, Kind, Table, TableRef
from core.pipeline.importing import Source, text_sources
from core.pipeline.previewing import first_rows

TABLE = Table(
    ref=TableRef(name="goods"),
    columns=(
        Column(name="label", kind=Kind.TEXT, type_text="TEXT"),
        Column(name="share", kind=Kind.NUMBER, type_text="NUMERIC"),
    ),
)


def plan(*pairs: tuple[str, str]) -> ImportPlan:
    mappings = tuple(FieldMapping(source=s, target=t) for s, t in pairs)
    return ImportPlan(connection="c", table="goods", upload="u", filename="x", mappings=mappings)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    frame = pl.DataFrame({ROW: [1], LINE: [2], FLAW: [None], "rate": ["0.25"], "name": ["x"]})

    def read(*_: Any, **__: Any) -> Iterator[Batch]:
        yield Batch(frame, 0, 10, pl.DataFrame({"rate": ["25%"]}))

    monkeypatch.setattr("core.pipeline.importing.read_confined", read)
    return Source(open=lambda: iter([b""]), size=10, limits=ReadLimits(), parser=ParserLimits())


@pytest.mark.parametrize(
    ("pairs", "cell"),
    [
        ([("rate", "label")], "25%"),
        ([("rate", "share")], "0.25"),
        ([("rate", "label"), ("rate", "share")], "0.25"),
        ([("name", "label")], "0.25"),
    ],
)
def test_text_columns_take_what_is_shown(
    source: Source, pairs: list[tuple[str, str]], cell: str
) -> None:
    assert first_rows(plan(*pairs), source, 5, TABLE)["rate"].to_list() == [cell]


def test_without_a_table_values_are_read(source: Source) -> None:
    assert first_rows(plan(("rate", "label")), source, 5)["rate"].to_list() == ["0.25"]


def test_sources_of_text() -> None:
    asked = plan(("a", "label"), ("b", "share"), ("c", "label"), ("c", "share"))
    assert text_sources(asked, TABLE) == {"a"}


def test_a_name_to_be_looked_up_is_a_text() -> None:
    named = FieldMapping(source="a", target="share", lookup=Lookup(by="label"))
    asked = replace(
        plan(("b", "share")), mappings=(named, FieldMapping(source="b", target="share"))
    )
    assert text_sources(asked, TABLE) == {"a"}


@pytest.mark.parametrize(
    ("name", "options", "shown"),
    [
        ("expression", {"sql": "RATE || '!'"}, {"name"}),
        ("concatenate", {"columns": '["rate", "name"]'}, set()),
        ("constant", {"value": "x"}, {"rate", "name"}),
    ],
)
def test_what_is_worked_out_has_the_values(
    name: str, options: dict[str, str], shown: set[str]
) -> None:
    made = FieldMapping(source="", target="label", steps=(Step(transform=name, options=options),))
    chosen = plan(("rate", "label"), ("name", "label"))
    chosen = replace(chosen, mappings=(*chosen.mappings, made))
    assert text_sources(chosen, TABLE) == shown
