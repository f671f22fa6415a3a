"""The guide's warning (R94): an age that the table has never seen, told with its evidence."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.model.access import Identity
from core.usecases import access, imports
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft

DDL = """CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL,
  email VARCHAR(90) UNIQUE, age INTEGER, badge INTEGER UNIQUE, boss INTEGER REFERENCES users (id),
  joined DATE)"""
FILE = b"""id,name,age,badge,boss,joined
900,John Doe,150,99999,1,2206-01-01
901,Jane,40,88888,1,2024-01-01
"""


@pytest.fixture
def users(ws: Workspace, sqlite_shop: str) -> str:
    with ws.engine(sqlite_shop).begin() as db:
        db.execute(sa.text(DDL))
        for n in range(1, 61):
            db.execute(
                sa.text("INSERT INTO users VALUES (:n, 'U', :mail, :age, :n, 1, :joined)"),
                {
                    "n": n,
                    "mail": f"u{n}@example.com",
                    "age": 97 if n == 60 else 20 + n % 40,
                    "joined": f"20{n % 25:02}-05-01",
                },
            )
    return "users"


def told(ws: Workspace, who: Identity) -> dict[str | None, str]:
    job = draft(ws, who, FILE, table="users")
    shown = imports.preview_import(ws, who, job.job_id)
    assert {v.severity.value for v in shown.violations} == {"warning"}
    assert {(v.row, v.check) for v in shown.violations} == {(1, "unusual")}
    return {v.field: v.message for v in shown.violations}


def test_an_unusual_age_is_a_warning_with_its_evidence(ws: Workspace, users: str) -> None:
    assert told(ws, LOCAL) == {
        "age": "'150' is unusual: the table's largest age is 97",
        "joined": "'2206-01-01' is unusual: the table's latest joined is 2024-05-01",
    }


def test_who_may_not_see_a_column_is_not_told_what_is_in_it(
    ws: Workspace, people: People, users: str
) -> None:
    access.set_grant(ws, LOCAL, "ann", table=users, connection="shop", can_import=True)
    assert set(told(ws, people.ann).values()) == {
        "'150' is unusual for this column",
        "'2206-01-01' is unusual for this column",
    }
    access.set_grant(
        ws, LOCAL, "ann", table=users, connection="shop", can_export=True,
        allowed_columns=["age"],
    )  # fmt: skip
    found = told(ws, people.ann)
    assert found["age"].endswith("largest age is 97")
    assert found["joined"].endswith("for this column")
