"""What content is, whatever its name says."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.content import OLE, ZIP, identify, looks_binary, unmarked_utf16


def a_zip(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            # No clock in it: every test process must make the same bytes.
            archive.writestr(zipfile.ZipInfo(name), "<workbook/>")
    return target.getvalue()


def a_tar(layout: int) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=layout) as archive:
        archive.addfile(tarfile.TarInfo("table.csv"))
    return target.getvalue()


def a_parquet() -> bytes:
    target = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(target)
    return target.getvalue()


def an_arrow_file() -> bytes:
    target = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_ipc(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (a_zip("xl/workbook.xml"), "a ZIP archive or workbook"),
        (a_zip(), "a ZIP archive or workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"%PDF-1.7", "a PDF document"),
        (b"{\\rtf1\\ansi", "a rich text document (RTF)"),
        (b"\x7fELF\x02", "a program"),
        (b"\xcf\xfa\xed\xfe", "a program"),
        (b"\xca\xfe\xba\xbe", "a program"),
        (b"\x00asm\x01", "a program"),
        (b"MZ\x90\x00\x03\x00", "a Windows program"),
        (b"MZ\x50\x00" + bytes(60) + b"stub" * 20 + b"PE\x00\x00", "a Windows program"),
        (b"#!/bin/sh\n", "a script"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"GIF89a", "a GIF image"),
        (b"II*\x00", "a TIFF image"),
        (b"MM\x00*", "a TIFF image"),
        (b"BM\x46\0\n\0\0\0\0\0", "a BMP image"),
        (b"RIFF\x10\n\0\0WEBPVP8 ", "a WebP image"),
        (gzip.compress(b"a,b", mtime=0), "compressed with gzip"),
        (bz2.compress(b"a,b"), "compressed with bzip2"),
        (bz2.compress(b""), "compressed with bzip2"),
        (lzma.compress(b"a,b"), "compressed with xz"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (a_tar(tarfile.PAX_FORMAT), "a TAR archive"),
        (a_tar(tarfile.GNU_FORMAT), "a TAR archive"),
        (b"SQLite format 3\x00", "a SQLite database"),
        (a_parquet(), "a Parquet file"),
        (an_arrow_file(), "an Arrow file"),
        (b"  <!DOCTYPE html><html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf\n <HTML>", "a web page (HTML)"),
        (b"<head>\n<meta charset='utf-8'>", "a web page (HTML)"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "an XML document"),
        (b"<head><row/></head>", "an XML document"),
        (b"<!DOCTYPE rows>", "an XML document"),
        (b'<rows made="today">', "an XML document"),
        (b"<rows>\n  <row>", "an XML document"),
        (b'[{"a": 1}]', "a JSON document"),
        (b'{"a": 1}', "a JSON document"),
        (b'\xef\xbb\xbf["a", 1]', "a JSON document"),
        (b"[]", "a JSON document"),
        (bytes(range(256)) * 4, "binary data"),
        (b"\0" * 100, "binary data"),
    ],
)
def test_what_is_no_plain_text(head: bytes, words: str) -> None:
    found = identify(head)
    assert found is not None
    assert words in found.what
    assert found.remedy


def test_kinds_that_are_asked_for_by_name() -> None:
    assert identify(a_zip()) is ZIP
    assert identify(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") is OLE


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"a,b\n1,2\n",
        b"a,b\n1,x\0y\n",
        b"\x1b[31mred,2\n",
        b"a\x1fb\n1\x1f2\n" * 50,
        b"a\x01b\n1\x012\n" * 50,
        "a,b\n1,2\n".encode("utf-16"),
        "a,b\n1,2\n".encode("utf-16-le"),
        ("a,b\n1,2\n" * 20).encode("utf-16-be"),
        "日本,é".encode("utf-32"),
        ("a,b\n1,2\n" * 20).encode("utf-32"),
        b"\x00\x00\xfe\xff" + ("a,b\n1,2\n" * 20).encode("utf-32-be"),
        b"<name>,2\n",
        b"name\n<html>\n",
        b"[note],x\n",
        b"{id},x\n",
        b"PK,2\n",
        b"MZ,BM,name\n1,2,3\n",
        b"PAR1,PAR2\n1,2\n",
        b"ARROW1,ARROW2\n1,2\n",
        b"BZh,GIF8\n1,2\n",
        b"%PDF,2\n",
        "é,ü\n".encode("cp1252"),
    ],
)
def test_what_is_text(head: bytes) -> None:
    assert identify(head) is None


@given(st.text(max_size=2_000))
def test_no_text_is_taken_for_binary_data(text: str) -> None:
    printable = "".join(c for c in text if c.isprintable() or c in "\t\r\n")
    assert not looks_binary(printable.encode())
    assert not looks_binary(printable.encode("utf-16"))


def test_control_bytes_count_by_number_and_by_share() -> None:
    assert not looks_binary(b"a" + b"\0" * 8)
    assert looks_binary(b"a" + b"\0" * 9)
    assert not looks_binary(b"abcdefg\n" * 100 + b"\0" * 9)
    assert looks_binary(b"abcdefg\n" * 100 + b"\0" * 20)


def test_utf_16_without_a_mark_is_known_by_its_nuls() -> None:
    assert unmarked_utf16("id,größe\n".encode("utf-16-le")) == "utf-16-le"
    assert unmarked_utf16("id,größe\n".encode("utf-16-be")) == "utf-16-be"
    assert unmarked_utf16(b"id,name\n") is None
    assert unmarked_utf16("id,name\n".encode("utf-32-le")) is None
    assert unmarked_utf16(b"a\0") is None
