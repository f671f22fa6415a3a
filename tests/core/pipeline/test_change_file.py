"""A file of changes is read page by page, and sums up to one digest."""

from __future__ import annotations

import io

import pytest

from core.errors import StorageDamaged
from core.model.changes import CellChange, Change, ChangeKind
from core.pipeline.change_file import LISTED_NEW, ChangeFile, ChangeLog, Summary, code_of, kind_of


def changed(row: int, *columns: str, old: str | None = "a", new: str | None = "b") -> Change:
    return Change(
        kind=ChangeKind.CHANGED,
        row=row,
        line=row + 1,
        key={"id": str(row)},
        cells=tuple(CellChange(column=name, old=old, new=new) for name in columns),
    )


def gone(name: str) -> Change:
    cells = (CellChange(column="name", old=name, new=None),)
    return Change(kind=ChangeKind.DELETED, row=None, line=None, cells=cells)


def written(changes: list[Change]) -> tuple[io.BytesIO, Summary]:
    file = io.BytesIO()
    log = ChangeLog(file)
    for change in changes:
        if change.row is not None:
            log.note(change.kind, [change.row])
        log.add(change)
    return file, log.finish()


def test_pages_over_many_blocks() -> None:
    file, summary = written(
        [changed(n, *(("name", "city") if n % 2 else ("city",))) for n in range(1, 2_501)]
    )
    assert summary.kinds == {ChangeKind.CHANGED: 2_500}
    assert summary.columns == {"city": 2_500, "name": 1_250}
    found = ChangeFile(file)
    page = found.page(offset=1_998, limit=4)
    assert (page.total, [c.row for c in page.changes]) == (2_500, [1_999, 2_000, 2_001, 2_002])
    page = found.page(offset=1_000, limit=2, column="name")
    assert (page.total, [c.row for c in page.changes]) == (1_250, [2_001, 2_003])
    assert found.page(offset=0, limit=5, kind=ChangeKind.NEW).total == 0
    assert found.page(offset=9_999, limit=5).changes == ()


def test_what_is_read_is_what_was_written() -> None:
    one = Change(
        kind=ChangeKind.CONFLICT,
        row=7,
        line=9,
        key={"a": None, "b": 'Zoë "x"\n'},
        cells=(CellChange(column="c", old=None, new=""),),
        reason="why",
    )
    file, _ = written([one, gone("x")])
    assert ChangeFile(file).page(offset=0, limit=9).changes == (one, gone("x"))


def test_the_kind_of_every_row_is_kept() -> None:
    file = io.BytesIO()
    log = ChangeLog(file)
    log.note(ChangeKind.NEW, [1, 10_000])
    log.note(ChangeKind.UNCHANGED, [3])
    log.note(ChangeKind.REPEATED, [])
    assert log.finish().kinds == {ChangeKind.NEW: 2, ChangeKind.UNCHANGED: 1}
    kinds = ChangeFile(file).kinds()
    assert len(kinds) == 10_001
    assert [kind_of(int(kinds[n])) for n in (1, 2, 3, 10_000)] == [
        ChangeKind.NEW,
        ChangeKind.REJECTED,
        ChangeKind.UNCHANGED,
        ChangeKind.NEW,
    ]
    assert code_of(ChangeKind.NEW) == kinds[1]


def test_new_rows_are_listed_up_to_a_number() -> None:
    log = ChangeLog(None)
    assert log.more_new == LISTED_NEW
    log.add(Change(kind=ChangeKind.NEW, row=1, line=2))
    assert (log.more_new, log.finish().listed_new) == (LISTED_NEW - 1, 1)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ([changed(2, "name"), changed(1, "name")], True),  # in another order
        ([changed(1, "name"), changed(2, "name", new="z")], True),  # what the file says
        ([changed(1, "name"), changed(2, "name", old="z")], False),
        ([changed(1, "name"), changed(2, "city")], False),
        ([changed(1, "name"), changed(3, "name")], False),
        ([changed(1, "name")], False),
        ([changed(1, "name"), changed(2, "name"), gone("x")], False),
    ],
)
def test_the_digest_tells_what_the_table_has(other: list[Change], same: bool) -> None:
    digest = written([changed(1, "name"), changed(2, "name")])[1].digest
    assert (written(other)[1].digest == digest) is same


def test_a_file_that_is_cut_short_is_told() -> None:
    file, _ = written([changed(1, "name")])
    with pytest.raises(StorageDamaged):
        ChangeFile(io.BytesIO(file.getvalue()[:-30]))
