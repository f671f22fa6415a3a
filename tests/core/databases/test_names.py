"""Names of tables and columns that are anything but words, on every backend."""

from __future__ import annotations

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.loaders import open_loader
from core.databases.lookup import existing_keys
from core.databases.names import quote, quote_ref
from core.databases.reflect import list_tables, reflect_table
from core.databases.select import count_rows, page_rows, stream_rows
from core.errors import InvalidMapping, InvalidRequest, NotFound
from core.model.job import Counts
from core.model.plan import Filter, OnConflict, Operator, Sort
from core.model.table import Table, TableRef

ODD_NAMES = (
    "with blank", " leading", "trailing ", "o'clock", 'say "so"', '"', "100%", "%s", "%(name)s",
    ":name", "a:b", "{}", "{0}", "back\\slash", "semi;colon", "order", "select", "user", "group",
    "MixedCase", "größe", "日本語", "🦄", "1st", "a.b", "a, b", "x--y", "/* c */", "*", "^.*$",
    "tab\tin", "line\nin", "`tick`", "[bracket]", "$1", "?", "@x", "(p)", "p0", "at", "t", "s",
    "u", "place", "index", "cell", "existing", "top", "m", "wanted", "rows",
    "n" * 63, "ü" * 31,
)  # fmt: skip


def run(engine: Engine, statement: str) -> None:
    """As it stands: percent signs are no parameters."""
    with engine.begin() as connection:
        safe = statement if engine.dialect.name == "sqlite" else statement.replace("%", "%%")
        connection.exec_driver_sql(safe)


def possible(engine: Engine, name: str) -> bool:
    """MySQL has no name that ends with a blank, or with a character beyond U+FFFF in it."""
    return engine.dialect.name != "mysql" or (name == name.rstrip() and max(name) <= "\uffff")


def typed(ids: list[int], table: Table, text: str) -> pl.DataFrame:
    """Rows for a table of an id and a text."""
    key, other = table.column_names
    numbers = pl.Series("__row__", ids, dtype=pl.Int64)
    texts = pl.Series(other, [text] * len(ids), dtype=pl.String)
    return pl.DataFrame([numbers, numbers.alias("__line__"), numbers.alias(key), texts])


def load(engine: Engine, table: Table, frame: pl.DataFrame, how: OnConflict) -> tuple[int, ...]:
    key = table.primary_key if how is not OnConflict.ERROR else ()
    with open_loader(
        engine, table, table.column_names, key=key, on_conflict=how, run_id="r"
    ) as loader:
        done = loader.load(frame)
        loader.transaction.ledger = False  # three loads of one test under one run id
        loader.commit(Counts())
    return done.inserted, done.updated, done.skipped, len(done.failures)


@pytest.fixture(params=ODD_NAMES)
def odd(empty: Engine, request: pytest.FixtureRequest) -> Table:
    """A table of that name, whose text column has that name too."""
    name = str(request.param)
    if not possible(empty, name):
        pytest.skip("MySQL has no such name")
    run(empty, f"CREATE TABLE {quote(name)} (id INTEGER PRIMARY KEY, {quote(name)} TEXT)")
    return reflect_table(empty, name)


def test_a_table_is_listed_read_and_written_whatever_its_name(empty: Engine, odd: Table) -> None:
    name = odd.label
    assert [ref.label for ref in list_tables(empty)] == [name]
    assert odd.column_names == ("id", name)
    assert load(empty, odd, typed([1, 2], odd, "old"), OnConflict.ERROR) == (2, 0, 0, 0)
    assert load(empty, odd, typed([2, 3], odd, "new"), OnConflict.ERROR) == (1, 0, 0, 1)
    assert load(empty, odd, typed([3, 4], odd, "skip"), OnConflict.SKIP) == (1, 0, 1, 0)
    assert load(empty, odd, typed([1, 5], odd, "up"), OnConflict.UPDATE) == (1, 1, 0, 0)
    sort = [Sort(column=name, descending=True), Sort(column="id")]
    (frame,) = stream_rows(empty, odd, sort=sort)
    assert frame.rows() == [("1", "up"), ("5", "up"), ("4", "skip"), ("2", "old"), ("3", "new")]
    for operator, value, found in (
        (Operator.EQUALS, "up", 2),
        (Operator.IN, ["old", "new"], 2),
        (Operator.NOT_EQUALS, "up", 3),
        (Operator.STARTS_WITH, "S", 1),
        (Operator.CONTAINS, "e", 1),
        (Operator.BETWEEN, ["old", "skip"], 2),
        (Operator.IS_NULL, None, 0),
    ):
        filters = [Filter(column=name, operator=operator, value=value)]
        assert count_rows(empty, odd, filters=filters) == found, operator
    assert page_rows(empty, odd, [name], search="KIP", limit=9).rows() == [("skip",)]


