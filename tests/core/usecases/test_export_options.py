"""Export options: declared once, read alike from the API, a command line and the screen."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from core.errors import InvalidRequest
from core.formats import FORMATS, by_name
from core.model.dialect import Dialect
from core.model.export_options import BY_NAME, OPTIONS, PRESETS, OptionKind
from core.model.plan import ExportPlan
from core.usecases.export_options import (
    options_from_text,
    parse_export_options,
    read_option,
    require_preset_for,
)


def test_every_option_sets_a_field_to_the_default_the_field_has() -> None:
    plan = ExportPlan(connection="c", table="t")
    assert len(BY_NAME) == sum(1 + len(option.aliases) for option in OPTIONS)
    for option in OPTIONS:
        owner = plan.dialect if option.of_dialect else plan
        assert option.target in {field.name for field in fields(owner)}
        before = getattr(owner, option.target)
        if option.default in ("", None) or option.name == "sheet_name":
            assert before in (None, ("",))
        else:
            assert before == read_option(option, option.name, option.default)


def test_every_choice_is_taken() -> None:
    for option in OPTIONS:
        for choice in (*option.choices, *option.spellings, option.other):
            if choice is not None:
                assert parse_export_options({option.name: choice})


def test_formats_name_options_that_there_are() -> None:
    for one in FORMATS:
        assert set(one.info.options) <= {option.name for option in OPTIONS}
        assert not one.info.options or one.writer is not None
    offered = {name for one in FORMATS for name in one.info.options}
    assert offered == {option.name for option in OPTIONS}


def test_presets_are_options_of_their_format() -> None:
    for preset in PRESETS:
        assert set(preset.options) <= set(by_name(preset.format).info.options)
        assert parse_export_options(preset.options) == parse_export_options({"preset": preset.name})


def test_the_excel_preset_and_what_is_said_over_it() -> None:
    found = parse_export_options({"preset": "excel"})
    assert found["dialect"] == {"bom": True, "delimiter": ";", "decimal": ","}
    assert found["date_format"] == "de"
    changed = parse_export_options({"preset": "excel", "delimiter": "tab", "dateFormat": "iso"})
    assert (changed["dialect"]["delimiter"], changed["date_format"]) == ("\t", "iso")


def test_a_preset_is_for_its_format() -> None:
    require_preset_for("csv", {"preset": "excel"})
    require_preset_for("json", {})
    with pytest.raises(InvalidRequest, match="excel is for csv files"):
        require_preset_for("xlsx", {"preset": "excel"})
    with pytest.raises(InvalidRequest, match="'lotus' is not one of excel, excel-us"):
        parse_export_options({"preset": "lotus"})


def test_the_guides_options_one_by_one() -> None:
    found = parse_export_options(
        {
            "nullRepresentation": "NULL", "prettyPrint": True, "sheetName": "S",
            "autoFitColumns": False, "freezeHeaders": False, "unencodable": "replace",
            "quote": "none", "line_end": "lf", "sql_for": "postgresql", "rows_per_statement": 5,
        }
    )  # fmt: skip
    dialect = Dialect(**found.pop("dialect"))
    assert (dialect.null_values, dialect.sheet) == (("NULL",), "S")
    assert (dialect.quote, dialect.line_end) == (None, "\n")
    assert found == {
        "pretty": True, "fit": False, "freeze": False, "unencodable": "replace",
        "sql_for": "postgresql", "rows_per_statement": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"colour": "blue"}, "no export option 'colour'"),
        ({"pretty_print": "yes"}, "pretty_print: true or false"),
        ({"decimal": "x"}, "decimal: 'x' is not one of"),
        ({"unencodable": "xmlcharref"}, "'error', 'replace'"),
        ({"rows_per_statement": 0}, "a whole number from 1"),
        ({"encoding": "utf-99"}, "there is no encoding 'utf-99'"),
        ({"delimiter": 5}, "a text is expected"),
        ({"split_files": True}, "does not do split_files"),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        parse_export_options(document)


def test_a_command_line_gives_flags_and_counts_as_text() -> None:
    given = {"pretty_print": "yes", "rows_per_statement": "7", "row_limit": "3", "delimiter": "1"}
    assert options_from_text(given | {"search": None}) == {
        "pretty_print": True, "rows_per_statement": 7, "row_limit": 3, "delimiter": "1",
        "search": None,
    }  # fmt: skip
    assert BY_NAME["bom"].kind is OptionKind.FLAG
    with pytest.raises(InvalidRequest, match="bom: true or false"):
        parse_export_options(options_from_text({"bom": "maybe"}))
