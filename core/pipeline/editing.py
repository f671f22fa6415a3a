"""A plan's edits laid over the rows of its file as they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from core.checks.shapes import shapes
from core.errors import InvalidRequest
from core.formats.base import FLAW, META, ROW
from core.mapping.apply import apply_mappings
from core.model.edit import (
    Edit,
    FindReplace,
    Ignore,
    PatchRows,
    ReplaceValues,
    SetCell,
    StepsOn,
)
from core.model.mapping import FieldMapping, Step
from core.pipeline.patches import NO_PATCHES, Patches, patch_of

if TYPE_CHECKING:
    from core.model.mapping import Circumstances

#: Bytes that one batch of a column may grow to.
_MOST_BYTES = 1 << 28

_Layer = Callable[[pl.DataFrame], pl.DataFrame]


class Overlay:
    """The edits of one plan, made ready once for all batches of its file."""

    def __init__(
        self,
        edits: Sequence[Edit],
        patches: Patches = NO_PATCHES,
        circumstances: Circumstances | None = None,
    ) -> None:
        """`patches` holds those of the edits that patch rows, by the id of their file."""
        self._patches, self._circumstances = patches, circumstances
        self._layers: list[_Layer] = []
        for single, run in groupby(edits, key=lambda edit: isinstance(edit, SetCell)):
            if single:
                # Thousands of single cells cost no more than one.
                cells = patch_of([edit for edit in run if isinstance(edit, SetCell)])
                self._layers.append(_patching(cells.by_column()))
            else:
                self._layers += [self._layer(edit) for edit in run]

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A batch as read, with the edits in their order.

        Raises InvalidRequest when an edit is of a column that the batch does not have.
        """
        for layer in self._layers:
            frame = layer(frame)
        return frame

    def _layer(self, edit: Edit) -> _Layer:
        match edit:
            case ReplaceValues():
                return lambda frame: _replace_values(frame, edit)
            case FindReplace():
                return lambda frame: _find_replace(frame, edit)
            case StepsOn():
                return lambda frame: _take_steps(frame, edit, self._circumstances)
            case PatchRows():
                return _patching(self._patches[edit.file_id].by_column())
            case Ignore() | SetCell():
                return lambda frame: frame


def apply_edits(
    frame: pl.DataFrame,
    edits: Sequence[Edit],
    patches: Patches = NO_PATCHES,
    circumstances: Circumstances | None = None,
) -> pl.DataFrame:
    """One batch with the edits; see Overlay."""
    return Overlay(edits, patches, circumstances).apply(frame)


def _own(frame: pl.DataFrame, column: str) -> pl.Series:
    if column in META or column not in frame.columns:
        raise InvalidRequest(
            f"An edit is of column {column!r}, which the file does not have: undo it."
        )
    return frame[column]


def _replace_values(frame: pl.DataFrame, edit: ReplaceValues) -> pl.DataFrame:
    cells = _own(frame, edit.column)
    if not edit.values:
        return frame
    new = cells.replace(list(edit.values), pl.Series(list(edit.values.values()), dtype=pl.String))
    if "" in edit.values:
        blank = pl.Series([edit.values[""]], dtype=pl.String)
        new = new.zip_with(cells.is_not_null(), blank.new_from_index(0, len(cells)))
    return frame.with_columns(new.alias(edit.column))


def _find_replace(frame: pl.DataFrame, edit: FindReplace) -> pl.DataFrame:
    own = [c for c in frame.columns if c not in META]
    names = own if edit.column is None else [_own(frame, edit.column).name]
    return frame.with_columns(
        replaced(frame[name].alias("cell"), edit).alias(name) for name in names
    )


