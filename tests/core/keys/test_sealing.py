"""Sealed secrets open only whole, in their place, with their key."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageDamaged
from core.keys.sealing import open_text, seal_text

KEY = bytes(range(32))
URL = "postgresql://ann:hunter2@db/shop"


@given(st.text(), st.text())
def test_what_is_sealed_opens(text: str, context: str) -> None:
    sealed = seal_text(KEY, text, context)
    assert sealed.isascii()
    assert open_text(KEY, sealed, context) == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert seal_text(KEY, URL, "a") != seal_text(KEY, URL, "a")


def test_every_flipped_bit_is_found() -> None:
    sealed = seal_text(KEY, URL, "connection:shop")
    raw = bytearray(base64.urlsafe_b64decode(sealed[3:]))
    for position in range(len(raw)):
        raw[position] ^= 1
        with pytest.raises(StorageDamaged):
            open_text(KEY, "v1." + base64.urlsafe_b64encode(raw).decode(), "connection:shop")
        raw[position] ^= 1


@pytest.mark.parametrize("sealed", ["", "v1.", "v1.AAAA", "v2.AAAA", "v1.!!", "plain", "v1.é"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(StorageDamaged, match="connection:shop"):
        open_text(KEY, sealed, "connection:shop")


def test_another_key_or_place_does_not_open_it() -> None:
    sealed = seal_text(KEY, URL, "connection:shop")
    with pytest.raises(StorageDamaged) as refused:
        open_text(bytes(32), sealed, "connection:shop")
    assert "hunter2" not in refused.value.detail
    with pytest.raises(StorageDamaged):
        open_text(KEY, sealed, "connection:other")
