"""Reflection: the same answers on every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from core.databases.catalogs.mysql import plain_rule
from core.databases.reflect import list_tables, reflect_table
from core.errors import NotFound, TargetDatabaseError
from core.model.table import ForeignKey, Kind, TableRef
from tests.core.databases.conftest import run_script

ODD = 'Or"der by.% :x'
Run = Callable[[str], list[Any]]


def test_lists_tables_and_views_but_not_ours(shop: Engine, run: Run) -> None:
    run("CREATE TABLE tableport_ledger (x INTEGER);\nCREATE TABLE users (x INTEGER)")
    found = list_tables(shop, hidden=frozenset({"users"}))
    labels = {ref.label for ref in found}
    assert labels == {"books", "publishers", "orders", "reviews", "staff", "cheap", ODD}
    assert [ref.label for ref in found if ref.is_view] == ["cheap"]


def test_listing_is_live(shop: Engine, run: Run) -> None:
    before = list_tables(shop)
    run("CREATE TABLE newer (x INTEGER)")
    assert set(list_tables(shop)) - set(before) == {TableRef(name="newer")}


@pytest.mark.parametrize("name", ["nothing", "books; DROP TABLE books", "BOOKS", "", "public"])
def test_unknown_names_are_not_found(shop: Engine, name: str) -> None:
    with pytest.raises(NotFound):
        reflect_table(shop, name)


def test_hidden_tables_are_not_found(shop: Engine) -> None:
    with pytest.raises(NotFound):
        reflect_table(shop, "books", hidden=frozenset({"books"}))


def test_kinds_of_every_column(shop: Engine, backend: str) -> None:
    table = reflect_table(shop, "books")
    assert {c.name: c.kind for c in table.columns} == {
        "id": Kind.INTEGER,
        "isbn": Kind.TEXT,
        "title": Kind.TEXT,
        "genre": Kind.TEXT,
        "pages": Kind.INTEGER,
        "shelf": Kind.INTEGER,
        "price": Kind.NUMBER,
        "mass": Kind.NUMBER,
        "used": Kind.BOOLEAN,
        "printed": Kind.DATE,
        "seen": Kind.DATETIME,
        "heard": Kind.DATETIME,
        "opens": Kind.TIME,
        "extra": Kind.JSON,
        "code": Kind.UUID,
        "cover": Kind.BINARY,
        # MySQL has no type of its own that is written as a text of any form.
        "ranks": Kind.TEXT if backend == "mysql" else Kind.OTHER,
        "publisher_id": Kind.INTEGER,
        "cents": Kind.INTEGER,
    }


def test_limits_of_columns(shop: Engine) -> None:
    column = reflect_table(shop, "books").column
    assert column("isbn").max_length == 13
    assert column("title").max_length is None
    assert (column("price").precision, column("price").scale, column("price").exact) == (
        10,
        2,
        True,
    )
    assert not column("mass").exact
    assert (column("shelf").minimum, column("shelf").maximum) == (-(2**15), 2**15 - 1)
    assert (column("pages").minimum, column("pages").maximum) == (-(2**63), 2**63 - 1)
    assert (column("seen").timezone, column("heard").timezone) == (False, True)
    assert column("genre").choices == ("novel", "it's art", "poems")


def test_what_must_be_given(shop: Engine) -> None:
    table = reflect_table(shop, "books")
    assert [c.name for c in table.columns if c.required] == ["isbn", "title"]
    key = table.column("id")
    assert (key.primary_key, key.autoincrement, key.nullable) == (True, True, False)
    assert table.column("cents").generated
    assert table.column("cents").default is None
    assert "novel" in (table.column("genre").default or "")


def test_keys_leave_out_partial_and_expression_indexes(shop: Engine, backend: str) -> None:
    table = reflect_table(shop, "books")
    assert [key.columns for key in table.keys] == [("id",), ("isbn",)]
    assert [key.primary for key in table.keys] == [True, False]
    assert reflect_table(shop, "orders").primary_key == ("store", "number")
    assert reflect_table(shop, "reviews").keys == ()
    # MariaDB has neither of these, and makes an index for every foreign key.
    others = {"books_publisher"} if backend == "mysql" else {"books_only_some", "books_folded"}
    assert {i.name for i in table.indexes} == {"books_title"} | others


def test_foreign_keys_and_checks(shop: Engine, backend: str) -> None:
    table = reflect_table(shop, "books")
    assert table.foreign_keys == (
        ForeignKey(
            name=None if backend == "sqlite" else "books_publisher",
            columns=("publisher_id",),
            target_schema=None,
            target_table="publishers",
            target_columns=("id",),
        ),
    )
    assert "some_pages" in {check.name for check in table.checks}
    assert any("pages > 0" in check.sql.replace('"', "") for check in table.checks)


def test_odd_names(shop: Engine) -> None:
    table = reflect_table(shop, ODD)
    assert table.column_names == ("select", "a b%c", "Tax:Id")
    assert table.primary_key == ("select",)


def test_views_have_columns(shop: Engine) -> None:
    view = reflect_table(shop, "cheap")
    assert view.column_names == ("id", "title")
    assert view.ref.is_view
    assert view.keys == ()


def test_a_broken_view_breaks_nothing_else(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE good (x INTEGER)")
        connection.exec_driver_sql("CREATE VIEW bad AS SELECT * FROM gone")
    assert {ref.label for ref in list_tables(sqlite_engine)} == {"good", "bad"}
    assert reflect_table(sqlite_engine, "good").column_names == ("x",)
    with pytest.raises(TargetDatabaseError, match="bad cannot be read"):
        reflect_table(sqlite_engine, "bad")


def test_sqlite_keys_that_are_not_the_rowid(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE codes (code TEXT PRIMARY KEY, INT INT)")
        connection.exec_driver_sql("CREATE TABLE bare (a INTEGER PRIMARY KEY) WITHOUT ROWID")
        connection.exec_driver_sql('CREATE TABLE child (x INTEGER REFERENCES "CODES" (CODE))')
    code = reflect_table(sqlite_engine, "codes").column("code")
    assert (code.nullable, code.autoincrement, code.required) == (False, False, True)
    assert reflect_table(sqlite_engine, "bare").column("a").required
    reference = reflect_table(sqlite_engine, "child").foreign_keys[0]
    assert (reference.target_table, reference.target_columns) == ("codes", ("code",))


def test_shadow_tables_are_not_listed(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE texts USING fts5(words)")
    assert [ref.label for ref in list_tables(sqlite_engine)] == ["texts"]
    assert reflect_table(sqlite_engine, "texts").column_names == ("words",)


@pytest.mark.postgres
def test_postgresql_schemas_types_and_triggers(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE SCHEMA archive;
            CREATE DOMAIN short AS VARCHAR(5) NOT NULL;
            CREATE DOMAIN shorter AS short DEFAULT 'x';
            CREATE TABLE archive.old (
                always INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                maybe INTEGER GENERATED BY DEFAULT AS IDENTITY,
                s shorter, place point, doc xml, bits numeric(3, -2), stamp timestamptz(3),
                tags varchar(7)[], state text CHECK (state IN ('a', 'b')), one char(2) UNIQUE,
                filled TEXT NOT NULL, CONSTRAINT wide UNIQUE (one, state));
            CREATE UNIQUE INDEX covering ON archive.old (maybe) INCLUDE (one);
            CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN NEW.filled := 'f'; RETURN NEW; END$$;
            CREATE TRIGGER fill BEFORE INSERT ON archive.old
                FOR EACH ROW EXECUTE FUNCTION fill();
        """)
    assert {r.label for r in list_tables(postgres_engine)} == {"archive.old"}
    table = reflect_table(postgres_engine, "archive.old")
    assert table.ref == TableRef(name="old", schema="archive")
    column = table.column
    assert {c.name: c.type_text for c in table.columns} == {
        "always": "INTEGER",
        "maybe": "INTEGER",
        "s": "shorter",
        "place": "POINT",
        "doc": "XML",
        "bits": "NUMERIC(3,-2)",
        "stamp": "TIMESTAMP(3) WITH TIME ZONE",
        "tags": "VARCHAR(7)[]",
        "state": "TEXT",
        "one": "CHAR(2)",
        "filled": "TEXT",
    }
    assert (column("always").generated, column("maybe").autoincrement) == (True, True)
    assert (column("s").nullable, column("s").max_length, column("s").default) == (
        False,
        5,
        "'x'::character varying",
    )
    assert {column(n).kind for n in ("place", "doc", "tags")} == {Kind.OTHER}
    assert (column("bits").precision, column("bits").scale) == (3, -2)
    assert column("state").choices == ("a", "b")
    assert column("filled").filled_by_trigger
    assert not any(c.required for c in table.columns)
    assert [k.columns for k in table.keys] == [("always",), ("one",), ("one", "state"), ("maybe",)]


