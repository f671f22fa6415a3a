"""Reading rows: canonical text, filters, search, order; the same on every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.reflect import reflect_table
from core.databases.select import count_rows, page_rows, stream_rows
from core.errors import InvalidColumns, InvalidRequest, TargetDatabaseError
from core.model.plan import Filter, Operator, Sort
from core.model.table import Table

Run = Callable[[str], list[Any]]
DAYS = ["'2026-01-01 00:00:00'", "'2026-01-01 23:59:59.500000'", "'2026-01-02 00:00:00'"]


@pytest.fixture
def books(shop: Engine, run: Run) -> Table:
    """Five books; the last has nothing but what it must have."""
    run(
        "INSERT INTO books (id, isbn, title, genre, pages, price, mass, used, printed, seen, "
        "heard, opens, code, extra) VALUES "
        f"(1, '100%', 'Été', 'novel', 9, 9.50, 0.5, true, '2026-01-01', {DAYS[0]}, "
        f"{DAYS[0]}, '10:00:00', '6f9619ff-8b86-d011-b42d-00c04fc964ff', '{{\"a\": 1}}'), "
        f"(2, '100x', 'zebra', 'poems', 10, 10, 1e-7, false, '2026-01-02', {DAYS[1]}, "
        f"{DAYS[1]}, '11:00:00', NULL, NULL), "
        f"(3, 'a_b', 'Zebra', 'it''s art', 100, 100.25, 3, false, '2026-01-03', {DAYS[2]}, "
        f"{DAYS[2]}, '12:00:00', NULL, NULL), "
        "(4, 'aXb', 'back\\slash', 'novel', 2, 2, 4, true, NULL, NULL, NULL, NULL, NULL, NULL), "
        "(5, 'last', '', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    return reflect_table(shop, "books")


def ids(engine: Engine, table: Table, *filters: Filter, **options: Any) -> list[int]:
    frames = stream_rows(engine, table, filters=filters, **options)
    found = [int(value) for frame in frames for value in frame["id"]]
    limit = options.get("limit")
    search = options.get("search")
    assert count_rows(engine, table, filters=filters, search=search, limit=limit) == len(found)
    return found


FILTERS: list[tuple[str, str, Any, list[int]]] = [
    # numbers compare as numbers
    ("pages", "greater_than", "9", [2, 3]),
    ("pages", "greater_or_equal", 9, [1, 2, 3]),
    ("pages", "less_than", "10", [1, 4]),
    ("pages", "less_or_equal", 9.0, [1, 4]),
    ("pages", "between", ["9", "10"], [1, 2]),
    ("pages", "in", [2, "100"], [3, 4]),
    ("pages", "in", [], []),
    ("pages", "not_in", [], [1, 2, 3, 4, 5]),
    ("pages", "contains", "0", [2, 3]),
    ("price", "equals", "9.5", [1]),
    ("price", "greater_than", "9.51", [2, 3]),
    ("mass", "equals", "1e-7", [2]),
    ("mass", "less_than", 0.5, [2]),
    # "not" includes blanks
    ("pages", "not_equals", 9, [2, 3, 4, 5]),
    ("pages", "not_in", [9, 10], [3, 4, 5]),
    ("pages", "is_null", None, [5]),
    ("pages", "is_not_null", None, [1, 2, 3, 4]),
    # text: exact where it says equals, without case elsewhere, wildcards are themselves
    ("title", "equals", "zebra", [2]),
    ("title", "equals", "", [5]),
    ("title", "in", ["zebra", "Zebra"], [2, 3]),
    ("title", "contains", "EBR", [2, 3]),
    ("title", "starts_with", "zE", [2, 3]),
    ("title", "ends_with", "BRA", [2, 3]),
    ("title", "contains", "\\", [4]),
    ("title", "starts_with", "éT", [1]),
    ("isbn", "contains", "0%", [1]),
    ("isbn", "starts_with", "100%", [1]),
    ("isbn", "ends_with", "_b", [3]),
    ("isbn", "contains", "'; DROP TABLE books; --", []),
    ("genre", "equals", "it's art", [3]),
    ("genre", "equals", "no such label", []),
    ("genre", "not_equals", "novel", [2, 3, 5]),
    # booleans and the rest
    ("used", "equals", True, [1, 4]),
    ("used", "equals", "no", [2, 3, 5]),
    ("used", "greater_than", False, [1, 4]),
    ("printed", "equals", "2026-01-02", [2]),
    ("printed", "between", ["2026-01-02", "2026-01-03"], [2, 3]),
    ("opens", "less_or_equal", "11:00:00", [1, 2]),
    ("code", "equals", "6F9619FF8B86D011B42D00C04FC964FF", [1]),
    ("extra", "contains", '"A"', [1]),
    # a day is a whole day
    ("seen", "equals", "2026-01-01", [1, 2]),
    ("seen", "not_equals", "2026-01-01", [3, 4, 5]),
    ("seen", "greater_than", "2026-01-01", [3]),
    ("seen", "greater_or_equal", "2026-01-01", [1, 2, 3]),
    ("seen", "less_or_equal", "2026-01-01", [1, 2]),
    ("seen", "less_than", "2026-01-02", [1, 2]),
    ("seen", "between", ["2026-01-01", "2026-01-01"], [1, 2]),
    ("seen", "in", ["2026-01-01", "2026-01-02T00:00:00"], [1, 2, 3]),
    ("seen", "equals", "2026-01-01T23:59:59.5", [2]),
    ("seen", "less_than", "2026-01-01T23:59:59.5", [1]),
    ("heard", "equals", "2026-01-01", [1, 2]),
    ("heard", "equals", "2026-01-01T02:00:00+02:00", [1]),
]


def test_filters(shop: Engine, books: Table, subtests: pytest.Subtests) -> None:
    for column, operator, value, expected in FILTERS:
        chosen = Filter(column=column, operator=Operator(operator), value=value)
        with subtests.test(msg=f"{column} {operator} {value!r}"):
            assert ids(shop, books, chosen) == expected


BAD_VALUES: list[tuple[str, str, Any]] = [
    ("pages", "equals", "ten"),
    ("pages", "equals", "1.5"),
    ("pages", "equals", 2**63),
    ("pages", "equals", True),
    ("pages", "equals", None),
    ("pages", "in", "9"),
    ("pages", "in", [9, None]),
    ("pages", "between", [1]),
    ("price", "equals", "NaN"),
    ("used", "equals", "maybe"),
    ("printed", "equals", "31.01.2026"),
    ("seen", "equals", "2026-13-01"),
    ("seen", "equals", "2026-01-01T00:00:00Z"),
    ("seen", "less_or_equal", "9999-12-31"),
    ("code", "equals", "x"),
    ("cover", "equals", "x"),
    ("title", "contains", None),
    ("title", "equals", ["a"]),
]


def test_values_that_are_not_of_the_columns_kind(
    shop: Engine, books: Table, subtests: pytest.Subtests
) -> None:
    for column, operator, value in BAD_VALUES:
        chosen = Filter(column=column, operator=Operator(operator), value=value)
        with (
            subtests.test(msg=f"{column} {operator} {value!r}"),
            pytest.raises(InvalidRequest, match=f"^{column}: "),
        ):
            count_rows(shop, books, filters=[chosen])


def test_filters_are_joined_by_and(shop: Engine, books: Table) -> None:
    first = Filter(column="used", operator=Operator.EQUALS, value=False)
    second = Filter(column="pages", operator=Operator.LESS_THAN, value=50)
    assert ids(shop, books, first, second) == [2]


def test_search_looks_into_the_text_columns_asked_for(shop: Engine, books: Table) -> None:
    assert ids(shop, books, search="ZEBRA") == [2, 3]
    assert ids(shop, books, search="0%") == [1]
    assert ids(shop, books, search="x") == [2, 4]
    assert count_rows(shop, books, ["title", "pages"], search="100") == 0
    assert count_rows(shop, books, ["pages"], search="9") == 0


def test_unknown_columns(shop: Engine, books: Table) -> None:
    with pytest.raises(InvalidColumns, match="'nope'"):
        stream_rows(shop, books, ["id", "nope"])
    with pytest.raises(InvalidColumns, match="'nope'"):
        page_rows(shop, books, sort=[Sort(column="nope")], limit=1)
    with pytest.raises(InvalidColumns, match="'nope'"):
        count_rows(shop, books, filters=[Filter(column="nope", operator=Operator.IS_NULL)])


def test_order_limit_and_batches(shop: Engine, books: Table) -> None:
    by_use = [Sort(column="used", descending=True)]
    assert ids(shop, books, sort=by_use) == [1, 4, 2, 3, 5]
    for descending, expected in ((False, [4, 1, 2, 3, 5]), (True, [3, 2, 1, 4, 5])):
        assert ids(shop, books, sort=[Sort(column="pages", descending=descending)]) == expected
    frames = list(stream_rows(shop, books, ["isbn", "id"], limit=3, batch_rows=2))
    assert [frame.height for frame in frames] == [2, 1]
    assert frames[0].schema == {"isbn": pl.String, "id": pl.String}
    assert ids(shop, books, limit=2) == [1, 2]
    assert ids(shop, books, limit=0) == []


def test_pages(shop: Engine, books: Table) -> None:
    pages = [page_rows(shop, books, ["id"], limit=2, offset=at)["id"].to_list() for at in (0, 2, 4)]
    assert pages == [["1", "2"], ["3", "4"], ["5"]]
    beyond = page_rows(shop, books, ["id", "title"], limit=2, offset=9)
    assert beyond.schema == {"id": pl.String, "title": pl.String}
    assert beyond.is_empty()


def test_tables_without_a_key_and_views_have_an_order_too(
    shop: Engine, books: Table, run: Run, backend: str
) -> None:
    run("INSERT INTO reviews VALUES (3, 'c'), (1, 'a'), (2, 'b')")
    reviews = reflect_table(shop, "reviews")
    # MySQL has no row address: there a page is ordered by all columns.
    page = ["2", "3"] if backend == "mysql" else ["1", "2"]
    assert page_rows(shop, reviews, ["stars"], limit=2, offset=1)["stars"].to_list() == page
    assert [f["words"].to_list() for f in stream_rows(shop, reviews)] == [["c", "a", "b"]]
    cheap = reflect_table(shop, "cheap")
    assert page_rows(shop, cheap, limit=9)["id"].to_list() == ["1", "4"]
    assert count_rows(shop, cheap) == 2


def test_a_stream_sees_one_moment(shop: Engine, run: Run, backend: str) -> None:
    if backend == "sqlite":  # with any other journal a writer waits for readers
        raw = shop.raw_connection()
        raw.cursor().execute("PRAGMA journal_mode = WAL")
        raw.close()
    run("INSERT INTO publishers VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    stream = stream_rows(shop, reflect_table(shop, "publishers"), batch_rows=1)
    first = next(stream)
    run("DELETE FROM publishers WHERE id = 3")
    assert [first["name"][0], *(frame["name"][0] for frame in stream)] == ["a", "b", "c"]


def test_a_stream_may_be_left(shop: Engine, run: Run) -> None:
    run("INSERT INTO publishers VALUES (1, 'a'), (2, 'b')")
    stream = stream_rows(shop, reflect_table(shop, "publishers"), batch_rows=1)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    run("DELETE FROM publishers")


def test_a_table_that_has_gone(shop: Engine, run: Run) -> None:
    reviews = reflect_table(shop, "reviews")
    run("DROP TABLE reviews")
    with pytest.raises(TargetDatabaseError, match=r"reviews cannot be read: .* exist"):
        page_rows(shop, reviews, limit=1)


def test_a_column_that_has_gone_is_no_string(shop: Engine, run: Run) -> None:
    reviews = reflect_table(shop, "reviews")
    run("ALTER TABLE reviews DROP COLUMN words")
    with pytest.raises(TargetDatabaseError, match="column"):
        page_rows(shop, reviews, limit=1)


def test_sqlite_cells_that_are_not_of_their_columns_kind(shop: Engine, run: Run) -> None:
    if shop.dialect.name != "sqlite":
        return
    run(
        "INSERT INTO books (id, isbn, title, pages, price, used, printed, seen, opens, code, mass)"
        " VALUES (1, 1, x'00ff', 'many', 'dear', 2, 'soon', '2026-01-01', 'noon', 'none', 'heavy'),"
        " (2, 2, 'b', 1.5, 1.005, 1, 20260101, '2026-01-01T10:00:00Z', 10, "
        "'6F9619FF8B86D011B42D00C04FC964FF', 3)"
    )
    table = reflect_table(shop, "books")
    names = ("isbn", "title", "pages", "price", "used", "printed", "seen", "opens", "code", "mass")
    assert page_rows(shop, table, names, limit=9).rows() == [
        ("1", "\\x00ff", "many", "dear", "2", "soon", "2026-01-01", "noon", "none", "heavy"),
        (
            *("2", "b", "1.5", "1.005", "true", "20260101", "2026-01-01T10:00:00Z", "10"),
            *("6f9619ff-8b86-d011-b42d-00c04fc964ff", "3.0"),
        ),
    ]


@pytest.mark.postgres
def test_postgresql_values_print_alike_whatever_the_server(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE TABLE t (a int[], r int4range, p point, f real, n numeric, d date, z timestamptz,
                            b jsonb, i interval, tz timetz, c char(4));
            INSERT INTO t VALUES ('{1,2}', '[1,3)', '(1,2)', 0.1, 1.50, 'infinity',
                '2026-01-31 12:00:00.25+02', '{"b" : [1, 2]}', '1 day', '10:00:00+02', 'ab');
        """)
        connection.exec_driver_sql(
            "DO $$BEGIN EXECUTE format('ALTER DATABASE %%I SET datestyle = ''German''', "
            "current_database()); END$$"
        )
    postgres_engine.dispose()
    assert page_rows(postgres_engine, reflect_table(postgres_engine, "t"), limit=1).rows() == [
        (
            *("{1,2}", "[1,3)", "(1,2)", "0.1", "1.50", "infinity"),
            *("2026-01-31T10:00:00.250000+00:00", '{"b":[1,2]}', "1 day", "10:00:00+02", "ab"),
        )
    ]


@pytest.mark.postgres
def test_a_materialised_view_without_rows_says_what_it_lacks(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a WITH NO DATA")
    view = reflect_table(postgres_engine, "m")
    with pytest.raises(TargetDatabaseError, match=r"m cannot be read: .* must be refreshed first"):
        page_rows(postgres_engine, view, limit=1)
