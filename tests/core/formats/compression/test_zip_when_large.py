from __future__ import annotations

import io
import zipfile

import pytest

from core.formats.compression.writing import ZipWhenLarge


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_up_to_the_limit_the_bytes_are_as_written(size: int) -> None:
    file = io.BytesIO()
    with ZipWhenLarge(file, above=1000, member="o.csv") as out:
        assert out.write(b"x" * size) == size
    assert (file.getvalue(), out.zipped) == (b"x" * size, False)


def test_above_it_all_of_them_are_zipped() -> None:
    file = io.BytesIO()
    with ZipWhenLarge(file, above=1000, member="o.csv") as out:
        for n in range(500):
            out.write(b"%04d" % n)
            assert out.zipped == (n >= 250)
    with zipfile.ZipFile(file) as archive:
        assert archive.read("o.csv") == b"".join(b"%04d" % n for n in range(500))
