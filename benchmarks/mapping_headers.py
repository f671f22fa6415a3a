"""How the same columns are called in one file and another: rules that make headers of names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

#: Columns that people add to files, which no table has a place for.
STRANGE_TUNING = ("Row", "checked by", "Source file", "temp", "Group", "x_flag", "Export ID")
STRANGE_HELD_OUT = ("Line", "Imported?", "reviewed", "Batch", "misc", "Sheet", "Total rows", "ok")

Rule = Callable[[str, int, str, random.Random], str]


def words_of(name: str) -> list[str]:
    """The words of a column's name: first_name, firstName, FirstName."""
    return [word for word in re.split(r"_|(?<=[a-z])(?=[A-Z])| ", name) if word]


def _as_is(name: str, at: int, table: str, rnd: random.Random) -> str:
    return name


def _camel(name: str, at: int, table: str, rnd: random.Random) -> str:
    first, *rest = (word.lower() for word in words_of(name))
    return first + "".join(word.capitalize() for word in rest)


def _spoken(name: str, at: int, table: str, rnd: random.Random) -> str:
    return " ".join(word.capitalize() for word in words_of(name))


def _without_vowels(name: str, at: int, table: str, rnd: random.Random) -> str:
    return "_".join(
        word[0] + re.sub("[aeiou]", "", word[1:]) if len(word) > 3 else word
        for word in (w.lower() for w in words_of(name))
    )


def _swapped(name: str, at: int, table: str, rnd: random.Random) -> str:
    """Two neighbouring letters change places."""
    places = [i for i in range(1, len(name) - 1) if name[i : i + 2].isalpha()]
    if not places:
        return name
    place = rnd.choice(places)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _prefixed(name: str, at: int, table: str, rnd: random.Random) -> str:
    return f"{table.rstrip('s')}_{name}"


def _numbered(name: str, at: int, table: str, rnd: random.Random) -> str:
    return f"Column{at + 1}"


def _shouted(name: str, at: int, table: str, rnd: random.Random) -> str:
    return "-".join(word.upper() for word in words_of(name))


def _cut(name: str, at: int, table: str, rnd: random.Random) -> str:
    """The first three or four letters of every word."""
    return "_".join(word[: rnd.choice((3, 4))].lower() for word in words_of(name))


def _run_together(name: str, at: int, table: str, rnd: random.Random) -> str:
    """Every word cut, and nothing between them."""
    return "".join(word[:4].capitalize() for word in words_of(name))


def _dropped(name: str, at: int, table: str, rnd: random.Random) -> str:
    """A letter is missing, or twice there."""
    places = [i for i in range(1, len(name)) if name[i].isalpha()]
    if not places:
        return name
    place = rnd.choice(places)
    again = "" if rnd.random() < 0.5 else name[place] * 2
    return name[:place] + again + name[place + 1 :]


def _qualified(name: str, at: int, table: str, rnd: random.Random) -> str:
    return f"{table}.{name}"


def _starred(name: str, at: int, table: str, rnd: random.Random) -> str:
    words = " ".join(words_of(name)).capitalize()
    return f"{words} *" if rnd.random() < 0.5 else f"{words} (required)"


def _lettered(name: str, at: int, table: str, rnd: random.Random) -> str:
    return f"Field {at + 1}"


TUNING: dict[str, Rule] = {
    "as they are": _as_is,
    "camelCase": _camel,
    "spoken": _spoken,
    "without vowels": _without_vowels,
    "letters swapped": _swapped,
    "prefixed": _prefixed,
    "Column1": _numbered,
}
HELD_OUT: dict[str, Rule] = {
    "as they are": _as_is,
    "SHOUTED-WORDS": _shouted,
    "cut words": _cut,
    "cut and run together": _run_together,
    "letters dropped or doubled": _dropped,
    "table.column": _qualified,
    "with remarks": _starred,
    "Field 1": _lettered,
}


def strange(held_out: bool, rnd: random.Random) -> Sequence[str]:
    """Two columns that have no place in the table."""
    return rnd.sample(STRANGE_HELD_OUT if held_out else STRANGE_TUNING, 2)