def test_a_key_may_have_any_name(empty: Engine) -> None:
    # The last is as our own look-ups name theirs.
    names = tuple(name for name in (*ODD_NAMES, "tableport_at") if possible(empty, name))
    columns = ", ".join(f"{quote(name)} INTEGER NOT NULL" for name in names)
    key = ", ".join(quote(name) for name in names[:16])  # MySQL takes no more in a key
    run(empty, f"CREATE TABLE wide ({columns}, PRIMARY KEY ({key}))")
    table = reflect_table(empty, "wide")
    assert table.column_names == names
    assert table.primary_key == names[:16]
    meta = [pl.Series(name, [1, 2], dtype=pl.Int64) for name in ("__row__", "__line__")]
    cells = [pl.Series(name, [n, n + 1]) for n, name in enumerate(names)]
    frame = pl.DataFrame([*meta, *cells])
    for how, done in (
        (OnConflict.ERROR, (2, 0, 0, 0)),
        (OnConflict.SKIP, (0, 0, 2, 0)),
        (OnConflict.UPDATE, (0, 0, 0, 0)),  # nothing differs
        (OnConflict.ERROR, (0, 0, 0, 2)),
    ):
        assert load(empty, table, frame, how) == done
    assert existing_keys(empty, table, names[:16], frame).to_list() == [True, True]
    for name in names:
        assert existing_keys(empty, table, (name,), frame).to_list() == [True, True]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_refused_row_names_its_column(empty: Engine, name: str) -> None:
    if not possible(empty, name):
        pytest.skip("MySQL has no such name")
    run(
        empty,
        f"CREATE TABLE {quote(name)} (id INTEGER PRIMARY KEY, {quote(name)} VARCHAR(9) "
        f"NOT NULL UNIQUE CHECK ({quote(name)} <> 'bad'))",
    )
    table = reflect_table(empty, name)
    frame = typed([1], table, "good").vstack(typed([2], table, "good"))
    frame = frame.vstack(frame[1:].with_columns(pl.lit(None, dtype=pl.String).alias("x")).select(
        "__row__", "__line__", "id", pl.col("x").alias(name)
    ))  # fmt: skip
    with open_loader(empty, table, table.column_names, run_id="r") as loader:
        failures = loader.load(frame).failures
    assert [(f.check, f.field) for f in failures] == [("unique", name), ("required", name)]
    assert all(f.message.startswith(name) for f in failures)


@pytest.mark.postgres
def test_columns_that_differ_only_by_case(postgres_engine: Engine) -> None:
    run(postgres_engine, 'CREATE TABLE t (id INTEGER PRIMARY KEY, "Id" TEXT, "ID" TEXT)')
    table = reflect_table(postgres_engine, "t")
    rows = pl.DataFrame({"__row__": [1], "__line__": [1], "id": [7], "Id": ["a"], "ID": ["b"]})
    assert load(postgres_engine, table, rows, OnConflict.UPDATE) == (1, 0, 0, 0)
    assert load(postgres_engine, table, rows.with_columns(ID=pl.lit("c")), OnConflict.UPDATE) == (
        0, 1, 0, 0,
    )  # fmt: skip
    assert page_rows(postgres_engine, table, limit=2).rows() == [("7", "a", "c")]
    filters = [Filter(column="Id", operator=Operator.EQUALS, value="a")]
    assert count_rows(postgres_engine, table, filters=filters) == 1


@pytest.mark.postgres
def test_a_value_the_server_cannot_read_is_told_with_its_column(postgres_engine: Engine) -> None:
    names = ("a", "a:b", "a:b:c", ", line 1, column a")
    columns = ", ".join(f"{quote(name)} INTEGER[]" for name in names)
    run(postgres_engine, f"CREATE TABLE t ({columns})")
    table = reflect_table(postgres_engine, "t")
    for bad in names:
        cells = {name: ["{1}" if name != bad else "x: "] for name in names}
        frame = pl.DataFrame({"__row__": [1], "__line__": [2], **cells})
        with open_loader(postgres_engine, table, names, run_id="r") as loader:
            (failure,) = loader.load(frame).failures
        assert (failure.check, failure.field) == ("type", bad)
        assert failure.message == 'malformed array literal: "x: "'


