"""The running service as its owner and a passer-by see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.house import House, Visitor

pytestmark = pytest.mark.e2e


def test_the_doctor_is_content(house: House) -> None:
    document = house.tableport("doctor")
    assert {"worker", "accounts", "metastore"} <= {c["name"] for c in document["checks"] if c["ok"]}


def test_health_is_public_and_the_docs_are_there(
    house: House, visitor: Callable[..., Visitor]
) -> None:
    passer_by = visitor("nobody")
    status, health = passer_by.fetch("/api/v1/data/health")
    assert (status, health["import_service_status"]) == (200, "healthy")
    passer_by.page.goto(house.url + "/docs")
    passer_by.see("/api/v1/data/tables/available")
    passer_by.picture("docs")


@pytest.mark.parametrize("address", ["/settings/data-import", "/settings/data-export"])
def test_the_guides_addresses_lead_to_the_screens(
    visitor: Callable[..., Visitor], address: str
) -> None:
    someone = visitor("ada")
    someone.sign_in(address)
    assert someone.page.url.split("?")[0].endswith(address.removeprefix("/settings"))
    someone.see(f"Data {address.rsplit('-', 1)[-1]}")


def test_a_wrong_password(visitor: Callable[..., Visitor]) -> None:
    someone = visitor("ada", scheme="dark", width=420)
    someone.go("/")
    someone.page.get_by_label("User name").fill("ada")
    someone.page.get_by_label("Password", exact=True).fill("wrong")
    someone.page.get_by_role("button", name="Sign in").click()
    someone.see("wrong")
    someone.picture("sign-in")
    assert someone.page.get_by_role("button", name="Sign out").count() == 0
