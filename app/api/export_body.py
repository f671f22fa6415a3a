"""The guide's export request, in every spelling its clients use, becomes an ExportPlan.

Snake and camel case are equal, `xlsx` and `yml` are accepted for `excel` and `yaml` (ruling A2).
An option that is not known, or asks for what Tableport does not do, is refused by name: ignoring
it would make a file its owner did not ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import InvalidColumns, InvalidRequest
from core.model.dialect import Dialect
from core.model.plan import ExportPlan, Filter, Operator, Sort

_FORMATS = {"xlsx": "excel", "xls": "excel", "yml": "yaml", "ndjson": "jsonl", "tsv": "csv"}
_OPERATORS = {
    "eq": Operator.EQUALS, "=": Operator.EQUALS, "==": Operator.EQUALS,
    "ne": Operator.NOT_EQUALS, "!=": Operator.NOT_EQUALS, "<>": Operator.NOT_EQUALS,
    "gt": Operator.GREATER_THAN, ">": Operator.GREATER_THAN,
    "gte": Operator.GREATER_OR_EQUAL, ">=": Operator.GREATER_OR_EQUAL,
    "lt": Operator.LESS_THAN, "<": Operator.LESS_THAN,
    "lte": Operator.LESS_OR_EQUAL, "<=": Operator.LESS_OR_EQUAL,
}  # fmt: skip
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
_ENCODINGS = {"windows-1252": "cp1252", "latin1": "iso-8859-1", "latin-1": "iso-8859-1"}
#: What the guide's clients also send: looks, which change no value.
_LOOKS = {"pretty_print", "auto_fit_columns", "freeze_headers", "label", "datetime_format"}
#: What Tableport does not do, with the values that do not ask for it.
_NOT_DONE: Mapping[str, tuple[Any, ...]] = {
    "operation": ("full", "filtered"),
    "compress": (False,),
    "compression_type": ("none",),
    "split_files": (False,),
    "max_rows_per_file": (),
    "null_representation": ("",),
}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class _Body(BaseModel):
    """A JSON object whose keys may be in snake or camel case."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _snake_keys(cls, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        found: dict[str, Any] = {}
        for key, value in document.items():
            name = _snake(str(key))
            if name in found:
                raise ValueError(f"{name} is given twice")
            found[name] = value
        return found

    @classmethod
    def read(cls, document: Any) -> Self:
        """The body a JSON value holds. Raises InvalidRequest naming the key at fault."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"]) or "body"
            raise InvalidRequest(f"{where}: {fault['msg']}.") from error


class FilterBody(_Body):
    column: str
    operator: str = Field(examples=["equals"])
    value: Any = None
    label: str | None = None


class SortBody(_Body):
    column: str
    descending: bool = False


class ExportBody(_Body):
    """What to export, and how."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "table_name": "users",
                "export_format": "csv",
                "selected_columns": ["name", "email"],
                "filters": [{"column": "age", "operator": "greater_than", "value": 30}],
                "export_options": {"include_headers": True, "date_format": "iso"},
            }
        },
    )
    table_name: str
    connection: str | None = Field(None, description="The default connection when left out")
    export_format: str | None = Field(None, description="csv, json, excel, xml, yaml …")
    selected_columns: list[str] = Field([], description="Every column you may see when empty")
    filters: list[FilterBody] = Field([], description="Joined by AND")
    sort: list[SortBody] = []
    export_options: dict[str, Any] = {}


def plan_of(body: ExportBody, connection: str) -> ExportPlan:
    """The plan a request asks for. Raises InvalidRequest or InvalidColumns."""
    options = _options(body.export_options)
    said = {name for name in (body.export_format, options.pop("format", None)) if name}
    formats = {_FORMATS.get(f.lower(), f.lower()) for f in said}
    if len(formats) != 1:
        raise InvalidRequest("export_format: name exactly one format, such as csv.")
    dialect: dict[str, Any] = {"format": formats.pop(), **options.pop("dialect")}
    if "tsv" in said and "delimiter" not in dialect:
        dialect["delimiter"] = "\t"
    repeated = {c for c in body.selected_columns if body.selected_columns.count(c) > 1}
    if repeated:
        raise InvalidColumns(f"Selected more than once: {', '.join(sorted(repeated))}.")
    return ExportPlan(
        connection=connection,
        table=body.table_name,
        columns=tuple(body.selected_columns),
        filters=filters_of(body.filters),
        sort=sort_of(body.sort),
        dialect=Dialect(**dialect),
        **options,
    )


def filters_of(bodies: Sequence[FilterBody]) -> tuple[Filter, ...]:
    return tuple(
        Filter(column=b.column, operator=_operator(b.operator), value=b.value) for b in bodies
    )


def sort_of(bodies: Sequence[SortBody]) -> tuple[Sort, ...]:
    return tuple(Sort(column=b.column, descending=b.descending) for b in bodies)


def _operator(word: str) -> Operator:
    known = _OPERATORS.get(word.strip().lower())
    if known is not None:
        return known
    try:
        return Operator(_snake(word.strip()))
    except ValueError:
        every = ", ".join(Operator)
        raise InvalidRequest(f"operator: {word!r} is not one of {every}.") from None


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest(f"{name}: true or false is expected.")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name}: a text is expected.")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidRequest(f"{name}: a whole number from 1 is expected.")
    return value


def _delimiter(name: str, value: Any) -> str:
    text = _text(name, value)
    return _DELIMITERS.get(text.lower(), text)


def _encoding(name: str, value: Any) -> str:
    text = _text(name, value).lower()
    codec = _ENCODINGS.get(text, text)
    try:
        "".encode(codec)
    except LookupError:
        raise InvalidRequest(f"{name}: there is no encoding {value!r}.") from None
    return codec


_Read = Callable[[str, Any], Any]
_DIALECT: Mapping[str, tuple[str, _Read]] = {
    "include_headers": ("header", _flag),
    "delimiter": ("delimiter", _delimiter),
    "encoding": ("encoding", _encoding),
    "bom": ("bom", _flag),
    "sheet_name": ("sheet", _text),
    "sheet": ("sheet", _text),
    "record_path": ("record_path", _text),
}
_PLAN: Mapping[str, tuple[str, _Read]] = {
    "format": ("format", _text),
    "filename": ("filename", _text),
    "date_format": ("date_format", _text),
    "row_limit": ("limit", _count),
    "limit": ("limit", _count),
    "search_term": ("search", _text),
    "search": ("search", _text),
    "escape_formulas": ("escape_formulas", _flag),
}


def _options(document: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of ExportPlan, `format` and, under `dialect`, fields of Dialect."""
    found: dict[str, Any] = {"dialect": {}}
    for given, value in document.items():
        name = _snake(given)
        if value is None or value == "" or name in _LOOKS:
            continue
        if name in _DIALECT:
            field, read = _DIALECT[name]
            found["dialect"][field] = read(given, value)
        elif name in _PLAN:
            field, read = _PLAN[name]
            found[field] = read(given, value)
        elif name not in _NOT_DONE:
            raise InvalidRequest(f"There is no export option {given!r}.")
        elif value not in _NOT_DONE[name]:
            raise InvalidRequest(f"Tableport does not do {given} = {value!r}; leave it out.")
    return found
