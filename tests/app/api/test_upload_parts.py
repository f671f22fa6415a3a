"""A large file in parts over HTTP: announced, sent, resumed, refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from app.api.upload_parts import sent_range
from core.errors import InvalidRequest
from core.usecases import access
from core.workspace import Workspace

UPLOADS = "/api/v1/data/uploads"
CONTENT = b"id,email,name\n" + b"".join(b"%d,p%d@x.org,Pat\n" % (n, n) for n in range(20_000))
SIZE = len(CONTENT)


def announce(client: Any, name: str = "people.csv", size: int = SIZE) -> str:
    answer = client("POST", UPLOADS, json={"filename": name, "size": size})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["upload_id"])


def put(client: Any, upload_id: str, first: int, last: int, **headers: str) -> Any:
    sent = {"content-range": f"bytes {first}-{last}/{SIZE}"} | headers
    return client("PUT", f"{UPLOADS}/{upload_id}", content=CONTENT[first : last + 1], headers=sent)


def ask(client: Any, upload_id: str) -> Any:
    return client("HEAD", f"{UPLOADS}/{upload_id}")


def test_a_file_in_parts(ann: Any, ws: Workspace) -> None:
    begun = ann("POST", UPLOADS, json={"filename": "people.csv", "size": SIZE})
    assert begun.status_code == 201
    upload_id = begun.json()["upload_id"]
    assert begun.json() == {
        "upload_id": upload_id,
        "filename": "people.csv",
        "received": 0,
        "size": SIZE,
        "done": False,
        "part_size": 8_388_608,
        "upload": None,
    }
    first = put(ann, upload_id, 0, 99_999)
    assert first.status_code == 200
    assert (first.json()["received"], first.json()["done"]) == (100_000, False)
    assert (first.headers["upload-offset"], first.headers["upload-length"]) == ("100000", str(SIZE))
    last = put(ann, upload_id, 100_000, SIZE - 1)
    assert last.status_code == 201
    assert last.json()["done"] is True
    upload = last.json()["upload"]
    assert upload["upload_id"] == upload_id
    assert upload["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (upload["size"], upload["detected_format"]) == (SIZE, "csv")
    assert b"".join(ws.uploads.chunks(upload_id)) == CONTENT
    fields = {"table_name": "customers", "upload_id": upload_id}
    job = ann("POST", "/api/v1/data/import/upload", params=fields)
    assert (job.status_code, job.json()["original_filename"]) == (200, "people.csv")


def test_head_says_where_to_go_on(ann: Any) -> None:
    upload_id = announce(ann)
    put(ann, upload_id, 0, 4_999)
    found = ask(ann, upload_id)
    assert found.status_code == 200
    assert (found.headers["upload-offset"], found.headers["upload-length"]) == ("5000", str(SIZE))
    assert found.headers["cache-control"] == "no-store"
    put(ann, upload_id, 5_000, SIZE - 1)
    assert ask(ann, upload_id).headers["upload-offset"] == str(SIZE)


def test_a_gap_is_told_with_the_offset(ann: Any) -> None:
    upload_id = announce(ann)
    put(ann, upload_id, 0, 4_999)
    answer = put(ann, upload_id, 5_001, 6_000)
    assert answer.status_code == 409
    assert answer.headers["upload-offset"] == "5000"
    assert (answer.json()["upload_offset"], answer.json()["code"]) == (5000, "DATA_409")


def test_overlap_and_repetition_do_no_harm(ann: Any, ws: Workspace) -> None:
    upload_id = announce(ann)
    for first, last, received in ((0, 4_999, 5_000), (0, 4_999, 5_000), (2_000, 8_999, 9_000)):
        answer = put(ann, upload_id, first, last)
        assert (answer.status_code, answer.json()["received"]) == (200, received)
    assert put(ann, upload_id, 0, SIZE - 1).status_code == 201
    assert put(ann, upload_id, 0, SIZE - 1).status_code == 201
    assert b"".join(ws.uploads.chunks(upload_id)) == CONTENT


def test_asking_to_finish_brings_nothing(ann: Any) -> None:
    upload_id = announce(ann)
    header = {"content-range": f"bytes */{SIZE}"}
    answer = ann("PUT", f"{UPLOADS}/{upload_id}", headers=header)
    assert (answer.status_code, answer.json()["received"]) == (200, 0)


def test_another_total_is_refused(ann: Any) -> None:
    upload_id = announce(ann)
    answer = put(ann, upload_id, 0, 9, **{"content-range": f"bytes 0-9/{SIZE + 1}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")


@pytest.mark.parametrize("told", ["bytes 0-8/100", "bytes 0-10/100"])
def test_a_body_of_another_length_is_refused(ann: Any, told: str) -> None:
    upload_id = announce(ann, size=100)
    header = {"content-range": told}
    answer = ann("PUT", f"{UPLOADS}/{upload_id}", content=b"x" * 10, headers=header)
    assert answer.status_code == 400
    assert "10 bytes" in answer.json()["detail"]
    assert ask(ann, upload_id).headers["upload-offset"] == "0"


def test_a_body_that_goes_on_and_on_is_refused(ann: Any) -> None:
    async def endless() -> Any:
        while True:
            yield b"a,b\n" * 10_000

    upload_id = announce(ann)
    header = {"content-range": f"bytes 0-99999/{SIZE}"}
    answer = ann("PUT", f"{UPLOADS}/{upload_id}", content=endless(), headers=header)
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")
    assert ask(ann, upload_id).headers["upload-offset"] == "0"


def test_a_short_body_counts_for_what_it_brought(ann: Any) -> None:
    async def short() -> Any:
        yield CONTENT[:7_000]

    upload_id = announce(ann)
    header = {"content-range": f"bytes 0-99999/{SIZE}"}
    answer = ann("PUT", f"{UPLOADS}/{upload_id}", content=short(), headers=header)
    assert (answer.status_code, answer.json()["received"]) == (200, 7_000)


class TestLimits:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"IMPORT_MAX_FILE_SIZE": "1KB"}

    def test_an_announcement_above_the_limit_is_refused(self, ann: Any) -> None:
        answer = ann("POST", UPLOADS, json={"filename": "a.csv", "size": 1025})
        assert (answer.status_code, answer.json()["code"]) == (413, "IMPORT_001")
        announce(ann, "a.csv", 1024)

    def test_a_part_of_something_larger_is_refused_unread(self, ann: Any) -> None:
        async def never() -> Any:
            raise AssertionError("the body was read")
            yield b""

        upload_id = announce(ann, "a.csv", 1024)
        header = {"content-range": "bytes 0-1024/1025"}
        answer = ann("PUT", f"{UPLOADS}/{upload_id}", content=never(), headers=header)
        assert answer.status_code == 413


def test_nobody_else_sees_it(ann: Any, admin: Any) -> None:
    upload_id = announce(admin)
    assert ask(ann, upload_id).status_code == 404
    assert put(ann, upload_id, 0, 9).status_code == 404
    assert ann("DELETE", f"{UPLOADS}/{upload_id}").status_code == 404
    assert ask(ann, "f" * 32).status_code == 404


def test_without_a_grant_nothing_begins(ben: Any) -> None:
    answer = ben("POST", UPLOADS, json={"filename": "a.csv", "size": 5})
    assert (answer.status_code, answer.json()["code"]) == (403, "IMPORT_003")


def test_an_unfinished_one_cannot_be_used(ann: Any) -> None:
    upload_id = announce(ann)
    put(ann, upload_id, 0, 4_999)
    fields = {"table_name": "customers", "upload_id": upload_id}
    answer = ann("POST", "/api/v1/data/import/upload", params=fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "DATA_409")
    assert "5,000 of" in answer.json()["detail"]
    assert answer.json()["upload_offset"] == 5_000


def test_it_can_be_forgotten(ann: Any, ws: Workspace) -> None:
    upload_id = announce(ann)
    put(ann, upload_id, 0, 4_999)
    assert ann("DELETE", f"{UPLOADS}/{upload_id}").status_code == 204
    assert ask(ann, upload_id).status_code == 404
    assert [p for p in ws.settings.uploads_dir.rglob("*") if p.is_file()] == []


def test_by_cookie_a_part_needs_our_header(ann: Any, nobody: Any) -> None:
    upload_id = announce(ann)
    headers = {"cookie": f"tp_session={ann.token}", "sec-fetch-site": "same-origin"}
    assert put(nobody, upload_id, 0, 9, **headers).status_code == 403
    headers["x-requested-with"] = "tableport"
    assert put(nobody, upload_id, 0, 9, **headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 422),
        (b'{"filename": "a.csv"}', 422),
        (b'{"filename": "a.csv", "size": 0}', 422),
        (b'{"filename": "", "size": 1}', 422),
        (b'{"filename": "a.csv", "size": "many"}', 422),
        (b"[1, 2", 422),
        (b"[" + b"1," * 20_000 + b"1]", 400),
        (b'{"filename": "a.exe", "size": 5}', 415),
    ],
)
def test_what_is_no_announcement(ann: Any, body: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    assert ann("POST", UPLOADS, content=body, headers=headers).status_code == status


def test_a_json_file_with_a_name_is_a_file(ann: Any) -> None:
    headers = {"content-type": "application/json", "x-filename": "a.json"}
    answer = ann("POST", UPLOADS, content=b'[{"filename": "a.csv", "size": 5}]', headers=headers)
    assert (answer.status_code, answer.json()["filename"]) == (200, "a.json")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-0/1", (0, 1, 1)),
        ("Bytes 5-9/20", (5, 5, 20)),
        (" bytes */20 ", (0, 0, 20)),
    ],
)
def test_content_range(header: str, expected: tuple[int, int, int]) -> None:
    assert sent_range(header) == expected


@pytest.mark.parametrize(
    "header",
    ["", "bytes 0-9", "bytes 0-9/*", "bytes=0-9/10", "bytes 9-0/10", "bytes 0-10/10", "rows 0-9/10",
     "bytes -1-9/10", "bytes 0-9/9999999999999999999"],
)  # fmt: skip
def test_what_is_no_content_range(header: str) -> None:
    with pytest.raises(InvalidRequest):
        sent_range(header)


def test_revoked_rights_stop_the_next_part(ann: Any, ws: Workspace) -> None:
    from tests.app.conftest import BOSS

    upload_id = announce(ann)
    access.set_grant(
        ws, BOSS, "ann", table="customers",
        can_import=False, can_validate=False, can_preview_import=False,
    )  # fmt: skip
    assert put(ann, upload_id, 0, 9).status_code == 403
