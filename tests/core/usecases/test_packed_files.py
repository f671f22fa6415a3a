"""Packed files into a table and out of it, by use cases alone."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace

import pytest

from core.errors import InvalidFormat, InvalidRequest
from core.model.dialect import Dialect
from core.model.file import Download
from core.model.job import JobStatus
from core.model.plan import ExportPlan
from core.usecases import exports, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, table_rows, upload
from tests.order_lines import TABLE

HEADER = "line_code,order_id,product_sku,quantity,unit_price,ordered_on,gift_wrap,status,note\n"
LINES = HEADER + "".join(f"P{n},1,0001,{n + 1},2.50,2026-01-31,true,open,Zoë\n" for n in range(5))


def zipped(data: bytes, name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def brought_in(ws: Workspace, content: bytes, name: str) -> int:
    job = imports.draft_import(
        ws, LOCAL, upload_id=upload(ws, LOCAL, content, name), table=TABLE, connection="shop"
    )
    job = imports.start_import(ws, LOCAL, job.job_id)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.COMPLETED, done.error_message
    return done.counts.inserted


def sent_out(ws: Workspace, **plan: object) -> Download:
    asked = ExportPlan(connection="shop", table=TABLE, **plan)  # type: ignore[arg-type]
    job = exports.create_export(ws, LOCAL, asked)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.COMPLETED, done.error_message
    download = exports.open_artifact(ws, LOCAL, job.job_id)
    assert done.filename == download.filename
    return download


@pytest.mark.usefixtures("sqlite_shop", "real_parser")
def test_a_packed_file_is_imported_like_the_file_in_it(ws: Workspace) -> None:
    assert brought_in(ws, gzip.compress(LINES.encode(), mtime=0), "lines.csv.gz") == 5
    assert {row["note"] for row in table_rows(ws)} == {"Zoë"}


@pytest.mark.usefixtures("sqlite_shop")
def test_the_name_in_the_archive_counts(ws: Workspace) -> None:
    assert brought_in(ws, zipped(LINES.encode(), "lines.csv"), "anything.zip") == 5
    with pytest.raises(InvalidFormat, match=r"lines.exe ends in .exe"):
        upload(ws, LOCAL, zipped(LINES.encode(), "lines.exe"), "anything.zip")


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("compression", "ending", "media_type"),
    [
        ("gzip", ".gz", "application/gzip"),
        ("zip", ".zip", "application/zip"),
        ("zstd", ".zst", "application/zstd"),
    ],
)
def test_what_is_exported_packed_comes_back_the_same(
    ws: Workspace, compression: str, ending: str, media_type: str
) -> None:
    brought_in(ws, LINES.encode(), "lines.csv")
    before = table_rows(ws)
    download = sent_out(ws, dialect=Dialect(compression=compression), filename=f"mine.csv{ending}")
    assert (download.filename, download.media_type) == (f"mine.csv{ending}", media_type)
    data = download.open().read()
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql(f"DELETE FROM {TABLE}")
    assert brought_in(ws, data, download.filename) == 5
    assert table_rows(ws) == before


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    ("name", "filename"),
    [("mine", "mine.json.gz"), ("mine.json", "mine.json.gz"), ("mine.gz", "mine.json.gz")],
)
def test_names_tell_format_and_packing(ws: Workspace, name: str, filename: str) -> None:
    dialect = Dialect(format="json", compression="gzip")
    assert sent_out(ws, dialect=dialect, filename=name).filename == filename


@pytest.fixture
def small(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A house that zips from 100 bytes on."""
    monkeypatch.setattr("core.usecases.export_work.MIB", 10)
    return replace(ws, settings=replace(ws.settings, export_compress_threshold_mb=10))


@pytest.mark.usefixtures("sqlite_shop")
def test_a_large_export_is_zipped(small: Workspace) -> None:
    brought_in(small, LINES.encode(), "lines.csv")
    download = sent_out(small, filename="all")
    assert (download.filename, download.media_type) == ("all.csv.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(download.open().read())) as archive:
        assert archive.namelist() == ["all.csv"]
        text = archive.read("all.csv").decode()
    assert text.splitlines()[1].startswith("P0,1,0001,1,2.50,")


@pytest.mark.usefixtures("sqlite_shop")
def test_it_is_not_when_small_or_not_wanted(small: Workspace) -> None:
    brought_in(small, LINES.encode(), "lines.csv")
    assert sent_out(small, filename="few", columns=("line_code",)).filename == "few.csv"
    assert sent_out(small, filename="all", zip_when_large=False).filename == "all.csv"
    gzipped = sent_out(small, filename="all", dialect=Dialect(compression="gzip"))
    assert gzipped.filename == "all.csv.gz"
    off = replace(small, settings=replace(small.settings, export_compress_large_files=False))
    assert sent_out(off, filename="all").filename == "all.csv"


@pytest.mark.usefixtures("sqlite_shop")
def test_workbooks_are_not_packed_again(ws: Workspace) -> None:
    plan = ExportPlan(
        connection="shop", table=TABLE, dialect=Dialect(format="excel", compression="zip")
    )
    with pytest.raises(InvalidRequest, match=r"compression: .* packed already"):
        exports.create_export(ws, LOCAL, plan)
