"""The guide's export request, in every spelling its clients use, becomes an ExportPlan.

Snake and camel case are equal, `xlsx` and `yml` are accepted for `excel` and `yaml` (ruling A2).
The options are read by `core.usecases.export_options`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import InvalidColumns, InvalidRequest
from core.model.dialect import Dialect
from core.model.plan import ExportPlan, Filter, Operator, Sort
from core.usecases.export_options import parse_export_options, require_preset_for

_FORMATS = {"xlsx": "excel", "xls": "excel", "yml": "yaml", "ndjson": "jsonl", "tsv": "csv"}
_OPERATORS = {
    "eq": Operator.EQUALS, "=": Operator.EQUALS, "==": Operator.EQUALS,
    "ne": Operator.NOT_EQUALS, "!=": Operator.NOT_EQUALS, "<>": Operator.NOT_EQUALS,
    "gt": Operator.GREATER_THAN, ">": Operator.GREATER_THAN,
    "gte": Operator.GREATER_OR_EQUAL, ">=": Operator.GREATER_OR_EQUAL,
    "lt": Operator.LESS_THAN, "<": Operator.LESS_THAN,
    "lte": Operator.LESS_OR_EQUAL, "<=": Operator.LESS_OR_EQUAL,
}  # fmt: skip


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
    export_options: dict[str, Any] = Field(
        {}, description="include_headers, date_format, delimiter … or a preset: see the docs"
    )


def plan_of(body: ExportBody, connection: str) -> ExportPlan:
    """The plan a request asks for. Raises InvalidRequest or InvalidColumns."""
    options = parse_export_options(body.export_options)
    said = {name for name in (body.export_format, options.pop("format", None)) if name}
    formats = {_FORMATS.get(f.lower(), f.lower()) for f in said}
    if len(formats) != 1:
        raise InvalidRequest("export_format: name exactly one format, such as csv.")
    dialect: dict[str, Any] = {"format": formats.pop(), **options.pop("dialect")}
    require_preset_for(dialect["format"], body.export_options)
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
