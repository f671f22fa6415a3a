"""Large files in the browser: a cut connection and a reloaded page cost one part at most."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.settings import load
from core.workspace import open_workspace
from tests.e2e.house import House, Visitor
from tests.order_lines import COLUMNS, TABLE

pytestmark = pytest.mark.e2e

PARTS = "**/api/v1/data/uploads/*"
PART = 8 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 MB: two whole parts and a rest."""
    path = tmp_path_factory.mktemp("large") / "many order lines.csv"
    line = ",".join(["7"] * len(COLUMNS))
    body = ",".join(COLUMNS) + "\n" + "".join(f"{line},{n}\n" for n in range(1000))
    path.write_text((body * (1 + (20 << 20) // len(body)))[: 20 << 20], encoding="utf-8")
    return path


class Line:
    """The connection of a window: PUT requests pass, are noted, or are cut."""

    def __init__(self, visitor: Visitor) -> None:
        self.offsets: list[int] = []  #: where each part that passed began
        self.cuts = 0  #: how many of the next parts do not pass
        self.passing = 1 << 30  #: how many parts pass before every one is cut
        visitor.page.route(PARTS, self._handle)

    def _handle(self, route: Any) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        first = int(re.findall(r"\d+", route.request.headers["content-range"])[0])
        if len(self.offsets) >= self.passing:
            route.abort("connectionreset")
        elif self.cuts and first:
            self.cuts -= 1
            route.abort("connectionreset")
        else:
            self.offsets.append(first)
            route.continue_()


@contextmanager
def expecting_cuts(visitor: Visitor) -> Iterator[None]:
    """The browser complains about every cut; anything else is still a complaint."""
    yield
    visitor.complaints[:] = [c for c in visitor.complaints if "ERR_CONNECTION_RESET" not in c]


def drop(visitor: Visitor, file: Path) -> None:
    visitor.page.locator('input[type="file"]').first.set_input_files(file)


def open_start(visitor: Visitor, shop: str) -> None:
    visitor.sign_in("/data-import")
    visitor.choose_table(shop, TABLE)


def received(house: House, visitor: Visitor) -> bytes:
    """The bytes of the upload behind the job on the screen."""
    visitor.page.wait_for_url(re.compile("job="), timeout=60_000)
    visitor.settle()
    job_id = re.findall(r"job=([0-9a-f-]+)", visitor.page.url)[0]
    status, job = visitor.fetch(f"/api/v1/data/import/{job_id}/status")
    assert status == 200
    with open_workspace(load(house.environment)) as ws:
        return b"".join(ws.uploads.chunks(job["upload_id"]))


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
class TestALargeFile:
    def test_goes_on_by_itself_after_a_cut(
        self, house: House, shop: str, visitor: Callable[..., Visitor], large: Path
    ) -> None:
        analyst = visitor("ada")
        open_start(analyst, shop)
        line = Line(analyst)
        line.cuts = 2
        with expecting_cuts(analyst):
            drop(analyst, large)
            assert received(house, analyst) == large.read_bytes()
        assert line.offsets == [0, PART, 2 * PART]
        assert line.cuts == 0

    def test_goes_on_after_a_reload(
        self, house: House, shop: str, visitor: Callable[..., Visitor], large: Path
    ) -> None:
        analyst = visitor("ada")
        open_start(analyst, shop)
        line = Line(analyst)
        line.passing = 2
        with expecting_cuts(analyst):
            drop(analyst, large)
            analyst.see("Connection lost, trying again…")
            analyst.page.reload()
            analyst.settle()
        analyst.choose_table(shop, TABLE)
        analyst.see(f"{large.name}: only a part has arrived")
        line.passing = 1 << 30
        drop(analyst, large)
        assert received(house, analyst) == large.read_bytes()
        assert line.offsets == [0, PART, 2 * PART]

    def test_can_be_cancelled(
        self, house: House, shop: str, visitor: Callable[..., Visitor], large: Path
    ) -> None:
        analyst = visitor("ada")
        open_start(analyst, shop)
        line = Line(analyst)
        line.passing = 1
        with expecting_cuts(analyst):
            drop(analyst, large)
            analyst.see("Connection lost, trying again…")
            with analyst.page.expect_response(
                lambda answer: answer.request.method == "DELETE"
            ) as waiting:
                analyst.press("Cancel")
            assert waiting.value.status == 204
        analyst.see("Upload cancelled.")
        analyst.page.reload()
        analyst.settle()
        analyst.choose_table(shop, TABLE)
        assert analyst.page.get_by_text("only a part has arrived").count() == 0
