"""Names become keys, batch by batch, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases import parents
from core.databases.connect import open_engine
from core.databases.reflect import reflect_table
from core.errors import InvalidMapping
from core.mapping.apply import PROBLEMS, Mapped
from core.model.mapping import Answer, Decision, FieldMapping, Lookup
from core.model.reference import Finding, Parent
from core.model.table import TableRef
from core.pipeline import references
from core.pipeline.references import References, Resolver, Values

INTO = TableRef(name="songs")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path}/music.db", create=True)
    with opened.begin() as db:
        db.exec_driver_sql("CREATE TABLE genres (id INTEGER PRIMARY KEY, name TEXT)")
        db.exec_driver_sql(
            "INSERT INTO genres VALUES (1, 'Rock'), (2, 'Jazz'), (3, 'Ska'), (4, 'ska'), (5, '9')"
        )
    yield opened
    opened.dispose()


def parent(engine: Engine, *, shown: bool = True) -> Parent:
    return Parent(table=reflect_table(engine, "genres"), key="id", shown=shown)


def batch(*cells: str | None, target: str = "genre") -> Mapped:
    frame = pl.DataFrame(
        [
            pl.Series("__row__", range(len(cells)), dtype=pl.Int64),
            pl.Series(target, cells, dtype=pl.String),
        ]
    )
    return Mapped(frame=frame, problems=pl.DataFrame(schema=PROBLEMS))


def mapping(target: str = "genre", *decisions: Decision) -> FieldMapping:
    return FieldMapping(source="g", target=target, lookup=Lookup(by="name", decisions=decisions))


def test_each_value_is_met_in_its_own_way(engine: Engine) -> None:
    found = Resolver(engine, parent(engine), "name").find(
        ["Rock", "rock ", "SKA", "Ska", "Jaz", "9", "2", "02", "77"]
    )
    assert {value: (match.finding, match.key) for value, match in found.items()} == {
        "Rock": (Finding.NAME, "1"),
        "rock ": (Finding.CASE, "1"),
        "SKA": (Finding.AMBIGUOUS, None),
        "Ska": (Finding.NAME, "3"),
        "Jaz": (Finding.MISSING, None),
        "9": (Finding.NAME, "5"),  # a name before it is a key
        "2": (Finding.KEY, "2"),
        "02": (Finding.MISSING, None),
        "77": (Finding.MISSING, None),
    }
    assert found["SKA"].rows.keys == ("3", "4")
    assert [(n.value, n.key) for n in found["Jaz"].near] == [("Jazz", "2")]


def test_values_known_are_not_asked_again_and_few_are_remembered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parents, "READ_ROWS", 0)
    monkeypatch.setattr(references, "_REMEMBERED", 3)
    resolver = Resolver(engine, parent(engine), "name")
    assert {m.key for m in resolver.find(["Rock", "Jazz", "Ska"]).values()} == {"1", "2", "3"}
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE genres SET name = 'gone ' || id")
    assert resolver.find(["Jazz", "Rock"])["Jazz"].key == "2"
    assert resolver.find(["9", "Jazz"])["Jazz"].key == "2"
    assert resolver.find(["Jazz"])["Jazz"].key is None


@pytest.mark.parametrize("target", ["genre", "*", "^.*$"])
def test_a_batch_of_any_column_name(engine: Engine, target: str) -> None:
    taken = References([mapping(target)], {target: parent(engine)}, engine, INTO)
    done = taken.resolve(batch("Rock", None, "", " ", "Rok", "Rok", "2", target=target))
    assert done.frame[target].to_list() == ["1", None, None, None, None, None, "2"]
    assert done.frame["__row__"].to_list() == list(range(7))
    assert done.problems["index"].to_list() == [4, 5, 6]
    assert done.problems["severity"].to_list() == ["error", "error", "warning"]
    assert set(done.problems["field"]) == {target}
    nothing = taken.resolve(batch(target=target))
    assert nothing.frame[target].to_list() == []


def test_decisions_come_before_the_table(engine: Engine) -> None:
    decisions = (
        Decision(value="Rock", answer=Answer.USE, use="2"),
        Decision(value="Ska", answer=Answer.BLANK),
        Decision(value="Jazz", answer=Answer.REJECT),
    )
    taken = References([mapping("genre", *decisions)], {"genre": parent(engine)}, engine, INTO)
    done = taken.resolve(batch("Rock", "Ska", "Jazz"))
    assert done.frame["genre"].to_list() == ["2", None, None]
    assert done.problems["message"].to_list() == ["'Jazz' is rejected, as decided"]


def test_what_was_wrong_before_stays_wrong(engine: Engine) -> None:
    before = pl.DataFrame(
        {"index": [1], "field": ["x"], "check": ["trim"], "message": ["m"], "severity": ["error"]},
        schema=PROBLEMS,
    )
    mapped = batch("Rok", "Rock")
    taken = References([mapping()], {"genre": parent(engine)}, engine, INTO)
    done = taken.resolve(Mapped(frame=mapped.frame, problems=before))
    assert done.problems["check"].to_list() == ["reference", "trim"]


def test_many_rows_of_one_name_are_counted(engine: Engine) -> None:
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE genres SET name = 'Pop'")
        db.exec_driver_sql("INSERT INTO genres VALUES (10, 'pop')")
    taken = References([mapping()], {"genre": parent(engine)}, engine, INTO)
    assert taken.resolve(batch("POP")).problems["message"].to_list() == [
        "'POP' is in 6 rows of genres (id 1, 2, 3, 4, 5, …): decide which"
    ]
    hidden = References([mapping()], {"genre": parent(engine, shown=False)}, engine, INTO)
    assert hidden.resolve(batch("POP")).problems["message"].to_list() == [
        "'POP' is in 6 rows of genres: decide which"
    ]


def test_no_lookup_changes_nothing_and_one_without_a_parent_is_refused(engine: Engine) -> None:
    mapped = batch("Rock")
    plain = FieldMapping(source="g", target="genre")
    assert References([plain], {}, engine, INTO).resolve(mapped) is mapped
    with pytest.raises(InvalidMapping, match="genre refers to no table"):
        References([mapping()], {}, engine, INTO)


def test_values_of_a_file_are_counted() -> None:
    failed = pl.DataFrame(
        {"index": [3], "field": ["genre"], "check": ["number"], "message": ["m"],
         "severity": ["error"]},
        schema=PROBLEMS,
    )  # fmt: skip
    values = Values()
    mapped = batch("Rock", "Rock", " ", None, None, "x" * 1_001)
    values.add(Mapped(frame=mapped.frame, problems=failed), "genre")
    values.add(batch("Rock", "Jazz"), "genre")
    assert dict(values.counts) == {"Rock": 3, "Jazz": 1}
    assert (values.rows, values.blank, values.unreadable) == (8, 2, 2)
