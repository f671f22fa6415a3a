"""tableport export: columns, rows, options, places."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from core.formats import FORMATS
from tests.order_lines import ORDERS, PRODUCTS
from tests.terminal import Terminal


def lines(terminal: Terminal, shop: str, *words: str) -> list[str]:
    done = terminal.run("export", "--connection", shop, *words, "-o", "-")
    assert done.exit_code == 0, done.output
    return done.stdout.replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize(
    ("condition", "skus"),
    [
        ("sku = 0007", ["0007"]),
        ("sku equals 0007", ["0007"]),
        ("sku in 0001,0002", ["0001", "0002"]),
        ("sku between 0057,0058", ["0057", "0058"]),
        ('"title" ends_with " 9"', []),
        ("title ends_with t 9", ["0009"]),
        ("title contains UCT 59", ["0059"]),
        ("title is_null", []),
        ("sku >= 0058", ["0058", "0059"]),
        ('{"column": "sku", "operator": "in", "value": ["0003"]}', ["0003"]),
    ],
)
def test_filters(terminal: Terminal, shop: str, condition: str, skus: list[str]) -> None:
    found = lines(terminal, shop, "--table", "products", "--filter", condition)
    assert [line.split(",")[0] for line in found[1:]] == skus


def test_numbers_compare_as_numbers(terminal: Terminal, shop: str) -> None:
    found = lines(terminal, shop, "--table", "orders", "--filter", "id < 10", "--columns", "id")
    assert found == ["id", *(str(n) for n in range(1, 10))]


def test_columns_search_and_limit(terminal: Terminal, shop: str) -> None:
    found = lines(
        terminal, shop, "--table", "products", "--columns", "title,sku", "--search", "product 1",
        "--limit", "3",
    )  # fmt: skip
    assert found == ["title,sku", "Product 1,0001", "Product 10,0010", "Product 11,0011"]


def test_options(terminal: Terminal, shop: str) -> None:
    found = lines(
        terminal, shop, "--table", "products", "--limit", "1",
        "--option", "delimiter=;", "--option", "include_headers=false",
    )  # fmt: skip
    assert found == ["0000;Product 0"]


def test_a_preset_is_a_bundle_of_options(terminal: Terminal, shop: str, tmp_path: Path) -> None:
    target = tmp_path / "products.csv"
    words = (
        "export", "--connection", shop, "--table", "products", "--limit", "1", "-o", target,
        "--preset", "excel",
    )  # fmt: skip
    terminal.json(*words)
    assert target.read_bytes() == b"\xef\xbb\xbfsku;title\r\n0000;Product 0\r\n"
    terminal.json(*words, "--option", "delimiter=tab", "--option", "bom=false")
    assert target.read_bytes() == b"sku\ttitle\r\n0000\tProduct 0\r\n"
    refused = terminal.json(*words, "--format", "json", code=1)
    assert "excel is for csv" in refused["error"]["detail"]


@pytest.mark.parametrize("format_name", [f.name for f in FORMATS if f.writer is not None])
def test_every_format_is_written(
    terminal: Terminal, shop: str, tmp_path: Path, format_name: str
) -> None:
    target = tmp_path / "products.out"
    words = ("export", "--connection", shop, "--table", "products", "-o", target)
    assert terminal.json(*words, "--format", format_name)["rows"] == PRODUCTS
    assert target.stat().st_size > 0


def test_the_table_is_named_in_sql_and_laid_out_when_asked(terminal: Terminal, shop: str) -> None:
    words = ("--table", "products", "--limit", "1", "--format")
    (insert, row) = lines(terminal, shop, *words, "sql")
    assert insert == 'INSERT INTO "products" ("sku", "title") VALUES'
    assert row == "('0000', 'Product 0');"
    pretty = lines(terminal, shop, *words, "json", "--option", "pretty_print=true")
    assert len(pretty) == 6


def test_a_file_and_what_is_said_about_it(terminal: Terminal, shop: str, tmp_path: Path) -> None:
    target = tmp_path / "orders.csv"
    words = ("export", "--connection", shop, "--table", "orders", "--format", "csv", "-o", target)
    document = terminal.json(*words)
    assert (document["status"], document["rows"]) == ("COMPLETED", ORDERS)
    assert document["size"] == target.stat().st_size
    assert len(list(csv.reader(io.StringIO(target.read_text())))) == ORDERS + 1
    assert f"{ORDERS:,} rows" in terminal.run(*words).stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--columns", "nope"), "EXPORT_003"),
        (("--filter", "nope = 1"), "EXPORT_003"),
        (("--format", "papyrus"), "IMPORT_002"),
        (("--option", "colour=blue"), "DATA_400"),
    ],
)
def test_refusals(
    terminal: Terminal, shop: str, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    target = tmp_path / "out.csv"
    document = terminal.json(
        "export", "--connection", shop, "--table", "products", *words, "-o", target, code=1
    )
    assert document["error"]["code"] == code
    assert not target.exists()


def test_a_named_connection_is_the_default_one(terminal: Terminal, shop: str) -> None:
    terminal.json("connection", "add", "shop", "-", "--default", stdin=shop)
    done = terminal.run("export", "--table", "products", "-o", "-")
    assert len(done.stdout.splitlines()) == PRODUCTS + 1


def test_a_whole_large_export_is_not_zipped(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    monkeypatch.setenv("TABLEPORT_EXPORT_COMPRESS_THRESHOLD_MB", "1")
    url = f"sqlite:///{tmp_path / 'big.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE big (id INTEGER PRIMARY KEY, words TEXT)"))
        rows = [{"id": n, "words": f"{n:0100d}"} for n in range(15_000)]
        connection.execute(sa.text("INSERT INTO big VALUES (:id, :words)"), rows)
    engine.dispose()
    target = tmp_path / "big.csv"
    terminal.json("export", "--connection", url, "--table", "big", "-o", target)
    assert target.stat().st_size > 1 << 20
    assert target.read_bytes().startswith(b"id,words")


def test_json_filter_that_is_none(terminal: Terminal) -> None:
    document = terminal.json(
        "export", "--table", "t", "-o", "x", "--filter", json.dumps({"column": "a"}), code=2
    )
    assert "operator" in document["error"]["detail"]


def test_the_name_asked_for_says_how_it_is_packed(
    terminal: Terminal, shop: str, tmp_path: Path
) -> None:
    import gzip

    target = tmp_path / "products.csv.gz"
    terminal.json("export", "--connection", shop, "--table", "products", "-o", target)
    assert len(gzip.decompress(target.read_bytes()).splitlines()) == PRODUCTS + 1
