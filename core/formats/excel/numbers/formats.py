"""Number formats of workbooks: what kind of value they show, and the text they show it as.

The codes are those of ECMA-376 Part 1, 18.8.31: up to four sections parted by semicolons, for
positive numbers, negative ones, zero and text, or with conditions of their own.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from core.formats.excel.numbers.digits import Numeral, numeral

#: Formats that a workbook names by number alone (18.8.30); 14–22 and 45–47 are moments.
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<exponent>[eE][+-])"
    r"|(?P<moment>AM/PM|A/P|[ymdhseEgb])|(?P<placeholder>[0#?])|(?P<sign>[.,%@/])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_LAPSE = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CURRENCY_CODE = re.compile(r"\s*[A-Z]{3}\s*")
_CURRENCY = frozenset("$€£¥₩₹₽₺₴฿₫₪₦")
_EXACT = Context(prec=400)
_HOLDS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


class Shows(enum.Enum):
    """What a format makes of a number."""

    VALUE = "value"  #: the number as it is, or text
    MASK = "mask"  #: a code with digits of its own: 00123, 123-45-6789, INV-0007
    NUMBER = "number"  #: the number dressed up: 12.50, 25%, $ 1,200
    DATE = "date"
    MOMENT = "moment"  #: a date with a time
    TIME = "time"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    tokens: tuple[tuple[str, str], ...]  #: kind (a group of _TOKEN) and text
    condition: tuple[str, Decimal] | None
    numeral: Numeral | None  #: None: no digits are shown, or a fraction, which is not spelled

    def texts(self, *kinds: str) -> list[str]:
        return [text for kind, text in self.tokens if kind in kinds]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)  # one object for each code
class NumberFormat:
    shows: Shows
    sections: tuple[_Section, ...] = ()
    conditional: bool = False  #: do sections say themselves which numbers are theirs?

    @property
    def places(self) -> int | None:
        """The decimals of a format that says nothing else: 2 of 0.00, 0 of 0."""
        numeral = self.sections[0].numeral if len(self.sections) == 1 else None
        if numeral is None or numeral.plain is None or numeral.grouped or numeral.shift:
            return None
        before, places, behind = numeral.plain
        return None if before or behind or self.conditional else places

    def text(self, value: Decimal) -> str | None:
        """The text shown for a number, blanks around it left out; None: none worth showing.

        A mask shows whole numbers only: of others it would hide a part.
        """
        if self.shows is Shows.MASK and value != value.to_integral_value():
            return None
        section, negative = self._section(value)
        if section is None or section.numeral is None:
            return None
        shown = section.numeral.text(abs(value)).strip()
        return f"-{shown}" if negative and shown.strip("0.%") else shown or None

    def _section(self, value: Decimal) -> tuple[_Section | None, bool]:
        """Which section shows the value, and whether a minus stands before it."""
        if self.conditional:
            for section in self.sections:
                if section.condition is None:
                    return section, value < 0
                relation, bound = section.condition
                if _HOLDS[relation](value, bound):
                    return section, value < 0
            return None, False
        numbers = self.sections[:3]
        if value < 0 and len(numbers) > 1:
            return numbers[1], False
        if value == 0 and len(numbers) > 2:
            return numbers[2], False
        return numbers[0], value < 0


@lru_cache(maxsize=4096)
def parse(code: str) -> NumberFormat:
    """What a format code says; one that makes no sense shows values as they are."""
    sections = tuple(_section_of(tokens) for tokens in _split(code))
    first = sections[0]
    moments = "".join(first.texts("moment", "lapse")).lower()
    if moments and not first.texts("placeholder", "general", "exponent"):
        return NumberFormat(shows=_moment(moments))
    if (moments and first.texts("lapse")) or _seconds_only(first, moments):
        return NumberFormat(shows=_moment(moments))
    if not first.texts("placeholder"):
        return NumberFormat(shows=Shows.VALUE)
    shows = Shows.MASK if _is_mask(first) else Shows.NUMBER
    conditional = any(section.condition for section in sections)
    return NumberFormat(shows=shows, sections=sections, conditional=conditional)


def _seconds_only(section: _Section, moments: str) -> bool:
    """Fractions of seconds are placeholders too: mm:ss.0."""
    return "s" in moments and set(section.texts("placeholder")) == {"0"}


def _moment(letters: str) -> Shows:
    has_date = bool(set(letters) & set("yd")) or ("m" in letters and not set(letters) & set("hs"))
    has_time = bool(set(letters) & set("hs"))
    if has_date and has_time:
        return Shows.MOMENT
    return Shows.DATE if has_date else Shows.TIME


def _split(code: str) -> list[list[tuple[str, str]]]:
    """The tokens of each section."""
    sections: list[list[tuple[str, str]]] = [[]]
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or "quoted"
        text = found.group(kind) or ""
        if kind == "plain" and text == ";":
            sections.append([])
        else:
            sections[-1].append((kind, text))
    return sections[:4]


def _section_of(tokens: Sequence[tuple[str, str]]) -> _Section:
    kept: list[tuple[str, str]] = []
    condition = None
    for kind, text in tokens:
        if kind in ("quoted", "escaped", "plain"):
            kept.append(("literal", text))
        elif kind == "space":
            kept.append(("literal", " "))
        elif kind == "bracket":
            if text.startswith("$"):  # a currency, a locale, or both: [$€-407]
                kept += [("currency", sign)] if (sign := text[1:].split("-")[0]) else []
            elif found := _CONDITION.fullmatch(text.strip()):
                condition = (found.group(1), Decimal(found.group(2)))
            elif _LAPSE.fullmatch(text):
                kept.append(("lapse", text))
        elif kind != "fill":
            kept.append((kind, text))
    shows_digits = any(kind == "placeholder" for kind, _ in kept) and ("sign", "/") not in kept
    return _Section(
        tokens=tuple(kept), condition=condition, numeral=numeral(kept) if shows_digits else None
    )


def _is_mask(section: _Section) -> bool:
    """Does the section write a code, rather than dress up a quantity?

    Codes have zeros in front, something between their digits, or a word before them that is no
    currency; quantities have decimals, grouping, percent signs, currencies or exponents.
    """
    if section.texts("sign", "exponent", "currency", "general"):
        return False
    if any(set(text) & _CURRENCY for text in section.texts("literal")):
        return False
    kinds = [kind for kind, _ in section.tokens]
    start = kinds.index("placeholder")
    end = len(kinds) - kinds[::-1].index("placeholder")
    if section.texts("placeholder").count("0") > 1 or "literal" in kinds[start:end]:
        return True
    before = "".join(text for _, text in section.tokens[:start])
    return any(c.isalpha() for c in before) and not _CURRENCY_CODE.fullmatch(before)


def exact(text: str) -> Decimal | None:
    """The number a cell stores, as the shortest decimal that is the same double; None: none."""
    try:
        number = float(text)
    except ValueError:
        return None
    if number in (float("inf"), float("-inf")) or number != number:
        return None
    return _EXACT.create_decimal(repr(number))
