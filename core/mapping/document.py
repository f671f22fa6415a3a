"""Mappings as JSON values: every spelling the API accepts, and the one it emits.

Accepted: a list of objects, `{"mappings": [...]}`, or an object source → target. In an
object, camelCase and snake_case are equal. `transform` may be null, "", a name, a list of
names, or objects `{"name": …, "options": {…}}`. An object whose target is null or empty
says that the source column is not imported. The source is null or left out when the first
transform makes the cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidMapping
from core.mapping.transforms import find_transform
from core.mapping.wire import read_steps, steps_document
from core.model.mapping import Answer, Decision, FieldMapping, Lookup, OnUpdate, Step

_SOURCE = ("sourceColumn", "source_column", "sourceField", "source_field", "source")
_TARGET = ("targetColumn", "target_column", "targetField", "target_field", "target")
_STEPS = ("transform", "transforms", "transformRule", "transform_rule", "steps")
_SKIP = ("skipEmpty", "skip_empty")
_ON_UPDATE = ("onUpdate", "on_update")
_DEFAULT = ("defaultValue", "default_value")
_LOOKUP = ("lookup",)
#: Rules of one import: see core.usecases.plan_rules.
_RULES = ("validation_rules", "validationRules")
#: What else the guide's schema has (REQUIREMENTS 3.2): the table says it of its own columns.
_TOLD_BY_TABLE = ("dataType", "data_type", "isRequired", "is_required")
_LISTS = ("mappings", "fieldMappings", "field_mappings")
_KNOWN = frozenset(
    _SOURCE + _TARGET + _STEPS + _SKIP + _ON_UPDATE + _DEFAULT + _LOOKUP + _RULES + _TOLD_BY_TABLE
)


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
    return [_document(mapping) for mapping in mappings]


def _document(mapping: FieldMapping) -> dict[str, Any]:
    written: dict[str, Any] = {
        "sourceColumn": mapping.source or None,
        "targetColumn": mapping.target,
        "transform": steps_document(mapping.steps),
        "skipEmpty": mapping.skip_empty,
    }
    if mapping.on_update is not OnUpdate.OVERWRITE:
        written["onUpdate"] = mapping.on_update.value
    if mapping.lookup is not None:
        written["lookup"] = {
            "by": mapping.lookup.by,
            "decisions": [_decision_document(d) for d in mapping.lookup.decisions],
        }
    return written


def _decision_document(decision: Decision) -> dict[str, Any]:
    written = {"value": decision.value, "answer": decision.answer.value}
    return written if decision.use is None else {**written, "use": decision.use}


def _entry(entry: object, where: str) -> FieldMapping | None:
    if not isinstance(entry, Mapping):
        raise InvalidMapping(f"{where}: expected an object with sourceColumn and targetColumn")
    unknown = sorted(str(key) for key in entry if key not in _KNOWN)
    if unknown:
        raise InvalidMapping(f"{where}: unknown {', '.join(unknown)}")
    target = _one_of(entry, _TARGET)
    steps = (*read_steps(_one_of(entry, _STEPS), where), *_default(entry, where))
    source = _source(_one_of(entry, _SOURCE), steps, where)
    if target is None or target == "":
        return None
    if not isinstance(target, str):
        raise InvalidMapping(f"{where}: targetColumn must be text")
    skip = _one_of(entry, _SKIP)
    if skip is not None and not isinstance(skip, bool):
        raise InvalidMapping(f"{where}: skipEmpty must be true or false")
    lookup = _lookup(_one_of(entry, _LOOKUP), where)
    return FieldMapping(
        source=source,
        target=target,
        steps=steps,
        skip_empty=bool(skip),
        lookup=lookup,
        on_update=_on_update(_one_of(entry, _ON_UPDATE), where),
    )


def _on_update(word: object, where: str) -> OnUpdate:
    try:
        return OnUpdate(OnUpdate.OVERWRITE if word is None else str(word))
    except ValueError:
        raise InvalidMapping(f"{where}: onUpdate must be one of {', '.join(OnUpdate)}") from None


def _one_of(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _source(source: object, steps: tuple[Step, ...], where: str) -> str:
    makes = bool(steps) and find_transform(steps[0].transform).info.makes
    if source is None or source == "":
        if makes:
            return ""
        raise InvalidMapping(
            f"{where}: sourceColumn is missing; only a transform that makes its cells, such as"
            " constant, can go without"
        )
    if not isinstance(source, str):
        raise InvalidMapping(f"{where}: sourceColumn must be text")
    return source


def _default(entry: Mapping[str, Any], where: str) -> tuple[Step, ...]:
    """The guide's default_value: what empty cells become, after all other steps."""
    value = _one_of(entry, _DEFAULT)
    if value is None or value == "":
        return ()
    return read_steps({"name": "default_if_empty", "options": {"value": value}}, where)


def _lookup(value: object, where: str) -> Lookup | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = {"by": value}
    if not isinstance(value, Mapping):
        raise InvalidMapping(f"{where}: lookup must be an object with by and decisions")
    by, decisions = value.get("by"), value.get("decisions") or []
    strange = sorted(str(key) for key in value if key not in ("by", "decisions"))
    if strange:
        raise InvalidMapping(f"{where}: unknown {', '.join(strange)} of lookup")
    if not isinstance(by, str) or not by:
        raise InvalidMapping(f"{where}: lookup needs by, a column of the table referred to")
    if not isinstance(decisions, list):
        raise InvalidMapping(f"{where}: the decisions of lookup must be a list")
    found = tuple(_decision(item, f"{where}, decision {n}") for n, item in enumerate(decisions, 1))
    if len({d.value for d in found}) < len(found):
        raise InvalidMapping(f"{where}: lookup decides on one value twice")
    return Lookup(by=by, decisions=found)


def _decision(value: object, where: str) -> Decision:
    if not isinstance(value, Mapping) or any(k not in ("value", "answer", "use") for k in value):
        raise InvalidMapping(f"{where}: expected an object with value, answer and use")
    cell, use = value.get("value"), value.get("use")
    try:
        answer = Answer(str(value.get("answer")))
    except ValueError as error:
        choices = ", ".join(Answer)
        raise InvalidMapping(f"{where}: answer must be one of {choices}") from error
    if not isinstance(cell, str):
        raise InvalidMapping(f"{where}: value must be text")
    key = None if use is None else str(use)
    if isinstance(use, bool) or not isinstance(use, str | int | None) or key == "":
        raise InvalidMapping(f"{where}: use must be the key of a row, as text or a whole number")
    if (answer is Answer.USE) != (key is not None):
        raise InvalidMapping(f"{where}: use must be given with the answer use, and only then")
    return Decision(value=cell, answer=answer, use=key)