def replaced(cells: pl.Series, edit: FindReplace) -> pl.Series:
    """The cells after finding and replacing.

    Raises what Polars raises for a bad pattern, InvalidRequest where the cells would become far
    too long.
    """
    cell = pl.col("cell")
    if edit.whole_cell and not edit.find:
        new = pl.when(cell.fill_null("") == "").then(pl.lit(edit.replace)).otherwise(cell)
    elif not (edit.pattern or edit.whole_cell) and edit.match_case:
        _require_bounded(cells, edit, pl.escape_regex(edit.find))
        new = cell.str.replace_all(edit.find, edit.replace, literal=True)
    else:
        found = f"(?:{edit.find if edit.pattern else pl.escape_regex(edit.find)})"
        found = rf"\A{found}\z" if edit.whole_cell else found
        found = found if edit.match_case else f"(?i){found}"
        by = edit.replace if edit.pattern else edit.replace.replace("$", "$$")
        _require_bounded(cells, edit, found)
        new = cell.str.replace_all(found, by)
    return cells.to_frame().select(new).to_series()


def _require_bounded(cells: pl.Series, edit: FindReplace, pattern: str) -> None:
    """A short pattern can be found at every character of every cell."""
    size = int(cells.str.len_bytes().sum() or 0) + len(cells)
    groups = edit.replace.count("$") if edit.pattern else 0
    # Hardly ever is more than this needed to see that all is well.
    if size * (len(edit.replace) + groups + 1) <= _MOST_BYTES:
        return
    times = int(cells.str.count_matches(pattern).sum() or 0)
    if size * (groups + 1) + times * len(edit.replace) > _MOST_BYTES:
        raise InvalidRequest("find: it is found so often that the cells would become too long.")


def _take_steps(
    frame: pl.DataFrame, edit: StepsOn, circumstances: Circumstances | None
) -> pl.DataFrame:
    cells = _own(frame, edit.column)
    of_it = cells.is_not_null() if edit.shape is None else shapes(cells) == edit.shape
    chosen = of_it.fill_null(value=False).arg_true()
    if edit.unless and len(chosen):
        _, readable = _through(frame[chosen], edit.column, edit.unless, circumstances)
        chosen = chosen.filter(~readable)
    if not len(chosen):
        return frame
    new, read = _through(frame[chosen], edit.column, edit.steps, circumstances)
    after = cells.clone().scatter(chosen.filter(read), new.filter(read))
    return frame.with_columns(after.alias(edit.column))


def _through(
    frame: pl.DataFrame,
    column: str,
    steps: tuple[Step, ...],
    circumstances: Circumstances | None,
) -> tuple[pl.Series, pl.Series]:
    """The column's cells after the steps, and which of them the steps could read."""
    mapped = apply_mappings(
        frame,
        (FieldMapping(source=column, target="cell", steps=steps),),
        source_columns=[c for c in frame.columns if c not in META],
        circumstances=circumstances,
    )
    failed = mapped.problems.filter(pl.col("severity") == "error")["index"]
    read = ~pl.int_range(frame.height, dtype=pl.UInt32, eager=True).is_in(failed.implode())
    return mapped.frame["cell"], read


def _patching(changes: Mapping[str, pl.DataFrame]) -> _Layer:
    return lambda frame: _patched(frame, changes)


def _patched(frame: pl.DataFrame, changes: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Cells by row number; a flawed row that a person set right has its flaw no longer."""
    if not frame.height:
        return frame
    touched = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    low, high = frame[ROW].min(), frame[ROW].max()
    columns: list[pl.Series] = []
    for name, cells in changes.items():
        near = cells.filter(pl.col("row").is_between(low, high))
        old = _own(frame, name)
        if not near.height:
            continue
        hits = frame.select(pl.col(ROW).alias("row")).join(
            near.with_columns(pl.lit(value=True).alias("hit")),
            on="row",
            how="left",
            maintain_order="left",
        )
        hit = hits["hit"].fill_null(value=False)
        columns.append(hits["value"].zip_with(hit, old).alias(name))
        touched |= hit
    flaws = frame[FLAW].zip_with(
        ~touched, pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    )
    return frame.with_columns([*columns, flaws.alias(FLAW)])
