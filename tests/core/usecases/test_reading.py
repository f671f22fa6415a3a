"""How an upload is looked at: what a person sets stays, and all else is found under it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from core.errors import InvalidRequest
from core.formats.confinement import parser
from core.mapping.suggest import suggest
from core.metastore import jobs
from core.model.dialect import Detection, Dialect, Finding
from core.model.table import Column, Kind, Table, TableRef
from core.usecases import imports, reading, uploads
from core.usecases.proposals import source_columns_of
from core.usecases.reading import look
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, upload

pytestmark = pytest.mark.usefixtures("sqlite_shop")

HEADER = "line_code,order_id,product_sku,quantity,unit_price,ordered_on,gift_wrap,status,note\n"


def line(code: str) -> str:
    return f"{code},1,0001,1,2.50,2026-01-31,true,open,\n"


LINES = (HEADER + line("A1") + line("A2")).encode()
#: The lines parted by semicolons, below a note with commas: parted by commas, there is no note.
NOTED = b"made, by, hand, in, may\n" + LINES.replace(b",", b";")


def test_what_is_set_stays_set_and_the_rest_is_found_anew(ws: Workspace) -> None:
    job = draft(ws, LOCAL, NOTED, dialect={"delimiter": ","})
    plan = job.plan
    assert (plan.given, plan.dialect.delimiter, plan.dialect.skip_rows) == (("delimiter",), ",", 0)
    changed = imports.update_import(ws, LOCAL, job.job_id, dialect={"delimiter": ";"}).plan
    assert (changed.given, changed.dialect.skip_rows) == (("delimiter",), 1)
    assert changed.mappings
    again = imports.update_import(ws, LOCAL, job.job_id, dialect={"header": False}).plan
    assert again.given == ("delimiter", "header")
    assert (again.dialect.delimiter, again.dialect.skip_rows) == (";", 1)
    shown = imports.read_file(ws, LOCAL, job.job_id)
    assert shown.detection.dialect == again.dialect
    said = {f.name for f in shown.detection.findings if f.evidence.startswith("Set for this")}
    assert said == {"delimiter", "header"}
    assert "skip_rows" in {f.name for f in shown.detection.findings}


def test_a_header_known_by_the_table_counts_as_set(ws: Workspace, sqlite_shop: str) -> None:
    with ws.engine(sqlite_shop).begin() as db:
        db.exec_driver_sql('CREATE TABLE budget ("1" INTEGER PRIMARY KEY, "2" INT)')
    content = b"1,2\n3,10\n4,20\n"
    job = draft(ws, LOCAL, content, table="budget")
    assert (job.plan.dialect.header, job.plan.given) == (True, ("header",))
    changed = imports.update_import(ws, LOCAL, job.job_id, dialect={"delimiter": ","}).plan
    assert (changed.dialect.header, changed.given) == (True, ("header", "delimiter"))


def test_a_draft_of_an_older_release_is_shown_as_it_was_found(ws: Workspace) -> None:
    job = draft(ws, LOCAL, LINES)
    older = replace(job.plan, dialect=replace(job.plan.dialect, skip_footer=1, decimal=","))
    with ws.metastore.begin() as db:
        jobs.set_plan(db, job, older)
    shown = imports.read_file(ws, LOCAL, job.job_id)
    assert shown.detection.dialect == older.dialect
    assert len(shown.rows) == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"delimiter": ";", "quote": ";"}, "quote: ';' is the delimiter"),
        ({"delimiter": "\\", "escape": "\\"}, "escape: .* is the delimiter"),
        ({"quote": ","}, "quote: ',' is the delimiter"),
        ({"decimal": ",", "thousands": ","}, "thousands: ',' is the decimal mark"),
    ],
)
def test_choices_that_do_not_go_together(ws: Workspace, given: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        draft(ws, LOCAL, LINES, dialect=given)


@pytest.mark.usefixtures("real_parser")
def test_a_look_starts_one_parser(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    start = parser._command

    def counted(limits: parser.ParserLimits) -> list[str]:
        started.append(limits)
        return start(limits)

    monkeypatch.setattr(parser, "_command", counted)
    content = HEADER.encode() + b"".join(line(f"A{n}").encode() for n in range(300))
    stored = uploads.upload_of(ws, LOCAL, upload(ws, LOCAL, content))
    detection, frame = look(ws, stored, {"null_values": ("", "NA"), "skip_rows": 0})
    assert len(started) == 1
    assert detection.dialect == Dialect(null_values=("", "NA"), line_end="\r\n")
    assert detection.columns == tuple(HEADER.strip().split(","))
    assert frame.height == reading.SAMPLE_ROWS


def _numbers(**dialect: str) -> Detection:
    findings = (Finding(name=name, value="", confidence=0.99, evidence="") for name in dialect)
    return Detection(dialect=Dialect(**dialect), columns=("n",), findings=tuple(findings))


@pytest.mark.parametrize(
    ("detection", "steps"),
    [
        (_numbers(), 0),
        (_numbers(decimal="."), 0),
        (_numbers(decimal=","), 1),
        (_numbers(thousands="."), 1),
        (_numbers(thousands=" "), 0),
        (replace(_numbers(), dialect=Dialect(decimal=",")), 0),
    ],
)
def test_a_proposal_follows_the_marks_of_the_file(detection: Detection, steps: int) -> None:
    table = Table(
        ref=TableRef(name="t"), columns=(Column(name="n", kind=Kind.NUMBER, type_text="NUMERIC"),)
    )
    frame = pl.DataFrame({"n": ["1.234"]})
    (proposed,) = suggest(source_columns_of(frame, detection), table)
    assert len(proposed.steps) == steps


def test_an_ambiguous_column_follows_the_others_of_its_file(ws: Workspace) -> None:
    content = b"price;n\n1,5;1.234\n2,25;5.678\n"
    stored = uploads.upload_of(ws, LOCAL, upload(ws, LOCAL, content))
    detection, frame = look(ws, stored, {})
    columns = (Column(name=name, kind=Kind.NUMBER, type_text="NUMERIC") for name in ("price", "n"))
    table = Table(ref=TableRef(name="t"), columns=tuple(columns))
    _, proposed = suggest(source_columns_of(frame, detection), table)
    assert [step.options for step in proposed.steps] == [{"decimal": "comma"}]
    assert "Numbers of this file have a decimal comma" in proposed.reason
