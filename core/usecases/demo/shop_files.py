"""Files for the shop: good ones, one with errors, one messy."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

from core.usecases.demo import shop
from core.usecases.demo.csv_text import csv_text

ORDERS = 200
_SEED = 20_240_102


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One cell that was spoilt on purpose."""

    row: int  #: 1-based data row
    column: str
    cell: str
    reason: str


#: Everything that is wrong in orders_with_errors.csv.
FAULTS = (
    Fault(row=4, column="Qty", cell="two", reason="a word where a number is wanted"),
    Fault(row=12, column="Qty", cell="0", reason="nothing ordered"),
    Fault(row=20, column="Order Date", cell="30/02/2026", reason="no such day"),
    Fault(row=28, column="Customer E-mail", cell="nobody@example.com", reason="no such customer"),
    Fault(row=43, column="Total", cell="", reason="missing"),
    Fault(row=58, column="Gift?", cell="perhaps", reason="neither yes nor no"),
    Fault(row=64, column="Status", cell="lost", reason="not one of the four states"),
    Fault(row=65, column="Order ID", cell="2006", reason="the number of row 6 again"),
    Fault(row=81, column="Total", cell="12.345", reason="half a cent"),
    Fault(row=100, column="Product SKU", cell="", reason="missing"),
)


def users() -> bytes:
    people = (
        ("John Doe", 30, "Engineering"),
        ("Jane Smith", 25, "Marketing"),
        ("Bob Johnson", 35, "Sales"),
        ("Alice Brown", 28, "Engineering"),
        ("Charlie Wilson", 32, "Marketing"),
    )
    rows = [(name, shop.email(name), age, department) for name, age, department in people]
    return csv_text(("name", "email", "age", "department"), rows)


def products() -> bytes:
    rows = [
        (f"{name} XL", f"SKU-{i:04d}", f"{i * 7}.90", category, i * 3)
        for i, (name, category) in enumerate(shop.GOODS, 101)
    ]
    return csv_text(("name", "sku", "price", "category", "stock"), rows)


def orders() -> bytes:
    header = ("order_id", "customer_email", "product_sku", "quantity", "order_date", "total")
    return csv_text(header, [[one[name] for name in header] for one in _made_orders(1_001)])


def orders_with_errors() -> bytes:
    header = (
        "Order ID", "Customer E-mail", "Product SKU", "Qty", "Order Date", "Total", "Gift?",
        "Status",
    )  # fmt: skip
    rows = [
        [o["order_id"], o["customer_email"], o["product_sku"], o["quantity"],
         f"{o['order_date']:%d/%m/%Y}", f"{o['total']:,.2f}", "yes" if o["gift"] else "no",
         o["status"]]
        for o in _made_orders(2_001)
    ]  # fmt: skip
    for fault in FAULTS:
        rows[fault.row - 1][header.index(fault.column)] = fault.cell
    return csv_text(header, rows)


def _made_orders(first: int) -> list[dict[str, Any]]:
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    known = shop.rows()
    numbers = range(first, first + ORDERS)
    return [shop.order(n, known["customers"], known["products"], chance) for n in numbers]


def customers() -> bytes:
    people = [
        {
            "id": known["id"] + 100,
            "name": known["name"],
            "email": "new." + known["email"],
            "phone": known["phone"],
            "address": known["address"],
            "status": known["status"],
        }
        for known in shop.rows()["customers"][:5]
    ]
    return json.dumps({"customers": people}, indent=2, ensure_ascii=False).encode()


def customers_messy() -> bytes:
    """As a program of the nineties writes it; the tenth row lacks its last cells."""
    lines = (
        "Kundenliste Filiale Süd;;;;;;;",
        "Stand: 31.05.2026;;;;;;;",
        "",
        "Customer ID;Full Name;E-Mail;Phone;Phone;Address;Credit Limit;Status",
        "301;Jürgen Größmann;j.gross@example.com;0711 2201;0172 5501;Torstraße 1;1.250,00;active",
        "302;Käthe Müller;k.mueller@example.com;0711 2202;;Am Bühl 7;980,50;active",
        "303;Björn Åkesson;b.akesson@example.com;0711 2203;;Hafengässchen 12;2.000,00;inactive",
        "",
        '304;"Weiß; Söhne & Co.";weiss@example.com;0711 2204;;Am Öhr 3;15.400,75;active',
        "305;Zoë Lefèvre;z.lefevre@example.com;;0172 5505;Allée des Tilleuls 9;640,00;active",
        '306;"Ana ""Anita"" Peña";a.pena@example.com;0711 2206;;Gänsemarkt 30;75,25;active',
        "307;François Dœuff;f.doeuff@example.com;0711 2207;;Straße der Mühlen 5;;active",
        "308;Søren Kjær;s.kjaer@example.com;0711 2208;0172 5508;Brückenstraße 44;3.100,10;inactive",
        "",
        "309;Günther Höß;g.hoess@example.com;0711 2209;;Schloßallee 2;410,00;active",
        "310;Ragnhild Sjöberg;r.sjoeberg@example.com;0711 2210",
        "311;Tomás Muñoz;t.munoz@example.com;0711 2211;;Färbergasse 18;1.999,99;active",
        "",
    )
    return "\r\n".join(lines).encode("cp1252")
