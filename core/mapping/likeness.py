"""How alike are the name of a source column and the name of a column of the table?"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from core.mapping.vocabulary import LOOSE, NOISE, SAME

EXACT, SPELLING, SYNONYM, PREFIX, WEAK = 1.0, 0.95, 0.8, 0.75, 0.7

_LONGEST = 3  #: words joined when looking for a synonym: "date of birth"


def _dictionary(lines: str) -> dict[str, str]:
    groups = [line.split() for line in lines.replace("\n ", " ").strip().splitlines()]
    return {word: group[0] for group in groups for word in group}


_STRONG_WORDS = _dictionary(SAME)
#: Shorter words are found inside others by chance.
_SHORTEST_PART = 3


class Likeness(NamedTuple):
    confidence: float  #: 0 (nothing alike) … 1
    reason: str  #: a sentence


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The name's words: split at punctuation, blanks and camelCase; accents and case folded."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(re.findall(r"[^\W_]+", spaced.casefold()))


def singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


@lru_cache(maxsize=4096)
def meaning(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The words with synonyms replaced, longest phrases first, noise and plurals dropped."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        for length in range(min(_LONGEST, len(parts) - at), 0, -1):
            phrase = "".join(parts[at : at + length])
            known = _STRONG_WORDS.get(phrase) or _STRONG_WORDS.get(singular(phrase))
            if known or length == 1:
                out.extend([known] if known else _parts(phrase))
                at += length
                break
    # A phrase may itself be one of the words of another: e, mail, addr → email, address.
    kept = tuple(word for word in out if word not in NOISE)
    joined = _STRONG_WORDS.get("".join(kept))
    return (joined,) if joined and len(kept) > 1 else kept or tuple(out)


@lru_cache(maxsize=4096)
def _parts(word: str) -> tuple[str, ...]:
    """The known words that a word is put together from, as in Kundennummer; else itself."""
    # The fewest known words that make up the first n letters.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(_SHORTEST_PART, len(word) + 1):
        for start in range(end - _SHORTEST_PART + 1):
            before = best[start]
            if before is None:
                continue
            part = word[start:end]
            known = _STRONG_WORDS.get(part)
            if known is None and len(part) > _SHORTEST_PART + 1 and part.endswith(("s", "n")):
                known = _STRONG_WORDS.get(part[:-1])
            shorter = best[end]
            if known and (shorter is None or len(before) + 1 < len(shorter)):
                best[end] = (*before, known)
    return best[-1] or (singular(word),)


def _without(parts: tuple[str, ...], table: tuple[str, ...]) -> tuple[str, ...]:
    """The words after the table's own name, or its last word; all when it does not lead."""
    folded = tuple(singular(word) for word in parts)
    for lead in (table, table[-1:]):
        if lead and len(parts) > len(lead) and folded[: len(lead)] == lead:
            return parts[len(lead) :]
    return parts


def _loosely(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    if len(left) != 1 or len(right) != 1:
        return False
    return any({left[0], right[0]} <= set(group.split()) for group in LOOSE)


def likeness(source: str, target: str, table: str) -> Likeness:
    """Compare two names; `table` is the table's own name, which may lead either of them."""
    if source == target:
        return Likeness(EXACT, "The names are the same.")
    left, right = words(source), words(target)
    if not left or not right:
        return Likeness(0.0, "")
    if "".join(left) == "".join(right):
        return Likeness(SPELLING, f"'{source}' is '{target}' but for case or punctuation.")
    if meaning(left) == meaning(right):
        return Likeness(SYNONYM, f"'{source}' commonly means '{target}'.")
    own = tuple(singular(word) for word in words(table))
    short, short_right = _without(left, own), _without(right, own)
    if meaning(short) == meaning(short_right):
        return Likeness(
            PREFIX, f"Without the table's own name, '{source}' and '{target}' are alike."
        )
    if _loosely(meaning(left), meaning(right)):
        return Likeness(WEAK, f"'{source}' often means '{target}'.")
    return Likeness(0.0, "")
