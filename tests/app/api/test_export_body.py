"""The guide's export request, word for word and in its clients' other spellings."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.export_body import ExportBody, plan_of
from core.errors import InputError, InvalidColumns, InvalidRequest
from core.model.plan import ExportPlan, Filter, Operator, Sort


def plan(**body: Any) -> ExportPlan:
    return plan_of(ExportBody.read({"table_name": "users", "export_format": "csv", **body}), "shop")


def test_the_guides_request_verbatim() -> None:
    made = plan(
        selected_columns=["name", "email"],
        filters=[],
        export_options={"include_headers": True, "date_format": "iso"},
    )
    assert made.connection == "shop"
    assert made.table == "users"
    assert made.columns == ("name", "email")
    assert made.dialect.format == "csv"
    assert made.dialect.header is True
    assert made.date_format == "iso"


def test_camel_case_and_every_option() -> None:
    body = {
        "tableName": "users",
        "exportFormat": "xlsx",
        "selectedColumns": ["b", "a"],
        "filters": [{"column": "a", "operator": "greaterThan", "value": 3, "label": "A"}],
        "sort": [{"column": "b", "descending": True}],
        "exportOptions": {
            "format": "excel", "includeHeaders": False, "delimiter": "tab", "sheetName": "S",
            "encoding": "windows-1252", "rowLimit": 5, "searchTerm": "x", "filename": "f",
            "prettyPrint": True, "compress": False, "escapeFormulas": False,
        },
    }  # fmt: skip
    made = plan_of(ExportBody.read(body), "shop")
    assert made.columns == ("b", "a")
    assert made.filters == (Filter(column="a", operator=Operator.GREATER_THAN, value=3),)
    assert made.sort == (Sort(column="b", descending=True),)
    dialect = made.dialect
    assert (dialect.format, dialect.header, dialect.delimiter) == ("excel", False, "\t")
    assert (dialect.sheet, dialect.encoding) == ("S", "cp1252")
    assert (made.limit, made.search, made.filename) == (5, "x", "f")
    assert made.escape_formulas is False


@pytest.mark.parametrize(
    ("word", "operator"),
    [("equals", "equals"), (">=", "greater_or_equal"), ("notIn", "not_in"), ("IN", "in")],
)
def test_operators_in_other_spellings(word: str, operator: str) -> None:
    made = plan(filters=[{"column": "a", "operator": word, "value": 1}])
    assert made.filters[0].operator == operator


@pytest.mark.parametrize(
    ("options", "compression", "when_large"),
    [
        ({}, None, True),
        ({"compress": False}, None, True),
        ({"compress": True}, "zip", True),
        ({"compress": True, "compressionType": "gzip"}, "gzip", True),
        ({"compression": "zstd"}, "zstd", True),
        ({"compression_type": "none"}, None, False),
        ({"compress": True, "compression": "none"}, None, False),
    ],
)
def test_how_the_file_is_packed(
    options: dict[str, Any], compression: str | None, when_large: bool
) -> None:
    made = plan(export_options=options)
    assert (made.dialect.compression, made.zip_when_large) == (compression, when_large)


def test_tsv_is_csv_with_tabs() -> None:
    made = plan_of(ExportBody.read({"table_name": "t", "export_format": "tsv"}), "c")
    assert (made.dialect.format, made.dialect.delimiter) == ("csv", "\t")


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({"export_format": None}, InvalidRequest, "export_format"),
        ({"export_options": {"format": "json"}}, InvalidRequest, "exactly one format"),
        ({"export_options": {"delimeter": ";"}}, InvalidRequest, "delimeter"),
        ({"export_options": {"split_files": True}}, InvalidRequest, "does not do split_files"),
        ({"export_options": {"compressionType": "bz2"}}, InvalidRequest, "none, gzip, zip, zstd"),
        ({"export_options": {"include_headers": "yes"}}, InvalidRequest, "include_headers"),
        ({"export_options": {"row_limit": 0}}, InvalidRequest, "row_limit"),
        ({"export_options": {"encoding": "utf-99"}}, InvalidRequest, "no encoding"),
        ({"filters": [{"column": "a", "operator": "~"}]}, InvalidRequest, "'~' is not one of"),
        ({"filters": [{"operator": "equals"}]}, InvalidRequest, "filters.0.column"),
        ({"selected_columns": ["a", "a"]}, InvalidColumns, "more than once: a"),
        ({"colums": ["a"]}, InvalidRequest, "colums"),
        ({"tableName": "u"}, InvalidRequest, "table_name is given twice"),
        ({"table_name": 3}, InvalidRequest, "table_name"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, Any], error: type[InputError], words: str) -> None:
    with pytest.raises(error, match=words):
        plan(**body)
