"""The main job, in the browser: 5,000 order lines in, corrected, in again, out, and equal."""

from __future__ import annotations

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
    expected_cells,
    exported_rows,
    repair,
    write_order_lines,
)

pytestmark = pytest.mark.e2e


def words(text: str) -> re.Pattern[str]:
    """The text, whatever blank stands between its thousands."""
    return re.compile(re.sub(r"(?<=\d),(?=\d)", r"\\s", re.escape(text)))


def drop(visitor: Visitor, file: Path) -> None:
    """Give a file to the drop zone."""
    visitor.page.locator('input[type="file"]').first.set_input_files(file)
    visitor.page.wait_for_url(re.compile("job="))
    visitor.settle()


def start(visitor: Visitor, shop: str, file: Path) -> None:
    visitor.choose_table(shop, TABLE)
    drop(visitor, file)


def hand_in(visitor: Visitor, mended: Path) -> None:
    """Give the mended rejects to the import whose result is on the screen."""
    loaded = visitor.page.url
    visitor.press("Hand in the mended rejects")
    visitor.page.locator('input[type="file"]').first.set_input_files(mended)
    visitor.page.wait_for_url(lambda url: url != loaded)
    visitor.page.get_by_test_id("stMetric").filter(has_text="Rows read").wait_for()
    visitor.settle()


def load(visitor: Visitor, button: re.Pattern[str]) -> None:
    visitor.press("Continue")
    visitor.press(button)
    visitor.page.get_by_test_id("stMetric").filter(has_text="Inserted").wait_for(timeout=60_000)


def see_bad_cells(visitor: Visitor) -> None:
    """Every bad cell stands in the grid, in red, in its row, with a reason; no other is red."""
    visitor.page.get_by_role("radio", name=re.compile("^Rows held back")).or_(
        visitor.page.get_by_role("button", name=re.compile("^Rows held back"))
    ).first.click()
    visitor.settle()
    cells = visitor.grid_cells()
    column_of = {header: f"c{number}" for number, header in enumerate(COLUMNS)}
    expected = {(row, column_of[bad.header]): bad.wrong or "" for row, bad in enumerate(BAD_CELLS)}
    red = {place: cell.text for place, cell in cells.items() if cell.red}
    assert red == {place: " ".join(text.split()) for place, text in expected.items()}
    assert all(len(cells[row, "why"].text) > 15 for row in range(len(BAD_CELLS)))


@pytest.mark.parametrize(
    ("shop", "scheme"),
    [
        ("sqlite", "light"),
        pytest.param("postgresql", "dark", marks=pytest.mark.postgres),
    ],
    indirect=["shop"],
)
def test_the_loop(
    house: House, shop: str, visitor: Callable[..., Visitor], scheme: str, tmp_path: Path
) -> None:
    analyst = visitor("ada", scheme=scheme)
    analyst.sign_in("/data-import")
    start(analyst, shop, write_order_lines(tmp_path / "order lines.csv"))
    analyst.see("As read")
    analyst.picture("understand")

    analyst.press("Match columns")
    assert analyst.metric("Mapped") == len(COLUMNS)
    analyst.picture("match")
    analyst.press("Check all rows")
    analyst.page.get_by_test_id("stMetric").filter(has_text="Rows read").wait_for()
    assert analyst.metric("Rows read") == ROWS
    assert analyst.metric("With errors") == len(BAD_CELLS)
    analyst.picture("check")
    see_bad_cells(analyst)
    analyst.picture("rows")

    load(analyst, words(f"Load {GOOD:,} valid rows, hold back {len(BAD_CELLS)}"))
    assert analyst.metric("Inserted") == GOOD
    assert analyst.metric("Rejected") == len(BAD_CELLS)
    analyst.see(words(f"{ROWS:,} rows read = {GOOD:,} inserted"))
    analyst.picture("run")

    rejects = analyst.download("Download rejects").read_text(encoding="utf-8-sig")
    fixed = tmp_path / "fixed.csv"
    fixed.write_text(repair(rejects), encoding="utf-8", newline="")
    hand_in(analyst, fixed)
    analyst.see(f"0 problems in {len(BAD_CELLS)} rows")
    analyst.see(f"{len(BAD_CELLS)} rows that it rejected, mended")
    load(analyst, words(f"Load {len(BAD_CELLS)} rows"))
    assert analyst.metric("Inserted") == len(BAD_CELLS)

    assert exported(analyst, shop) == expected_cells()


def exported(visitor: Visitor, shop: str) -> dict[str, dict[str, str]]:
    """The whole table through Data Export, by line_code."""
    visitor.go("/data-export")
    visitor.choose_table(shop, TABLE)
    visitor.picture("export")
    visitor.press(words(f"Export {ROWS:,} rows"))
    visitor.page.get_by_role("link", name="Download").wait_for(timeout=60_000)
    return exported_rows(visitor.download("Download").read_bytes().decode("utf-8-sig"))
