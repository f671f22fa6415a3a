from __future__ import annotations

import pytest

from core.formats.signatures import identify


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"PK\x03\x04rest", "zip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x7fELF\x02", "program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"  <!DOCTYPE html><html>", "HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "XML"),
        (b'[{"a": 1}]', "JSON"),
        (b'{"a": 1}', "JSON"),
        (bytes(range(256)) * 4, "binary"),
        (b"\0" * 100, "binary"),
    ],
)
def test_what_is_no_text(head: bytes, word: str) -> None:
    found = identify(head)
    assert found is not None
    assert word in found
    assert ":" in found  # says what to do


@pytest.mark.parametrize(
    "head",
    [
        b"a,b\n1,2\n",
        b"a,b\n1,x\0y\n",
        b"\x1b[31mred,2\n",
        "a,b\n1,2\n".encode("utf-16"),
        "a,b\n1,2\n".encode("utf-16-le"),
        "日本,é".encode("utf-32"),
        b"<name>,2\n",
        b"[note],x\n",
        b"{id},x\n",
        b"PK,2\n",
        "é,ü\n".encode("cp1252"),
    ],
)
def test_what_is_text(head: bytes) -> None:
    assert identify(head) is None