@pytest.mark.postgres
def test_rules_of_domains_are_the_columns_own(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE DOMAIN mark AS INTEGER CONSTRAINT lowest CHECK (VALUE >= 1);
            CREATE DOMAIN top_mark AS mark CONSTRAINT highest CHECK (VALUE <= 6);
            CREATE DOMAIN word AS TEXT CHECK (VALUE IN ('VALUE', 'it''s'));
            CREATE TABLE marks ("my ""VALUE" top_mark, word word, words word[],
                CONSTRAINT other CHECK (word <> 'VALUE'));
        """)
    table = reflect_table(postgres_engine, "marks")
    assert [(check.name, check.sql) for check in table.checks[:3]] == [
        ("other", "((word)::text <> 'VALUE'::text)"),
        ("lowest", '("my ""VALUE" >= 1)'),
        ("highest", '(("my ""VALUE")::integer <= 6)'),
    ]
    assert table.column("word").choices == ("VALUE", "it's")
    assert table.column("words").choices == ()


@pytest.mark.postgres
def test_postgresql_comments(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        connection.exec_driver_sql("COMMENT ON TABLE t IS 'tt'; COMMENT ON COLUMN t.a IS 'aa'")
    table = reflect_table(postgres_engine, "t")
    assert (table.comment, table.column("a").comment) == ("tt", "aa")


@pytest.mark.mysql
def test_mysql_types_rules_and_triggers(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        """
        CREATE TABLE grown (
            id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
            doc JSON,
            raw LONGTEXT,
            state VARCHAR(9) DEFAULT 'it''s' CHECK (state IN ('it''s', 'b')),
            word ENUM('b', 'a') NOT NULL,
            at TIMESTAMP NULL DEFAULT current_timestamp(),
            price DECIMAL(8, 2) DEFAULT 1.5 COMMENT 'in %',
            twice DECIMAL(9, 2) AS (price * 2) VIRTUAL,
            parent BIGINT UNSIGNED,
            CHECK (json_length(doc) < 9),
            UNIQUE KEY wide (state, word), UNIQUE KEY beginning (raw(3)),
            FOREIGN KEY up (parent) REFERENCES grown (id)
        ) COMMENT 'tt';
        CREATE TRIGGER fill BEFORE INSERT ON grown FOR EACH ROW SET NEW.word = 'a';
        CREATE VIEW seen AS SELECT id, state FROM grown
        """,
    )
    table = reflect_table(mysql_engine, "grown")
    column = table.column
    assert (table.comment, column("price").comment) == ("tt", "in %")
    assert {c.name: c.kind for c in table.columns if c.name in ("doc", "raw")} == {
        "doc": Kind.JSON,
        "raw": Kind.TEXT,
    }
    assert {c.name: c.default for c in table.columns if c.default} == {
        "state": "'it''s'",
        "at": "current_timestamp()",
        "price": "1.50",
    }
    assert (column("id").autoincrement, column("id").minimum) == (True, 0)
    assert (column("twice").generated, column("at").timezone) == (True, True)
    assert column("state").choices == ("it's", "b")
    assert column("word").choices == ("b", "a")
    assert column("word").filled_by_trigger
    assert not any(c.required for c in table.columns)
    assert [(k.name, k.columns) for k in table.keys] == [
        ("PRIMARY", ("id",)),
        ("wide", ("state", "word")),
    ]
    assert {(i.name, i.unique) for i in table.indexes} == {("beginning", True), ("up", False)}
    assert [(k.columns, k.target_label) for k in table.foreign_keys] == [(("parent",), "grown")]
    # That JSON is JSON goes without saying.
    assert {check.sql for check in table.checks} == {
        'json_length("doc") < 9',
        "\"state\" in ('it''s','b')",
    }
    view = reflect_table(mysql_engine, "seen")
    assert (view.ref.is_view, view.keys, view.comment) == (True, (), None)


def test_rules_as_mysql_and_mariadb_keep_them() -> None:
    kept = r"(`g` in (_utf8mb4\'novel\',_utf8mb4\'it\\\'s art\',_latin1\'a\\\\b\'))"
    assert plain_rule(kept, mariadb=False) == "(`g` in ('novel','it''s art','a\\b'))"
    assert plain_rule(r"""`g` in ('it\'s','it''s','a\\b')""", mariadb=True) == (
        "`g` in ('it''s','it''s','a\\b')"
    )


@pytest.mark.mysql
def test_mysql_tables_that_differ_only_by_case(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        'CREATE TABLE "t" (a INTEGER);\nCREATE TABLE "T" (b INTEGER CHECK (b > 1));\n'
        "CREATE TABLE child (x INTEGER, y INTEGER UNIQUE)",
    )
    assert reflect_table(mysql_engine, "t").column_names == ("a",)
    assert reflect_table(mysql_engine, "t").checks == ()
    assert reflect_table(mysql_engine, "T").column_names == ("b",)
