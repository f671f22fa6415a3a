"""A bookshop with a column of every kind, on each backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.connect import open_engine

SHARED = """
CREATE TABLE publishers (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE);
CREATE TABLE orders (
    store INTEGER NOT NULL, number INTEGER NOT NULL, note TEXT, PRIMARY KEY (store, number));
CREATE TABLE reviews (stars INTEGER, words TEXT);
CREATE TABLE staff (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER REFERENCES staff (id));
CREATE TABLE "Or""der by.% :x" ("select" INTEGER PRIMARY KEY, "a b%c" TEXT, "Tax:Id" TEXT);
CREATE VIEW cheap AS SELECT id, title FROM books WHERE price < 10;
CREATE INDEX books_title ON books (title);
CREATE UNIQUE INDEX books_only_some ON books (title) WHERE pages > 1000;
CREATE UNIQUE INDEX books_folded ON books (lower(isbn || title));
"""

BOOKS_SQLITE = """
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    isbn VARCHAR(13) NOT NULL UNIQUE,
    title TEXT NOT NULL,
    genre VARCHAR(10) DEFAULT 'novel' CHECK (genre IN ('novel', 'it''s art', 'poems')),
    pages INT,
    shelf SMALLINT,
    price DECIMAL(10, 2),
    mass DOUBLE,
    used BOOLEAN NOT NULL DEFAULT 0,
    printed DATE,
    seen DATETIME,
    heard TIMESTAMP WITH TIME ZONE,
    opens TIME,
    extra JSON,
    code UUID,
    cover BLOB,
    ranks WHATEVER,
    publisher_id INTEGER REFERENCES publishers,
    cents INTEGER GENERATED ALWAYS AS (price * 100) VIRTUAL,
    CONSTRAINT some_pages CHECK (pages > 0)
);
"""

BOOKS_POSTGRESQL = """
CREATE TYPE genre AS ENUM ('novel', 'it''s art', 'poems');
CREATE DOMAIN isbn_text AS VARCHAR(13);
CREATE TABLE books (
    id SERIAL PRIMARY KEY,
    isbn isbn_text NOT NULL UNIQUE,
    title TEXT NOT NULL,
    genre genre DEFAULT 'novel',
    pages BIGINT,
    shelf SMALLINT,
    price NUMERIC(10, 2),
    mass DOUBLE PRECISION,
    used BOOLEAN NOT NULL DEFAULT false,
    printed DATE,
    seen TIMESTAMP,
    heard TIMESTAMPTZ,
    opens TIME,
    extra JSON,
    code UUID,
    cover BYTEA,
    ranks INTEGER[],
    publisher_id INTEGER CONSTRAINT books_publisher REFERENCES publishers,
    cents INTEGER GENERATED ALWAYS AS (price * 100) STORED,
    CONSTRAINT some_pages CHECK (pages > 0)
);
COMMENT ON TABLE books IS 'What we sell';
COMMENT ON COLUMN books.isbn IS 'thirteen digits';
"""


#: A foreign key beside its column is taken and forgotten by MySQL: here it stands by itself.
BOOKS_MYSQL = """
CREATE TABLE books (
    id INTEGER PRIMARY KEY AUTO_INCREMENT,
    isbn VARCHAR(13) NOT NULL UNIQUE COMMENT 'thirteen digits',
    title TEXT NOT NULL,
    genre ENUM('novel', 'it''s art', 'poems') DEFAULT 'novel',
    pages BIGINT,
    shelf SMALLINT,
    price DECIMAL(10, 2),
    mass DOUBLE,
    used BOOLEAN NOT NULL DEFAULT false,
    printed DATE,
    seen DATETIME(6),
    heard TIMESTAMP(6) NULL,
    opens TIME(6),
    extra JSON,
    code UUID,
    cover BLOB,
    ranks TEXT,
    publisher_id INTEGER,
    cents INTEGER GENERATED ALWAYS AS (price * 100) STORED,
    CONSTRAINT some_pages CHECK (pages > 0),
    CONSTRAINT books_publisher FOREIGN KEY (publisher_id) REFERENCES publishers (id)
) COMMENT 'What we sell';
"""
BOOKS = {"sqlite": BOOKS_SQLITE, "postgresql": BOOKS_POSTGRESQL, "mysql": BOOKS_MYSQL}

#: Indexes over some rows, or over an expression: MariaDB has neither.
ODD_INDEXES = ("CREATE UNIQUE INDEX books_only_some", "CREATE UNIQUE INDEX books_folded")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/shop.db", create=True)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_database: str) -> Iterator[Engine]:
    engine = open_engine(postgres_database)
    with engine.begin() as connection:
        for schema in ("public", "archive"):
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    yield engine
    engine.dispose()


@pytest.fixture
def mysql_engine(mysql_database: str) -> Iterator[Engine]:
    engine = open_engine(mysql_database)
    name = engine.url.database
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    engine.dispose()
    yield engine
    engine.dispose()


@pytest.fixture
def empty(request: pytest.FixtureRequest, backend: str) -> Engine:
    """A database with nothing in it."""
    names = {"sqlite": "sqlite_engine", "postgresql": "postgres_engine", "mysql": "mysql_engine"}
    engine: Engine = request.getfixturevalue(names[backend])
    return engine


@pytest.fixture
def run(empty: Engine) -> Callable[[str], list[sa.Row]]:
    """Run statements, separated by semicolons at line ends; the rows of the last one."""
    return lambda script: run_script(empty, script)


@pytest.fixture
def shop(empty: Engine, backend: str) -> Engine:
    """The bookshop, without rows."""
    publishers, rest = SHARED.split(";\n", 1)
    script = publishers + ";\n" + BOOKS[backend] + rest
    if backend == "mysql":
        kept = [one for one in script.split(";\n") if not one.startswith(ODD_INDEXES)]
        # A TEXT is indexed by its beginning only.
        script = ";\n".join(kept).replace("ON books (title)", "ON books (title(20))")
    run_script(empty, script)
    return empty


def run_script(engine: Engine, script: str) -> list[sa.Row]:
    rows: list[sa.Row] = []
    with engine.begin() as connection:
        for statement in script.strip().split(";\n"):
            if statement.strip():
                safe = statement.strip().rstrip(";")
                if engine.dialect.name != "sqlite":
                    safe = safe.replace("%", "%%")
                result = connection.exec_driver_sql(safe)
                rows = list(result) if result.returns_rows else []
    return rows
