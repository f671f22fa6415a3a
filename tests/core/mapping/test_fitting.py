from __future__ import annotations

import pytest

from core.mapping.fitting import Fit, could_be, fit
from core.model.mapping import Step
from core.model.table import Column, Kind


def judged(kind: Kind, decimal: str | None, *samples: str) -> Fit:
    return fit(samples, Column(name="n", kind=kind, type_text=kind.value), decimal)


def option(found: Fit) -> object:
    """What stands before decimals by the step proposed; None: no step."""
    if not found.steps:
        return None
    (step,) = found.steps
    assert step == Step(transform="number", options={"decimal": step.options["decimal"]})
    return step.options["decimal"]


@pytest.mark.parametrize(
    ("decimal", "samples", "proposed", "why"),
    [
        # The cells alone say nothing, or the wrong thing.
        (None, ("1.234",), None, ""),
        (".", ("1.234",), None, ""),
        (",", ("1.234",), "comma", "Numbers of this file have a decimal comma, so '1.234' has a"),
        (",", ("1.234", "5", "2.000"), "comma", "has a mark between thousands"),
        (None, ("1,234",), "point", "please check"),
        (".", ("1,234",), "point", "Numbers of this file have a decimal point, so '1,234' has a"),
        (",", ("1,234",), "comma", "so '1,234' has a decimal comma"),
        # What the cells prove outweighs what others do.
        (",", ("1.234", "2.5"), None, ""),
        (".", ("1.234", "2,5"), "comma", "can only be read with a decimal comma"),
        (",", ("1.234", "2.5", "3,5"), "auto", "cells that could mean either will be refused"),
        (",", ("1", "2"), None, ""),
    ],
)
def test_numbers_follow_the_marks_of_the_file(
    decimal: str | None, samples: tuple[str, ...], proposed: str | None, why: str
) -> None:
    found = judged(Kind.NUMBER, decimal, *samples)
    assert found.fits
    assert option(found) == proposed
    assert why in found.reason
    assert bool(why) == bool(found.reason)


@pytest.mark.parametrize(
    ("decimal", "sample", "proposed", "why"),
    [
        (None, "1.234", "comma", "holds whole numbers, so the point"),
        (",", "1.234", "comma", "has a mark between thousands"),
        (",", "1.000", "comma", "has a mark between thousands"),
        (".", "1.234", "auto", "have a decimal point, and '1.234' would have decimals: choose"),
        (",", "1,234", "auto", "have a decimal comma, and '1,234' would have decimals: choose"),
    ],
)
def test_whole_numbers_have_no_decimals(
    decimal: str | None, sample: str, proposed: str, why: str
) -> None:
    found = judged(Kind.INTEGER, decimal, sample)
    assert option(found) == proposed
    assert why in found.reason


FIGURES = (
    "1,234.56", "€ 1.234", "(5)", "12%", "EUR 12", "12 EUR", "1e3", "+5", "-7,5", "12 345", "1'234",
    "13/2/2026", "18 Oct 2026", "2026-01-02 10:00", "2026-01-02T10:00:00Z", "1. Januar 2024",
    "20260131", "5 Jan 26", "1/2/26", "Friday, 18 October 2026", "31.12.2024 23:59:59", "45000",
    "10/18/2026 2:05 PM", "2026-01-31 13:45:00.123456+00",
)  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME])
def test_the_quick_look_refuses_nothing_that_fits(kind: Kind) -> None:
    taken = {
        cell for cell in FIGURES if fit([cell], Column(name="x", kind=kind, type_text="")).fits
    }
    assert len(taken) > 5
    assert taken <= {cell for cell in FIGURES if could_be([cell], kind)}
    assert not could_be(["Oak Street 12", "ann@example.com", "none"], kind)
