"""The encrypted format: any range reads back, anything altered does not."""

from __future__ import annotations

import hashlib
import io
import os
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigurationError, StorageDamaged
from core.files import frames
from core.files.frames import FRAME, HEADER, EncryptedReader, EncryptedWriter

KEY = bytes(range(32))
FILE_ID = "ab" * 16
STEP = FRAME + 16
PLAIN = random.Random(1).randbytes(3 * FRAME + 12_345)


def encrypt(plain: bytes, *pieces: int) -> bytes:
    """`plain` written in pieces of the given sizes, then the rest."""
    raw = io.BytesIO()
    writer = EncryptedWriter(raw, KEY, FILE_ID)
    start = 0
    for size in pieces:
        writer.write(plain[start : start + size])
        start += size
    writer.write(plain[start:])
    writer.close()
    assert writer.size == len(plain)
    assert writer.sha256.hexdigest() == hashlib.sha256(plain).hexdigest()
    return raw.getvalue()


def decrypt(sealed: bytes, key: bytes = KEY, file_id: str = FILE_ID) -> bytes:
    with EncryptedReader(io.BytesIO(sealed), key, file_id) as reader:
        return reader.readall()


SEALED = encrypt(PLAIN)


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 7])
def test_every_length_reads_back(size: int) -> None:
    sealed = encrypt(PLAIN[:size])
    assert decrypt(sealed) == PLAIN[:size]
    assert len(sealed) == HEADER + size + 16 * max(1, -(-size // FRAME))
    with EncryptedReader(io.BytesIO(sealed), KEY, FILE_ID) as reader:
        assert reader.size == reader.seek(0, os.SEEK_END) == size


@pytest.mark.parametrize(
    "pieces", [(1,), (FRAME,), (FRAME, FRAME), (FRAME - 1, 2), (2 * FRAME + 5,)]
)
def test_the_pieces_written_do_not_matter(pieces: tuple[int, ...]) -> None:
    assert decrypt(encrypt(PLAIN, *pieces)) == PLAIN


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 9), st.integers(0, FRAME * 2)), max_size=4))
def test_random_ranges_equal_the_plain_bytes(ranges: list[tuple[int, int]]) -> None:
    with io.BufferedReader(EncryptedReader(io.BytesIO(SEALED), KEY, FILE_ID)) as reader:
        for start, size in ranges:
            assert reader.seek(start) == start
            assert reader.read(size) == PLAIN[start : start + size]


def test_seeking_works_from_everywhere() -> None:
    reader = EncryptedReader(io.BytesIO(SEALED), KEY, FILE_ID)
    assert reader.seek(-10, os.SEEK_END) == len(PLAIN) - 10
    assert reader.read(100) == PLAIN[-10:]
    assert reader.seek(-4, os.SEEK_CUR) == reader.tell() == len(PLAIN) - 4
    with pytest.raises(ValueError, match="negative"):
        reader.seek(-1)
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read(1)


def flipped(position: int) -> bytes:
    return SEALED[:position] + bytes([SEALED[position] ^ 1]) + SEALED[position + 1 :]


@pytest.mark.parametrize("position", range(HEADER))
def test_every_byte_of_the_header_is_authenticated(position: int) -> None:
    with pytest.raises(StorageDamaged):
        EncryptedReader(io.BytesIO(flipped(position)), KEY, FILE_ID)


@pytest.mark.parametrize("frame", range(4))
@pytest.mark.parametrize("place", ["first byte", "last byte", "first of tag", "last of tag"])
def test_every_frame_and_tag_is_authenticated(frame: int, place: str) -> None:
    start = HEADER + frame * STEP
    end = min(start + STEP, len(SEALED))
    where = {"first byte": start, "last byte": end - 17, "first of tag": end - 16}
    with pytest.raises(StorageDamaged):
        decrypt(flipped(where.get(place, end - 1)))


