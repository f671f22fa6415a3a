"""Packed files through the front door of the formats: detected, read, refused, written."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pytest

from core.errors import InvalidFormat, UnsafeContent
from core.formats import detect_file, read_file, write_file
from core.formats.base import META, ReadLimits, WriteOptions
from core.formats.compression import reading
from core.model.dialect import Detection, Dialect
from core.model.packing import PACKINGS
from core.model.table import Column, Kind

CSV = b"id,name\n" + b"".join(b"%d,Zo\xc3\xab\n" % n for n in range(50))
ROWS = 50
Opened = Callable[[bytes], BinaryIO]


class Outlet(io.RawIOBase):
    """A file that can only be written forward."""

    def __init__(self) -> None:
        self.data = io.BytesIO()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes is all it is given
        return self.data.write(data)


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def pack_zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, "zstd", asbytes=True)
    return packed


def pack_zip(
    *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, forward: bool = False
) -> bytes:
    """`forward`: as a program writes it that cannot go back to fill in the sizes."""
    outlet = Outlet()
    with zipfile.ZipFile(outlet if forward else outlet.data, "w", method) as archive:
        for name, data in members:
            # No clock in it: every test process must make the same bytes.
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return outlet.data.getvalue()


def entry(method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("orders.csv")
    info.compress_type = method
    return info


def forward_zip64(data: bytes) -> bytes:
    outlet = Outlet()
    with (
        zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(entry(), "w", force_zip64=True) as member,
    ):
        member.write(data)
    return outlet.data.getvalue()


def zip64(data: bytes) -> bytes:
    """Sizes in the extra field, as APPNOTE 4.5.3 has it."""
    seekable = io.BytesIO()
    with (
        zipfile.ZipFile(seekable, "w", zipfile.ZIP_STORED) as archive,
        archive.open(entry(zipfile.ZIP_STORED), "w", force_zip64=True) as member,
    ):
        member.write(data)
    packed = seekable.getvalue()
    assert struct.unpack_from("<I", packed, 18)[0] == 0xFFFFFFFF
    return packed


def read_all(data: bytes, filename: str, opened: Opened = io.BytesIO) -> tuple[Dialect, int, int]:
    """The dialect, the rows, and the bytes the last batch tells."""
    dialect = detect_file(opened(data), filename=filename).dialect
    rows = told = 0
    for batch in read_file(opened(data), dialect, rows=7, limits=ReadLimits()):
        rows += batch.frame.height
        told = batch.bytes_read
    return dialect, rows, told


@pytest.fixture(params=["file", "pipe"])
def opened(request: pytest.FixtureRequest, pipe: Opened) -> Opened:
    return pipe if request.param == "pipe" else io.BytesIO


@pytest.mark.parametrize(
    ("filename", "data", "compression"),
    [
        ("orders.csv.gz", gz(CSV), "gzip"),
        ("orders.csv.gz", gz(CSV[:100]) + gz(CSV[100:]), "gzip"),
        ("orders.csv.gz", gz(CSV) + bytes(1000), "gzip"),
        ("orders.zip", pack_zip(("orders.csv", CSV)), "zip"),
        ("orders.zip", pack_zip(("a/", b""), ("a/orders.csv", CSV), ("__MACOSX/._o", b"x")), "zip"),
        ("orders.csv.zip", pack_zip(("orders.csv", CSV), forward=True), "zip"),
        ("orders.csv.zip", pack_zip(("orders.csv", CSV), method=zipfile.ZIP_STORED), "zip"),
        ("orders.csv.zip", forward_zip64(CSV), "zip"),
        ("orders.csv.zip", zip64(CSV), "zip"),
        ("orders.csv.zst", pack_zstd(CSV), "zstd"),
        ("orders.csv.zst", pack_zstd(CSV[:100]) + pack_zstd(CSV[100:]), "zstd"),
        ("orders.csv.zst", b"\x50\x2a\x4d\x18\x03\0\0\0abc" + pack_zstd(CSV), "zstd"),
        ("noname", gz(CSV), "gzip"),
    ],
)  # fmt: skip
def test_packed_text_is_read_like_text(
    filename: str, data: bytes, compression: str, opened: Opened
) -> None:
    dialect, rows, told = read_all(data, filename, opened)
    assert (dialect.format, dialect.compression, rows) == ("csv", compression, ROWS)
    assert told == len(data)


def test_the_member_says_what_the_data_is() -> None:
    data = pack_zip(("deep/orders.json", b'[{"a": 1}]'))
    found = detect_file(io.BytesIO(data), filename="orders.zip")
    assert (found.dialect.format, found.columns) == ("json", ("a",))
    assert found.findings[0].name == "compression"
    assert "in it is orders.json." in found.findings[0].evidence
    with pytest.raises(InvalidFormat, match=r"named .csv, but its content is json"):
        detect_file(io.BytesIO(pack_zip(("a.csv", b'[{"a": 1}]'))), filename="a.zip")


def test_what_is_given_is_taken_as_it_is() -> None:
    data = gz(CSV)

    def under(**given: Any) -> Detection:
        return detect_file(io.BytesIO(data), filename="o.csv.gz", given=given)

    found = under(delimiter=";")
    assert (found.dialect.compression, found.columns) == ("gzip", ("id,name",))
    assert [f.name for f in found.findings[:2]] == ["delimiter", "compression"]
    assert under(compression="gzip").columns == ("id", "name")
    with pytest.raises(InvalidFormat, match="compressed with gzip: unpack it first"):
        under(compression=None)
    with pytest.raises(InvalidFormat, match="Excel files are packed inside already"):
        under(format="excel")


def test_a_workbook_is_no_packed_file() -> None:
    packed = pack_zip(("[Content_Types].xml", b"<Types/>"))
    with pytest.raises(InvalidFormat, match=r"named .zip, but its content is a workbook"):
        detect_file(io.BytesIO(packed), filename="book.zip")


CUT = gz(CSV)
DAMAGED = pack_zip(("o.csv", CSV), method=zipfile.ZIP_STORED).replace(b"7,Zo", b"8,Zo", 1)


@pytest.mark.parametrize(
    ("filename", "data", "words"),
    [
        ("o.csv.gz", CUT[:-4], f"unpacks for {len(CSV)} bytes, then it is cut off"),
        ("o.csv.gz", CUT[:30], "then it is cut off"),
        ("o.csv.gz", CUT + b"more", "then other bytes follow the packed data"),
        ("o.csv.gz", CUT[:-8] + bytes(8), "then it is damaged"),
        ("o.csv.gz", CSV, r"named .gz, but its content is not packed. Rename it to o.csv"),
        ("o.csv.gz", pack_zstd(CSV), "packed with zstd. Rename it to o.csv.zst"),
        ("o.csv", CUT, "its content is packed with gzip. Rename it to o.csv.gz, or unpack"),
        ("o.csv.gz", gz(CUT), "o.csv, which is compressed with gzip"),
        ("o.csv.gz", gz(pack_zip(("o.csv", CSV))), "is a ZIP archive or workbook"),
        ("o.csv.gz", gz(b""), "The file is empty"),
        ("o.csv.zst", pack_zstd(CSV)[:-3], "then it is cut off"),
        ("o.csv.zst", pack_zstd(CSV) + b"more", "it is damaged"),
        ("o.csv.zip", pack_zip(("o.csv", CSV))[:60], "then it is cut off"),
        ("o.csv.zip", pack_zip(("o.csv", CSV), forward=True)[:-72], "then it is cut off"),
        ("o.csv.zip", DAMAGED, "it is damaged: the checksum does not fit"),
        ("o.csv.zip", pack_zip(), "holds no file"),
        ("o.csv.zip", pack_zip(("d/", b"")), "holds no file"),
        ("o.csv.zip", pack_zip(("o.csv", CSV), method=zipfile.ZIP_BZIP2), "method 12"),
        (
            "o.zip",
            pack_zip(("a.csv", CSV), ("b.csv", CSV), ("c.csv", b"")),
            "several files: a.csv, b.csv, c.csv. Upload them one by one",
        ),
        (
            "o.zip",
            pack_zip(("a.csv", CSV), ("b\x1b[2J\u202e.csv", CSV), forward=True),
            "several files: a.csv, b\ufffd\\[2J\ufffd.csv and perhaps more",
        ),
    ],
)
def test_what_cannot_be_unpacked_is_refused_in_words(
    filename: str, data: bytes, words: str, opened: Opened
) -> None:
    with pytest.raises(InvalidFormat, match=words):
        read_all(data, filename, opened)


def test_a_password_is_asked_for_nowhere() -> None:
    packed = bytearray(pack_zip(("o.csv", CSV)))
    packed[6] |= 1  # general purpose flag, bit 0
    with pytest.raises(InvalidFormat, match=r"o.csv in the ZIP archive is protected by a password"):
        read_all(bytes(packed), "o.zip")


@pytest.mark.parametrize("data", [gz(CSV), pack_zip(("o.csv", CSV), forward=True)])
def test_damage_further_on_ends_the_reading(
    data: bytes, monkeypatch: pytest.MonkeyPatch, pipe: Opened
) -> None:
    """What detection does not reach, reading does: never fewer rows in silence."""
    monkeypatch.setattr(reading, "CHECKED", 0)
    broken = data[:-30] if data.startswith(b"\x1f") else data[: len(data) // 2]
    with pytest.raises(InvalidFormat, match="cut off"):
        read_all(broken, "o.csv.gz" if data.startswith(b"\x1f") else "o.csv.zip", pipe)


@pytest.mark.parametrize("compression", list(PACKINGS))
def test_bombs_are_unsafe(compression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "RATIO_FROM", 1 << 20)
    bomb = b"a,b\n" + b"x,y\n" * (1 << 20)
    data = {
        "gzip": gz(bomb),
        "zip": pack_zip(("o.csv", bomb)),
        "zstd": pack_zstd(bomb),
    }[compression]
    with pytest.raises(UnsafeContent, match="more than 200 times as much"):
        read_all(data, f"o.csv{PACKINGS[compression].extension}")


def test_more_than_any_table_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 100)
    with pytest.raises(UnsafeContent):
        read_all(gz(CSV), "o.csv.gz")


def write(compression: str | None, format_name: str, out: BinaryIO, values: Sequence[str]) -> int:
    columns = [Column(name="v", kind=Kind.TEXT, type_text="TEXT")]
    frame = pl.DataFrame({"v": list(values)}, schema={"v": pl.String})
    options = WriteOptions(
        dialect=Dialect(format=format_name, compression=compression), escape_formulas=False
    )
    return write_file([frame], columns, out, options, filename="o.x.zip")


@pytest.mark.parametrize("compression", list(PACKINGS))
@pytest.mark.parametrize("format_name", ["csv", "json", "jsonl"])
@pytest.mark.parametrize("seekable", [True, False])
def test_what_is_written_packed_comes_back(
    compression: str, format_name: str, seekable: bool
) -> None:
    values = ["Zoë", "", " x ", '"', "日本", "\ttab"] * 100
    outlet = Outlet()
    target = outlet.data if seekable else outlet
    assert write(compression, format_name, target, values) == len(values)  # type: ignore[arg-type]
    assert not target.closed
    data = outlet.data.getvalue()
    name = f"o.{format_name}{PACKINGS[compression].extension}"
    dialect = detect_file(io.BytesIO(data), filename=name).dialect
    assert dialect.compression == compression
    batches = list(read_file(io.BytesIO(data), dialect, rows=50, limits=ReadLimits()))
    frame = pl.concat(b.frame for b in batches)
    assert frame.drop(META)["v"].to_list() == values


def test_other_programs_read_what_is_packed() -> None:
    outlet = Outlet()
    write("zip", "csv", outlet, ["a"])  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(outlet.data.getvalue())) as archive:
        assert archive.namelist() == ["o.x"]
        assert archive.testzip() is None
        assert archive.read("o.x") == b"v\r\na\r\n"
    packed = io.BytesIO()
    write("gzip", "csv", packed, ["a"])
    assert gzip.decompress(packed.getvalue()) == b"v\r\na\r\n"
    packed = io.BytesIO()
    write("zstd", "csv", packed, ["a"])
    with pa.CompressedInputStream(pa.BufferReader(packed.getvalue()), "zstd") as stream:
        assert stream.read() == b"v\r\na\r\n"
