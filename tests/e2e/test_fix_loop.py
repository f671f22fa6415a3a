"""Tracks whose file names albums, genres and media types: matched, mended, checked and loaded."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.e2e.house import House, Visitor

pytestmark = pytest.mark.e2e

ROWS = 40
_DDL = """
CREATE TABLE genres (genre_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE media (media_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL UNIQUE);
CREATE TABLE albums (album_id INTEGER NOT NULL PRIMARY KEY, title VARCHAR(160) NOT NULL);
CREATE TABLE tracks (
    track_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL,
    album_id INTEGER REFERENCES albums (album_id),
    media_id INTEGER NOT NULL REFERENCES media (media_id),
    genre_id INTEGER REFERENCES genres (genre_id),
    unit_price NUMERIC(10, 2) NOT NULL, released_on DATE, source_note VARCHAR(20));
INSERT INTO genres VALUES (1, 'Rock'), (2, 'Jazz'), (3, 'Metal');
INSERT INTO media VALUES (1, 'MPEG audio file'), (2, 'AAC audio file');
INSERT INTO albums VALUES (4, 'Let There Be Rock'), (9, 'Greatest Hits'), (12, 'Greatest Hits')
"""
#: A name that would be markdown, HTML and a formula anywhere but in a text.
ODD = "<b>Loud</b> *star* $x^2$ `tick` [a](b)"
#: What the file has, and what must be in the table at last.
ALBUMS = {"Let There Be Rock": 4, "Greatest Hits": 12}
MEDIA = {"MPEG audio file": 1, "AAC audio file": 2}
GENRES = {"Rock": 1, "rock": 1, "Metal": 3, "Jaz": 2}


def tracks() -> Iterator[tuple[list[str], tuple[Any, ...]]]:
    """Rows of the file, each with the row that the table must hold at last."""
    for number in range(1, ROWS + 1):
        album = list(ALBUMS)[number % 2]
        medium = list(MEDIA)[number % 3 == 0]
        genre = list(GENRES)[number % 4]
        price, final = ("0,99", "0.99") if number % 2 else ("1,29", "1.29")
        if number in (10, 20):
            price, final = "free", "0"
        day, released = f"{number % 28 + 1:02d}/05/2021", f"2021-05-{number % 28 + 1:02d}"
        if number in (5, 6):
            day, released = f"05/{number + 10}/2021", f"2021-05-{number + 10}"
        if number == 7:
            day, released = "31/02/2021", "2021-02-28"
        name = ODD if number == 30 else f"Song {number}"
        cells = [str(number), f"  {name} ", album, medium, genre, price, day]
        keys = (ALBUMS[album], MEDIA[medium], GENRES[genre])
        yield cells, (number, name, *keys, float(final), released, "by hand")


@pytest.fixture
def music(house: House, tmp_path: Path) -> Iterator[tuple[str, sa.Engine]]:
    """A connection to a database with tracks, none yet, and what they refer to."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'music.db'}")
    with engine.begin() as connection:
        for statement in _DDL.split(";"):
            connection.exec_driver_sql(statement)
    house.tableport("connection", "add", "music", str(engine.url), "--default")
    yield "music", engine
    engine.dispose()
    house.tableport("connection", "remove", "music")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tracks <i> $1$ *new*.csv"
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["TrackNo", "Song", "Album", "Medium", "Genre", "Price", "Released"])
        writer.writerows(cells for cells, _ in tracks())
    return path


def feed(visitor: Visitor, row: int, target: str) -> None:
    """Choose in the grid of the match step which column of the table a row feeds."""
    grid = visitor.page.frame_locator("iframe").first
    cell = grid.locator(f'.ag-row[row-index="{row}"] [col-id="target"]')
    cell.click()
    cell.locator(".ag-picker-field-wrapper").click()
    grid.get_by_role("option", name=target, exact=True).click()
    visitor.page.wait_for_timeout(500)
    visitor.settle()


def decide(visitor: Visitor, target: str, value: str, use: str, *, by: str = "") -> None:
    """Say in the dialog of a reference which row of the parent a value names."""
    visitor.press(re.compile(rf"\b{target} ·"))
    visitor.page.get_by_role("dialog").wait_for()
    if by:
        visitor.choose("The cells of", by)
    visitor.choose(f"What becomes of {value}", use)
    visitor.see("decided")
    visitor.picture(f"fix-references-{target}")
    visitor.press("Done")


