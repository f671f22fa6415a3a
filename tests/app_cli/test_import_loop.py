"""5,000 order lines by the command line: in, corrected, in again, out, and equal."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.order_lines import (
    BAD_CELLS,
    GOOD,
    MAPPING,
    ROWS,
    TABLE,
    expected_cells,
    exported_rows,
    repair,
    write_order_lines,
)
from tests.terminal import Terminal, count


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_order_lines(tmp_path / "order lines.csv")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(MAPPING), encoding="utf-8")
    return path


def violations(terminal: Terminal, job_id: str) -> set[tuple[int | None, str | None, str]]:
    from core.settings import load
    from core.usecases.findings import list_violations
    from core.usecases.local import local_identity
    from core.workspace import open_workspace

    workspace = open_workspace(load({"TABLEPORT_HOME": str(terminal.home)}))
    found = list_violations(workspace, local_identity(), job_id)
    workspace.close()
    return {(v.row, v.field, v.check) for v in found if v.severity == "error"}


def exported(terminal: Terminal, shop: str, path: Path) -> dict[str, dict[str, str]]:
    terminal.json("export", "--connection", shop, "--table", TABLE, "-o", path)
    return exported_rows(path.read_bytes().decode("utf-8"))


def test_the_loop(terminal: Terminal, shop: str, file: Path, mapping: Path, tmp_path: Path) -> None:
    into = ("--connection", shop, "--table", TABLE, "--mapping", mapping)
    rejects = tmp_path / "rejects.csv"

    first = terminal.json(
        "import", file, *into, "--on-errors", "load_valid", "--rejects", rejects, code=3
    )
    assert first["status"] == "PARTIALLY_COMPLETED"
    assert (first["rows_read"], first["inserted"]) == (ROWS, GOOD)
    assert (first["rejected"], first["ignored"]) == (len(BAD_CELLS), 0)
    assert count(shop) == GOOD
    found = violations(terminal, first["job_id"])
    assert {(row, field) for row, field, _ in found} == {(b.row, b.field) for b in BAD_CELLS}
    for bad in BAD_CELLS:
        assert bad.checks <= {
            check for row, field, check in found if (row, field) == (bad.row, bad.field)
        }, bad.kind

    text = rejects.read_text(encoding="utf-8-sig")
    assert len(list(csv.DictReader(text.splitlines()))) >= len(BAD_CELLS)
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(repair(text), encoding="utf-8", newline="")
    second = terminal.json("import", corrected, *into)
    assert second["status"] == "COMPLETED"
    assert (second["rows_read"], second["inserted"]) == (len(BAD_CELLS), len(BAD_CELLS))

    assert exported(terminal, shop, tmp_path / "out.csv") == expected_cells()


def test_stop_writes_nothing(terminal: Terminal, shop: str, file: Path, mapping: Path) -> None:
    done = terminal.json(
        "import", file, "--connection", shop, "--table", TABLE, "--mapping", mapping, code=3
    )
    assert done["status"] == "FAILED"
    assert done["error"]["code"] == "IMPORT_004"
    assert (done["inserted"], done["rejected"]) == (0, len(BAD_CELLS))
    assert count(shop) == 0


def test_the_proposed_mapping_is_the_right_one(terminal: Terminal, shop: str, file: Path) -> None:
    done = terminal.json(
        "import", file, "--connection", shop, "--table", TABLE, "--on-errors", "load_valid", code=3
    )
    assert (done["inserted"], done["rejected"]) == (GOOD, len(BAD_CELLS))


@pytest.mark.parametrize(
    ("on_conflict", "code", "counted"),
    [("skip", 0, "skipped"), ("update", 0, "unchanged"), ("error", 3, "rejected")],
)
def test_the_same_rows_again(
    terminal: Terminal, shop: str, tmp_path: Path, on_conflict: str, code: int, counted: str
) -> None:
    lines = write_order_lines(tmp_path / "all.csv").read_bytes().split(b"\r\n")
    some = tmp_path / "some.csv"
    some.write_bytes(b"\r\n".join([*lines[:201], b""]))
    into = ("import", some, "--connection", shop, "--table", TABLE)
    assert terminal.json(*into)["inserted"] == 200

    again = terminal.json(
        *into, "--on-conflict", on_conflict, "--on-errors", "load_valid", code=code
    )
    assert (again[counted], again["rows_read"], again["inserted"]) == (200, 200, 0)
    assert count(shop) == 200


def test_update_changes_what_differs(terminal: Terminal, shop: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    header = "line_code,order_id,product_sku,quantity,unit_price,ordered_on,gift_wrap,status,note"
    one.write_text(
        f"{header}\nA,1,0001,1,1.00,2024-01-31,true,open,x\nB,1,0001,1,1.00,2024-01-31,true,open,\n"
    )
    two.write_text(one.read_text().replace("x", "y").replace(",", ";"))
    into = ("--connection", shop, "--table", TABLE)
    terminal.json("import", one, *into)
    done = terminal.json(
        "import", two, *into, "--on-conflict", "update", "--key", "line_code",
        "--option", "delimiter=;",
    )  # fmt: skip
    assert (done["updated"], done["unchanged"], done["inserted"]) == (1, 1, 0)


def test_a_text_is_not_trimmed_unless_asked_for(
    terminal: Terminal, shop: str, tmp_path: Path
) -> None:
    file, out = tmp_path / "products.csv", tmp_path / "out.csv"
    file.write_text("SKU,Title\nX1, Edinburgh \nX2,Leith\nX3,Oban \n")
    done = terminal.json("import", file, "--connection", shop, "--table", "products")
    assert [line["transform"] for line in done["mapping"]] == [None, None]
    terminal.json(
        "export", "--connection", shop, "--table", "products", "--filter", "sku starts_with X",
        "-o", out,
    )  # fmt: skip
    with out.open(newline="") as exported_file:
        titles = [row["title"] for row in csv.DictReader(exported_file)]
    assert titles == [" Edinburgh ", "Leith", "Oban "]

    asked = tmp_path / "mapping.json"
    asked.write_text(json.dumps([*done["mapping"][:1], done["mapping"][1] | {"transform": "trim"}]))
    again = terminal.json(
        "import", file, "--connection", shop, "--table", "products", "--mapping", asked,
        "--on-conflict", "update",
    )  # fmt: skip
    assert (again["updated"], again["unchanged"]) == (2, 1)
