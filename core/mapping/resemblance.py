"""How much do two names resemble each other, that are not the same by any rule?

Names are compared word by word: the same word, another word for it, an abbreviation, a slip of
the keyboard. A word counts for less the more columns of the table have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from math import sqrt

from core.mapping.likeness import Likeness, meaning, singular, words
from core.mapping.vocabulary import GENERIC, LOOSE

#: Less than this is chance.
LEAST = 0.45
_ALIKE = 0.8  #: letters in common, of all letters
_ABBREVIATED, _RELATED = 0.85, 0.6
_LITTLE = 0.45  #: what a word that says little counts for, or one of the table's own name
_PLACEHOLDER = re.compile(
    r"(unnamed|column|col|field|feld|spalte|colonne|columna|coluna|colonna|kolom|var|c|f|v|x)?"
    r"[\s_.:#-]*\d{1,4}|[a-z]",
    re.IGNORECASE,
)


def says_nothing(name: str) -> bool:
    """Is this no name but a place, as in Column1?"""
    return _PLACEHOLDER.fullmatch(name.strip()) is not None


def weights_of(targets: Sequence[str], table: str) -> Mapping[str, float]:
    """What each word of the table's columns counts for."""
    own = set(meaning(words(table))) | {singular(word) for word in words(table)}
    among = Counter(word for name in targets for word in set(meaning(words(name))))
    return {
        word: (_LITTLE if word in GENERIC or word in own else 1.0) / sqrt(count)
        for word, count in among.items()
    }


def resemblance(source: str, target: str, weights: Mapping[str, float]) -> Likeness:
    """0, or `LEAST` to 1: the weight of the words in common, of all words of both."""
    left, right = meaning(words(source)), meaning(words(target))
    if not left or not right:
        return Likeness(0.0, "")
    whole = _joined(words(source), words(target))
    share = max(_shared(left, right, weights), whole)
    if share < LEAST:
        return Likeness(0.0, "")
    return Likeness(share, f"'{source}' resembles '{target}'.")


def _shared(left: tuple[str, ...], right: tuple[str, ...], weights: Mapping[str, float]) -> float:
    """Each word is met once, the most alike first."""
    pairs = sorted(
        ((_alike(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(right)),
        key=lambda pair: -pair[0],
    )
    ours = [_LITTLE if word in GENERIC else weights.get(word, 1.0) for word in left]
    theirs = [weights.get(word, 1.0) for word in right]
    met: dict[int, int] = {}
    common = 0.0
    for likeness, i, j in pairs:
        if likeness and i not in met and j not in met.values():
            met[i] = j
            # What both call by the same word weighs the same in both.
            ours[i] = theirs[j]
            common += likeness * 2 * theirs[j]
    everything = sum(ours) + sum(theirs)
    return common / everything if everything else 0.0


def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    """How alike are the names when nothing parts their words?"""
    one, other = "".join(left), "".join(right)
    if min(len(one), len(other)) < 3:
        return 0.0
    if slip(one, other):
        return 0.9
    return 0.75 if len(right) > 1 and _abbreviates(one, right) else 0.0


def _abbreviates(short: str, parts: tuple[str, ...]) -> bool:
    """Is it made of the beginnings of every word, letters left out: custnm, fstnm?"""
    if not parts:
        return not short
    word = parts[0]
    if not short or short[0] != word[0]:
        return False
    longest = min(len(short), len(word))
    return any(
        _abbreviation(short[:n], word) and _abbreviates(short[n:], parts[1:])
        for n in range(longest, 1, -1)
    )


@lru_cache(maxsize=65536)
def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if slip(one, other):
        return 0.9
    if _abbreviation(one, other) or _abbreviation(other, one):
        return _ABBREVIATED
    if any({one, other} <= set(group.split()) for group in LOOSE):
        return _RELATED
    return 0.0


def slip(one: str, other: str) -> bool:
    """The same word but for a letter or two."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 2:
        return False
    if one.strip("0123456789") != one or other.strip("0123456789") != other:
        return False  # line1 and line2 are two things
    if sorted(one) == sorted(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 2:
        return True  # two letters changed places
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _abbreviation(short: str, long: str) -> bool:
    """The beginning of a word, or its letters in order with the first and few vowels."""
    if not 2 <= len(short) < len(long) or short[0] != long[0]:
        return False
    if len(short) >= 3 and long.startswith(short):
        return True
    letters = iter(long)
    if not all(letter in letters for letter in short):
        return False
    bare = [c for c in long[1:] if c not in "aeiou"]
    return not set(short[1:-1]) & set("aeiou") and 2 * (len(short) - 1) >= len(bare)