def match(visitor: Visitor) -> None:
    """Everything that the match step offers: grid, references, transforms, a made column."""
    visitor.press("Match columns")
    for row, target in ((1, "name"), (2, "album_id"), (3, "media_id")):
        if visitor.page.get_by_role("button", name=re.compile(rf"\b{target} ·")).count() == 0:
            feed(visitor, row, target)
    decide(visitor, "album_id", "Greatest Hits", "album_id 12", by="title of albums")
    decide(visitor, "genre_id", "Jaz", "Jazz (genre_id 2)")
    visitor.choose("Column to transform", "released_on")
    visitor.press("Edit transforms")
    visitor.choose("Order of day, month and year", "dmy")  # the file contradicts itself
    visitor.press("Save")
    visitor.choose("Column to transform", "name")
    visitor.press("Edit transforms")
    visitor.choose("Add a transform", "Trim")
    visitor.picture("fix-steps")
    visitor.press("Save")
    visitor.press("Fill a column")
    visitor.choose("Column of the table", "source_note")
    visitor.choose("What it gets", "Constant")
    visitor.page.get_by_label("What every row gets").fill("by hand")
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    visitor.see("On the first rows")
    visitor.picture("fix-fill")
    visitor.press(re.compile(r"\bAdd$"))
    assert visitor.metric("Mapped") == 8
    visitor.picture("fix-match")


def show(visitor: Visitor, view: str) -> None:
    visitor.page.get_by_role("radio", name=re.compile(f"^{view}")).or_(
        visitor.page.get_by_role("button", name=re.compile(f"^{view}"))
    ).first.click()
    visitor.settle()


def set_cell(visitor: Visitor, column: str, old: str, new: str) -> None:
    """Type over the one cell of the rows that says `old`."""
    grid = visitor.page.frame_locator("iframe").last
    grid.locator(f'[col-id="{column}"]').get_by_text(old, exact=True).dblclick()
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.type(new)
    visitor.page.keyboard.press("Enter")
    visitor.see("3 rows mended")
    visitor.settle()


def replace_everywhere(visitor: Visitor, column: str, find: str, new: str) -> None:
    visitor.press("Find and replace")
    visitor.choose("^In", column)
    for label, words in (("Find", find), ("Replace by", new)):
        visitor.page.get_by_label(label, exact=True).fill(words)
        visitor.page.keyboard.press("Enter")
        visitor.settle()
    visitor.see("2 cells in 2 rows")
    visitor.picture("fix-replace")
    visitor.page.get_by_role("button", name="Replace", exact=True).click()
    visitor.settle()


def mend(visitor: Visitor) -> None:
    """A repair, a cell, find and replace, undo: each seen at once in the rows."""
    visitor.picture("fix-problems")
    visitor.page.get_by_role("button", name="Apply to").first.click()
    visitor.see("1 change since the last check")
    show(visitor, "Rows")
    visitor.picture("fix-rows")
    set_cell(visitor, "c6", "31/02/2021", "28/02/2021")
    replace_everywhere(visitor, "Price", "free", "0,00")
    visitor.see("3 changes since the last check")


def undo_and_check(visitor: Visitor) -> None:
    """What was undone is a problem again until it is done again; then all is fine."""
    show(visitor, "Changes")
    visitor.see("'free' replaced by '0,00'")
    visitor.picture("fix-changes")
    visitor.press("Undo the last")
    assert visitor.page.get_by_text("'free' replaced by").count() == 0
    visitor.press("Check again")
    visitor.page.get_by_text("2 of 40 rows wrong").wait_for()
    show(visitor, "Rows")
    replace_everywhere(visitor, "Price", "free", "0,00")
    visitor.press("Check again")
    visitor.page.get_by_text("40 rows fine").wait_for()
    assert visitor.metric("With errors") == 0
    show(visitor, "Columns")
    visitor.picture("fix-columns")


def test_from_names_to_rows(
    music: tuple[str, sa.Engine], file: Path, visitor: Callable[..., Visitor]
) -> None:
    connection, engine = music
    analyst = visitor("ada", width=1280)
    analyst.sign_in("/data-import")
    analyst.choose_table(connection, "tracks")
    analyst.page.locator('input[type="file"]').first.set_input_files(file)
    analyst.page.wait_for_url(re.compile("job="))
    analyst.settle()
    match(analyst)
    analyst.press("Check all rows")
    analyst.page.get_by_test_id("stMetric").filter(has_text="Rows read").wait_for()
    assert analyst.metric("With errors") == 5
    mend(analyst)
    undo_and_check(analyst)
    report = analyst.download("Report to send").read_text(encoding="utf-8")
    assert "tracks &lt;i&gt;" in report
    analyst.press("Continue")
    analyst.press(re.compile(f"Load {ROWS} rows"))
    analyst.page.get_by_test_id("stMetric").filter(has_text="Inserted").wait_for(timeout=60_000)
    assert analyst.metric("Inserted") == ROWS
    analyst.see(f"{ROWS} rows read = {ROWS} inserted")
    with engine.connect() as reading:
        found = reading.execute(sa.text("SELECT * FROM tracks ORDER BY track_id")).all()
    assert [tuple(row) for row in found] == [row for _, row in tracks()]