@pytest.mark.postgres
def test_a_name_longer_than_the_server_keeps_is_not_found(postgres_engine: Engine) -> None:
    run(postgres_engine, f"CREATE TABLE {quote('n' * 70)} ({quote('c' * 70)} INTEGER)")
    assert reflect_table(postgres_engine, "n" * 63).column_names == ("c" * 63,)
    for name in ("n" * 62, "n" * 64, "n" * 70):
        with pytest.raises(NotFound):
            reflect_table(postgres_engine, name)


@pytest.mark.postgres
def test_tables_of_one_name_in_several_schemas(postgres_engine: Engine) -> None:
    schemas = {
        "orders": None,
        "archive.orders": "archive",
        '"a.b".orders': "a.b",
        '"so ""q""".orders': 'so "q"',
        "with blank.orders": "with blank",
        "%s.orders": "%s",
        ":x.orders": ":x",
        "Select.orders": "Select",
    }
    for number, schema in enumerate(schemas.values()):
        if schema is not None:
            run(postgres_engine, f"DROP SCHEMA IF EXISTS {quote(schema)} CASCADE")
            run(postgres_engine, f"CREATE SCHEMA {quote(schema)}")
        ref = quote_ref(TableRef(name="orders", schema=schema))
        run(postgres_engine, f"CREATE TABLE {ref} (id SERIAL PRIMARY KEY, note TEXT)")
        run(postgres_engine, f"INSERT INTO {ref} (note) VALUES ('{number}')")
    assert {ref.label for ref in list_tables(postgres_engine)} == set(schemas)
    for number, label in enumerate(schemas):
        table = reflect_table(postgres_engine, label)
        assert page_rows(postgres_engine, table, limit=2).rows() == [("1", str(number))]
        frame = typed([1, 5], table, "new")
        assert load(postgres_engine, table, frame, OnConflict.ERROR) == (1, 0, 0, 1)
        assert load(postgres_engine, table, frame, OnConflict.UPDATE) == (0, 1, 0, 0)
        # The counter of the right table went on.
        run(postgres_engine, f"INSERT INTO {quote_ref(table.ref)} (note) VALUES ('next')")
        last = [Filter(column="note", operator=Operator.EQUALS, value="next")]
        assert page_rows(postgres_engine, table, ["id"], filters=last, limit=2).rows() == [("6",)]
    for schema in schemas.values():
        if schema is not None:
            run(postgres_engine, f"DROP SCHEMA {quote(schema)} CASCADE")


@pytest.mark.postgres
def test_two_tables_under_one_label_are_refused_rather_than_mixed_up(
    postgres_engine: Engine,
) -> None:
    run(postgres_engine, "CREATE SCHEMA archive")
    run(postgres_engine, "CREATE TABLE archive.old (a INTEGER)")
    run(postgres_engine, 'CREATE TABLE "archive.old" (b INTEGER)')
    with pytest.raises(InvalidRequest, match=r"Two tables are called 'archive\.old'"):
        reflect_table(postgres_engine, "archive.old")
    table = reflect_table(postgres_engine, TableRef(name="old", schema="archive"))
    assert table.column_names == ("a",)


@pytest.mark.parametrize("name", ["__row__", "__line__", "tableport_position"])
def test_columns_named_as_our_own_are_read_but_not_written(empty: Engine, name: str) -> None:
    run(empty, f"CREATE TABLE t (id INTEGER PRIMARY KEY, {quote(name)} TEXT)")
    run(empty, f"INSERT INTO t (id, {quote(name)}) VALUES (1, 'kept')")
    table = reflect_table(empty, "t")
    filters = [Filter(column=name, operator=Operator.CONTAINS, value="KEPT")]
    assert page_rows(empty, table, filters=filters, limit=2).rows() == [("1", "kept")]
    assert [column.name for column in table.columns if column.writable] == ["id"]
    with pytest.raises(InvalidMapping, match="a name that Tableport keeps for itself"):
        open_loader(empty, table, table.column_names, run_id="r")
