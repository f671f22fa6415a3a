"""The list of transforms, for whoever draws a form of a mapping."""

from __future__ import annotations

from typing import Any


def test_the_transforms_are_listed(ann: Any, nobody: Any) -> None:
    found = {t["name"]: t for t in ann.json("GET", "/transforms")}
    assert found["expression"]["makes"] is True
    assert found["trim"] == {
        "name": "trim",
        "title": "Trim",
        "description": found["trim"]["description"],
        "aliases": [],
        "options": [],
        "makes": False,
    }
    (option, *_) = found["round"]["options"]
    assert (option["name"], option["kind"], option["required"]) == ("digits", "integer", False)
    assert nobody("GET", "/api/v1/data/transforms").status_code == 401
