"""What is proposed for a file: by the table's values, as far as one may see them."""

from __future__ import annotations

import pytest

from core.errors import TargetDatabaseError
from core.model.mapping import FieldMapping, Lookup, Suggestion
from core.model.table import Table
from core.usecases import access, imports, proposals
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft
from tests.core.usecases.test_references import fill

pytestmark = pytest.mark.usefixtures("sqlite_shop")

#: Genres by name, under headers of another language.
TRACKS = (
    "TrackId,Nom,Musikrichtung,MediaTypeId\n"
    + "".join(f"{n},Song {n},{('Rock', 'Jazz', 'Metal')[n % 3]},1\n" for n in range(1, 31))
).encode()


@pytest.fixture
def music(ws: Workspace) -> Workspace:
    fill(ws)
    return ws


def proposed(ws: Workspace, who, content: bytes, table: str = "Track") -> dict[str, Suggestion]:
    job = draft(ws, who, content, table=table)
    return {s.source: s for s in imports.read_file(ws, who, job.job_id).suggestions}


def test_names_of_a_parent_are_proposed_and_drafted(music: Workspace) -> None:
    found = proposed(music, LOCAL, TRACKS)["Musikrichtung"]
    assert (found.target, found.lookup) == ("GenreId", Lookup(by="Name"))
    assert "3 of 3 values are names in Genre.Name." in found.reason
    named = TRACKS.replace(b"Musikrichtung", b"Genre")
    plan = draft(music, LOCAL, named, table="Track").plan
    assert FieldMapping(source="Genre", target="GenreId", lookup=Lookup(by="Name")) in plan.mappings


def test_who_may_not_look_into_the_parent_is_told_nothing_of_it(
    music: Workspace, people: People
) -> None:
    access.set_grant(music, LOCAL, "ann", table="Track", connection="shop", can_import=True)
    assert proposed(music, people.ann, TRACKS)["Musikrichtung"].target is None
    access.set_grant(
        music, LOCAL, "ann", table="Genre", connection="shop", can_preview_export=True,
        allowed_columns=["GenreId"],
    )  # fmt: skip
    assert proposed(music, people.ann, TRACKS)["Musikrichtung"].target is None
    access.set_grant(
        music, LOCAL, "ann", table="Genre", connection="shop",
        allowed_columns=["GenreId", "Name"],
    )  # fmt: skip
    assert proposed(music, people.ann, TRACKS)["Musikrichtung"].target == "GenreId"


@pytest.fixture
def towns(ws: Workspace) -> bytes:
    """A table of towns, and a file of such without a word on what it holds."""
    names = [f"{a}{b}" for a in ("North", "South", "Old") for b in ("ham", "ton", "by")]
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE TABLE places (town TEXT, rank INTEGER)")
        for n in range(45):
            db.exec_driver_sql("INSERT INTO places VALUES (?, ?)", (names[n % 9], n * n))
    return ("Field 1,rank\n" + "".join(f"{names[n % 9]},{n * n}\n" for n in range(27))).encode()


def test_values_count_only_for_those_who_may_see_them(
    ws: Workspace, people: People, towns: bytes
) -> None:
    assert proposed(ws, LOCAL, towns, "places")["Field 1"].target == "town"
    access.set_grant(ws, LOCAL, "ann", table="places", connection="shop", can_import=True)
    assert proposed(ws, people.ann, towns, "places")["Field 1"].target is None
    given = {"table": "places", "connection": "shop", "can_preview_export": True}
    access.set_grant(ws, LOCAL, "ann", can_export=True, allowed_columns=["rank"], **given)
    assert proposed(ws, people.ann, towns, "places")["Field 1"].target is None
    access.set_grant(ws, LOCAL, "ann", allowed_columns=["town"], **given)
    assert proposed(ws, people.ann, towns, "places")["Field 1"].target == "town"


def test_a_table_that_cannot_be_read_is_matched_by_names(
    ws: Workspace, towns: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TargetDatabaseError("places cannot be read")

    monkeypatch.setattr(proposals, "glimpse", broken)
    found = proposed(ws, LOCAL, towns, "places")
    assert (found["Field 1"].target, found["rank"].target) == (None, "rank")


def test_a_draft_takes_what_is_sure_or_has_the_same_name(ws: Workspace, towns: bytes) -> None:
    content = b"Name of town,rank\nNorthham,soon\nElsewhere,late\n"
    found = proposed(ws, LOCAL, content, "places")
    assert (found["Name of town"].target, found["Name of town"].auto) == ("town", False)
    mapped = draft(ws, LOCAL, content, table="places").plan.mappings
    assert mapped == (FieldMapping(source="rank", target="rank"),)


def test_a_parent_is_not_asked_for_ever(music: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(_engine: object, parent: Table, *_: object) -> frozenset[str]:
        asked.append(parent.label)
        return frozenset()

    monkeypatch.setattr(proposals, "present", counted)
    monkeypatch.setattr(proposals, "_PATIENCE", -1.0)
    draft(music, LOCAL, TRACKS, table="Track")
    assert asked == []
    monkeypatch.setattr(proposals, "_PATIENCE", 60.0)
    draft(music, LOCAL, TRACKS, table="Track")
    assert set(asked) == {"Album", "Genre", "MediaType"}
