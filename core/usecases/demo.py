"""A ready example: a small shop in SQLite, and files to drop into it (rows R40 to R42).

Everything is made here, with a fixed seed: the same shop on every machine. Making it again leaves
what is there alone.
"""

from __future__ import annotations

import csv
import json
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.connect import normalise_url, open_engine
from core.usecases.connections import add_connection, list_connections
from core.usecases.local import local_identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from core.workspace import Workspace

CONNECTION = "demo"
_SEED = 20_240_101
_STATUSES = ("new", "paid", "shipped", "returned")
_NAMES = (
    "Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov",
    "Donald Knuth", "Frances Allen", "Tony Hoare", "Radia Perlman", "Niklaus Wirth",
    "Margaret Hamilton", "Leslie Lamport", "Jean Bartik", "Ken Thompson", "Sophie Wilson",
)  # fmt: skip
_GOODS = (
    ("Desk lamp", "Home"), ("Notebook A5", "Office"), ("Fountain pen", "Office"),
    ("Coffee mug", "Kitchen"), ("Tea pot", "Kitchen"), ("Wool blanket", "Home"),
    ("Standing desk", "Office"), ("Bread knife", "Kitchen"), ("Wall clock", "Home"),
    ("Paper clips", "Office"),
)  # fmt: skip


def _schema() -> sa.MetaData:
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


def _email(name: str) -> str:
    return name.lower().replace(" ", ".") + "@example.com"


def _rows(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    customers = [
        {"id": i, "name": n, "email": _email(n), "phone": f"+49 30 {chance.randrange(10**6):06d}",
         "address": f"{chance.randrange(1, 200)} Main Street", "status": "active"}
        for i, n in enumerate(_NAMES, 1)
    ]  # fmt: skip
    products = [
        {"id": i, "name": n, "sku": f"SKU-{i:04d}", "category": c,
         "price": Decimal(chance.randrange(199, 29_900)) / 100, "stock": chance.randrange(500)}
        for i, (n, c) in enumerate(_GOODS, 1)
    ]  # fmt: skip
    users = [
        {"id": i, "name": n, "email": _email(n), "age": chance.randrange(22, 65),
         "department": chance.choice(("Engineering", "Marketing", "Sales"))}
        for i, n in enumerate(_NAMES[:5], 1)
    ]  # fmt: skip
    orders = [_order(i, customers, products, chance) for i in range(1, 501)]
    return {"users": users, "customers": customers, "products": products, "orders": orders}


def _order(
    number: int,
    customers: Sequence[dict[str, Any]],
    products: Sequence[dict[str, Any]],
    chance: random.Random,
) -> dict[str, Any]:
    product, quantity = chance.choice(products), chance.randrange(1, 9)
    return {
        "order_id": number,
        "customer_email": chance.choice(customers)["email"],
        "product_sku": product["sku"],
        "quantity": quantity,
        "order_date": date(2026, 1, 1) + timedelta(days=chance.randrange(300)),
        "total": product["price"] * quantity,
        "gift": chance.random() < 0.1,
        "status": chance.choice(_STATUSES),
    }


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    if path.exists():
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _write_samples(folder: Path, chance: random.Random) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    people = ("John Doe", 30, "Engineering"), ("Jane Smith", 25, "Marketing"), (
        "Bob Johnson", 35, "Sales"), ("Alice Brown", 28, "Engineering"), (
        "Charlie Wilson", 32, "Marketing")  # fmt: skip
    _write_csv(
        folder / "users.csv",
        ("name", "email", "age", "department"),
        [(n, _email(n), a, d) for n, a, d in people],
    )
    _write_csv(
        folder / "products.csv",
        ("name", "sku", "price", "category", "stock"),
        [
            (f"{n} XL", f"SKU-{i:04d}", f"{i * 7}.90", c, i * 3)
            for i, (n, c) in enumerate(_GOODS, 101)
        ],
    )
    shop = _rows(random.Random(_SEED))  # noqa: S311  made-up rows, no secrets
    header = (
        "Order ID",
        "Customer E-mail",
        "Product SKU",
        "Qty",
        "Order Date",
        "Total",
        "Gift?",
        "Status",
    )
    lines: list[list[object]] = []
    for number in range(1001, 1201):
        o = _order(number, shop["customers"], shop["products"], chance)
        lines.append([number, o["customer_email"], o["product_sku"], o["quantity"],
                      o["order_date"].strftime("%d/%m/%Y"), f"{o['total']:,.2f}",
                      "yes" if o["gift"] else "no", o["status"]])  # fmt: skip
    _write_csv(folder / "orders.csv", header, lines)
    for row, column, bad in (
        (3, 3, "two"), (11, 3, 0), (19, 4, "30/02/2026"), (27, 1, "nobody@example.com"),
        (42, 5, ""), (57, 6, "perhaps"), (63, 7, "lost"), (64, 0, lines[5][0]),
        (80, 5, "12.345"), (99, 2, ""),
    ):  # fmt: skip
        lines[row][column] = bad
    _write_csv(
        folder / "orders_with_errors.csv",
        header,
        [[int(str(line[0])) + 1000, *line[1:]] for line in lines],
    )
    customers = folder / "customers.json"
    if not customers.exists():
        people_json = [
            {k: c[k] for k in ("id", "name", "email", "phone", "address", "status")}
            | {"id": c["id"] + 100, "email": "new." + c["email"]}
            for c in shop["customers"][:5]
        ]
        customers.write_text(json.dumps({"customers": people_json}, indent=2), encoding="utf-8")


def prepare_demo(ws: Workspace) -> Path:
    """Make the demo shop, its sample files and the connection `demo`; returns the samples' folder.

    Idempotent: what exists is left as it is.
    """
    folder = ws.settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "shop.db"
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    if not database.exists():
        engine = open_engine(normalise_url(f"sqlite:///{database}"), create=True)
        schema = _schema()
        with engine.begin() as db:
            schema.create_all(db)
            for name, rows in _rows(chance).items():
                db.execute(schema.tables[name].insert(), rows)
        engine.dispose()
    who = local_identity()
    if CONNECTION not in {c.name for c in list_connections(ws, who)}:
        has_default = any(c.default for c in list_connections(ws, who))
        add_connection(
            ws, who, name=CONNECTION, url=f"sqlite:///{database}", default=not has_default
        )
    _write_samples(folder / "files", chance)
    return folder / "files"