@pytest.mark.parametrize(
    "altered",
    [
        lambda s, f: b"",
        lambda s, f: s[: HEADER - 1],
        lambda s, f: s[:HEADER],
        lambda s, f: s[: HEADER + 15],
        lambda s, f: s[:-1],
        lambda s, f: s[:-16],
        lambda s, f: s[:HEADER] + f[0],
        lambda s, f: s[:HEADER] + f[0] + f[1],
        lambda s, f: s[:HEADER] + f[0] + f[1] + f[2],
        lambda s, f: s + b"\0",
        lambda s, f: s + b"\0" * 16,
        lambda s, f: s + f[3],
        lambda s, f: s[:HEADER] + f[1] + f[0] + f[2] + f[3],
        lambda s, f: s[:HEADER] + f[0] + f[0] + f[2] + f[3],
        lambda s, f: s[:HEADER] + f[1] + f[2] + f[3],
        lambda s, f: s[:HEADER] + f[3],
        lambda s, f: s[:HEADER] + f[0] + f[1] + f[2] + f[2],
    ],
)  # fmt: skip
def test_frames_cannot_be_cut_moved_dropped_or_added(
    altered: Callable[[bytes, list[bytes]], bytes],
) -> None:
    pieces = [SEALED[start : start + STEP] for start in range(HEADER, len(SEALED), STEP)]
    with pytest.raises(StorageDamaged):
        decrypt(altered(SEALED, pieces))


def test_a_file_cut_between_frames_is_refused_before_anything_is_read() -> None:
    with pytest.raises(StorageDamaged):
        EncryptedReader(io.BytesIO(SEALED[: HEADER + STEP]), KEY, FILE_ID)


def test_an_empty_frame_cannot_be_added_to_a_full_one() -> None:
    full = encrypt(PLAIN[:FRAME])
    with pytest.raises(StorageDamaged):
        EncryptedReader(io.BytesIO(full + full[-16:]), KEY, FILE_ID)


def test_frames_of_another_file_do_not_fit() -> None:
    other = encrypt(PLAIN)
    with pytest.raises(StorageDamaged):
        decrypt(SEALED[: HEADER + STEP] + other[HEADER + STEP :])


def test_a_whole_file_cannot_stand_in_for_another() -> None:
    with pytest.raises(StorageDamaged):
        decrypt(SEALED, file_id="cd" * 16)


def test_another_master_key_opens_nothing() -> None:
    with pytest.raises(StorageDamaged, match="another master key"):
        decrypt(SEALED, key=bytes(32))


def test_no_plain_bytes_and_no_repeated_bytes_are_on_disk() -> None:
    plain = b"canary-4711" * 1000
    first, second = encrypt(plain), encrypt(plain)
    assert b"canary" not in first
    assert first[6:HEADER] != second[6:HEADER]
    assert first[HEADER:] != second[HEADER:]


def test_a_full_disk_is_said_in_words() -> None:
    class FullDisk(io.BytesIO):
        def write(self, _data: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(ConfigurationError, match="No space left on device"):
        EncryptedWriter(FullDisk(), KEY, FILE_ID)


def test_a_disk_that_cannot_be_read_is_said_in_words() -> None:
    class BadDisk(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(StorageDamaged, match="Input/output error"):
        EncryptedReader(BadDisk(SEALED), KEY, FILE_ID)


def test_an_unfinished_file_cannot_be_opened() -> None:
    raw = io.BytesIO()
    writer = EncryptedWriter(raw, KEY, FILE_ID)
    writer.write(PLAIN[: 2 * FRAME])
    writer.abandon()
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")
    with pytest.raises(StorageDamaged):
        decrypt(raw.getvalue())


def test_frame_numbers_never_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_MOST_FRAMES", 2)
    writer = EncryptedWriter(io.BytesIO(), KEY, FILE_ID)
    writer.write(PLAIN[: 3 * FRAME])
    with pytest.raises(ConfigurationError, match="4 PiB"):
        writer.close()
    assert writer.closed
