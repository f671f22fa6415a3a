"""The main job, in the browser: 5,000 order lines in, corrected, in again, out, and equal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.house import House, Visitor
from tests.order_lines import (
    BAD_CELLS,
    COLUMNS,
    GOOD,
    ROWS,
    TABLE,
    expected_rows,
    repair,
    write_order_lines,
)

pytestmark = pytest.mark.e2e


def drop(visitor: Visitor, file: Path) -> None:
    """Give a file to the drop zone."""
    visitor.page.locator('input[type="file"]').first.set_input_files(file)
    visitor.page.wait_for_url(re.compile("job="))
    visitor.settle()


def start(visitor: Visitor, shop: str, file: Path) -> None:
    visitor.choose("Connection", shop)
    visitor.choose("Table", TABLE)
    drop(visitor, file)


def check_all_rows(visitor: Visitor) -> None:
    visitor.press("Match columns")
    visitor.press("Check all rows")
    visitor.page.get_by_test_id("stMetric").filter(has_text="Rows read").wait_for()


def load(visitor: Visitor, button: str) -> None:
    visitor.press("Continue")
    visitor.press(button)
    visitor.page.get_by_test_id("stMetric").filter(has_text="Inserted").wait_for(timeout=60_000)


def red_cells(visitor: Visitor) -> dict[str, str]:
    """The reasons of the rejected rows by the line code the file gives them."""
    grid = visitor.page.frame_locator("iframe").last
    grid.locator(".ag-center-cols-container .ag-row").first.wait_for()
    rows = grid.locator(".ag-center-cols-container .ag-row").all()
    return {row.inner_text(): row.get_attribute("class") or "" for row in rows}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_loop(
    house: House, shop: str, visitor: Callable[..., Visitor], scheme: str, tmp_path: Path
) -> None:
    analyst = visitor("ada", scheme=scheme)
    analyst.sign_in("/data-import")
    start(analyst, shop, write_order_lines(tmp_path / "order lines.csv"))
    analyst.see("As read")
    analyst.picture("understand")

    analyst.press("Match columns")
    assert analyst.metric("Mapped") == str(len(COLUMNS))
    analyst.picture("match")
    analyst.press("Check all rows")
    analyst.page.get_by_test_id("stMetric").filter(has_text="Rows read").wait_for()
    assert analyst.metric("Rows read") == f"{ROWS:,}"
    assert analyst.metric("With errors") == str(len(BAD_CELLS))
    shown = "\n".join(red_cells(analyst))
    assert len(red_cells(analyst)) == len(BAD_CELLS)
    for bad in BAD_CELLS:
        assert (bad.wrong or "").strip() in shown, bad.kind
    analyst.picture("check")

    load(analyst, f"Load {GOOD:,} valid rows, hold back {len(BAD_CELLS)}")
    assert analyst.metric("Inserted") == f"{GOOD:,}"
    assert analyst.metric("Rejected") == str(len(BAD_CELLS))
    analyst.see(re.compile(rf"{ROWS:,} rows read = {GOOD:,} inserted.*{len(BAD_CELLS)} rejected"))
    analyst.picture("run")

    rejects = analyst.download("Download rejects").read_text(encoding="utf-8-sig")
    fixed = tmp_path / "fixed.csv"
    fixed.write_text(repair(rejects), encoding="utf-8", newline="")
    analyst.press("Fix the rejects and drop them in")
    drop(analyst, fixed)
    check_all_rows(analyst)
    analyst.see(f"0 problems in {len(BAD_CELLS)} rows")
    load(analyst, f"Load {len(BAD_CELLS)} rows")
    assert analyst.metric("Inserted") == str(len(BAD_CELLS))

    assert exported(analyst, shop) == {
        code: {column: cell or "" for column, cell in row.items()}
        for code, row in expected_rows().items()
    }


def exported(visitor: Visitor, shop: str) -> dict[str, dict[str, str]]:
    """The whole table through Data Export, by line_code."""
    visitor.go("/data-export")
    visitor.choose("Connection", shop)
    visitor.choose("Table", TABLE)
    visitor.picture("export")
    visitor.press(re.compile(rf"Export {ROWS:,} rows"))
    visitor.page.get_by_role("link", name="Download").wait_for(timeout=60_000)
    file = visitor.download("Download")
    text = file.read_text(encoding="utf-8-sig", newline="")
    return {row["line_code"]: dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))}
