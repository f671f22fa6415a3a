"""The guide's import_options, in every spelling its clients use (REQUIREMENTS §3.1).

Snake and camel case, and the words of the original's other front ends, become overrides of the
dialect and fields of the plan. An option nobody knows is refused by name: silently ignoring one
would read the file in a way its owner did not ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import InvalidRequest
from core.formats import by_name
from core.formats.text.encoding import plain_codec
from core.model.dialect import Dialect, Given
from core.model.plan import Blanks, OnConflict, OnErrors, WriteMode


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """What the options ask for; absent is "as detected" or the plan's default."""

    dialect: dict[str, Any]  #: fields of Dialect to override
    plan: dict[str, Any]  #: fields of ImportPlan to set
    validate_only: bool = False
    date_format: str | None = None  #: for date columns without a transform of their own


_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " "}
_LONGEST_DELIMITER = 16  # characters
_ENCODINGS = {"windows-1252": "cp1252", "latin1": "iso-8859-1", "latin-1": "iso-8859-1"}


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"true", "1", "yes", "on"}:
        return True
    if text in {"false", "0", "no", "off"}:
        return False
    raise InvalidRequest(f"{name}: {value!r} is neither true nor false.")


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise InvalidRequest(f"{name}: {value!r} is not a whole number.") from None
        if not low <= number <= high:
            raise InvalidRequest(f"{name}: {number:,} is not between {low:,} and {high:,}.")
        return number

    return read


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name}: a text is expected.")
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise InvalidRequest(f"{name}: the text holds half a character.")
    return value


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if value not in choices:
            raise InvalidRequest(
                f"{name}: {value!r} is not one of {', '.join(map(repr, choices))}."
            )
        return str(value)

    return read


def _format(name: str, value: Any) -> str:
    return by_name(_text(name, value)).name


def _encoding(name: str, value: Any) -> str:
    text = _text(name, value).lower()
    name_of_codec = _ENCODINGS.get(text, text)
    try:
        plain_codec(name_of_codec)
    except InvalidRequest:
        raise InvalidRequest(f"{name}: there is no encoding {value!r}.") from None
    return name_of_codec


def _delimiter(name: str, value: Any) -> str:
    text = _text(name, value)
    text = _DELIMITERS.get(text.lower(), text)
    if len(text) > _LONGEST_DELIMITER or any(c in text for c in "\r\n\0\ufeff"):
        raise InvalidRequest(f"{name}: {value!r} cannot part cells.")
    return text


def _quote(name: str, value: Any) -> str | None:
    if value in (None, "", "none"):
        return None
    text = {"double": '"', "single": "'"}.get(str(value), str(value))
    if len(text) != 1 or text in "\r\n\0\ufeff":
        raise InvalidRequest(f"{name}: one character is expected.")
    return text


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split(","))
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise InvalidRequest(f"{name}: a list of texts is expected.")


def on_conflict_of(name: str, value: Any) -> OnConflict:
    """The guide's on_duplicate words, and the operations of the original's form."""
    word = str(value).lower()
    word = {"insert": "error", "upsert": "update"}.get(word, word)
    return OnConflict(_choice(OnConflict)(name, word))


def on_errors_of(name: str, value: Any) -> OnErrors:
    return OnErrors(_choice(OnErrors)(name, value))


def _choice(kind: type[StrEnum]) -> Callable[[str, Any], StrEnum]:
    def read(name: str, value: Any) -> StrEnum:
        try:
            return kind(str(value).lower())
        except ValueError:
            known = ", ".join(kind)
            raise InvalidRequest(f"{name}: {value!r} is not one of {known}.") from None

    return read


def _stop(name: str, value: Any) -> OnErrors:
    return OnErrors.STOP if _flag(name, value) else OnErrors.LOAD_VALID


def _key(name: str, value: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in _words(name, value) if part.strip())


