"""A new table as it is foreseen, said and made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.connect import begin_immediate, open_engine
from core.databases.making import tables
from core.databases.reflect import list_tables, reflect_table
from core.errors import Conflict, InvalidRequest, TargetDatabaseError
from core.model.new_table import NewColumn, NewTable
from core.model.table import Kind

EVERY_KIND = NewTable(
    name="every kind",
    columns=(
        NewColumn(name="id", kind=Kind.INTEGER, primary_key=True, nullable=False),
        NewColumn(name="large", kind=Kind.INTEGER, big=True),
        NewColumn(name="Name", kind=Kind.TEXT, max_length=40, unique=True, nullable=False),
        NewColumn(name="order", kind=Kind.TEXT),
        NewColumn(name="price", kind=Kind.NUMBER, precision=12, scale=2),
        NewColumn(name="whole", kind=Kind.NUMBER, precision=20, scale=0),
        NewColumn(name="ratio", kind=Kind.NUMBER),
        NewColumn(name="yes", kind=Kind.BOOLEAN, nullable=False),
        NewColumn(name="day", kind=Kind.DATE),
        NewColumn(name="at", kind=Kind.DATETIME),
        NewColumn(name="at_utc", kind=Kind.DATETIME, timezone=True),
        NewColumn(name="clock", kind=Kind.TIME),
        NewColumn(name="data", kind=Kind.JSON),
        NewColumn(name="uid", kind=Kind.UUID, unique=True),
        NewColumn(name='od"d %(x)s :y 🙂', kind=Kind.BINARY),
    ),
)
TEXT_KEY = NewTable(
    name="text_key",
    columns=(
        NewColumn(name="code", kind=Kind.TEXT, max_length=9, primary_key=True),
        NewColumn(name="name", kind=Kind.TEXT, unique=True),
    ),
)
TWO_PARTS = NewTable(
    name="two_parts",
    columns=(
        NewColumn(name="a", kind=Kind.INTEGER, primary_key=True),
        NewColumn(name="b", kind=Kind.DATE, primary_key=True, unique=True),
    ),
)
KEYLESS = NewTable(name="keyless", columns=(NewColumn(name="a", kind=Kind.INTEGER, unique=True),))
COUNTED = NewTable(
    name="counted",
    columns=(
        NewColumn(name="row_id", kind=Kind.INTEGER, primary_key=True, autoincrement=True),
        NewColumn(name="a", kind=Kind.TEXT),
    ),
)
MADE = (EVERY_KIND, TEXT_KEY, TWO_PARTS, KEYLESS, COUNTED)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path / 'new.db'}", create=True)
    else:
        opened = open_engine(request.getfixturevalue("postgres_database"))
    yield opened
    with opened.begin() as db:
        for ref in list_tables(opened):
            quoted = opened.dialect.identifier_preparer.quote_identifier
            where = f"{quoted(ref.schema)}." if ref.schema else ""
            db.exec_driver_sql(f"DROP TABLE {where}{quoted(ref.name)}".replace("%", "%%"))
    opened.dispose()


def make(engine: Engine, spec: NewTable) -> None:
    with begin_immediate(engine.connect()) as connection:
        tables.make_table(connection, spec)
        connection.commit()


@pytest.mark.parametrize("spec", MADE, ids=lambda spec: spec.name)
def test_what_is_foreseen_is_what_is_reflected(engine: Engine, spec: NewTable) -> None:
    foreseen = tables.drafted_table(engine, spec)
    with begin_immediate(engine.connect()) as connection:
        made = tables.make_table(connection, spec)
        connection.commit()
    assert made == foreseen
    assert reflect_table(engine, foreseen.ref) == foreseen


def test_what_is_rolled_back_was_never_made(engine: Engine) -> None:
    with begin_immediate(engine.connect()) as connection:
        tables.make_table(connection, KEYLESS)
        connection.rollback()
    assert list_tables(engine) == []


def test_the_statement_is_the_one_that_makes_it(engine: Engine) -> None:
    text = tables.statement_of(engine, COUNTED)
    assert text.startswith('CREATE TABLE "counted" (')
    with begin_immediate(engine.connect()) as connection:
        connection.exec_driver_sql(text)
        connection.commit()
    assert reflect_table(engine, "counted") == tables.drafted_table(engine, COUNTED)


def test_a_name_is_taken_case_apart(engine: Engine) -> None:
    make(engine, KEYLESS)
    for name in ("keyless", "KeyLess"):
        spec = replace(KEYLESS, name=name)
        with pytest.raises(Conflict, match="already"):
            tables.require_makeable(engine, spec)
        with engine.connect() as connection, pytest.raises(Conflict, match="another name"):
            tables.make_table(connection, spec)


@pytest.mark.postgres
def test_who_makes_it_at_the_same_moment_comes_second(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    hidden = sa.text("CREATE TABLE pg_temp.keyless (a int)")
    with engine.connect() as connection:
        connection.execute(hidden)
        made = tables.make_table(connection, KEYLESS)
        assert made.ref.schema is None, "a temporary table is no table of the schema's"
        with engine.connect() as other:
            other.exec_driver_sql("SET lock_timeout = '50ms'")
            with pytest.raises(TargetDatabaseError, match="lock"):
                tables.make_table(other, KEYLESS)
    engine.dispose()


@pytest.mark.postgres
def test_the_schema_must_be_there_and_open(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE SCHEMA sales")
        db.exec_driver_sql("DROP ROLE IF EXISTS tableport_reader")
        db.exec_driver_sql("CREATE ROLE tableport_reader")
        db.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM public")
        db.exec_driver_sql("GRANT USAGE ON SCHEMA public, sales TO tableport_reader")
    there = replace(KEYLESS, schema="sales")
    assert tables.require_makeable(engine, there) == there
    assert tables.require_makeable(engine, replace(KEYLESS, schema="public")).schema is None
    with pytest.raises(InvalidRequest, match="no schema 'purchases'"):
        tables.require_makeable(engine, replace(KEYLESS, schema="purchases"))
    make(engine, there)
    assert reflect_table(engine, "sales.keyless") == tables.drafted_table(engine, there)

    @sa.event.listens_for(engine, "begin")
    def as_reader(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET LOCAL ROLE tableport_reader")

    with pytest.raises(TargetDatabaseError, match="may not make tables in the default schema"):
        tables.require_makeable(engine, KEYLESS)
    with engine.connect() as connection, pytest.raises(TargetDatabaseError, match="right CREATE"):
        tables.make_table(connection, replace(KEYLESS, name="other"))
    engine.dispose()


def test_where_no_table_is_made_it_is_said(tmp_path: Path) -> None:
    engine = sa.create_engine("mysql+pymysql://nobody@localhost/none")
    with pytest.raises(InvalidRequest, match="makes no tables on MySQL"):
        tables.drafted_table(engine, KEYLESS)
