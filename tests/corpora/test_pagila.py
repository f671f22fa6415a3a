"""Pagila on PostgreSQL: enum, domain, arrays, generated columns, triggers, partitions, views."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import ImportDenied, TargetDatabaseError
from core.model.job import JobStatus
from core.model.plan import OnConflict
from core.model.table import Kind
from core.usecases import tables
from core.workspace import Workspace
from tests.core.usecases.conftest import parser_at_hand as parser_at_hand
from tests.corpora.conftest import run_postgresql
from tests.corpora.whole_databases import (
    LOCAL,
    connect,
    exported,
    imported,
    parents_first,
    rows_of,
    schema_of,
    sentences_of,
    tables_of,
)

pytestmark = pytest.mark.postgres

VIEWS = {
    "actor_info", "customer_list", "film_list", "nicer_but_slower_film_list",
    "rental_by_category", "sales_by_film_category", "sales_by_store", "staff_list",
}  # fmt: skip
#: The one view that keeps its rows, and has none until it is refreshed.
MATERIALISED = "rental_by_category"

#: A few rows for every table. What a table fills by itself is left out here and there.
FILES = {
    "country": "country_id,country\n1,Österreich\n2,Côte d'Ivoire\n",
    "city": "city_id,city,country_id\n1,Linz,1\n2,Bouaké,2\n",
    "language": "language_id,name\n1,English\n2,Français\n",
    "actor": 'first_name,last_name\nPENELOPE,GUINESS\nNICK,"O\'WAHLBERG"\n',
    "category": "name\nAction\nDrama\n",
    "address": 'address,district,city_id,phone\n1 Hauptplatz,"",1,""\n2 Rue Une,Centre,2,0123\n',
    "store": "store_id,manager_staff_id,address_id\n1,1,1\n2,2,2\n",
    "staff": "first_name,last_name,address_id,store_id,username,active,picture\n"
    "Mike,Hillyer,1,1,Mike,yes,\\x89504e47\nJon,Stephens,2,2,Jon,no,\n",
    "customer": "store_id,first_name,last_name,address_id,activebool,create_date,active,uuid\n"
    "1,MARY,SMITH,1,true,2022-02-14,1,5A0B5B8E-3C4D-4E5F-8A9B-0C1D2E3F4A5B\n"
    "2,LINDA,WILLIAMS,2,false,2022-02-15,0,{6b1c6c9f-4d5e-4f60-9bac-1d2e3f4a5b6c}\n",
    "film": "film_id,title,description,release_year,language_id,length,rating,special_features\n"
    '1,ACADEMY DINOSAUR,An Epic Drama of a Teacher,2006,1,86,PG,"{""Deleted Scenes"",Trailers}"\n'
    "2,ACE GOLDFINGER,,1901,1,,NC-17,{}\n"
    "3,ADAPTATION HOLES,Astounding,2155,2,50,G,\n",
    "film_actor": "actor_id,film_id\n1,1\n2,3\n",
    "film_category": "film_id,category_id\n1,2\n3,1\n",
    "film_embedding": 'film_id,embedding\n1,"{0.5,-1e-07,3}"\n2,{}\n',
    "inventory": "film_id,store_id\n1,1\n3,2\n",
    "rental": "rental_date,inventory_id,customer_id,return_date,staff_id\n"
    "2022-05-24 22:53:30+02:00,1,1,2022-05-26T22:04:30Z,1\n2022-06-01 00:00:00,2,2,,2\n",
    "payment": "customer_id,staff_id,rental_id,amount,payment_date\n"
    "1,1,1,2.99,2022-05-24 22:53:30+02:00\n2,2,2,0.99,2026-07-31T23:59:59.999999Z\n",
}


RENTED = """
INSERT INTO country (country) VALUES ('Austria');
INSERT INTO city (city, country_id) VALUES ('Linz', 1);
INSERT INTO address (address, district, city_id, phone) VALUES ('1 Hauptplatz', '', 1, '');
INSERT INTO language (name) VALUES ('English'), ('French');
INSERT INTO category (name) VALUES ('Drama');
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1);
INSERT INTO staff (first_name, last_name, address_id, store_id, username)
    VALUES ('Mike', 'Hillyer', 1, 1, 'mike');
