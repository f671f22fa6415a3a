"""Mappings as JSON values: every spelling the API accepts, and the one it emits.

Accepted: a list of objects, `{"mappings": [...]}`, or an object source → target. In an
object, camelCase and snake_case are equal. `transform` may be null, "", a name, a list of
names, or objects `{"name": …, "options": {…}}`. An object whose target is null or empty
says that the source column is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidMapping
from core.mapping.transforms import find_transform
from core.model.mapping import FieldMapping, Step

_SOURCE = ("sourceColumn", "source_column", "sourceField", "source_field", "source")
_TARGET = ("targetColumn", "target_column", "targetField", "target_field", "target")
_STEPS = ("transform", "transforms", "transformRule", "transform_rule", "steps")
_SKIP = ("skipEmpty", "skip_empty")
_LISTS = ("mappings", "fieldMappings", "field_mappings")
_KNOWN = frozenset(_SOURCE + _TARGET + _STEPS + _SKIP)


def parse_mappings(document: object) -> tuple[FieldMapping, ...]:
    """The mappings a JSON document holds. Raises InvalidMapping saying where it is wrong."""
    if isinstance(document, Mapping):
        for name in _LISTS:
            if isinstance(document.get(name), list):
                return parse_mappings(document[name])
        if any(isinstance(target, list) for target in document.values()):
            raise InvalidMapping(f"mappings must be a list under one of {', '.join(_LISTS)}")
        entries: list[Any] = [
            {"source": source, **target}
            if isinstance(target, Mapping)
            else {"source": source, "target": target}
            for source, target in document.items()
        ]
    elif isinstance(document, list):
        entries = document
    else:
        raise InvalidMapping("mappings must be a list of objects, or an object source → target")
    parsed = (_entry(entry, f"mapping {n}") for n, entry in enumerate(entries, 1))
    return tuple(mapping for mapping in parsed if mapping is not None)


def mappings_document(mappings: tuple[FieldMapping, ...]) -> list[dict[str, Any]]:
    """The canonical JSON values; `parse_mappings` gives the mappings back."""
    return [
        {
            "sourceColumn": mapping.source,
            "targetColumn": mapping.target,
            "transform": _steps_document(mapping.steps),
            "skipEmpty": mapping.skip_empty,
        }
        for mapping in mappings
    ]


def _steps_document(steps: tuple[Step, ...]) -> Any:
    written = [
        {"name": s.transform, "options": dict(s.options)} if s.options else s.transform
        for s in steps
    ]
    if not written:
        return None
    return written[0] if len(written) == 1 else written


def _entry(entry: object, where: str) -> FieldMapping | None:
    if not isinstance(entry, Mapping):
        raise InvalidMapping(f"{where}: expected an object with sourceColumn and targetColumn")
    unknown = sorted(str(key) for key in entry if key not in _KNOWN)
    if unknown:
        raise InvalidMapping(f"{where}: unknown {', '.join(unknown)}")
    source, target = _one_of(entry, _SOURCE), _one_of(entry, _TARGET)
    if not isinstance(source, str) or not source:
        raise InvalidMapping(f"{where}: sourceColumn is missing")
    if target is None or target == "":
        return None
    if not isinstance(target, str):
        raise InvalidMapping(f"{where}: targetColumn must be text")
    skip = _one_of(entry, _SKIP)
    if skip is not None and not isinstance(skip, bool):
        raise InvalidMapping(f"{where}: skipEmpty must be true or false")
    steps = _steps(_one_of(entry, _STEPS), where)
    return FieldMapping(source=source, target=target, steps=steps, skip_empty=bool(skip))


def _one_of(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _steps(value: object, where: str) -> tuple[Step, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, list):
        return tuple(_step(item, where) for item in value)
    return (_step(value, where),)


def _step(value: object, where: str) -> Step:
    options: object = {}
    if isinstance(value, Mapping):
        name = value.get("name") or value.get("transform")
        options = value.get("options") or {}
    else:
        name = value
    if not isinstance(name, str) or not name:
        raise InvalidMapping(f"{where}: a transform is a name, or an object with name and options")
    if not isinstance(options, Mapping) or not all(
        isinstance(part, str) for pair in options.items() for part in pair
    ):
        raise InvalidMapping(f"{where}: the options of transform {name!r} must be texts by name")
    return Step(transform=find_transform(name).info.name, options=dict(options))
