from __future__ import annotations

import io
from unittest.mock import patch

import pytest

from core.formats.csv import lookahead
from core.formats.csv.lookahead import Lookahead
from core.formats.text.held import HeldText
from core.model.dialect import Dialect

DATA = b"".join(b"%d,x\n" % n for n in range(1000))


def test_blocks_follow_each_other_and_grow() -> None:
    with (
        patch.object(lookahead, "_FIRST_BLOCK", 10),
        patch.object(lookahead, "_BLOCK", 100),
        Lookahead(HeldText(io.BytesIO(DATA), "utf-8"), Dialect()) as ahead,
    ):
        blocks = []
        while looked := ahead.take():
            assert looked.proof is not None
            blocks.append(looked.proof.data)
    assert b"".join(blocks) == DATA
    assert len(blocks[0]) <= 10 < len(blocks[1]) <= 40 < len(blocks[2]) <= 100
    assert max(map(len, blocks)) <= 100


def test_a_block_given_back_comes_again_though_the_next_was_looked_at() -> None:
    source = HeldText(io.BytesIO(DATA), "utf-8")
    with patch.object(lookahead, "_FIRST_BLOCK", 10), Lookahead(source, Dialect()) as ahead:
        first = ahead.take()
        second = ahead.take()
        assert first is not None
        assert first.proof is not None
        assert second is not None
        ahead.give_back(second)
        assert source.ahead(12) == DATA[first.proof.taken :][:12]
        third = ahead.take()
    assert third is not None
    assert third.text == second.text[:10]  # as small as the first again


class Breaking(io.BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1) -> bytes:
        raw = super().read(size)
        if not raw:
            raise OSError("the disk broke")
        return raw


def test_what_the_other_thread_meets_is_raised_here() -> None:
    rows = b"1,2\n" * (1 << 20)
    with Lookahead(HeldText(Breaking(rows), "utf-8"), Dialect()) as ahead:
        assert ahead.take() is not None
        with pytest.raises(OSError, match="the disk broke"):
            list(iter(ahead.take, None))


def test_leaving_early_waits_for_the_thread() -> None:
    with Lookahead(HeldText(io.BytesIO(DATA * 500), "utf-8"), Dialect()) as ahead:
        assert ahead.take() is not None
        pending = ahead._next
        assert pending is not None
    assert pending.done()
