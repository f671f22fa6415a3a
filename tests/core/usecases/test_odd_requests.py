"""Requests that ask for too much, for nonsense, or for what is somebody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.databases.select import count_rows
from core.errors import (
    ActionDenied,
    InvalidColumns,
    InvalidFormat,
    InvalidMapping,
    InvalidRequest,
    NotFound,
)
from core.jobs.lease import Lease
from core.metastore import permissions
from core.model.access import IMPORT_ACTIONS, Action, Grant, Identity, Role
from core.model.job import Job, JobStatus
from core.model.plan import ExportPlan, Filter, OnConflict, OnErrors, Operator
from core.usecases import access, connections, exports, imports, jobs, local, tables, users
from core.usecases.conversion import convert_file
from core.usecases.targets import reflected
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, caller, draft, load, upload
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

GOOD = (HEADER + line("A1") + line("A2")).encode()
HALF = "\ud800"  # half of a character, as JSON can spell it


@pytest.mark.parametrize(
    "dialect",
    [
        {"colour": "red"}, {"delimiter": 5}, {"delimiter": ""}, {"delimiter": "\n"},
        {"delimiter": HALF}, {"quote": "ab"}, {"quote": ","}, {"skip_rows": "many"},
        {"skip_rows": -1}, {"header": "perhaps"}, {"line_end": "x"}, {"null_values": 3},
        {"encoding": "klingon"}, {"encoding": "a\0b"}, {"encoding": "undefined"},
        {"encoding": "punycode"}, {"encoding": "unicode_escape"}, {"encoding": "base64"},
        {"encoding": None},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.usefixtures("sqlite_shop")
def test_a_dialect_that_makes_no_sense_is_refused(ws: Workspace, dialect: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        draft(ws, LOCAL, GOOD, dialect=dialect)
    if not {"line_end", "colour"} & set(dialect) and None not in dialect.values():
        with pytest.raises(InvalidRequest):
            draft(ws, LOCAL, GOOD, options=dialect)


@pytest.mark.usefixtures("sqlite_shop")
def test_a_format_by_its_other_name_and_lists_as_json_has_them(ws: Workspace) -> None:
    job = draft(ws, LOCAL, GOOD, dialect={"format": "tsv", "null_values": ["", "NA"]})
    assert (job.plan.dialect.format, job.plan.dialect.null_values) == ("csv", ("", "NA"))
    with pytest.raises(InvalidFormat):
        draft(ws, LOCAL, GOOD, dialect={"format": "xml"})


HOSTILE: list[Any] = [
    "%", "_", "'", "\0", HALF, 10**30, "1e30", "1e999999999", "-1e-999999999", float("nan"), True,
    None, [], {}, [1, HALF], "9999-12-31", "2026-01-31T10:00:00+25:00",
]  # fmt: skip


@pytest.mark.usefixtures("shop")
def test_every_operator_takes_or_refuses_every_value(ws: Workspace) -> None:
    load(ws, LOCAL, (HEADER + line("A1", note="a%b_c'd") + line("A2", note="plain")).encode())
    taken = 0
    table, engine = reflected(ws, "shop", TABLE), ws.engine("shop")
    for column in ("line_code", "quantity", "unit_price", "ordered_on"):
        for operator in Operator:
            for value in HOSTILE:
                wanted = [Filter(column=column, operator=operator, value=value)]
                try:
                    taken += count_rows(engine, table, filters=wanted) >= 0
                except InvalidRequest:
                    continue
    assert taken
    many = Filter(column="quantity", operator=Operator.IN, value=list(range(40_000)))
    assert count_rows(engine, table, filters=[many]) == 2
    for wild, found in (("%", 1), ("_", 1), ("'", 1), ("a%", 1), ("l%n", 0)):
        item = Filter(column="note", operator=Operator.CONTAINS, value=wild)
        page = tables.browse_table(ws, LOCAL, TABLE, "shop", filters=[item])
        assert (page.total_rows, tables.browse_table(
            ws, LOCAL, TABLE, "shop", search=wild
        ).total_rows) == (found, found)  # fmt: skip


@pytest.mark.usefixtures("sqlite_shop")
@pytest.mark.parametrize(
    "asked",
    [{"limit": -1}, {"limit": 10**30}, {"offset": -1}, {"offset": 10**30}, {"search": HALF}],
    ids=str,
)
def test_pages_that_are_none(ws: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        tables.browse_table(ws, LOCAL, TABLE, "shop", **asked)


@pytest.mark.usefixtures("sqlite_shop")
def test_exports_of_a_column_twice_or_of_less_than_nothing(ws: Workspace) -> None:
    with pytest.raises(InvalidColumns):
        exports.create_export(
            ws, LOCAL, ExportPlan(connection="shop", table=TABLE, columns=("note", "note"))
        )
    with pytest.raises(InvalidRequest):
        exports.create_export(ws, LOCAL, ExportPlan(connection="shop", table=TABLE, limit=-5))


@pytest.mark.usefixtures("sqlite_shop")
def test_a_key_that_the_file_does_not_bring_is_refused_before_the_check(ws: Workspace) -> None:
    job = draft(ws, LOCAL, GOOD.replace(b",note", b",xyz"), options={"key": "note"})
    for ask in (imports.start_import, imports.validate_import):
        with pytest.raises(InvalidMapping, match="note"):
            ask(ws, LOCAL, job.job_id)
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE TABLE keyless (a INTEGER)")
    keyless = draft(ws, LOCAL, b"a\n1\n", table="keyless", on_conflict=OnConflict.UPDATE)
    with pytest.raises(InvalidMapping, match="key"):
        imports.start_import(ws, LOCAL, keyless.job_id)


def test_an_expired_upload_of_another_does_not_exist_either(ws: Workspace, people: People) -> None:
    access.set_grant(ws, LOCAL, "eve", table=TABLE, connection="shop", can_import=True)
    file_id = upload(ws, people.ann, GOOD, "salaries of ann.csv")
    with ws.metastore.begin() as db:
        db.exec_driver_sql("UPDATE files SET expires_at = '2000-01-01 00:00:00'")
    with pytest.raises(NotFound) as refused:
        draft_of(ws, people.eve, file_id)
    assert "salaries" not in str(refused.value)


def draft_of(ws: Workspace, who: Identity, file_id: str) -> Job:
    return imports.draft_import(ws, who, upload_id=file_id, table=TABLE, connection="shop")


def test_a_reviewer_looks_and_decides_but_does_not_act(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, GOOD, requires_approval=True)
    reviewer = Grant(connection="shop", table=TABLE, actions=IMPORT_ACTIONS | {Action.REVIEW})
    with ws.metastore.begin() as db:
        permissions.set_role_grant(db, Role.MANAGER, reviewer)
    users.set_role(ws, LOCAL, "eve", Role.MANAGER)
    eve = caller(people.eve, role=Role.MANAGER)
    assert jobs.get_job(ws, eve, job.job_id).job_id == job.job_id
    for act in (jobs.cancel_job, imports.validate_import):
        with pytest.raises(ActionDenied):
            act(ws, eve, job.job_id)


def test_an_approval_asked_for_since_the_job_was_queued(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, GOOD)
    imports.start_import(ws, people.ann, job.job_id)
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", requires_approval=True)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, "IMPORT_006")


def test_the_job_of_a_disabled_user_is_not_done(ws: Workspace, people: People) -> None:
    job = draft(ws, people.ann, GOOD)
    imports.start_import(ws, people.ann, job.job_id)
    users.set_disabled(ws, LOCAL, "ann", True)
    assert local.run_here(ws, job.job_id).status is JobStatus.FAILED


@pytest.mark.parametrize("wanted", [10, 1])
def test_fewer_rows_than_allowed_may_be_asked_of_a_file_with_more(
    ws: Workspace, people: People, wanted: int
) -> None:
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", max_rows_per_import=1)
    job = load(ws, people.ann, GOOD, options={"max_rows": wanted})
    expected = (JobStatus.COMPLETED, 1) if wanted == 1 else (JobStatus.FAILED, 0)
    assert (job.status, job.counts.inserted) == expected


@pytest.mark.usefixtures("real_parser", "sqlite_shop")
@pytest.mark.parametrize("phase", ["Checking", "Loading"])
def test_a_cancelled_job_leaves_nothing_behind(
    ws: Workspace, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process either: one still running when it is forgotten is a warning, so an error here."""
    content = HEADER + "".join(line(f"L{n}", quantity=n % 3) for n in range(50))
    job = draft(ws, LOCAL, content.encode(), options={"batch_size": 5})
    imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)
    before = {p for p in ws.settings.home.rglob("*") if p.is_file()}

    def cancel_then(self: Lease, **said: Any) -> None:
        if said.get("phase") == phase and not jobs.get_job(ws, LOCAL, job.job_id).cancel_requested:
            jobs.cancel_job(ws, LOCAL, job.job_id)
        self.beat(**said)

    monkeypatch.setattr(Lease, "report", cancel_then)
    assert local.run_here(ws, job.job_id).status is JobStatus.CANCELLED
    assert tables.browse_table(ws, LOCAL, TABLE, "shop").total_rows == 0
    left = {p for p in ws.settings.home.rglob("*") if p.is_file()} - before
    assert {p.name for p in left if "tableport.db" not in p.name} == set()


def test_our_own_tables_are_hidden_by_whatever_path_they_are_reached(ws: Workspace) -> None:
    link = ws.settings.home.parent / "link.db"
    link.symlink_to(ws.settings.home / "tableport.db")
    connections.add_connection(ws, LOCAL, name="own", url=f"sqlite:///{link}")
    assert tables.list_tables(ws, LOCAL, "own") == []
    with pytest.raises(NotFound):
        tables.browse_table(ws, LOCAL, "users", "own")


def test_a_file_with_a_column_named_like_a_pattern_is_converted(tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.json"
    source.write_text("*,^.*$\n1,2\n")
    assert convert_file(source, target, to="json") == 1
    assert json.loads(target.read_text()) == [{"*": "1", "^.*$": "2"}]


def test_a_connection_by_address_is_not_for_everybody(ws: Workspace, people: People) -> None:
    with pytest.raises(ActionDenied):
        connections.connection_for(ws, people.ann, f"sqlite:///{ws.settings.home}/tableport.db")
    with pytest.raises(NotFound):
        tables.browse_table(ws, caller(people.ann), TABLE, "elsewhere")
