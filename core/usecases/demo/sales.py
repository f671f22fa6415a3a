"""Who buys from the music shop, who serves them, and what was invoiced."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.usecases.demo import names

EMPLOYEES, CUSTOMERS, INVOICES = 40, 2_000, 13_000
CURRENCIES = ("EUR", "GBP", "USD", "CHF")
STATUSES = ("draft", "sent", "paid", "refunded")

_Row = dict[str, Any]


def add_tables(shop: sa.MetaData) -> None:
    """Describe them in `shop`, which holds the catalogue already."""
    _add_people(shop)
    sa.Table(
        "invoices",
        shop,
        sa.Column("invoice_id", sa.Integer, primary_key=True),
        sa.Column(
            "customer_id", sa.ForeignKey("customers.customer_id"), nullable=False, index=True
        ),
        sa.Column("invoiced_at", sa.DateTime, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(10), nullable=False, server_default="draft"),
        sa.Column("total", sa.Numeric(10, 2), sa.CheckConstraint("total >= 0"), nullable=False),
        sa.CheckConstraint("currency IN ('EUR', 'GBP', 'USD', 'CHF')"),
        sa.CheckConstraint("status IN ('draft', 'sent', 'paid', 'refunded')"),
    )
    sa.Table(
        "invoice_lines",
        shop,
        sa.Column("invoice_line_id", sa.Integer, primary_key=True),
        sa.Column("invoice_id", sa.ForeignKey("invoices.invoice_id"), nullable=False),
        sa.Column("track_id", sa.ForeignKey("tracks.track_id"), nullable=False, index=True),
        sa.Column("price", sa.Numeric(6, 2), sa.CheckConstraint("price >= 0"), nullable=False),
        sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity > 0"), nullable=False),
        sa.UniqueConstraint("invoice_id", "track_id"),
    )


def _add_people(shop: sa.MetaData) -> None:
    sa.Table(
        "employees",
        shop,
        sa.Column("employee_id", sa.Integer, primary_key=True),
        sa.Column("first_name", sa.String(60), nullable=False),
        sa.Column("last_name", sa.String(60), nullable=False),
        sa.Column("job_title", sa.String(60), nullable=False),
        sa.Column("reports_to", sa.ForeignKey("employees.employee_id")),
        sa.Column("born_on", sa.Date),
        sa.Column("hired_on", sa.Date, nullable=False),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
        sa.CheckConstraint("hired_on > born_on"),
    )
    sa.Table(
        "customers",
        shop,
        sa.Column("customer_id", sa.Integer, primary_key=True),
        sa.Column("first_name", sa.String(60), nullable=False),
        sa.Column("last_name", sa.String(60), nullable=False),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
        sa.Column("city", sa.String(60)),
        sa.Column("country", sa.String(60)),
        sa.Column("support_rep_id", sa.ForeignKey("employees.employee_id")),
    )


def rows(tracks: Sequence[Mapping[str, Any]], chance: random.Random) -> dict[str, list[_Row]]:
    """The rows of each table, parents first; `tracks` are the rows that can be sold."""
    employees = [_employee(i, chance) for i in range(1, EMPLOYEES + 1)]
    places = [chance.choice(names.PLACES) for _ in range(CUSTOMERS)]
    customers = [_customer(i, place, chance) for i, place in enumerate(places, 1)]
    invoices: list[_Row] = []
    lines: list[_Row] = []
    for number in range(1, INVOICES + 1):
        buyer = chance.randrange(1, CUSTOMERS + 1)
        sold = [
            {"invoice_line_id": len(lines) + i, "invoice_id": number, "track_id": one["track_id"],
             "price": one["price"], "quantity": chance.choice((1, 1, 1, 2))}
            for i, one in enumerate(chance.sample(tracks, chance.randrange(1, 7)), 1)
        ]  # fmt: skip
        total = sum((line["price"] * line["quantity"] for line in sold), Decimal())
        invoices.append(_invoice(number, buyer, places[buyer - 1][2], total, chance))
        lines += sold
    return {
        "employees": employees,
        "customers": customers,
        "invoices": invoices,
        "invoice_lines": lines,
    }


def _employee(number: int, chance: random.Random) -> _Row:
    """The first leads, the next four report to her, everybody else to one of those four."""
    first, last = names.person(chance)
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(14_000))
    if number == 1:
        title, boss = "Managing Director", None
    elif number <= 5:
        title, boss = "Head of Sales", 1
    else:
        title, boss = "Sales Assistant", chance.randrange(2, 6)
    return {
        "employee_id": number,
        "first_name": first,
        "last_name": last,
        "job_title": title,
        "reports_to": boss,
        "born_on": born,
        "hired_on": born + timedelta(days=chance.randrange(6_600, 9_900)),
        "email": f"employee.{number}@example.com",
    }


def _customer(number: int, place: tuple[str, str, str], chance: random.Random) -> _Row:
    first, last = names.person(chance)
    return {
        "customer_id": number,
        "first_name": first,
        "last_name": last,
        "email": f"customer.{number}@example.com",
        "city": place[0],
        "country": place[1],
        "support_rep_id": chance.randrange(6, EMPLOYEES + 1),
    }


def _invoice(
    number: int, customer: int, currency: str, total: Decimal, chance: random.Random
) -> _Row:
    return {
        "invoice_id": number,
        "customer_id": customer,
        "invoiced_at": datetime(2021, 1, 1) + timedelta(seconds=chance.randrange(157_000_000)),
        "currency": currency,
        "status": chance.choice(STATUSES),
        "total": total,
    }
