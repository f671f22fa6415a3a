from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from core.formats.csv import lookahead
from core.formats.csv.lookahead import Lookahead
from core.formats.csv.proof import Proof
from core.formats.text.held import HeldText
from core.model.dialect import Dialect

DATA = b"".join(b"%d,x\n" % n for n in range(1000))


@contextmanager
def looking(
    file: io.BytesIO, parse: Callable[[Proof], bytes] = lambda proof: proof.data, size: int = 10
) -> Iterator[tuple[Lookahead[bytes], HeldText]]:
    source = HeldText(file, "utf-8")
    with (
        patch.object(lookahead, "_FIRST_BLOCK", size),
        patch.object(lookahead, "_BLOCK", 10 * size),
        patch.object(lookahead, "_PARSERS", 2),
        patch.object(lookahead, "_AHEAD", 4),
        Lookahead(source, Dialect(), parse) as ahead,
    ):
        yield ahead, source


def taken(ahead: Lookahead[bytes]) -> Iterator[bytes]:
    """What is made of the blocks that are left; none may be irregular."""
    while looked := ahead.take():
        assert looked.parsing is not None
        yield looked.parsing.result()


def test_blocks_follow_each_other_and_grow() -> None:
    with looking(io.BytesIO(DATA)) as (ahead, _):
        blocks = list(taken(ahead))
        assert ahead.take() is None
    assert b"".join(blocks) == DATA
    assert len(blocks[0]) <= 10 < len(blocks[1]) <= 40 < len(blocks[2]) <= 100
    assert max(map(len, blocks)) <= 100


def test_two_blocks_are_parsed_at_once_and_come_in_their_order() -> None:
    together = threading.Barrier(2)
    second_done = threading.Event()

    def parse(proof: Proof) -> bytes:
        if proof.data.startswith(b"0,"):
            together.wait(60)
            assert second_done.wait(60)
        elif not second_done.is_set():
            together.wait(60)
            second_done.set()
        return proof.data

    with looking(io.BytesIO(DATA), parse) as (ahead, _):
        assert b"".join(taken(ahead)) == DATA


def test_no_more_than_a_few_blocks_are_ahead() -> None:
    begun: list[Proof] = []

    def parse(proof: Proof) -> bytes:
        begun.append(proof)
        return proof.data

    with looking(io.BytesIO(DATA), parse) as (ahead, _):
        assert ahead.take() is not None
        for waiting in list(ahead._waiting):
            looked = waiting.result()
            assert looked is not None
            assert looked.parsing is not None
            looked.parsing.result()
    assert len(begun) == 4


def test_a_block_given_back_comes_again_though_the_next_were_looked_at() -> None:
    with looking(io.BytesIO(DATA)) as (ahead, source):
        first = ahead.take()
        second = ahead.take()
        assert first is not None
        assert first.proof is not None
        assert second is not None
        ahead.give_back(second)
        assert source.ahead(12)[:12] == DATA[first.proof.taken :][:12]
        third = ahead.take()
        assert third is not None
        assert third.text == second.text[:10]  # as small as the first again
        assert third.parsing is not None
        rest = third.parsing.result() + b"".join(taken(ahead))
    assert first.proof.data + rest == DATA


def test_nothing_is_looked_at_behind_what_is_not_regular() -> None:
    data = b'1,2\n3,4\n5,"6\n7,8\n' + DATA
    with looking(io.BytesIO(data), size=12) as (ahead, source):
        first = ahead.take()
        assert first is not None
        assert first.proof is not None
        assert first.proof.data == b"1,2\n3,4\n"
        odd = ahead.take()
        assert odd is not None
        assert (odd.proof, odd.parsing) == (None, None)
        assert ahead.take() is None
        ahead.give_back(odd)
        assert source.read() == data[8:].decode()


class Breaking(io.BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1) -> bytes:
        raw = super().read(size)
        if not raw:
            raise OSError("the disk broke")
        return raw


def test_what_the_other_thread_meets_is_raised_here() -> None:
    with (
        looking(Breaking(DATA)) as (ahead, _),
        pytest.raises(OSError, match="the disk broke"),
    ):
        list(taken(ahead))


def test_leaving_early_waits_for_the_threads() -> None:
    with looking(io.BytesIO(DATA)) as (ahead, _):
        assert ahead.take() is not None
        pending = list(ahead._waiting)
    assert pending
    assert all(one.done() for one in pending)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("csv-")]
