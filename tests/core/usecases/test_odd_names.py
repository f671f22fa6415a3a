"""The whole walk of a file and an export over names that are anything but words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.tables import schema_json
from core.databases.names import quote
from core.errors import InvalidMapping
from core.model.job import Job
from core.model.plan import ExportPlan, Filter, OnConflict, Operator, Sort
from core.usecases import exports, findings, local, tables
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, load

NAMES = (
    "with blank", "trailing ", "o'clock", 'say "so"', "100%", "%s", "%(name)s", ":name", "{}",
    "back\\slash", "semi;colon", "order", "user", "MixedCase", "größe 🦄", "1st", "a.b", "a/b",
    "*", "n" * 63,
)  # fmt: skip


@pytest.fixture(params=NAMES)
def odd(ws: Workspace, shop: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A table of that name, with a text column of that name and its parent, on either backend."""
    name = str(request.param)
    column = quote(name)
    run(
        ws,
        f"CREATE TABLE {quote(name)} (id INTEGER PRIMARY KEY, {column} TEXT NOT NULL UNIQUE, "
        f'"Unit: price" NUMERIC(8, 2) CHECK ("Unit: price" > 0), '
        f"parent INTEGER REFERENCES {quote(name)} (id))",
    )
    yield name
    run(ws, f"DROP TABLE {quote(name)}")


def run(ws: Workspace, statement: str) -> None:
    with ws.engine("shop").begin() as db:
        on_server = db.dialect.name == "postgresql"
        db.exec_driver_sql(statement.replace("%", "%%") if on_server else statement)


def file_of(name: str, *rows: tuple[object, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([("id", name, "Unit: price", "parent"), *rows])
    return out.getvalue().encode()


def take(ws: Workspace, name: str, content: bytes, **given: Any) -> Job:
    mappings = [
        {"source": header.rstrip(), "target": header}
        for header in ("id", name, "Unit: price", "parent")
    ]
    job = load(ws, LOCAL, content, table=name, mappings=mappings, **given)
    assert job.error_message is None
    assert job.counts.reconciled
    return job


def counts(job: Job) -> tuple[int, ...]:
    c = job.counts
    return c.inserted, c.updated, c.unchanged, c.skipped, c.rejected


def exported(ws: Workspace, plan: ExportPlan) -> bytes:
    job = local.run_here(ws, exports.create_export(ws, LOCAL, plan).job_id)
    with exports.open_artifact(ws, LOCAL, job.job_id).open() as file:
        return file.read()


def test_the_whole_walk(ws: Workspace, odd: str) -> None:
    assert odd in [ref.label for ref in tables.list_tables(ws, LOCAL, "shop")]
    first = file_of(odd, (1, "one", "1.50", ""), (2, "two", "2.00", 1), (3, "tri", "-1", ""),
                    (4, "four", "4", 99), (5, "one", "5", ""), (6, "", "6", ""))  # fmt: skip
    loaded = take(ws, odd, first)
    assert counts(loaded) == (2, 0, 0, 0, 4)
    found = findings.list_violations(ws, LOCAL, loaded.job_id)
    assert {v.row: v.field for v in found} == {3: "Unit: price", 4: "parent", 5: odd, 6: odd}
    again = file_of(odd, (1, "uno", "9.00", ""), (7, "seven", "7", 2))
    assert counts(take(ws, odd, again, on_conflict=OnConflict.SKIP)) == (1, 0, 0, 1, 0)
    assert counts(take(ws, odd, again, on_conflict=OnConflict.UPDATE)) == (0, 1, 1, 0, 0)
    described = tables.describe_table(ws, LOCAL, odd, "shop")
    document = schema_json(described)
    assert document["table_name"] == odd
    assert document["sample_data"][0] == {
        "id": 1, odd: "uno", "Unit: price": 9.0, "parent": None
    }  # fmt: skip
    assert document["foreign_keys"][0]["referred_table"] == odd
    filters = (Filter(column=odd, operator=Operator.CONTAINS, value="O"),)
    page = tables.browse_table(
        ws, LOCAL, odd, "shop",
        filters=filters, search="tw", sort=[Sort(column=odd, descending=True)],
    )  # fmt: skip
    assert [row[odd] for row in page.rows] == ["two"]
    plan = ExportPlan(
        connection="shop", table=odd, columns=(odd, "id"), filters=filters,
        sort=(Sort(column=odd, descending=True),),
    )  # fmt: skip
    written = list(csv.reader(io.StringIO(exported(ws, plan).decode())))
    assert written == [[odd, "id"], ["uno", "1"], ["two", "2"]]


@pytest.mark.parametrize("name", ["__row__", "__line__", "tableport_position"])
def test_columns_named_as_our_own_are_exported_and_not_imported(
    ws: Workspace, shop: str, name: str
) -> None:
    run(ws, f"CREATE TABLE kept (id INTEGER PRIMARY KEY, {quote(name)} TEXT)")
    run(ws, "INSERT INTO kept VALUES (1, 'old')")
    content = f"id,{name}\r\n1,old\r\n".encode()
    assert exported(ws, ExportPlan(connection=shop, table="kept")) == content
    # Proposed is what can be written; the rest of the file is left alone.
    job = load(ws, LOCAL, f"id,{name}\n2,new\n".encode(), table="kept")
    assert job.counts.inserted == 1
    mappings = [{"source": "id", "target": "id"}, {"source": "x", "target": name}]
    with pytest.raises(InvalidMapping, match="a name that Tableport keeps for itself"):
        draft(ws, LOCAL, b"id,x\n3,new\n", table="kept", mappings=mappings)
    run(ws, "DROP TABLE kept")
