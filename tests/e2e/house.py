"""The served Tableport and the people who visit it, as the browser tests speak of them."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "test-results"
PASSWORD = "Zebra-crossing-at-noon-7"
#: Streamlit asks for these below a deep link and falls back by itself.
_HARMLESS = re.compile(r"/_stcore/(health|host-config)")


_READ_CELLS = """view => [...view.querySelectorAll('.ag-row [col-id]')].map(cell => [
  cell.closest('.ag-row').getAttribute('row-index'), cell.getAttribute('col-id'),
  cell.innerText, cell.classList.contains('tp-wrong')])"""


@dataclass(frozen=True, kw_only=True)
class GridCell:
    """One cell as the browser shows it."""

    text: str
    red: bool


@dataclass(frozen=True, kw_only=True)
class House:
    """A running server and the command line of its owner."""

    url: str
    folder: Path
    program: Path
    environment: dict[str, str]
    users: set[str] = field(default_factory=set)

    def tableport(self, *words: object, stdin: str = "") -> dict[str, Any]:
        """Run `tableport … --json` and return what it printed."""
        done = subprocess.run(
            [self.program, *map(str, words), "--json"],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return document

    def add_user(self, username: str, *, role: str) -> None:
        """A user who can sign in; once."""
        if username not in self.users:
            words = ("user", "add", username, "--role", role, "--password-stdin")
            self.tableport(*words, stdin=PASSWORD + "\n")
            self.users.add(username)


class Visitor:
    """One person in a browser window of their own."""

    def __init__(
        self,
        browser: Any,
        house: House,
        username: str,
        *,
        scheme: str,
        width: int,
        downloads: Path,
    ) -> None:
        self.house = house
        self.username = username
        self.scheme = scheme
        self.complaints: list[str] = []
        self._downloads = downloads
        self._window = browser.new_context(
            viewport={"width": width, "height": 860}, color_scheme=scheme, accept_downloads=True
        )
        self.page = self._window.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _listen(self, message: Any) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not _HARMLESS.search(place):
            self.complaints.append(f"{message.text} ({place})")

    def settle(self) -> None:
        """Wait until the screen has been drawn."""
        app = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector(app, timeout=60_000)
        self.page.wait_for_timeout(200)

    def go(self, path: str) -> None:
        self.page.goto(self.house.url + path)
        self.settle()

    def sign_in(self, path: str = "/") -> None:
        """Open a screen, and sign in on the way."""
        self.go(path)
        self.page.get_by_label("User name").fill(self.username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()
        self.settle()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button that says `name`."""
        self.page.get_by_role("button", name=name).click()
        self.settle()

    def choose_table(self, connection: str, table: str) -> None:
        """Choose a table; the connection first where there are several to choose from."""
        self.page.get_by_role("combobox", name=re.compile("Table")).wait_for()
        if self.page.get_by_role("combobox", name=re.compile("Connection")).count():
            self.choose("Connection", connection)
        self.choose("Table", table)

    def choose(self, label: str, option: str) -> None:
        """Choose from the select box labelled `label`."""
        box = self.page.get_by_role("combobox", name=re.compile(label))
        box.click()
        box.fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()
        self.settle()

    def see(self, text: str | re.Pattern[str]) -> None:
        """Fail unless the text is on the screen."""
        self.page.get_by_text(text).first.wait_for()

    def metric(self, label: str) -> int:
        """The whole number on the tile labelled `label`."""
        tile = self.page.get_by_test_id("stMetric").filter(has_text=label)
        found: str = tile.get_by_test_id("stMetricValue").inner_text()
        return int(re.sub(r"\s", "", found))

    def grid_cells(self) -> dict[tuple[int, str], GridCell]:
        """The cells of the last grid on the screen, by row and column.

        A grid draws only the columns in view, so it is scrolled from side to side.
        """
        grid = self.page.frame_locator("iframe").last
        view = grid.locator(".ag-center-cols-viewport")
        view.scroll_into_view_if_needed()
        grid.locator(".ag-row [col-id]").first.wait_for()
        cells: dict[tuple[int, str], GridCell] = {}
        for left in range(0, 3_000, 300):
            view.evaluate("(element, left) => { element.scrollLeft = left }", left)
            self.page.wait_for_timeout(100)
            for row, column, text, red in view.evaluate(_READ_CELLS):
                cells[int(row), column] = GridCell(text=" ".join(text.split()), red=red)
        view.evaluate("element => { element.scrollLeft = 0 }")
        return cells

    def download(self, link: str) -> Path:
        """Follow a download link and return the file."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=link).click()
        target = self._downloads / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target

    def picture(self, name: str) -> Path:
        """Keep a screenshot under test-results/."""
        RESULTS.mkdir(exist_ok=True)
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(1_200)  # a tooltip takes its time to go
        path = RESULTS / f"{name}-{self.scheme}.png"
        self.page.screenshot(path=path)
        return path

    def fetch(self, path: str, *, body: Any = None) -> tuple[int, Any]:
        """Ask the API with this window's own session: POST where there is a body."""
        headers = {"X-Requested-With": "tableport", "Origin": self.house.url}
        answer = self._window.request.fetch(
            self.house.url + path,
            method="GET" if body is None else "POST",
            data=body,
            headers=headers,
        )
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status, answer.json() if is_json else answer.body()

    def close(self) -> None:
        self._window.close()
