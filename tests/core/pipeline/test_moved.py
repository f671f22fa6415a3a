"""How a table has moved on is told in sentences."""

from __future__ import annotations

import io

from core.model.changes import CellChange, Change, ChangeKind
from core.pipeline.change_file import ChangeFile, ChangeLog
from core.pipeline.moved import moved_on

NEW, CHANGED, UNCHANGED = ChangeKind.NEW, ChangeKind.CHANGED, ChangeKind.UNCHANGED


def file(*rows: tuple[ChangeKind, str], gone: tuple[str, ...] = ()) -> ChangeFile:
    """Rows by kind and what the table has in `city`."""
    made = io.BytesIO()
    log = ChangeLog(made)
    for number, (kind, old) in enumerate(rows, start=1):
        log.note(kind, [number])
        if kind not in (NEW, UNCHANGED):
            cells = (CellChange(column="city", old=old, new="Bern"),)
            log.add(Change(kind=kind, row=number, line=number, cells=cells))
    for name in gone:
        cells = (CellChange(column="city", old=name, new=None),)
        log.add(Change(kind=ChangeKind.DELETED, row=None, line=None, cells=cells))
    log.finish()
    return ChangeFile(made)


def test_rows_of_another_kind_and_with_other_values() -> None:
    before = file((NEW, ""), (NEW, ""), (CHANGED, "Basel"), (CHANGED, "Zug"), (CHANGED, "Chur"))
    after = file(
        (CHANGED, "x"), (CHANGED, "y"), (CHANGED, "Genf"), (UNCHANGED, ""), (CHANGED, "Chur")
    )
    assert moved_on(before, after, "customers") == (
        "customers has changed since the plan was made: 2 rows that were New are there now; "
        "1 row that was Changed is there already, as in the file; "
        "1 Changed row has another value in city."
    )


def test_more_and_fewer_rows_go() -> None:
    before, after = file(gone=("a", "b")), file(gone=("b", "c", "d"))
    assert moved_on(before, after, "t") == (
        "t has changed since the plan was made: "
        "2 rows of the table would go that were not there, or otherwise; "
        "1 row that would go is not there as it was."
    )


def test_a_row_that_went_away() -> None:
    assert "1 row that was Unchanged is not there any more" in moved_on(
        file((UNCHANGED, "")), file((NEW, "")), "t"
    )


def test_nothing_to_tell_apart() -> None:
    assert moved_on(file(), file(), "t") == "t has changed since the plan was made."
