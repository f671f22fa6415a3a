"""Uploads in parts: whatever breaks, in the end the file is there byte for byte, or not at all."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.errors import (
    ConfigurationError,
    NotFound,
    UploadIncomplete,
)
from core.metastore import parts
from core.model.file import FilePurpose
from core.usecases import chunked_uploads, imports, uploads
from core.usecases.chunked_uploads import begin_upload, receive_part, upload_state
from core.workspace import Workspace
from tests.core.usecases.chunked.sending_parts import (
    CONTENT,
    begin,
    content_of,
    failing,
    kept,
    operations,
    rows_of_parts,
    send,
)
from tests.core.usecases.conftest import People
from tests.order_lines import TABLE


class TestAWholeFile:
    def test_in_parts_becomes_an_ordinary_upload(self, ws: Workspace, people: People) -> None:
        state = begin_upload(ws, people.ann, filename="../big.csv", size=len(CONTENT))
        assert (state.received, state.size, state.done) == (0, len(CONTENT), False)
        assert state.filename == "big.csv"
        half = len(CONTENT) // 2
        state = send(ws, people.ann, state.upload_id, 0, half)
        assert (state.received, state.done) == (half, False)
        state = send(ws, people.ann, state.upload_id, half, len(CONTENT))
        assert (state.received, state.done) == (len(CONTENT), True)
        assert state.file is not None
        assert state.file.file_id == state.upload_id
        assert state.file.sha256 == hashlib.sha256(CONTENT).hexdigest()
        assert (state.file.size, state.file.owner_id) == (len(CONTENT), people.ann.user_id)
        assert state.file.purpose is FilePurpose.UPLOAD
        assert content_of(ws, state.upload_id) == CONTENT
        assert len(kept(ws)) == 1  # the parts are gone
        assert rows_of_parts(ws) == 0
        assert operations(ws, "import_uploaded") == 1
        assert upload_state(ws, people.ann, state.upload_id) == replace(
            state, file=uploads.upload_of(ws, people.ann, state.upload_id)
        )

    def test_serves_where_any_upload_does(self, ws: Workspace, people: People) -> None:
        content = b"order_id,line_no\n1,1\n"
        upload_id = begin(ws, people.ann, content, "lines.csv")
        send(ws, people.ann, upload_id, 0, len(content), content)
        job = imports.draft_import(
            ws, people.ann, upload_id=upload_id, table=TABLE, connection="shop"
        )
        assert job.filename == "lines.csv"

    def test_is_encrypted_from_its_first_byte(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, len(CONTENT) // 2)
        (part,) = kept(ws)
        raw = part.read_bytes()
        assert CONTENT[1000:1020] not in raw
        assert part.stat().st_mode & 0o777 == 0o600


class TestBrokenConnections:
    @pytest.mark.parametrize("seed", range(6))
    def test_cut_anywhere_and_resumed_it_is_equal(
        self, ws: Workspace, people: People, seed: int
    ) -> None:
        chance = random.Random(seed)
        upload_id = begin(ws, people.ann)
        cuts = 0
        state = upload_state(ws, people.ann, upload_id)
        while not state.done:
            start = chance.randint(max(0, state.received - 50_000), state.received)
            end = min(len(CONTENT), start + chance.randint(1, 400_000))
            stop = chance.randint(start, end)
            if chance.random() < 0.5:  # the stream simply ends
                send(ws, people.ann, upload_id, start, stop)
            else:  # the stream fails
                with pytest.raises(ConnectionResetError):
                    receive_part(
                        ws,
                        people.ann,
                        upload_id,
                        offset=start,
                        total=len(CONTENT),
                        chunks=failing(CONTENT[start:stop]),
                    )
            cuts += 1
            state = upload_state(ws, people.ann, upload_id)
            if cuts > 15:
                state = send(ws, people.ann, upload_id, state.received, len(CONTENT))
        assert content_of(ws, upload_id) == CONTENT
        assert len(kept(ws)) == 1

    def test_what_came_of_a_short_part_is_kept(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        assert send(ws, people.ann, upload_id, 0, 12_345).received == 12_345

    def test_a_part_that_fails_costs_only_itself(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        before = kept(ws)
        with pytest.raises(ConnectionResetError):
            receive_part(
                ws, people.ann, upload_id,
                offset=1000, total=len(CONTENT), chunks=failing(CONTENT[1000:9000]),
            )  # fmt: skip
        assert kept(ws) == before
        assert upload_state(ws, people.ann, upload_id).received == 1000

    def test_a_gap_is_refused_and_says_where_to_go_on(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        with pytest.raises(UploadIncomplete, match="offset 1000") as caught:
            send(ws, people.ann, upload_id, 1001, 2000)
        assert caught.value.wanted == 1000
        assert caught.value.code == "DATA_409"

    @pytest.mark.parametrize(("start", "end", "received"), [
        (0, 1000, 1000), (0, 400, 1000), (500, 1000, 1000), (500, 1500, 1500), (0, 2000, 2000),
    ])  # fmt: skip
    def test_what_is_here_is_not_kept_again(
        self, ws: Workspace, people: People, start: int, end: int, received: int
    ) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, 1000)
        assert send(ws, people.ann, upload_id, start, end).received == received
        assert len(kept(ws)) == (1 if received == 1000 else 2)
        assert send(ws, people.ann, upload_id, received, len(CONTENT)).done
        assert content_of(ws, upload_id) == CONTENT

    def test_a_finished_upload_bears_its_last_part_again(
        self, ws: Workspace, people: People
    ) -> None:
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, len(CONTENT))
        assert send(ws, people.ann, upload_id, 900, len(CONTENT)).done
        assert content_of(ws, upload_id) == CONTENT
        assert operations(ws, "import_uploaded") == 1


class TestAtTheSameTime:
    def test_the_same_part_twice(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        together = threading.Barrier(4)

        def pieces() -> Iterator[bytes]:
            yield CONTENT[:500]
            together.wait()
            yield CONTENT[500:5000]

        def part(_: int) -> int:
            return receive_part(
                ws, people.ann, upload_id, offset=0, total=len(CONTENT), chunks=pieces()
            ).received

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(part, range(4))) == {5000}
        assert len(kept(ws)) == 1
        assert send(ws, people.ann, upload_id, 5000, len(CONTENT)).done
        assert content_of(ws, upload_id) == CONTENT

    def test_the_whole_by_many(self, ws: Workspace, people: People) -> None:
        upload_id = begin(ws, people.ann)
        size, step = len(CONTENT), 150_000

        def everything(_: int) -> None:
            state = upload_state(ws, people.ann, upload_id)
            while not state.done:
                end = min(size, state.received + step)
                state = send(ws, people.ann, upload_id, state.received, end)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(everything, range(4)))
        assert content_of(ws, upload_id) == CONTENT
        assert (len(kept(ws)), rows_of_parts(ws)) == (1, 0)
        assert operations(ws, "import_uploaded") == 1

    def test_who_asks_while_it_is_finished_is_told_to_wait(
        self, ws: Workspace, people: People
    ) -> None:
        upload_id = begin(ws, people.ann)
        with ws.uploads.create(upload_id):  # another request at it
            state = send(ws, people.ann, upload_id, 0, len(CONTENT))
            assert (state.received, state.done) == (len(CONTENT), False)
        assert send(ws, people.ann, upload_id, 0, 0).done
        assert content_of(ws, upload_id) == CONTENT

    def test_who_comes_late_does_not_spoil_what_is_finished(
        self, ws: Workspace, people: People
    ) -> None:
        """Another request found all parts here, and finishes after they have gone."""
        upload_id = begin(ws, people.ann)
        send(ws, people.ann, upload_id, 0, len(CONTENT) - 1)
        with ws.metastore.connect() as db:
            seen = parts.find(db, upload_id)
        assert seen is not None
        send(ws, people.ann, upload_id, seen.received, len(CONTENT))
        late = chunked_uploads._finish(ws, people.ann, replace(seen, received=len(CONTENT)))
        assert late.done
        assert content_of(ws, upload_id) == CONTENT
        assert operations(ws, "import_uploaded") == 1

    def test_removed_while_it_is_finished_it_is_gone(
        self, ws: Workspace, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload_id = begin(ws, people.ann)
        together = chunked_uploads._put_together

        def and_removed(ws: Workspace, upload: parts.PartialUpload) -> object:
            stored = together(ws, upload)
            uploads.remove_upload(ws, people.ann, upload_id)
            return stored

        monkeypatch.setattr(chunked_uploads, "_put_together", and_removed)
        with pytest.raises(NotFound):
            send(ws, people.ann, upload_id, 0, len(CONTENT))
        assert kept(ws) == []


class TestCrashes:
    def test_between_putting_together_and_recording(
        self, ws: Workspace, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload_id = begin(ws, people.ann)

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(chunked_uploads, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            send(ws, people.ann, upload_id, 0, len(CONTENT))
        monkeypatch.undo()
        assert upload_state(ws, people.ann, upload_id).received == len(CONTENT)
        assert send(ws, people.ann, upload_id, 0, 0).done
        assert content_of(ws, upload_id) == CONTENT
        assert len(kept(ws)) == 1

    def test_what_a_killed_finisher_left_is_overwritten(
        self, ws: Workspace, people: People
    ) -> None:
        upload_id = begin(ws, people.ann)
        left = ws.settings.uploads_dir / "incoming" / f"{upload_id}.part"
        left.write_bytes(bytes(3_000_000))
        assert send(ws, people.ann, upload_id, 0, len(CONTENT)).done
        assert content_of(ws, upload_id) == CONTENT
        assert len(kept(ws)) == 1

    def test_a_scanner_that_is_away_costs_no_byte(self, ws: Workspace, people: People) -> None:
        deaf = replace(ws, settings=replace(ws.settings, clamd_socket="/nowhere/clamd.sock"))
        upload_id = begin(deaf, people.ann)
        with pytest.raises(ConfigurationError):
            send(deaf, people.ann, upload_id, 0, len(CONTENT))
        assert upload_state(ws, people.ann, upload_id).received == len(CONTENT)
        assert send(ws, people.ann, upload_id, 0, 0).done
