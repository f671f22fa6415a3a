"""How each column of a form is entered: its format, its list, and what a spreadsheet warns of.

Warnings never refuse a value: the check of the import is the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.formats.excel.forms.columns import FormColumn
from core.formats.excel.forms.texts import shown
from core.formats.excel.writing.cells import MAX_CHARACTERS, letters
from core.formats.excel.writing.sheets import MAX_ROWS
from core.model.table import Column, Kind

#: A double holds every number of so many digits; longer ones a spreadsheet changes.
DIGITS = 15
MOST_CHOICES = 1_000
_WARNING = 220  # characters; 225 are the most
_INLINE = 255  # characters of a list that stands in the rule itself
_LONGEST_CHOICE = 255
_LAST_DAY = "2958465"  # 9999-12-31
_LARGEST = "9.99999999999999E+307"
_WIDEST, _NARROWEST, _ROOM = 40, 12, 3  # characters
_TEXT = "@"
_FORMATS = {
    Kind.INTEGER: "0",
    Kind.BOOLEAN: "General",
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm:ss",
    Kind.TIME: "hh:mm:ss",
}


def prepare(
    sheet: Worksheet, columns: Sequence[FormColumn], *, lists_on: str
) -> list[tuple[str, ...]]:
    """Set widths, formats, lists and warnings for whatever rows the sheet will have.

    Returns the lists that the sheet named `lists_on` must hold, one in each column.
    """
    listed: list[tuple[str, ...]] = []
    for place, column in enumerate(columns):
        letter = letters(place)
        dimension = sheet.column_dimensions[letter]
        dimension.width = min(_WIDEST, max(_NARROWEST, len(column.name) + _ROOM))
        # From a list a text is chosen, which nothing may take for a number or a date.
        dimension.number_format = _TEXT if column.choices else entry_format(column.takes)
        choices = offered(column)
        if not choices:
            rule = _rule(column.takes) if column.takes is not None else None
        elif (inline := _inline(choices)) is not None:
            rule = _list(inline)
        else:
            listed.append(choices)
            at = f"${letters(len(listed) - 1)}"
            rule = _list(f"{lists_on}!{at}$1:{at}${len(choices)}")
        if rule is not None:
            rule.add(f"{letter}2:{letter}{MAX_ROWS}")
            sheet.add_data_validation(rule)
    return listed


def offered(column: FormColumn) -> tuple[str, ...]:
    """The list of a column; none where a list could not hold every value."""
    choices = column.choices
    if not choices and column.takes is not None and column.takes.kind is Kind.BOOLEAN:
        return ("true", "false")
    if len(choices) > MOST_CHOICES or not all(map(_listable, choices)):
        return ()
    return choices


def entry_format(column: Column | None) -> str:
    """The number format of cells that a column takes; what would lose digits is text."""
    if column is None:
        return _TEXT
    if column.kind is Kind.NUMBER:
        if not column.exact or column.scale is None:
            return "General" if _fits(column) else _TEXT
        places = "." + "0" * column.scale if column.scale > 0 else ""
        return f"0{places}" if _fits(column) else _TEXT
    if column.timezone:
        return _TEXT  # a spreadsheet knows no time zones
    return _FORMATS.get(column.kind, _TEXT)


def _fits(column: Column) -> bool:
    """Has every number of a decimal column at most as many digits as a spreadsheet keeps?"""
    return not column.exact or (column.precision or 0) <= DIGITS


def _listable(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_CHOICE and value.isprintable() and value == value.strip()


def _inline(choices: Sequence[str]) -> str | None:
    """A list within the rule; None where it is too long or its values would be taken apart."""
    joined = ",".join(choices)
    plain = not any("," in c or '"' in c or c.startswith("=") for c in choices)
    return f'"{joined}"' if plain and len(joined) <= _INLINE else None


def _list(formula: str) -> DataValidation:
    return _warning("list", "The value is not in the list.", formula1=formula)


def _rule(column: Column) -> DataValidation | None:
    if entry_format(column) == _TEXT:
        longest = column.max_length if column.kind is Kind.TEXT else None
        if longest is None or longest >= MAX_CHARACTERS:
            return None
        said = f"{column.name} takes {longest:,} characters at most."
        return _warning("textLength", said, operator="lessThanOrEqual", formula1=str(longest))
    match column.kind:
        case Kind.INTEGER:
            return _whole(column)
        case Kind.NUMBER:
            return _decimal(column)
        case Kind.DATE | Kind.DATETIME:
            said = f"{column.name} takes a date, such as 2026-01-31."
            last = _LAST_DAY if column.kind is Kind.DATE else f"{_LAST_DAY}.99999"
            return _warning("date", said, operator="between", formula1="1", formula2=last)
        case _:
            said = f"{column.name} takes a time of day, such as 13:45."
            return _warning("time", said, operator="between", formula1="0", formula2="0.999999")


def _whole(column: Column) -> DataValidation:
    most = 10**DIGITS - 1
    low = max(-most, -most if column.minimum is None else column.minimum)
    high = min(most, most if column.maximum is None else column.maximum)
    said = f"{column.name} takes whole numbers from {low:,} to {high:,}."
    if (low, high) == (-most, most):
        said = (
            f"{column.name} takes whole numbers. Of one with more than {DIGITS} digits a "
            "spreadsheet changes the last: format the cell as text first."
        )
    return _warning("whole", said, operator="between", formula1=str(low), formula2=str(high))


def _decimal(column: Column) -> DataValidation:
    said = f"{column.name} takes numbers."
    if not column.exact or column.precision is None:
        ends = (f"-{_LARGEST}", _LARGEST)
    else:
        scale = column.scale or 0
        high = Decimal(10**column.precision - 1).scaleb(-scale)
        ends = (f"{-high:f}", f"{high:f}")
        said = f"{column.name} takes numbers from {-high:,f} to {high:,f}."
    return _warning("decimal", said, operator="between", formula1=ends[0], formula2=ends[1])


def _warning(kind: str, said: str, **rule: Any) -> DataValidation:
    made = DataValidation(type=kind, allow_blank=True, **rule)
    made.errorStyle, made.showErrorMessage = "warning", True
    made.errorTitle, made.error = "Look again", shown(said, _WARNING)
    return made
