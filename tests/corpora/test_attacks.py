"""The given attacks, each through upload, draft and import, parsed by the real confined parser.

The manifest says what must become of each: refused in words, imported, or rows refused.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import InputError
from core.formats import detect_file
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.settings import Settings
from core.usecases import connections, findings, imports, local, uploads
from core.workspace import Workspace, open_workspace

LOCAL = local.local_identity()
GROUPS = ("xlsx", "xml", "yaml", "json", "csv", "disguise", "filename")
REFUSALS = {"IMPORT_002", "IMPORT_005", "IMPORT_007", "IMPORT_009"}
#: What a column of that name in that file is to hold; every other holds text.
TYPES = {
    "ints_over_64_bits.csv": {"id": "BIGINT", "v": "BIGINT"},
    "big_integers.json": {"id": "BIGINT"},
    "nan_infinity.json": {"v": "DOUBLE PRECISION"},
    "ragged_rows.csv": {"id": "INTEGER NOT NULL"},
    "quotes_inside.csv": {"id": "INTEGER", "amount": "INTEGER"},
    "cell_values.xlsx": {"*": "NUMERIC(20, 4)"},
}
#: Where the manifest leaves the numbers open: rows that go in.
GOOD_ROWS = {
    "big_integers.json": 1,
    "ints_over_64_bits.csv": 2,  # the largest, and 00123
    "ragged_rows.csv": 1,
    "nan_infinity.json": 0,
}
#: Cells exactly as they must arrive.
CELLS: dict[str, list[tuple[str | int | None, ...]]] = {
    "cp1252_smart.csv": [("1", "“quoted” – €5", "2"), ("2", "naïve", "3")],
    "utf16le_bom.csv": [("1", "é"), ("2", "日本")],
    "utf8_bom.csv": [("1", "é")],
    "utf8_bom_quoted.csv": [("1", "é")],
    "latin1_declared.xml": [("1", "café")],
    "sep_line.csv": [("1", "a")],
    "ctrl_z.csv": [("1", "a"), ("2", "b")],
    "duplicate_headers.csv": [("1", "a", "b", "c", "d")],
    "ints_over_64_bits.csv": [(1, 9223372036854775807), (6, 123)],
    "ragged_rows.csv": [(4, "d", "5")],
}
HEADERS = {
    "utf16le_bom.csv": ("id", "name"),
    "utf8_bom.csv": ("id", "name"),
    "utf8_bom_quoted.csv": ("id", "name"),
}


@dataclass(frozen=True, kw_only=True)
class Attack:
    file: str
    expect: str
    group: str
    path: Path
    name: str  #: as it is uploaded

    @property
    def may_be_refused(self) -> bool:
        return "reject" in self.expect

    @property
    def rows(self) -> int | None:
        """Rows that are to be imported, where it may be imported at all."""
        found = re.search(r"import (\d+) rows?", self.expect)
        return int(found[1]) if found else GOOD_ROWS.get(self.file)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    refused: str | None = None  #: the code
    words: str = ""
    columns: tuple[str, ...] = ()
    job: Job | None = None
    rows: tuple[tuple[Any, ...], ...] = ()
    warnings: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("attacks")
    with open_workspace(Settings(home=folder / "home", import_max_file_size=1 << 30)) as opened:
        url = f"sqlite:///{folder / 'shop.db'}"
        (folder / "shop.db").touch()
        connections.add_connection(opened, LOCAL, name="shop", url=url, default=True)
        yield opened
    assert {p.name.partition("-")[0] for p in folder.iterdir()} == {"home", "shop.db"}


@pytest.fixture(scope="session")
def attacks(corpora: Path) -> dict[str, Attack]:
    manifest = json.loads((corpora / "attacks" / "manifest.json").read_text(encoding="utf-8"))
    return {
        entry["file"]: Attack(
            file=entry["file"],
            expect=entry["expect"],
            group=entry["group"],
            path=corpora / "attacks" / entry["file"],
            name=entry.get("upload_as", entry["file"]),
        )
        for entry in manifest
    }


def carry_out(ws: Workspace, attack: Attack, content: Iterator[bytes]) -> Outcome:
    """Bring the file into a table made for it, as far as it gets."""
    try:
        stored = uploads.receive_upload(ws, LOCAL, content, filename=attack.name)
        with ws.uploads.open(stored.file_id) as file:
            detection = detect_file(file, filename=attack.name)  # only for the names
        types = TYPES.get(attack.file, {})
        every = types.get("*", "TEXT")
        columns = ", ".join(
            f"c{n} {types.get(name, every)}" for n, name in enumerate(detection.columns)
        )
        with ws.engine("shop").begin() as db:
            db.exec_driver_sql("DROP TABLE IF EXISTS target")
            db.exec_driver_sql(f"CREATE TABLE target ({columns})")
        job = imports.draft_import(
            ws,
            LOCAL,
            upload_id=stored.file_id,
            table="target",
            mappings=[{"source": c, "target": f"c{n}"} for n, c in enumerate(detection.columns)],
        )
        job = imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)
    except InputError as error:
        return Outcome(refused=error.code, words=error.detail)
    job = local.run_here(ws, job.job_id)
    if job.error_code in REFUSALS:
        return Outcome(refused=job.error_code, words=job.error_message or "")
    with ws.engine("shop").connect() as db:
        rows = tuple(tuple(row) for row in db.execute(sa.text("SELECT * FROM target")))
    return Outcome(columns=detection.columns, job=job, rows=rows, warnings=detection.warnings)


def judge(attack: Attack, outcome: Outcome, ws: Workspace) -> str | None:
    """What is wrong with the outcome; None: it is as the manifest expects."""
    if "root:" in outcome.words or any("root:" in str(c) for row in outcome.rows for c in row):
        return "a secret came out"
    if outcome.refused is not None:
        fine = attack.may_be_refused and outcome.refused in REFUSALS and outcome.words
        return None if fine else f"refused with {outcome.refused}: {outcome.words}"
    if attack.expect == "reject":
        return f"not refused: {outcome.rows[:3]}"
    return _judge_rows(attack, outcome, ws)


def _judge_rows(attack: Attack, outcome: Outcome, ws: Workspace) -> str | None:
    assert outcome.job is not None
    counts = outcome.job.counts
    told = list(findings.list_violations(ws, LOCAL, outcome.job.job_id))
    if not counts.reconciled:
        return f"the counts do not add up: {counts}"
    if counts.rejected and (not told or any(v.line is None for v in told)):
        return f"rows were refused without their lines: {told}"
    if attack.rows is not None and counts.inserted != attack.rows:
        return f"{counts.inserted} rows went in, not {attack.rows}: {told[:3]}"
    if attack.expect == "row errors" and not counts.rejected:
        return f"no row was refused: {outcome.rows}"
    if list(outcome.rows) != CELLS.get(attack.file, list(outcome.rows)):
        return f"the cells are {outcome.rows}"
    if outcome.columns != HEADERS.get(attack.file, outcome.columns):
        return f"the header is {outcome.columns}"
    return None


@pytest.mark.timeout(900)  # several processes are started for each file
@pytest.mark.parametrize("group", GROUPS)
def test_every_attack_ends_as_the_manifest_expects(
    ws: Workspace, attacks: dict[str, Attack], group: str
) -> None:
    assert {attack.group for attack in attacks.values()} == set(GROUPS)
    wrong = {}
    for attack in (a for a in attacks.values() if a.group == group):
        fault = judge(attack, carry_out(ws, attack, iter([attack.path.read_bytes()])), ws)
        if fault is not None:
            wrong[attack.file] = fault
    assert wrong == {}


@pytest.mark.parametrize("name", ["one_line_200mb.csv", "columns_1e6.csv"])
def test_what_the_packed_attacks_unpack_to_is_refused_as_well(
    ws: Workspace, attacks: dict[str, Attack], name: str
) -> None:
    packed = attacks[f"{name}.gz"]
    attack = Attack(file=name, expect="reject", group="csv", path=packed.path, name=name)
    with gzip.open(packed.path) as file:
        outcome = carry_out(ws, attack, iter(lambda: file.read(1 << 20), b""))
    assert judge(attack, outcome, ws) is None
    assert outcome.refused == "IMPORT_002"


def test_problems_are_told_with_the_lines_of_the_file(
    ws: Workspace, attacks: dict[str, Attack]
) -> None:
    def lines(name: str) -> set[int | None]:
        attack = attacks[name]
        outcome = carry_out(ws, attack, iter([attack.path.read_bytes()]))
        assert outcome.job is not None
        assert outcome.job.status in (JobStatus.PARTIALLY_COMPLETED, JobStatus.COMPLETED)
        return {v.line for v in findings.list_violations(ws, LOCAL, outcome.job.job_id)}

    assert lines("ragged_rows.csv") == {2, 3, 4, 6}
    assert lines("ints_over_64_bits.csv") == {3, 4, 5, 6, 8, 9, 10}
