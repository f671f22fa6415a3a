"""The shop: users, customers, products and orders, as the guide's samples need them (R41, R42)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.usecases.demo.databases import write_database

CONNECTION, FILE = "demo", "shop.db"
STATUSES = ("new", "paid", "shipped", "returned")
#: What the shop's own goods are called, and their categories.
GOODS = (
    ("Desk lamp", "Home"), ("Notebook A5", "Office"), ("Fountain pen", "Office"),
    ("Coffee mug", "Kitchen"), ("Tea pot", "Kitchen"), ("Wool blanket", "Home"),
    ("Standing desk", "Office"), ("Bread knife", "Kitchen"), ("Wall clock", "Home"),
    ("Paper clips", "Office"),
)  # fmt: skip
_SEED = 20_240_101
_NAMES = (
    "Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov",
    "Donald Knuth", "Frances Allen", "Tony Hoare", "Radia Perlman", "Niklaus Wirth",
    "Margaret Hamilton", "Leslie Lamport", "Jean Bartik", "Ken Thompson", "Sophie Wilson",
)  # fmt: skip


def make(path: Path) -> None:
    """Write the shop into an SQLite file."""
    write_database(path, schema(), rows())


def schema() -> sa.MetaData:
    shop = sa.MetaData()
    sa.Table(
        "users",
        shop,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
        sa.Column("age", sa.Integer, sa.CheckConstraint("age BETWEEN 0 AND 150")),
        sa.Column("department", sa.String(50)),
    )
    sa.Table(
        "customers",
        shop,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
        sa.Column("phone", sa.String(30)),
        sa.Column("address", sa.Text),
        sa.Column("status", sa.String(10), nullable=False, server_default="active"),
        sa.Column("credit_limit", sa.Numeric(10, 2), sa.CheckConstraint("credit_limit >= 0")),
        sa.CheckConstraint("status IN ('active', 'inactive')"),
    )
    sa.Table(
        "products",
        shop,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sku", sa.String(20), nullable=False, unique=True),
        sa.Column("price", sa.Numeric(10, 2), sa.CheckConstraint("price >= 0"), nullable=False),
        sa.Column("category", sa.String(50)),
        sa.Column("stock", sa.Integer, nullable=False, server_default="0"),
    )
    sa.Table(
        "orders",
        shop,
        sa.Column("order_id", sa.Integer, primary_key=True),
        sa.Column("customer_email", sa.ForeignKey("customers.email"), nullable=False),
        sa.Column("product_sku", sa.ForeignKey("products.sku"), nullable=False),
        sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity > 0"), nullable=False),
        sa.Column("order_date", sa.Date, nullable=False),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column("gift", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("status", sa.String(10), nullable=False, server_default="new"),
        sa.CheckConstraint("status IN ('new', 'paid', 'shipped', 'returned')"),
    )
    return shop


def rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, parents first."""
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    customers = [
        {"id": i, "name": n, "email": email(n), "phone": f"+49 30 {chance.randrange(10**6):06d}",
         "address": f"{chance.randrange(1, 200)} Main Street", "status": "active",
         "credit_limit": Decimal(500 * i)}
        for i, n in enumerate(_NAMES, 1)
    ]  # fmt: skip
    products = [
        {"id": i, "name": n, "sku": f"SKU-{i:04d}", "category": c,
         "price": Decimal(chance.randrange(199, 29_900)) / 100, "stock": chance.randrange(500)}
        for i, (n, c) in enumerate(GOODS, 1)
    ]  # fmt: skip
    users = [
        {"id": i, "name": n, "email": email(n), "age": chance.randrange(22, 65),
         "department": chance.choice(("Engineering", "Marketing", "Sales"))}
        for i, n in enumerate(_NAMES[:5], 1)
    ]  # fmt: skip
    orders = [order(i, customers, products, chance) for i in range(1, 501)]
    return {"users": users, "customers": customers, "products": products, "orders": orders}


def order(
    number: int,
    customers: Sequence[dict[str, Any]],
    products: Sequence[dict[str, Any]],
    chance: random.Random,
) -> dict[str, Any]:
    """One row of orders, of some customer and some product."""
    product, quantity = chance.choice(products), chance.randrange(1, 9)
    return {
        "order_id": number,
        "customer_email": chance.choice(customers)["email"],
        "product_sku": product["sku"],
        "quantity": quantity,
        "order_date": date(2026, 1, 1) + timedelta(days=chance.randrange(300)),
        "total": product["price"] * quantity,
        "gift": chance.random() < 0.1,
        "status": chance.choice(STATUSES),
    }


def email(name: str) -> str:
    """Where somebody made up gets their mail."""
    return name.lower().replace(" ", ".") + "@example.com"
