"""What is proposed for the cells of one column, and that it mends what it says."""

from __future__ import annotations

import polars as pl
import pytest

from core.checks.groups import OTHER_SHAPES
from core.checks.shapes import shapes
from core.model.check import ProblemGroup, Severity, ValueCount
from core.model.edit import FindReplace, ReplaceValues, StepsOn
from core.model.mapping import FieldMapping, Lookup, Step
from core.model.repair import Repair
from core.model.table import Column, Kind, Table, TableRef
from core.pipeline.repairs import Mender


def column(kind: Kind = Kind.TEXT, **more: object) -> Column:
    return Column(name="c", kind=kind, type_text=kind.value, **more)  # type: ignore[arg-type]  # keywords of Column


def group(
    values: list[str], check: str = "type", shape: str | None = "of the first"
) -> ProblemGroup:
    return ProblemGroup(
        field="c",
        column="source",
        check=check,
        severity=Severity.WARNING if check == "email" else Severity.ERROR,
        count=len(values),
        message="",
        shape=shapes(pl.Series(values[:1]))[0] if shape == "of the first" else shape,
        values=tuple(ValueCount(value=value, count=1) for value in values),
    )


def proposed(of: Column, found: ProblemGroup, *steps: Step) -> tuple[Repair, ...]:
    mapping = FieldMapping(source="source", target=of.name, steps=steps)
    return Mender(mapping=mapping, table=Table(ref=TableRef(name="t"), columns=(of,))).propose(
        found
    )


def first(of: Column, found: ProblemGroup, *steps: Step) -> Repair:
    return proposed(of, found, *steps)[0]


@pytest.mark.parametrize(
    ("of", "check", "values", "after"),
    [
        (column(Kind.DATE), "type", ["18/10/2026", "31/01/2026"], ["2026-10-18", "2026-01-31"]),
        (column(Kind.DATE), "type", ["10/18/2026"], ["2026-10-18"]),
        (column(Kind.NUMBER), "type", ["1.234,56 €"], ["1234.56"]),
        (column(Kind.NUMBER), "type", ["12 %", "50 %"], ["0.12", "0.50"]),
        (column(Kind.INTEGER), "type", ["$ 1,234"], ["1234"]),
        (column(Kind.BOOLEAN), "type", ["yes", "off"], ["true", "false"]),
        (column(Kind.BOOLEAN), "type", ["ja", "Nein"], ["true", "false"]),
        (column(Kind.INTEGER), "type", ["n/a", "-"], [None, None]),
        (column(choices=("cat", "dog")), "choice", ["Dog", "catt"], ["dog", "cat"]),
        (column(choices=("cat",)), "choice", [" cat\u00a0"], ["cat"]),
        (column(max_length=3), "length", ["abc  "], ["abc"]),
        (column(), "control_characters", ["a\0b"], ["ab"]),
    ],
    ids=str,
)
def test_the_first_repair(
    of: Column, check: str, values: list[str], after: list[str | None]
) -> None:
    found = group(values, check)
    repair = first(of, found)
    assert [change.after for change in repair.changes] == after
    assert [change.before for change in repair.changes] == values
    assert (repair.mends, repair.of, repair.lossy) == (len(values), len(values), False)
    assert repair.title.endswith(".")
    if isinstance(repair.edit, StepsOn):
        assert repair.edit.shape == found.shape


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("ann @example.com", "ann@example.com"),
        ("ann (at) example.com", "ann@example.com"),
        ("ann[AT]example.com", "ann@example.com"),
        ("ann@example.com.", "ann@example.com"),
        ("<ann@example.com>", "ann@example.com"),
    ],
)
def test_slips_in_addresses(value: str, after: str) -> None:
    of = Column(name="email", kind=Kind.TEXT, type_text="TEXT")
    found = group([value], "email")
    mends = [r.changes[0].after for r in proposed(of, found) if isinstance(r.edit, FindReplace)]
    if value.endswith("."):
        # A mark at the end does not fail the check: it is no problem at all.
        assert mends == [after] or not mends
    else:
        assert after in mends


def test_two_ways_to_read_a_date_are_both_offered() -> None:
    repairs = proposed(column(Kind.DATE), group(["03/04/2026"]))
    assert [r.changes[0].after for r in repairs] == ["2026-04-03", "2026-03-04"]


def test_points_become_commas_where_the_mapping_reads_commas() -> None:
    commas = Step(transform="number", options={"decimal": "comma"})
    repair = first(column(Kind.NUMBER), group(["0.49", "1.99"], "number"), commas)
    assert [change.after for change in repair.changes] == ["0,49", "1,99"]
    assert (repair.mends, repair.of) == (2, 2)


def test_what_loses_something_comes_last() -> None:
    repairs = proposed(column(max_length=3), group(["abc ", "abcd"], "length"))
    assert [(r.lossy, r.mends) for r in repairs] == [(False, 1), (True, 2)]
    assert repairs[1].changes[0].after == "abc"
    scaled = column(Kind.NUMBER, precision=5, scale=2)
    (rounded,) = proposed(scaled, group(["1.239"], "scale"))
    assert (rounded.lossy, rounded.changes[0].after) == (True, "1.24")


def test_cells_that_the_mapping_reads_are_left_alone() -> None:
    mdy = Step(transform="date", options={"order": "mdy"})
    repair = first(column(Kind.DATE), group(["18/10/2026"], "date"), mdy)
    assert isinstance(repair.edit, StepsOn)
    assert repair.edit.unless == (mdy,)
    comma = first(column(Kind.INTEGER), group(["1.234"], shape="9.999"))
    assert "accepted" in comma.note


def test_steps_are_proposed_for_a_shape_alone() -> None:
    assert proposed(column(Kind.DATE), group(["18/10/2026"], shape=OTHER_SHAPES)) == ()


def test_a_missing_value_is_the_persons_own() -> None:
    of = column(nullable=False)
    (repair,) = proposed(of, group([""], "required", ""))
    assert repair.asks
    assert repair.edit == ReplaceValues(column="source", values={"": None})
    (null,) = proposed(of, group([], "required", None))
    assert null.edit == repair.edit


@pytest.mark.parametrize(
    "mapping",
    [
        FieldMapping(source="", target="c"),
        FieldMapping(source="source", target="c", lookup=Lookup(by="name")),
    ],
)
def test_no_repairs_where_no_cell_is_at_fault_alone(mapping: FieldMapping) -> None:
    table = Table(ref=TableRef(name="t"), columns=(column(Kind.DATE),))
    assert Mender(mapping=mapping, table=table).propose(group(["18/10/2026"])) == ()
