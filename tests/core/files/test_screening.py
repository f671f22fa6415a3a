"""What comes in: the name, the content behind it, the test virus, the scanner."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidFormat, UnsafeContent
from core.files.screening import HEAD_BYTES, Screener, screen_upload

ALL = ("csv", "json", "excel", "xml", "yaml")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
PE = b"MZ\x90\x00" + bytes(60) + b"stub" * 20 + b"PE\x00\x00"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def a_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        # No clock in it: every test process must make the same bytes.
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("filename", "head", "family"),
    [
        ("sales.csv", b"id,name\n1,Ann\n", "csv"),
        ("SALES.TSV", b"id\tname\n", "csv"),
        ("sales.csv", b"", "csv"),
        ("sales.csv", "id;größe\n".encode("latin-1"), "csv"),
        ("sales.csv", "id,größe\n".encode("utf-16"), "csv"),
        ("sales.csv", ("id,größe\n" * 20).encode("utf-16-le"), "csv"),
        ("sales.csv", b"id,name\n1,A\0nn\n", "csv"),
        ("sales.csv", b"MZ,BM,name\n1,2,3\n", "csv"),
        ("sales.csv", b"name\n<html>\n", "csv"),
        ("data.json", b'{"a": 1}', "json"),
        ("data.ndjson", b'{"a": 1}\n', "json"),
        ("data.xml", b"<?xml version='1.0'?><a/>", "xml"),
        ("data.xml", b"<rows/>", "xml"),
        ("data.yml", b"- a: 1\n", "yaml"),
        ("data.yml", b'{"a": 1}', "yaml"),
        ("sales.txt", b"id\x1fname\n1\x1fAnn\n" * 20, "csv"),
        ("book.xlsx", a_zip(), "excel"),
        ("book.xls", OLE, "excel"),
        ("book.xls", a_zip(), "excel"),
        ("book.xlsm", a_zip(), "excel"),
        ("book.xlsb", a_zip(), "excel"),
        ("book.ods", a_zip(), "excel"),
    ],
)
def test_honest_files_pass(filename: str, head: bytes, family: str) -> None:
    assert screen_upload(head, filename, scan=True, allowed=ALL) == family


@pytest.mark.parametrize(
    ("filename", "head", "words"),
    [
        ("sales.csv", ELF, "a program"),
        ("sales.csv", PE, "a Windows program"),
        ("sales.csv", b"#!/bin/sh\nrm -rf /\n", "a script"),
        ("sales.csv", b"%PDF-1.7\n", "a PDF document"),
        ("sales.csv", PNG, "a PNG image"),
        ("sales.csv", b"\xff\xd8\xff\xe0", "a JPEG image"),
        ("sales.csv", b"GIF89a", "a GIF image"),
        ("sales.csv", b"BM\x46\0\0\0\0\0\0\0", "a BMP image"),
        ("sales.csv", b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP image"),
        ("sales.csv", gzip.compress(b"a,b", mtime=0), "compressed with gzip"),
        ("sales.csv", b"x" * 257 + b"ustar\x0000", "a TAR archive"),
        ("sales.csv", a_zip(), "a ZIP archive or workbook"),
        ("sales.csv", OLE, "an old Office document"),
        ("sales.csv", b"<?xml version='1.0'?>", "an XML document"),
        ("sales.csv", b"\xef\xbb\xbf\n <!DOCTYPE HTML><html>", "a web page"),
        ("sales.csv", bytes(range(256)) * 10, "binary data"),
        ("sales.csv", b'[{"id": 1}]', "a JSON document"),
        ("data.xml", b'{"id": 1}', "a JSON document"),
        ("data.json", b"<html><body>503</body>", "a web page"),
        ("data.xml", b"<!doctype html>", "a web page"),
        ("data.yaml", ELF, "a program"),
        ("book.xls", b"<html><table>", "a web page"),
        ("book.xlsx", b"id,name\n", "looks like text"),
        ("book.xlsx", b"", "empty"),
        ("book.xlsx", OLE, "protected by a password"),
        ("book.xlsx", ELF, "a program"),
        ("book.xlsx", bytes(range(256)) * 2, "binary data"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(
    filename: str, head: bytes, words: str
) -> None:
    with pytest.raises(InvalidFormat) as refused:
        screen_upload(head, filename, scan=True, allowed=ALL)
    assert filename in refused.value.detail
    assert words in refused.value.detail


def test_who_is_refused_is_told_what_to_do() -> None:
    with pytest.raises(InvalidFormat, match="but is a PDF document: save the table it shows"):
        screen_upload(b"%PDF-1.7\n", "sales.csv", scan=True, allowed=ALL)


@pytest.mark.parametrize(
    "filename", ["sales.exe", "sales", "sales.csv.exe", ".csv", "sales.csv\u202e.exe"]
)
def test_other_extensions_are_refused_with_those_allowed(filename: str) -> None:
    with pytest.raises(InvalidFormat, match=r"\.csv, \.tsv, .*\.yml"):
        screen_upload(b"a,b\n", filename, scan=False, allowed=ALL)


def test_only_allowed_families_may_come_in() -> None:
    with pytest.raises(InvalidFormat, match=r"\.json, \.jsonl, \.ndjson can be uploaded"):
        Screener("sales.csv", allowed=("json",), scan=True)
    assert screen_upload(b"", "book.xls", scan=False, allowed=("excel",)) == "excel"


def test_without_scanning_only_the_name_counts() -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=False, clamd="/nowhere/clamd.sock")
    assert list(screener.passing([ELF, EICAR])) == [ELF, EICAR]


def test_a_wrong_beginning_is_found_before_the_rest_is_taken() -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=True)
    with pytest.raises(InvalidFormat):
        screener.feed(ELF + bytes(HEAD_BYTES))


def test_a_short_file_is_judged_at_its_end() -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=True)
    passing = screener.passing([ELF[:2], ELF[2:]])
    assert [next(passing), next(passing)] == [ELF[:2], ELF[2:]]
    with pytest.raises(InvalidFormat):
        next(passing)


@given(st.lists(st.integers(1, len(EICAR) + 50), max_size=30), st.integers(0, 40))
def test_the_test_virus_is_found_across_every_border(cuts: list[int], before: int) -> None:
    content = b"id,name\n" * before + b"1," + EICAR + b"\n2,x\n"
    screener = Screener("sales.csv", allowed=ALL, scan=True)
    pieces = []
    for size in [*cuts, len(content)]:
        pieces.append(content[:size])
        content = content[size:]
    with pytest.raises(UnsafeContent, match="EICAR"):
        list(screener.passing(pieces))


def test_the_test_virus_is_found_byte_by_byte_and_far_in() -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=True)
    for _ in range(20):
        screener.feed(b"1,harmless\n" * 5_000)
    for byte in EICAR[:-1]:
        screener.feed(bytes([byte]))
    with pytest.raises(UnsafeContent):
        screener.feed(EICAR[-1:])


def test_almost_the_test_virus_passes() -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=True)
    assert len(list(screener.passing([EICAR[:-1], b"?", EICAR[1:]]))) == 3
    assert screener.finish() == "csv"


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"a,b\n1,2\n")
    return packed.getvalue()


GZIP = gzip.compress(b"a,b\n", mtime=0)


@pytest.mark.parametrize(
    ("filename", "head", "family"),
    [
        ("sales.csv.gz", GZIP, "csv"),
        ("Sales.JSON.ZST", b"\x28\xb5\x2f\xfd", "json"),
        ("sales.xml.zip", zipped("sales.xml"), "xml"),
        ("sales.zip", zipped("2026/sales.yaml"), "yaml"),
    ],
)
def test_packed_text_is_what_is_inside(filename: str, head: bytes, family: str) -> None:
    assert screen_upload(b"", filename, scan=False, allowed=ALL)
    assert screen_upload(head, filename, scan=True, allowed=ALL) == family


@pytest.mark.parametrize(
    ("filename", "head", "words"),
    [
        ("sales.csv.gz", b"a,b\n", "is named .gz but is not packed"),
        ("sales.csv.zip", GZIP, "is named .zip but is compressed with gzip"),
        ("sales.csv.gz", ELF, "is named .gz but is a program"),
        ("sales.exe.gz", GZIP, "ends in .exe"),
        ("sales.gz", GZIP, "has no extension"),
        ("sales.zip", zipped("virus.exe"), "virus.exe ends in .exe"),
        ("sales.xlsx.gz", GZIP, "packs a workbook once more"),
        ("sales.zip", zipped("[Content_Types].xml"), "is a ZIP archive or workbook"),
    ],
)
def test_packed_files_are_refused_for_name_and_content(
    filename: str, head: bytes, words: str
) -> None:
    with pytest.raises(InvalidFormat, match=words):
        screen_upload(head, filename, scan=True, allowed=ALL)


def test_a_family_that_is_not_allowed_is_not_allowed_packed() -> None:
    with pytest.raises(InvalidFormat, match=r"sales.json ends in .json"):
        screen_upload(b"", "sales.json.gz", scan=False, allowed=("csv",))
