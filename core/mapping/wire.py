"""Steps as JSON values: option values of any JSON type, stored as text by their kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidMapping
from core.mapping.transforms import find_transform
from core.model.mapping import OptionKind, Step


def read_steps(value: object, where: str) -> tuple[Step, ...]:
    """Null, "", a name, an object, or a list of names and objects. Raises InvalidMapping."""
    if value is None or value == "":
        return ()
    if isinstance(value, list):
        return tuple(_step(item, where) for item in value)
    return (_step(value, where),)


def steps_document(steps: tuple[Step, ...]) -> Any:
    """None, a name, an object with options, or a list of these; options are text."""
    written = [
        {"name": s.transform, "options": dict(s.options)} if s.options else s.transform
        for s in steps
    ]
    if not written:
        return None
    return written[0] if len(written) == 1 else written


def _step(value: object, where: str) -> Step:
    options: object = {}
    name: object = value
    if isinstance(value, Mapping):
        name = value.get("name") or value.get("transform")
        options = value.get("options") or {}
        if strange := sorted(str(k) for k in value if k not in ("name", "transform", "options")):
            raise InvalidMapping(f"{where}: unknown {', '.join(strange)} of a transform")
    if not isinstance(name, str) or not name:
        raise InvalidMapping(f"{where}: a transform is a name, or an object with name and options")
    if not isinstance(options, Mapping) or not all(isinstance(key, str) for key in options):
        raise InvalidMapping(f"{where}: the options of transform {name!r} must be values by name")
    info = find_transform(name).info
    kinds = {o.name: o.kind for o in info.options}
    given = {
        key: _text(kinds.get(key, OptionKind.TEXT), found, f"{where}: {info.name}, option {key!r}")
        for key, found in options.items()
        if found is not None
    }
    return Step(transform=info.name, options=given)


def _text(kind: OptionKind, value: object, where: str) -> str:
    """An option's value as it is stored."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case list() if kind in (OptionKind.LIST, OptionKind.COLUMNS):
            return _json([_element(item, where) for item in value])
        case Mapping() if kind is OptionKind.PAIRS:
            pairs = {
                str(key): None if item is None else _element(item, where)
                for key, item in value.items()
            }
            return _json(pairs)
    raise InvalidMapping(f"{where} must be {_EXPECTED.get(kind, 'a text')}")


_EXPECTED = {
    OptionKind.LIST: "a list of texts",
    OptionKind.COLUMNS: "a list of column names",
    OptionKind.PAIRS: "an object from text to text",
    OptionKind.FLAG: "true or false",
    OptionKind.INTEGER: "a whole number",
    OptionKind.NUMBER: "a number",
}


def _element(value: object, where: str) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
    raise InvalidMapping(f"{where} holds {str(value)[:40]!r}, which is not a text")


def _number(value: float) -> str:
    """2.0, as some programs send a 2, is 2."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
