"""tableport transforms, and mappings whose cells are made."""

from __future__ import annotations

import json
from pathlib import Path

from tests.terminal import Terminal


def test_transforms_for_programs_and_for_people(terminal: Terminal) -> None:
    document = terminal.json("transforms")
    by_name = {t["name"]: t for t in document["transforms"]}
    assert by_name["constant"]["makes"] is True
    assert by_name["split_part"]["options"][1] == {
        "name": "part",
        "title": "Which part",
        "choices": [],
        "default": "",
        "kind": "integer",
        "required": True,
        "hint": "1 is the first, -1 the last",
    }
    said = terminal.run("transforms").stdout
    assert "decimal=auto|point|comma" in said
    assert "part=integer*" in said


def test_a_mapping_file_with_made_cells(terminal: Terminal, shop: str, tmp_path: Path) -> None:
    file, mapping = tmp_path / "products.csv", tmp_path / "mapping.json"
    file.write_text("Kind,No\nX,1\nY,2\n")
    sku = {"name": "concatenate", "options": {"columns": ["Kind", "No"], "separator": "-"}}
    title = {"name": "expression", "options": {"sql": "CONCAT('No. ', CAST(no AS INT) + 1)"}}
    mapping.write_text(
        json.dumps(
            [
                {"targetColumn": "sku", "transform": sku},
                {"targetColumn": "title", "transform": title},
            ]
        )
    )
    into = ("--connection", shop, "--table", "products")
    done = terminal.json("import", file, *into, "--mapping", mapping)
    assert done["inserted"] == 2
    assert done["mapping"][0]["sourceColumn"] is None
    mapping.write_text(json.dumps(done["mapping"]))
    again = terminal.json("import", file, *into, "--mapping", mapping, "--on-conflict", "skip")
    assert again["skipped"] == 2
    out = tmp_path / "out.csv"
    terminal.json("export", *into, "--filter", "title starts_with No.", "-o", out)
    assert [line.split(",")[:2] for line in out.read_text().splitlines()[1:]] == [
        ["X-1", "No. 2"],
        ["Y-2", "No. 3"],
    ]
