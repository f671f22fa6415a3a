"""One JSON value at a time: strict (RFC 8259), numbers as they are spelled.

Python's own decoder does the work. It is strict about everything but NaN and Infinity, names
no place for those, overlooks a key that stands twice, and has its own idea of how deep is too
deep: all of that is put right here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

MOST_LEVELS = 64  #: arrays and objects inside one another

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_CONSTANT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|-?Infinity|NaN', re.DOTALL)
_WORD = re.compile(r"[^\s,:\[\]{}\"]{1,20}|.", re.DOTALL)
#: Characters at the end of a text that may be a token cut in two: \ud83d\ude00 is the longest.
_LONGEST_TOKEN = 12
_SHOWN = 200  # characters of a value in a sentence
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode

#: What Python's decoder says, and what we say: of what it expected, then of what is wrong.
_EXPECTED = {
    "Expecting value": "a value",
    "Expecting property name enclosed in double quotes": "a key in double quotes",
    "Expecting ':' delimiter": "a colon",
    "Expecting ',' delimiter": "a comma or the end of the list or object",
}
_WRONG = {
    "Unterminated string starting at": "the text that begins here does not end",
    "Invalid control character at": "a control character must be escaped in a text",
    "Invalid \\escape": "a backslash may not stand before this character",
    "Invalid \\uXXXX escape": "four hexadecimal digits are expected after \\u",
}


class SpelledNumber(str):
    """A number exactly as it stands in the file."""

    __slots__ = ()


class NotJson(ValueError):
    """Where text stops being JSON, and a clause that says why."""

    def __init__(self, position: int, clause: str, *, unfinished: bool = False) -> None:
        super().__init__(clause)
        self.position = position
        self.clause = clause
        self.unfinished = unfinished  #: more text might have made it JSON


class _Constant(ValueError):
    """NaN, Infinity or -Infinity."""


class Decoder:
    """Decodes values: objects to dict, arrays to list, numbers to their spelling.

    Until the first value that is no flat object with unique keys, numbers come as plain `str`,
    which is twice as quick; from then on as SpelledNumber, told apart from texts.
    """

    def __init__(self) -> None:
        self._repeated: list[str] = []
        self.spelled = False  #: numbers come as SpelledNumber
        self._raw_decode = self._decoder(str).raw_decode

    def _decoder(self, number: type[str]) -> json.JSONDecoder:
        return json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=number,
            parse_float=number,
            parse_constant=_refuse,
        )

    def decode(self, text: str, start: int, level: int) -> tuple[Any, int]:
        """The value at `start` and where it ends. Raises NotJson.

        `level`: how many arrays and objects it already stands in.
        """
        if self._repeated:
            self._repeated.clear()
        try:
            value, end = self._raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise _explained(text, error) from error
        except _Constant as error:
            raise NotJson(
                _place_of_constant(text, start, str(error)), f"{error} is not a number in JSON"
            ) from error
        except RecursionError as error:
            place = too_deep(text, start, len(text), level)
            raise _deep(start if place is None else place) from error
        if not self.spelled:
            if not self._repeated and _is_plain(text, start, end):
                return value, end
            self.spelled = True
            self._raw_decode = self._decoder(SpelledNumber).raw_decode
            return self.decode(text, start, level)
        place = too_deep(text, start, end, level)
        if place is not None:
            raise _deep(place)
        return value, end

    def decode_flat(self, text: str) -> list[Any]:
        """The array that is the whole text, its numbers as `str`.

        Raises NotJson when it is none, or a key stands twice in an object.
        """
        self._repeated.clear()
        try:
            values, end = self._raw_decode(text, 0)
        except (ValueError, RecursionError) as error:
            raise NotJson(0, "not an array of flat objects") from error
        if end != len(text) or self._repeated:
            raise NotJson(0, "not an array of flat objects")
        return list(values)

    @property
    def flaw(self) -> str | None:
        """A clause on keys that stood twice in the value decoded last."""
        return "; ".join(self._repeated) if self._repeated else None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            self._repeated += repeated_keys(pairs)
        return found


def _is_plain(text: str, start: int, end: int) -> bool:
    """Is the value a flat object, or a text?"""
    first = text[start]
    if first != "{":
        return first == '"'
    return text.find("{", start + 1, end) < 0 and text.find("[", start + 1, end) < 0


def compact(value: Any) -> str:
    """A decoded value as JSON on one line, its numbers spelled as they were."""
    kind = type(value)
    if kind is str:
        return _ENCODE(value)
    if kind is SpelledNumber:
        return str(value)
    if kind is dict:
        return "{" + ",".join(f"{_ENCODE(k)}:{compact(v)}" for k, v in value.items()) + "}"
    if kind is list:
        return "[" + ",".join(map(compact, value)) + "]"
    return "null" if value is None else "true" if value else "false"


def shown(value: Any) -> str:
    """The value as JSON, cut short for a sentence."""
    return cut(compact(value))


def cut(text: str) -> str:
    """Text cut short for a sentence."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def too_deep(text: str, start: int, end: int, level: int) -> int | None:
    """Where a value goes deeper than MOST_LEVELS, if it does."""
    if text.count("[", start, end) + text.count("{", start, end) + level <= MOST_LEVELS:
        return None
    for token in _TOKEN.finditer(text, start, end):
        if token[0] in "[{":
            level += 1
            if level > MOST_LEVELS:
                return token.start()
        elif token[0] in "]}":
            level -= 1
    return None


def found_instead(text: str, position: int, expected: str) -> NotJson:
    """The refusal when something else than what is expected stands at `position`."""
    rest = text[position : position + 20]
    before = text[max(0, position - 100) : position].rstrip()
    if not rest:
        return NotJson(position, f"the file ends where {expected} is expected", unfinished=True)
    if rest.startswith(("//", "/*", "#")):
        return NotJson(position, "comments are not allowed in JSON")
    if rest[0] in "]}" and before.endswith(","):
        return NotJson(position, "the comma before this is one too many")
    if rest[0] == "'":
        return NotJson(position, "texts stand in double quotes in JSON, not in single quotes")
    word = _WORD.match(rest)
    assert word is not None
    return NotJson(
        position,
        f"{expected} is expected, but here stands {word[0]!r}",
        unfinished=position + _LONGEST_TOKEN > len(text),
    )


def _explained(text: str, error: json.JSONDecodeError) -> NotJson:
    expected = _EXPECTED.get(error.msg)
    if expected is not None:
        return found_instead(text, error.pos, expected)
    wrong = next((said for theirs, said in _WRONG.items() if error.msg.startswith(theirs)), None)
    return NotJson(
        error.pos,
        wrong or error.msg,
        unfinished=error.msg.startswith("Unterminated") or error.pos + _LONGEST_TOKEN > len(text),
    )


def _deep(position: int) -> NotJson:
    return NotJson(position, f"lists and objects are nested more than {MOST_LEVELS} levels deep")


def _refuse(name: str) -> Any:
    raise _Constant(name)


def _place_of_constant(text: str, start: int, name: str) -> int:
    for token in _CONSTANT.finditer(text, start):
        if token[0] == name:
            return token.start()
    return start


def repeated_keys(pairs: Sequence[tuple[str, Any]]) -> list[str]:
    """A clause on every key that stands more than once."""
    values: dict[str, list[Any]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return [
        f"the key {shown(key)} stands {len(found)} times, with the values "
        f"{', '.join(map(shown, found))}; the last one is taken"
        for key, found in values.items()
        if len(found) > 1
    ]
