"""Which of the encodings older than Unicode makes words of bytes that are no UTF-8.

Three things are weighed: what chardet's models of languages say of the text as it stands; what
they say of its words with accents alone, each taken once, since most of a table is digits and
codes that no model has learnt; and whether those words, read this way, are words at all. Of
encodings that fit alike, Windows-1252 is by far the most used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

#: What people's files are written in; chardet knows dozens more, which only cause mistakes.
_CANDIDATES = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
    "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
    "iso8859-15", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic",
    "cp437", "cp850", "cp852", "cp855", "cp866",
    "shift_jis_2004", "cp932", "euc_jis_2004", "iso2022_jp_2",
    "gb18030", "big5hkscs", "euc_kr", "cp949", "iso2022_kr",
)  # fmt: skip
#: What each is better read as, if that can: what programs write under its name, or one that
#: has all of its characters and more.
_WIDER = {
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
    "shift_jis_2004": ("cp932",),
    "big5hkscs": ("cp950",),
    "euc_kr": ("cp949",),
    "euc_jis_2004": ("euc_jp",),
}
_WESTERN = frozenset({"cp1252", "iso8859-1"})
#: Words end at blanks, digits, and marks below the letters: bytes that are never part of a
#: character of several bytes (but in GB 18030, whose rarest characters have digits in them).
_BREAK = re.compile(rb"[\x00-\x2f:-?]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_C1 = re.compile(rb"[\x80-\x9f]")
_SAMPLE = 1 << 16  # bytes of text that chardet is given
_MOST_WORDS = 2000
# How much the three count, and how much Windows-1252 is ahead before the first word.
_OF_TEXT, _OF_WORDS, _OF_ODD_WORDS, _AHEAD = 0.3, 0.7, 0.5, 0.05
_NEGLIGIBLE = 0.02
_SHOWN = 3  # words given as evidence
#: Scripts that are written together.
_EAST_ASIAN = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "HALFWIDTH", "FULLWIDTH",
     "IDEOGRAPHIC", "LATIN"}
)  # fmt: skip
#: Marks that stand inside words or end them.
_IN_WORDS = frozenset("\u2019\u2018\u00b4\u201a`·\u00ad°ªº")


class Legacy(NamedTuple):
    """The encoding that fits best, by how much (0…1), and words as it reads them."""

    encoding: str
    lead: float
    words: tuple[str, ...]


def accented_words(data: bytes) -> dict[bytes, None]:
    """The words of some text that are not plain ASCII, each once, in their order."""
    return dict.fromkeys(word for word in _BREAK.split(data) if _HIGH.search(word))


def judge_words(words: dict[bytes, None], sample: bytes) -> Legacy | None:
    """What `words` are written in; `sample` is the beginning of the text. None: nothing fits."""
    known = list(words)[:_MOST_WORDS]
    joined = b"\n".join(known)
    # The control characters that ISO 8859 has at 80…9F stand in no text.
    names = [n for n in _CANDIDATES if not (n.startswith("iso8859") and _C1.search(joined))]
    of_text, of_words = _ranking(sample[:_SAMPLE], names), _ranking(joined, names)
    scores: dict[str, float] = {}
    for name in {**of_text, **of_words}:
        score = _OF_TEXT * of_text.get(name, 0) + _OF_WORDS * of_words.get(name, 0)
        if name in _WESTERN:
            score += _AHEAD / len(known) ** 0.5
        if score > _NEGLIGIBLE:
            scores[name] = score - _OF_ODD_WORDS * _share_odd(known, name)
    if not scores:
        return None
    best = max(scores, key=scores.__getitem__)
    read = [_read(word, best) for word in known]
    rival = max((s for n, s in scores.items() if _differs(known, read, n)), default=0.0)
    lead = max(0.0, scores[best] - max(0.0, rival)) / max(scores[best], _AHEAD)
    shown = tuple(word for word in read if not _is_odd(word))[:_SHOWN]
    return Legacy(wider(best, joined), min(1.0, lead), shown)


def judge_escaped(data: bytes) -> str | None:
    """The encoding of text of seven bits that shifts between alphabets (ISO 2022), if it is one."""
    found = _best(data, [name for name in _CANDIDATES if name.startswith("iso2022")])
    return found if found and _reads(data, found) else None


def wider(name: str, data: bytes) -> str:
    """The codec to read `data` with when it is written in `name`; see _WIDER."""
    return next((w for w in _WIDER.get(name, ()) if _reads(data, w)), name)


def _ranking(data: bytes, names: list[str]) -> dict[str, float]:
    # Here because it is slow to load, and most files never need it.
    from chardet import detect_all

    found = detect_all(data, ignore_threshold=True, compat_names=False, include_encodings=names)
    return {one["encoding"]: one["confidence"] for one in found if one["encoding"]}


def _best(data: bytes, names: list[str]) -> str | None:
    ranking = _ranking(data, names)
    return max(ranking, key=ranking.__getitem__) if ranking else None


def _reads(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _read(word: bytes, name: str) -> str:
    return word.decode(name, "replace")


def _differs(words: list[bytes], read: list[str], name: str) -> bool:
    return any(_read(word, name) != other for word, other in zip(words, read, strict=True))


def _share_odd(words: list[bytes], name: str) -> float:
    return sum(_is_odd(_read(word, name)) for word in words) / len(words)


def _is_odd(word: str) -> bool:
    """Is this no word of any language: a sign amid letters, scripts mixed, a capital inside?"""
    kinds = [_kind(character) for character in word]
    if "" in kinds:
        return True
    scripts = {kind for kind in kinds if kind.isupper()}
    if len(scripts) > 1 and not scripts <= _EAST_ASIAN:
        return True
    amid = zip(kinds, kinds[1:], kinds[2:], strict=False)
    if any(b == "sign" and a.isupper() and c.isupper() for a, b, c in amid):
        return True
    if any(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(word)):
        return True
    if "LATIN" not in scripts:
        return False
    accented = sum(c > "\x7f" and kind == "LATIN" for c, kind in zip(word, kinds, strict=True))
    plain = sum(c < "\x80" and c.isalpha() for c in word)
    return accented >= 3 and accented > 1.5 * plain


@lru_cache(4096)
def _kind(character: str) -> str:
    """The script of a letter in capitals; "sign", "mark" or "plain" for others; "": no text."""
    if character < "\x80":
        return "LATIN" if character.isalpha() else "plain"
    if character in _IN_WORDS:
        return "mark"
    category = unicodedata.category(character)
    if category[0] in "LM":
        return unicodedata.name(character, "UNNAMED").split()[0]
    return "" if category in {"Cc", "Cn", "Co"} or character == "\ufffd" else "sign"
