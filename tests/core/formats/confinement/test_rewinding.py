from __future__ import annotations

import io
from itertools import cycle, islice

import pytest

from core.formats import detect_file
from core.formats.confinement.rewinding import Rewound

DATA = bytes(range(256)) * 40


def in_pieces(file: Rewound, *sizes: int) -> bytes:
    """All that is left, read with these sizes by turns."""
    found = b""
    for size in cycle(sizes):
        piece = file.read(size)
        assert len(piece) <= size or size < 0
        if not piece:
            return found
        found += piece
    raise AssertionError


@pytest.mark.parametrize("looked_at", [0, 1, 1000, len(DATA), len(DATA) + 1, -1])
@pytest.mark.parametrize("sizes", [(1 << 20,), (7, 500), (-1,)])
def test_the_file_comes_again(looked_at: int, sizes: tuple[int, ...]) -> None:
    file = Rewound(io.BytesIO(DATA))
    assert file.read(looked_at) == (DATA if looked_at < 0 else DATA[:looked_at])
    file.rewind()
    assert in_pieces(file, *sizes) == DATA
    assert file.read(1) == b""


def test_what_is_given_again_is_let_go_and_nothing_else_is_kept() -> None:
    file = Rewound(io.BytesIO(DATA))
    for size in islice(cycle((300, 500)), 6):
        file.read(size)
    assert file.held == 2400
    file.rewind()
    file.read(2000)
    file.read(2000)
    assert file.held < 2400
    while file.held:
        file.read(500)
    file.read(4000)
    assert file.held == 0


def test_of_a_large_text_only_what_was_looked_at_is_held() -> None:
    row = "1,é,2\n".encode()
    data = b"a,b,c\n" + row * (8 << 20 >> 3)
    file = Rewound(io.BytesIO(data))
    detect_file(file, filename="x.csv")  # type: ignore[arg-type]  # only reads
    assert 0 < file.held < len(data) * 3 // 4
    file.rewind()
    assert in_pieces(file, 1 << 20) == data
