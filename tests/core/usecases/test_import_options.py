"""The guide's import_options in every spelling."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.model.plan import OnConflict, OnErrors
from core.usecases.import_options import parse_import_options


def test_snake_and_camel_case_say_the_same() -> None:
    snake = {
        "format": "csv", "has_headers": False, "delimiter": ";", "encoding": "Windows-1252",
        "skip_empty_rows": True, "skip_first_rows": 2, "max_rows": 10, "on_duplicate": "update",
        "batch_size": 500,
    }  # fmt: skip
    camel = {
        "format": "csv", "hasHeaders": "false", "delimiter": "semicolon", "encoding": "cp1252",
        "skipEmptyRows": "true", "skipFirstRows": "2", "maxRows": "10", "onDuplicate": "UPDATE",
        "batchSize": "500",
    }  # fmt: skip
    parsed = parse_import_options(snake)
    assert parsed == parse_import_options(camel)
    assert parsed.dialect == {
        "format": "csv", "header": False, "delimiter": ";", "encoding": "cp1252",
        "skip_blank_rows": True, "skip_rows": 2,
    }  # fmt: skip
    assert parsed.plan == {"max_rows": 10, "on_conflict": OnConflict.UPDATE, "batch_rows": 500}


def test_words_of_the_originals_other_forms() -> None:
    parsed = parse_import_options(
        {"operation": "upsert", "stop_on_error": False, "quote_char": "'", "null_values": "NA,-"}
    )
    assert parsed.plan == {"on_conflict": OnConflict.UPDATE, "on_errors": OnErrors.LOAD_VALID}
    assert parsed.dialect == {"quote": "'", "null_values": ("NA", "-")}
    assert parse_import_options({"validate_only": True}).validate_only
    assert parse_import_options(None).dialect == {}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"batch_size": 0}, "batch_size"),
        ({"batchSize": "many"}, "batchSize"),
        ({"has_headers": "perhaps"}, "has_headers"),
        ({"encoding": "klingon"}, "encoding"),
        ({"on_duplicate": "explode"}, "on_duplicate"),
        ({"quote_char": "ab"}, "quote_char"),
        ({"null_values": 3}, "null_values"),
        ({"delimiter": ""}, "delimiter"),
    ],
)
def test_what_is_wrong_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRequest, match=named):
        parse_import_options(options)