INSERT INTO customer (store_id, first_name, last_name, address_id) VALUES (1, 'MARY', 'SMITH', 1);
INSERT INTO film (title, language_id) VALUES ('ACADEMY DINOSAUR', 1);
INSERT INTO film_category (film_id, category_id) VALUES (1, 1);
INSERT INTO inventory (film_id, store_id) VALUES (1, 1);
INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id)
    VALUES ('2022-05-24 22:53:30+02', 1, 1, 1);
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date)
    VALUES (1, 1, 1, 2.99, '2022-05-24 22:53:30+02'), (1, 1, 1, 0.99, '2022-07-01Z');
"""


@pytest.fixture
def pagila(ws: Workspace, corpora: Path, new_postgresql: Callable[[str], str]) -> Iterator[str]:
    """The address of an empty Pagila, connected as `pagila`."""
    script = corpora / "db_pagila" / "pagila-schema-pg15.sql"
    url = new_postgresql(script.read_text(encoding="utf-8"))
    connect(ws, "pagila", url)
    return url


@pytest.fixture
def rented(pagila: str) -> str:
    """Pagila with one film, rented and paid for twice."""
    run_postgresql(pagila, RENTED)
    return pagila


def test_every_table_and_view_is_described(ws: Workspace, pagila: str) -> None:
    found = tables_of(ws, "pagila")
    assert {label for label, table in found.items() if table.ref.is_view} == VIEWS
    partitions = {label for label in found if label.startswith("payment_p")}
    assert set(found) == VIEWS | set(FILES) | partitions
    assert len(partitions) == 55
    for label in found:
        document = json.loads(json.dumps(schema_of(ws, "pagila", label)))
        assert (document["table_name"], document["sample_data"]) == (label, [])
        if label == MATERIALISED:
            assert "must be refreshed first" in document["sample_error"]
        else:
            assert document["sample_error"] is None


def test_what_can_be_imported_and_what_must_be(ws: Workspace, pagila: str) -> None:
    found = tables_of(ws, "pagila")
    film = found["film"]
    assert [c.name for c in film.columns if not c.writable] == ["length_hours"]
    assert film.column("rating").choices == ("G", "PG", "PG-13", "R", "NC-17")
    assert (film.column("release_year").kind, film.column("release_year").type_text) == (
        Kind.INTEGER,
        "year",
    )
    assert [check.sql for check in film.checks] == [
        '(("release_year" >= 1901) AND ("release_year" <= 2155))'
    ]
    assert {film.column(n).kind for n in ("special_features", "fulltext")} == {Kind.OTHER}
    # Its trigger may fill any of them: which one it fills is not to be seen from outside.
    assert [c.name for c in film.columns if c.filled_by_trigger] == [
        "title", "language_id", "fulltext"
    ]  # fmt: skip
    assert [c.name for c in found["staff"].columns if c.required] == [
        "first_name", "last_name", "address_id", "store_id", "username"
    ]  # fmt: skip
    assert found["payment"].primary_key == ("payment_date", "payment_id")
    assert {key.target_table for key in found["payment_p2022_01"].foreign_keys} == {
        "customer", "rental", "staff"
    }  # fmt: skip
    for view in VIEWS:
        with pytest.raises(ImportDenied, match="is a view"):
            imported(ws, "pagila", view, b"title\nx\n")


def test_every_table_takes_rows_and_gives_them_back(
    ws: Workspace, pagila: str, corpora: Path, new_postgresql: Callable[[str], str]
) -> None:
    found = tables_of(ws, "pagila")
    # Only its partitions refer to rentals, so that the order cannot tell.
    order = [t.label for t in parents_first(found[label] for label in FILES if label != "payment")]
    order.append("payment")
    for label in order:
        job = imported(ws, "pagila", label, FILES[label].encode())
        assert job.status is JobStatus.COMPLETED, sentences_of(ws, job)
    assert rows_of(exported(ws, "pagila", "film"))[1][:4] == [
        "1", "ACADEMY DINOSAUR", "An Epic Drama of a Teacher", "2006"
    ]  # fmt: skip
    raw = "SELECT length_hours::text, fulltext::text FROM film ORDER BY film_id LIMIT 1"
    assert run_postgresql(pagila, raw) == [
        ("1.43", "'academi':1 'dinosaur':2 'drama':5 'epic':4 'teacher':8")
    ]
    split = "SELECT tableoid::regclass::text, amount::text FROM payment ORDER BY payment_date"
    assert run_postgresql(pagila, split) == [
        ("payment_p2022_05", "2.99"),
        ("payment_p2026_07", "0.99"),
    ]
    script = corpora / "db_pagila" / "pagila-schema-pg15.sql"
    copy = new_postgresql(script.read_text(encoding="utf-8"))
    connect(ws, "copy", copy)
    for label in order:
        before = exported(ws, "pagila", label)
        job = imported(ws, "copy", label, before)
        assert job.status is JobStatus.COMPLETED, sentences_of(ws, job)
        assert job.counts.inserted == len(rows_of(before)) - 1 > 0
        assert exported(ws, "copy", label) == before
        whole = f"SELECT t::text FROM {label} AS t ORDER BY 1"
        assert run_postgresql(copy, whole) == run_postgresql(pagila, whole)


def test_wrong_values_are_told_plainly_and_the_others_loaded(ws: Workspace, rented: str) -> None:
    film = (
        "film_id,title,release_year,language_id,rating,special_features,rental_rate\n"
        "10,GOOD,1950,1,R,{Trailers},1.50\n"
        "11,RATED,1950,1,PG13,{},1\n"
        "12,OLD,1900,1,G,{},1\n"
        "13,LATE,2156,1,G,{},1\n"
        '14,BROKEN,1950,1,G,"{Trailers",1\n'
        "15,NO LANGUAGE,1950,9,G,{},1\n"
        "16,DEAR,1950,1,G,{},100\n"
        "17,,1950,1,G,{},1\n"
        "18,ALSO GOOD,,2,,,1\n"
    )
    job = imported(ws, "pagila", "film", film.encode())
    assert (job.status, job.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert sentences_of(ws, job) == {
        2: "rating: 'PG13' is not one of 'G', 'PG', 'PG-13', 'R', 'NC-17'; did you mean 'PG-13'?",
        3: "release_year: '1900' breaks a rule of the table: must be at least 1901",
        4: "release_year: '2156' breaks a rule of the table: must be at most 2155",
        5: 'special_features: malformed array literal: "{Trailers"',
        6: "language_id: '9' is not in language (language_id)",
        7: "rental_rate: '100' has more than 2 digits before the point",
        8: "title: title may not be empty in film",
    }
    titles = "SELECT title FROM film WHERE film_id >= 10 ORDER BY film_id"
    assert run_postgresql(rented, titles) == [("GOOD",), ("ALSO GOOD",)]


def test_rows_that_only_the_database_can_refuse(ws: Workspace, rented: str) -> None:
    payment = (
        "customer_id,staff_id,rental_id,amount,payment_date\n"
        "1,1,1,1.00,2021-12-31T23:59:59Z\n"
        "99,1,1,2.00,2022-01-01T00:00:00Z\n"
        "1,1,1,3.00,2022-01-01T00:00:00Z\n"
    )
    job = imported(ws, "pagila", "payment", payment.encode())
    assert job.counts.inserted == 1
    assert sentences_of(ws, job) == {
        1: "None: the row lies outside the partitions of payment",
        2: "customer_id: customer_id 99 is not in customer",
    }


def test_a_materialised_view_that_holds_nothing_yet(ws: Workspace, rented: str) -> None:
    with pytest.raises(TargetDatabaseError, match="must be refreshed first"):
        tables.browse_table(ws, LOCAL, MATERIALISED, "pagila")
    run_postgresql(rented, f"REFRESH MATERIALIZED VIEW {MATERIALISED}")
    assert rows_of(exported(ws, "pagila", MATERIALISED)) == [
        ["category", "total_sales"],
        ["Drama", "3.98"],
    ]


def test_rows_are_updated_by_a_partitioned_key(ws: Workspace, rented: str) -> None:
    text = exported(ws, "pagila", "payment").decode()
    changed = text.replace("2.99", "3.49").encode()
    job = imported(ws, "pagila", "payment", changed, on_conflict=OnConflict.UPDATE)
    assert (job.counts.updated, job.counts.unchanged) == (1, 1)
    assert exported(ws, "pagila", "payment") == changed
