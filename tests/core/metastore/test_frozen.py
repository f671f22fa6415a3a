"""Metastores of earlier versions come up to date with everything in them (frozen/README.md)."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.keys.passwords import verify_password
from core.metastore import audit, connections, jobs, permissions, users
from core.metastore.schema import metadata
from core.model.access import Action, Role
from core.model.job import JobStatus
from core.model.plan import ExportPlan, ImportPlan, plan_hash
from core.settings import Settings
from core.workspace import Workspace, open_workspace

FROZEN = sorted(Path(__file__).with_name("frozen").glob("*.sqlite"))
KEY = base64.b64encode(hashlib.sha256(b"a frozen metastore").digest()).decode()


@pytest.fixture(params=FROZEN, ids=lambda path: path.stem)
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose metastore was a frozen one until a moment ago."""
    shutil.copyfile(request.param, tmp_path / "tableport.db")
    tmp_path.chmod(0o700)
    with open_workspace(Settings(home=tmp_path, secret_key=KEY)) as ws:
        yield ws


def test_there_is_one_to_upgrade() -> None:
    assert [path.stem for path in FROZEN][:1] == ["0003"]


def test_it_has_the_tables_of_a_new_one(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        inspector = sa.inspect(db)
        found = {
            t: {c["name"] for c in inspector.get_columns(t)} for t in inspector.get_table_names()
        }
    found.pop("alembic_version")
    assert found == {t.name: {c.name for c in t.columns} for t in metadata.tables.values()}


def test_people_and_their_passwords_are_there(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        assert [u.username for u in users.list_users(db)] == ["admin", "ann", "eve", "max"]
        kept = users.credentials(db, "ann")
    assert kept is not None
    assert verify_password("long enough 42 ann", kept.password_hash)


def test_connections_still_open(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        (info,) = connections.list_connections(db)
    assert (info.name, info.default) == ("shop", True)
    assert upgraded.connection_url("shop").startswith("sqlite:///")


def test_rights_grow_by_undo_alone(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        rows = permissions.list_import_permissions(db)
        roles = {row.role for row in permissions.list_role_grants(db)}
    assert [row.more_actions for row in rows] == [(Action.UNDO,)] * 2
    assert roles == {Role.ADMIN}


def test_jobs_have_their_plans_and_counts(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        found = {(job.status, type(job.plan)): job for job in jobs.list_jobs(db)}
    assert set(found) == {
        (JobStatus.PENDING, ImportPlan),
        (JobStatus.AWAITING_APPROVAL, ImportPlan),
        (JobStatus.PARTIALLY_COMPLETED, ImportPlan),
        (JobStatus.COMPLETED, ExportPlan),
    }
    done = found[JobStatus.PARTIALLY_COMPLETED, ImportPlan]
    assert done.counts.reconciled
    assert done.counts.rejected == 11
    assert all(plan_hash(job.plan) for job in found.values() if job.plan is not None)


def test_the_audit_trail_is_unbroken(upgraded: Workspace) -> None:
    with upgraded.metastore.connect() as db:
        assert audit.count_events(db) >= 20
        assert audit.verify_chain(db, upgraded.audit_key) == []