_DIALECT: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "format": ("format", _format),
    "has_headers": ("header", _flag),
    "header": ("header", _flag),
    "delimiter": ("delimiter", _delimiter),
    "encoding": ("encoding", _encoding),
    "skip_empty_rows": ("skip_blank_rows", _flag),
    "skip_blank_rows": ("skip_blank_rows", _flag),
    "skip_first_rows": ("skip_rows", _whole(0, 1_000_000)),
    "skip_rows": ("skip_rows", _whole(0, 1_000_000)),
    "skip_header": ("skip_rows", _whole(0, 1_000_000)),
    "quote_char": ("quote", _quote),
    "quote": ("quote", _quote),
    "escape_char": ("escape", _quote),
    "escape": ("escape", _quote),
    "null_values": ("null_values", _words),
    "header_rows": ("header_rows", _whole(1, 10)),
    "skip_footer": ("skip_footer", _whole(0, 1_000_000)),
    "decimal": ("decimal", _one_of(".", ",")),
    "thousands": ("thousands", _one_of("", ",", ".", " ", "'", "\u00a0", "\u202f", "\u2019")),
    "compression": ("compression", _one_of("gzip", "zip", "zstd")),
    "sheet": ("sheet", _text),
    "sheet_name": ("sheet", _text),
    "record_path": ("record_path", _text),
}


def _line_end(name: str, value: Any) -> str:
    if value not in ("\r\n", "\n", "\r"):
        raise InvalidRequest(f"{name}: give CR LF, LF or CR.")
    return str(value)


#: Fields of Dialect that matter only when writing.
_WRITTEN: dict[str, Callable[[str, Any], Any]] = {"bom": _flag, "line_end": _line_end}
_NULLABLE = frozenset({"quote", "escape", "sheet", "record_path", "compression"})
_PLAN: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "max_rows": ("max_rows", _whole(1, 1_000_000_000)),
    "batch_size": ("batch_rows", _whole(1, 100_000)),
    "batch_rows": ("batch_rows", _whole(1, 100_000)),
    "on_duplicate": ("on_conflict", on_conflict_of),
    "duplicate_handling": ("on_conflict", on_conflict_of),
    "on_conflict": ("on_conflict", on_conflict_of),
    "operation": ("on_conflict", on_conflict_of),
    "on_errors": ("on_errors", on_errors_of),
    "stop_on_error": ("on_errors", _stop),
    "blanks": ("blanks", _choice(Blanks)),
    "mode": ("mode", _choice(WriteMode)),
    "undo": ("undoable", _flag),
    "keep_identity": ("keep_identity", _flag),
    "max_error_count": ("max_error_count", _whole(0, 1_000_000_000)),
    "key": ("key", _key),
}
#: Accepted because the guide's clients send them; they ask for what is always done.
_ALWAYS = {"validate_before_import", "trim_whitespace", "create_backup", "datetime_format"}


def parse_dialect(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Fields of Dialect to override, each checked. Raises InvalidRequest or InvalidFormat."""
    found: dict[str, Any] = {}
    for name, value in (overrides or {}).items():
        if name in _WRITTEN:
            found[name] = _WRITTEN[name](name, value)
        elif name not in _DIALECT or _DIALECT[name][0] != name:
            raise InvalidRequest(f"A dialect has no {name!r}.")
        elif value is None and name in _NULLABLE:
            found[name] = None
        else:
            found[name] = _DIALECT[name][1](name, value)
    return found


def require_sound(dialect: Dialect) -> None:
    """Do the choices go together? Raises InvalidRequest."""
    for name, mark in (("quote", dialect.quote), ("escape", dialect.escape)):
        if mark is not None and mark in dialect.delimiter:
            raise InvalidRequest(f"{name}: {mark!r} is the delimiter, or in it.")
    if dialect.thousands and dialect.thousands == dialect.decimal:
        raise InvalidRequest(f"thousands: {dialect.thousands!r} is the decimal mark.")


def require_sound_choices(given: Given) -> None:
    """Do those go together that a person made, whatever is found beside them?"""
    nothing: dict[str, Any] = {"delimiter": "", "quote": None, "decimal": ""}
    require_sound(Dialect(**nothing | dict(given)))


def parse_import_options(document: Mapping[str, Any] | None) -> ImportOptions:
    """Read the options. Raises InvalidRequest naming the option at fault."""
    dialect: dict[str, Any] = {}
    plan: dict[str, Any] = {}
    validate_only, date_format = False, None
    for given, value in (document or {}).items():
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", given).lower()
        if value is None and name != "quote_char":
            continue
        if name in _DIALECT:
            target, read = _DIALECT[name]
            dialect[target] = read(given, value)
        elif name in _PLAN:
            target, read = _PLAN[name]
            plan[target] = read(given, value)
        elif name == "validate_only":
            validate_only = _flag(given, value)
        elif name == "date_format":
            date_format = _text(given, value)
        elif name not in _ALWAYS:
            raise InvalidRequest(f"There is no import option {given!r}.")
    return ImportOptions(
        dialect=dialect, plan=plan, validate_only=validate_only, date_format=date_format
    )
