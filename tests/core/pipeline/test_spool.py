"""The spool gives back what was written, and notices when it was cut short."""

from __future__ import annotations

import io
from datetime import date

import polars as pl
import pytest

from core.errors import StorageDamaged
from core.pipeline.spool import read_batches, write_batch

FRAME = pl.DataFrame({"__row__": [1, 2], "name": ["Ada", None], "on": [date(2026, 1, 31), None]})


def test_batches_come_back_in_order_with_their_types() -> None:
    file = io.BytesIO()
    for part in (FRAME, FRAME.head(0), FRAME.tail(1)):
        write_batch(file, part)
    file.seek(0)
    back = list(read_batches(file))
    assert [b.height for b in back] == [2, 0, 1]
    assert back[0].equals(FRAME)
    assert back[0].schema == FRAME.schema


@pytest.mark.parametrize("missing", [1, 100])
def test_a_spool_cut_short_is_refused(missing: int) -> None:
    file = io.BytesIO()
    write_batch(file, FRAME)
    write_batch(file, FRAME)
    cut = io.BytesIO(file.getvalue()[:-missing])
    with pytest.raises(StorageDamaged):
        list(read_batches(cut))


def test_a_length_cut_short_is_refused() -> None:
    file = io.BytesIO()
    write_batch(file, FRAME)
    with pytest.raises(StorageDamaged):
        list(read_batches(io.BytesIO(file.getvalue() + b"\0\0\0")))
