"""Which edits a plan may hold."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InvalidExpression, InvalidMapping, InvalidRequest
from core.expressions.patterns import require_pattern
from core.mapping.transforms import check_step
from core.model.edit import (
    Edit,
    FindReplace,
    Ignore,
    PatchRows,
    ReplaceValues,
    SetCell,
    StepsOn,
)

#: A plan travels with its job: whoever mends more cells one by one does so in the rejects file.
MOST_CELLS = 10_000
MOST_EDITS = 500  #: of any other kind
MOST_VALUES = 10_000
LONGEST = 1 << 20  #: characters of a cell given
LONGEST_REPEATED = 10_000  #: of one that is put into many cells
MOST_TEXT = 8 << 20  #: characters of all edits of a plan
LAST_ROW = (1 << 63) - 1  #: the greatest number a row can have


def require_sound_edit(edit: Edit, columns: Sequence[str]) -> None:
    """Raise InvalidRequest unless the edit can be carried out on a file of these columns."""
    column = getattr(edit, "column", None)
    if column is not None and column not in columns:
        raise InvalidRequest(
            f"The file has no column {column!r}; its columns are {', '.join(columns)}."
        )
    match edit:
        case ReplaceValues():
            _require_values(edit)
        case FindReplace():
            _require_findable(edit)
        case StepsOn():
            _require_steps(edit)
        case SetCell() if not 1 <= edit.row <= LAST_ROW:
            raise InvalidRequest("row: rows are numbered from 1, up to 2⁶³ - 1.")
        case SetCell():
            _require_short([edit.value])
        case PatchRows():
            raise InvalidRequest("kind: hand in mended rows as a file, not as an edit.")
        case Ignore():
            pass


def require_room(edits: Sequence[Edit]) -> None:
    """Raise InvalidRequest when a plan would hold more edits than it may."""
    cells = sum(isinstance(edit, SetCell) for edit in edits)
    if cells > MOST_CELLS:
        raise InvalidRequest(
            f"At most {MOST_CELLS:,} cells can be set one by one: mend more in the rejects file, "
            "and hand that in."
        )
    if len(edits) - cells > MOST_EDITS:
        raise InvalidRequest(f"An import takes at most {MOST_EDITS} edits besides single cells.")
    if sum(map(_size, edits)) > MOST_TEXT:
        raise InvalidRequest(
            f"The edits of an import hold at most {MOST_TEXT:,} characters: hand in a mended "
            "rejects file instead."
        )


def _require_values(edit: ReplaceValues) -> None:
    if not edit.values:
        raise InvalidRequest("values: say at least one value and what to put in its place.")
    if len(edit.values) > MOST_VALUES:
        raise InvalidRequest(f"values: at most {MOST_VALUES:,} values can be replaced at once.")
    _require_short(list(edit.values))
    _require_short(list(edit.values.values()), LONGEST_REPEATED)


def _require_findable(edit: FindReplace) -> None:
    if not edit.find and not edit.whole_cell:
        raise InvalidRequest("find: say what to find; empty cells are found as whole cells.")
    _require_short([edit.find, edit.replace], LONGEST_REPEATED)
    if not edit.pattern:
        return
    # By itself: what it becomes part of must not make a pattern of what is none.
    try:
        require_pattern(edit.find)
    except InvalidExpression as error:
        raise InvalidRequest(f"find: {error.detail}.") from error


def _require_steps(edit: StepsOn) -> None:
    if not edit.steps:
        raise InvalidRequest("steps: say at least one step.")
    try:
        for step in (*edit.steps, *edit.unless):
            check_step(step, made=False)
    except InvalidMapping as error:
        raise InvalidRequest(f"steps: {error.detail}") from error


def _require_short(texts: Sequence[str | None], most: int = LONGEST) -> None:
    if any(text is not None and len(text) > most for text in texts):
        raise InvalidRequest(f"A text given here has at most {most:,} characters.")


def _size(edit: Edit) -> int:
    match edit:
        case SetCell():
            return len(edit.value or "")
        case ReplaceValues():
            return sum(len(old) + len(new or "") for old, new in edit.values.items())
        case _:
            return 0
