"""What can be chosen about a file that is written: declared once for screens, API and CLI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OptionKind(StrEnum):
    """How an option is given."""

    FLAG = "flag"
    CHOICE = "choice"
    TEXT = "text"
    COUNT = "count"  #: a whole number from 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportOption:
    """One choice, which the formats that have it name in `FormatInfo.options`."""

    name: str  #: as the API and the CLI call it
    aliases: tuple[str, ...] = ()
    sets: str  #: a field of ExportPlan; of its dialect when it begins with `dialect.`
    kind: OptionKind
    title: str
    help: str
    default: Any
    choices: Mapping[Any, str] = field(default_factory=dict)  #: each with the words for it
    #: May something else than a choice be given too? An example.
    other: str | None = None
    #: Other spellings of choices.
    spellings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def of_dialect(self) -> bool:
        return self.sets.startswith("dialect.")

    @property
    def target(self) -> str:
        """The field's own name."""
        return self.sets.removeprefix("dialect.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """Options under one name; single ones can still be given otherwise."""

    name: str
    format: str  #: for which it is made
    title: str
    help: str
    options: Mapping[str, Any]


OPTIONS: tuple[ExportOption, ...] = (
    ExportOption(
        name="include_headers",
        sets="dialect.header",
        kind=OptionKind.FLAG,
        title="Column names in the first row",
        help="The first row holds the names of the columns",
        default=True,
    ),
    ExportOption(
        name="date_format",
        sets="date_format",
        kind=OptionKind.CHOICE,
        title="Dates as",
        help="Or a pattern such as %d.%m.%Y or DD.MM.YYYY HH:mm",
        default="iso",
        choices={
            "iso": "2026-01-31",
            "eu": "31/01/2026",
            "us": "01/31/2026",
            "de": "31.01.2026",
            "timestamp": "Seconds since 1970",
        },
        other="DD.MM.YYYY",
    ),
    ExportOption(
        name="delimiter",
        sets="dialect.delimiter",
        kind=OptionKind.CHOICE,
        title="Delimiter",
        help="What stands between two cells",
        default=",",
        choices={",": "Comma  ,", ";": "Semicolon  ;", "\t": "Tab", "|": "Pipe  |"},
        other="::",
        spellings={"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"},
    ),
    ExportOption(
        name="quote",
        aliases=("quote_char",),
        sets="dialect.quote",
        kind=OptionKind.CHOICE,
        title="Quote",
        help="What stands around a cell that holds the delimiter or a line end",
        default='"',
        choices={'"': 'Double  "', "'": "Single  '", "none": "None"},
        spellings={"double": '"', "single": "'"},
    ),
    ExportOption(
        name="line_end",
        sets="dialect.line_end",
        kind=OptionKind.CHOICE,
        title="Line ends",
        help="CR LF is what RFC 4180 and Windows expect",
        default="\r\n",
        choices={"\r\n": "CR LF", "\n": "LF", "\r": "CR"},
        spellings={"crlf": "\r\n", "lf": "\n", "cr": "\r"},
    ),
    ExportOption(
        name="decimal",
        sets="dialect.decimal",
        kind=OptionKind.CHOICE,
        title="Decimal sign",
        help="Of numbers only; texts stay as they are",
        default=".",
        choices={".": "Point  1.5", ",": "Comma  1,5"},
        spellings={"point": ".", "comma": ","},
    ),
    ExportOption(
        name="encoding",
        sets="dialect.encoding",
        kind=OptionKind.CHOICE,
        title="Encoding",
        help="UTF-8 holds every character there is",
        default="utf-8",
        choices={
            "utf-8": "UTF-8",
            "utf-16": "UTF-16",
            "cp1252": "Windows-1252 (Western)",
            "iso-8859-1": "ISO-8859-1 (Latin 1)",
        },
        other="cp1250",
        spellings={"windows-1252": "cp1252", "latin1": "iso-8859-1", "latin-1": "iso-8859-1"},
    ),
    ExportOption(
        name="bom",
        sets="dialect.bom",
        kind=OptionKind.FLAG,
        title="Byte order mark",
        help="Excel takes CSV for UTF-8 only with one",
        default=False,
    ),
    ExportOption(
        name="unencodable",
        sets="unencodable",
        kind=OptionKind.CHOICE,
        title="Characters the encoding lacks",
        help="Either the export stops and names the cell, or a ? stands for each of them",
        default="error",
        choices={"error": "Stop and say where", "replace": "Write ? and count them"},
    ),
    ExportOption(
        name="null_representation",
        sets="dialect.null_values",
        kind=OptionKind.TEXT,
        title="NULL as",
        help="What stands for NULL; a text that looks the same is quoted",
        default="",
    ),
    ExportOption(
        name="escape_formulas",
        sets="escape_formulas",
        kind=OptionKind.FLAG,
        title="Disarm formulas",
        help="Text that a spreadsheet would run (= + - @) gets an apostrophe. Numbers stay.",
        default=True,
    ),
    ExportOption(
        name="pretty_print",
        aliases=("pretty",),
        sets="pretty",
        kind=OptionKind.FLAG,
        title="Laid out for reading",
        help="A value a line, indented: larger, but easier on the eyes",
        default=False,
    ),
    ExportOption(
        name="sheet_name",
        aliases=("sheet",),
        sets="dialect.sheet",
        kind=OptionKind.TEXT,
        title="Sheet name",
        help="At most 31 characters, none of [ ] : * ? / \\",
        default="Data",
    ),
    ExportOption(
        name="auto_fit_columns",
        sets="fit",
        kind=OptionKind.FLAG,
        title="Fit column widths",
        help="Columns are as wide as their first values, up to 50 characters",
        default=True,
    ),
    ExportOption(
        name="freeze_headers",
        sets="freeze",
        kind=OptionKind.FLAG,
        title="Freeze the header",
        help="The row of names stays in sight",
        default=True,
    ),
    ExportOption(
        name="sql_for",
        sets="sql_for",
        kind=OptionKind.CHOICE,
        title="Statements for",
        help="They spell bytes differently; all else is the same",
        default=None,
        choices={
            None: "The rows' own database",
            "standard": "SQLite and standard SQL",
            "postgresql": "PostgreSQL",
        },
    ),
    ExportOption(
        name="rows_per_statement",
        sets="rows_per_statement",
        kind=OptionKind.COUNT,
        title="Rows in one statement",
        help="More are faster to run, fewer easier to edit",
        default=500,
    ),
)

PRESETS: tuple[Preset, ...] = (
    Preset(
        name="excel",
        format="csv",
        title="For Excel, with decimal comma",
        help="Opens by a double click where numbers are written 1,5 and dates 31.01.2026",
        options={
            "bom": True,
            "delimiter": ";",
            "decimal": ",",
            "date_format": "de",
        },
    ),
    Preset(
        name="excel-us",
        format="csv",
        title="For Excel, with decimal point",
        help="Opens by a double click where numbers are written 1.5 and dates 01/31/2026",
        options={
            "bom": True,
            "delimiter": ",",
            "decimal": ".",
            "date_format": "us",
        },
    ),
)

BY_NAME: Mapping[str, ExportOption] = {
    word: option for option in OPTIONS for word in (option.name, *option.aliases)
}
