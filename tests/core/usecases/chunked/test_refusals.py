"""Uploads in parts: what is refused, whose they are, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import (
    Conflict,
    FileExpired,
    FileTooLarge,
    ImportDenied,
    InvalidFormat,
    InvalidRequest,
    NotFound,
    TableportError,
    UnsafeContent,
    UploadIncomplete,
)
from core.metastore import files, parts
from core.usecases import access, chunked_uploads, imports, uploads, working
from core.usecases.chunked_uploads import begin_upload, receive_part, upload_state
from core.workspace import Workspace
from tests.core.usecases.chunked.sending_parts import (
    CONTENT,
    EICAR,
    begin,
    kept,
    operations,
    rows_of_parts,
    send,
    set_back,
)
from tests.core.usecases.conftest import LOCAL, People
from tests.order_lines import TABLE


class TestRefusals:
    def test_sizes(self, ws: Workspace, people: People) -> None:
        small = replace(ws, settings=replace(ws.settings, import_max_file_size=1000))
        with pytest.raises(FileTooLarge):
            begin_upload(small, people.ann, filename="a.csv", size=1001)
        upload_id = begin_upload(small, people.ann, filename="a.csv", size=1000).upload_id
        with pytest.raises(FileTooLarge):
            receive_part(
                small, people.ann, upload_id, offset=0, total=1000, chunks=[b"x" * 1000, b"x"]
            )
        assert kept(ws) == []
        with pytest.raises(FileTooLarge):
            receive_part(small, people.ann, upload_id, offset=0, total=1001, chunks=[b"x" * 1001])
        assert begin_upload(small, LOCAL, filename="a.csv", size=1 << 40).size == 1 << 40
        for size in (0, -1):
            with pytest.raises(InvalidRequest):
                begin_upload(ws, people.ann, filename="a.csv", size=size)

    def test_a_limit_lowered_meanwhile(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        small = replace(ws, settings=replace(ws.settings, import_max_file_size=1000))
        with pytest.raises(FileTooLarge):
            send(small, people.ann, upload_id, 0, 500)

    @pytest.mark.parametrize("total", [len(CONTENT) - 1, len(CONTENT) + 1])
    def test_another_total(self, ws: Workspace, people: People, total: int) -> None:
        upload_id = begin(ws, people.ann)
        with pytest.raises(InvalidRequest, match="announced"):
            receive_part(ws, people.ann, upload_id, offset=0, total=total, chunks=[b"id"])

    def test_a_negative_offset(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        with pytest.raises(InvalidRequest):
            receive_part(ws, people.ann, upload_id, offset=-1, total=len(CONTENT), chunks=[b"i"])

    @pytest.mark.parametrize(
        ("name", "content", "error"),
        [
            ("a.csv", b"\x7fELF" + bytes(200_000), InvalidFormat),
            ("a.csv", b"a,b\n" * 30_000 + EICAR + b"\n1,2", UnsafeContent),
        ],
    )
    def test_refused_content_is_not_kept(
        self, ws: Workspace, people: People, name: str, content: bytes, error: type[TableportError]
    ) -> None:
        upload_id = begin(ws, people.ann, content, name)
        with pytest.raises(error):
            send(ws, people.ann, upload_id, 0, len(content), content)
        assert (kept(ws), rows_of_parts(ws)) == ([], 0)
        assert operations(ws, "upload_refused") == 1
        with pytest.raises(NotFound):
            upload_state(ws, people.ann, upload_id)

    def test_what_hides_between_two_parts_is_found(self, ws: Workspace, people: People) -> None:
        content = b"a,b\n" * 30_000 + EICAR
        upload_id = begin(ws, people.ann, content)
        send(ws, people.ann, upload_id, 0, len(content) - 20, content)
        with pytest.raises(UnsafeContent):
            send(ws, people.ann, upload_id, len(content) - 20, len(content), content)
        assert (kept(ws), rows_of_parts(ws)) == ([], 0)

    def test_a_name_is_refused_before_any_byte(self, ws: Workspace, people: People) -> None:
        with pytest.raises(InvalidFormat):
            begin_upload(ws, people.ann, filename="run.exe", size=10)
        assert operations(ws, "upload_refused") == 1

    def test_crumbs_are_refused(
        self, ws: Workspace, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chunked_uploads, "_SPARE_PARTS", 3)
        upload_id = begin(ws, people.ann)
        for start in range(3):
            send(ws, people.ann, upload_id, start, start + 1)
        with pytest.raises(InvalidRequest, match="8,388,608"):
            send(ws, people.ann, upload_id, 3, 4)

    def test_a_person_cannot_begin_without_end(self, ws: Workspace, people: People) -> None:
        for _ in range(chunked_uploads.MOST_UNFINISHED):
            last = begin(ws, people.ann)
        with pytest.raises(Conflict, match="unfinished"):
            begin(ws, people.ann)
        begin(ws, people.rex)
        uploads.remove_upload(ws, people.ann, last)
        begin(ws, people.ann)


class TestRights:
    def test_it_is_its_owners_only(self, ws: Workspace, people: People) -> None:
        access.set_grant(ws, LOCAL, "eve", table=TABLE, connection="shop", can_import=True)
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        for other in (people.eve, people.admin, LOCAL):
            with pytest.raises(NotFound):
                upload_state(ws, other, upload_id)
            with pytest.raises(NotFound):
                send(ws, other, upload_id, 1000, 2000)
            with pytest.raises(NotFound):
                uploads.remove_upload(ws, other, upload_id)
        assert upload_state(ws, people.ann, upload_id).received == 1000

    def test_without_a_grant_nothing_begins(self, ws: Workspace, people: People) -> None:
        with pytest.raises(ImportDenied):
            begin(ws, people.eve)
        assert operations(ws, "access_denied") == 1

    def test_a_revoked_grant_stops_the_next_part(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        access.set_grant(
            ws, LOCAL, "ann", table=TABLE, connection="shop",
            can_import=False, can_validate=False, can_preview_import=False,
        )  # fmt: skip
        with pytest.raises(ImportDenied):
            send(ws, people.ann, upload_id, 1000, 2000)

    def test_an_unfinished_upload_cannot_be_used(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        with pytest.raises(UploadIncomplete, match=r"1,000 of .* are here"):
            imports.draft_import(
                ws, people.ann, upload_id=upload_id, table=TABLE, connection="shop"
            )


class TestItsEnd:
    def test_removing_erases_the_parts(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        uploads.remove_upload(ws, people.ann, upload_id)
        assert (kept(ws), rows_of_parts(ws)) == ([], 0)
        with pytest.raises(NotFound):
            upload_state(ws, people.ann, upload_id)

    def test_a_finished_one_can_be_removed(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, len(CONTENT))
        uploads.remove_upload(ws, people.ann, upload_id)
        assert kept(ws) == []
        with pytest.raises(FileExpired):
            upload_state(ws, people.ann, upload_id)

    def test_time_runs_from_the_last_part(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        set_back(ws, upload_id, -timedelta(minutes=5))
        send(ws, people.ann, upload_id, 0, 1000)
        with ws.metastore.connect() as db:
            found = parts.find(db, upload_id)
        assert found is not None
        left = found.expires_at - datetime.now(UTC)
        assert timedelta(hours=23) < left <= timedelta(hours=24)

    def test_a_shorter_retention_holds_for_parts_too(self, ws: Workspace, people: People) -> None:
        brief = replace(ws, settings=replace(ws.settings, upload_retention_hours=1))
        upload_id = begin(brief, people.ann)
        with ws.metastore.connect() as db:
            found = parts.find(db, upload_id)
        assert found is not None
        assert found.expires_at - datetime.now(UTC) <= timedelta(hours=1)

    def test_housekeeping_forgets_state_and_parts(self, ws: Workspace, people: People) -> None:
        old, young = begin(ws, people.ann), begin(ws, people.ann)
        for upload_id in (old, young):
            send(ws, people.ann, upload_id, 0, 1000)
        set_back(ws, old, timedelta(seconds=1))
        with pytest.raises(NotFound):
            send(ws, people.ann, old, 1000, 2000)
        expire, *_ = working._file_ticks(ws)
        expire.run()
        assert upload_state(ws, people.ann, young).received == 1000
        assert len(kept(ws)) == 1
        with pytest.raises(NotFound):
            upload_state(ws, people.ann, old)
        assert send(ws, people.ann, young, 1000, len(CONTENT)).done

    def test_the_sweep_knows_parts(
        self, ws: Workspace, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        orphan = ws.uploads.receive([b"x"], limit=1)
        monkeypatch.setattr(working, "timedelta", lambda hours: timedelta(seconds=-5))
        *_, sweep = working._file_ticks(ws)
        sweep.run()
        with pytest.raises(FileExpired):
            ws.uploads.open(orphan.file_id)
        assert send(ws, people.ann, upload_id, 1000, len(CONTENT)).done
        with ws.metastore.connect() as db:
            assert files.live_ids(db) == {upload_id}
