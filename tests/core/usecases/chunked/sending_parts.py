"""A large file sent in parts, and what is left of it: for the tests of chunked uploads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from core.databases.connect import open_engine
from core.metastore import parts, users
from core.metastore.schema import partial_uploads
from core.model.access import Identity, Role
from core.model.file import UploadState
from core.settings import Settings
from core.usecases import access, audit, connections
from core.usecases.chunked_uploads import begin_upload, receive_part
from core.workspace import Workspace, open_workspace
from tests.core.usecases.conftest import LOCAL, People
from tests.order_lines import TABLE, create_order_tables

CONTENT = b"id,text\n" + b"".join(b"%d,%s\n" % (n, b"x" * (n % 90)) for n in range(40_000))
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def furnish(folder: Path) -> People:
    """Make a home in `folder` with people, who have no password, and the order tables."""
    with open_workspace(Settings(home=folder / "home")) as made:
        url = f"sqlite:///{folder / 'shop.db'}"
        engine = open_engine(url, create=True)
        create_order_tables(engine)
        engine.dispose()
        connections.add_connection(made, LOCAL, name="shop", url=url, default=True)
        roles = {"ann": Role.USER, "eve": Role.USER, "rex": Role.ADMIN, "admin": Role.ADMIN}
        with made.metastore.begin() as db:
            rows = {
                name: users.create(db, username=name, password_hash=None, role=role)
                for name, role in roles.items()
            }
        access.set_grant(made, LOCAL, "ann", table=TABLE, connection="shop", can_import=True)
    people = {
        name: Identity(user_id=user.id, username=name, role=roles[name])
        for name, user in rows.items()
    }
    return People(**people)


def begin(ws: Workspace, who: Identity, content: bytes = CONTENT, name: str = "big.csv") -> str:
    return begin_upload(ws, who, filename=name, size=len(content)).upload_id


def send(
    ws: Workspace, who: Identity, upload_id: str, start: int, end: int, content: bytes = CONTENT
) -> UploadState:
    """The bytes from `start` to `end`, in pieces of odd sizes."""
    pieces = (content[at : min(at + 70_001, end)] for at in range(start, end, 70_001))
    return receive_part(ws, who, upload_id, offset=start, total=len(content), chunks=pieces)


def content_of(ws: Workspace, file_id: str) -> bytes:
    return b"".join(ws.uploads.chunks(file_id))


def kept(ws: Workspace) -> list[Path]:
    return [path for path in ws.settings.uploads_dir.rglob("*") if path.is_file()]


def operations(ws: Workspace, name: str) -> int:
    return len(audit.list_events(ws, LOCAL, operation=name))


def rows_of_parts(ws: Workspace) -> int:
    with ws.metastore.connect() as db:
        return len(parts.live_ids(db)) + int(
            db.execute(sa.select(sa.func.count()).select_from(partial_uploads)).scalar_one()
        )


def set_back(ws: Workspace, upload_id: str, by: timedelta) -> None:
    with ws.metastore.begin() as db:
        db.execute(
            sa.update(partial_uploads)
            .where(partial_uploads.c.upload_id == upload_id)
            .values(expires_at=datetime.now(UTC) - by)
        )


def failing(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 70_001):
        yield content[at : at + 70_001]
    raise ConnectionResetError("gone")
