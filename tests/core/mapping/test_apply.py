from __future__ import annotations

import polars as pl
import pytest

from core.errors import InvalidMapping
from core.mapping.apply import PROBLEMS, apply_mappings
from core.model.mapping import FieldMapping, Step
from tests.core.mapping.conftest import batch


def test_columns_come_out_under_the_names_of_the_table():
    mapped = apply_mappings(
        batch(Mail=[" A@B.de "], Rest=["x"]),
        [
            FieldMapping(
                source="Mail",
                target="email",
                steps=(Step(transform="trim"), Step(transform="lowercase")),
            )
        ],
        source_columns=["Mail", "Rest"],
    )
    assert mapped.frame.to_dicts() == [{"__row__": 1, "__line__": 2, "email": "a@b.de"}]
    assert mapped.problems.schema == PROBLEMS
    assert mapped.problems.is_empty()


def test_a_failed_cell_is_null_and_one_problem_of_the_step_that_failed():
    steps = (Step(transform="trim"), Step(transform="number"), Step(transform="boolean"))
    mapped = apply_mappings(
        batch(n=["1", " x ", None, "2", "0"]),
        [FieldMapping(source="n", target="flag", steps=steps)],
        source_columns=["n"],
    )
    assert mapped.frame["flag"].to_list() == ["true", None, None, None, "false"]
    assert mapped.problems.rows() == [
        (1, "flag", "number", "'x' is not a number", "error"),
        (3, "flag", "boolean", mapped.problems["message"][1], "error"),
    ]


def test_problems_of_several_columns_are_in_order_of_the_rows():
    mapped = apply_mappings(
        batch(a=["x", "1"], b=["y", "z"]),
        [FieldMapping(source=s, target=s, steps=(Step(transform="number"),)) for s in "ba"],
        source_columns=["a", "b"],
    )
    assert mapped.problems.select("index", "field").rows() == [(0, "b"), (0, "a"), (1, "b")]


def test_names_that_polars_would_expand_are_plain_names():
    names = ["*", "^.*$", "a.b", " "]
    mapped = apply_mappings(
        batch(**{name: [f"cell of {name}"] for name in names}),
        [FieldMapping(source=n, target=f"t {n}", steps=(Step(transform="upper"),)) for n in names],
        source_columns=names,
    )
    assert mapped.frame.columns == ["__row__", "__line__", *(f"t {n}" for n in names)]
    assert mapped.frame["t *"].to_list() == ["CELL OF *"]


def test_skip_empty_leaves_the_field_out():
    cells = batch(a=["", " ", "x", None])
    skipped = FieldMapping(source="a", target="a", steps=(Step(transform="trim"),), skip_empty=True)
    kept = FieldMapping(source="a", target="b", steps=(Step(transform="trim"),))
    mapped = apply_mappings(cells, [skipped, kept], source_columns=["a"])
    assert mapped.frame["a"].to_list() == [None, None, "x", None]
    assert mapped.frame["b"].to_list() == ["", "", "x", None]


def test_the_batch_is_not_changed():
    cells = batch(a=["1,5", "x", "(3)"], d=["03/04/2026", "5/5/26", "2026-01-02"])
    before = cells.clone().rows()
    apply_mappings(
        cells,
        [
            FieldMapping(source="a", target="a", steps=(Step(transform="number"),)),
            FieldMapping(source="d", target="d", steps=(Step(transform="date"),)),
        ],
        source_columns=["a", "d"],
    )
    assert cells.rows() == before


def test_empty_batch():
    mapped = apply_mappings(
        batch(a=[]),
        [
            FieldMapping(source="a", target=name, steps=(Step(transform=name),))
            for name in ("number", "date", "boolean", "trim")
        ],
        source_columns=["a"],
    )
    assert mapped.frame.height == 0
    assert mapped.frame.dtypes[2:] == [pl.String] * 4


def test_unknown_source_is_named():
    with pytest.raises(InvalidMapping, match="no column 'b'"):
        apply_mappings(batch(a=["1"]), [FieldMapping(source="b", target="b")], source_columns=["a"])


def test_long_cells_are_quoted_short():
    mapped = apply_mappings(
        batch(a=["x" * 500]),
        [FieldMapping(source="a", target="a", steps=(Step(transform="number"),))],
        source_columns=["a"],
    )
    assert mapped.problems["message"].to_list() == [f"'{'x' * 60}…' is not a number"]
