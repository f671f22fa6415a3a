from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from core.model.packing import by_extension, data_name, inner_name, is_office, packing_of


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name in names:
            out.writestr(zipfile.ZipInfo(name), b"" if name.endswith("/") else b"a,b\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("filename", "packing", "inside"),
    [
        ("orders.csv.gz", "gzip", "orders.csv"),
        ("Orders.CSV.ZIP", "zip", "Orders.CSV"),
        ("orders.json.zst", "zstd", "orders.json"),
        ("orders.csv", None, "orders.csv"),
        (".gz", "gzip", ""),
        ("", None, ""),
    ],
)
def test_names(filename: str, packing: str | None, inside: str) -> None:
    found = by_extension(filename)
    assert (found.name if found else None) == packing
    assert inner_name(filename) == inside


@pytest.mark.parametrize(
    ("head", "packing"),
    [
        (gzip.compress(b"a", mtime=0), "gzip"),
        (archive("orders.csv"), "zip"),
        (archive(), "zip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x53\x2a\x4d\x18", "zstd"),
        (archive("[Content_Types].xml"), None),
        (archive("mimetype"), None),
        (archive("xl/workbook.xml"), None),
        (b"PK,id\n", None),
        (b"", None),
    ],
)
def test_contents(head: bytes, packing: str | None) -> None:
    found = packing_of(head)
    assert (found.name if found else None) == packing


def test_the_first_file_that_is_data_gives_its_name() -> None:
    packed = archive("folder/", "__MACOSX/._x", "folder/.DS_Store", "folder/orders.csv", "b.csv")
    assert data_name(packed, "all.zip") == "orders.csv"
    assert data_name(archive("..\\..\\evil.csv"), "x.zip") == "evil.csv"
    assert data_name(gzip.compress(b"a", mtime=0), "orders.csv.gz") == "orders.csv"
    assert data_name(b"", "orders.zip") == "orders"
    assert not is_office(packed)
