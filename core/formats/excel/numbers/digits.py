"""A number laid out by one section of a number format: places, grouping, percent, exponent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=400)
_FILLERS = {"0": "0", "#": "", "?": " "}

Token = tuple[str, str]  #: kind and text, as core.formats.excel.numbers.formats parts them


@dataclass(frozen=True, kw_only=True, slots=True)
class Numeral:
    """What a section says of the digits; every part holds literals too."""

    whole: tuple[Token, ...]
    decimals: tuple[Token, ...]  #: from the point on
    exponent: tuple[Token, ...]  #: from the E on
    grouped: bool
    shift: int  #: powers of ten by which the number is multiplied first
    plain: tuple[str, int, str] | None  #: what stands before, decimals and what stands behind
    #: digits in one run with at least one before the point; None: they are not

    def text(self, value: Decimal) -> str:
        """The text of a number that is not negative."""
        if self.shift:
            value = value.scaleb(self.shift, context=_EXACT)
        if self.plain is not None:
            before, places, behind = self.plain
            return f"{before}{_rounded(value, places):{',f' if self.grouped else 'f'}}{behind}"
        if not self.exponent:
            return self._fixed(value)
        power = self._power(value)
        mantissa = value.scaleb(-power, context=_EXACT)
        limit = Decimal(1).scaleb(max(1, _places(self.whole)))
        if _rounded(mantissa, _places(self.decimals)) >= limit:  # 9.99 shown as 10.0
            power += max(1, _places(self.whole))
            mantissa = value.scaleb(-power, context=_EXACT)
        sign = "-" if power < 0 else "+" if "+" in self.exponent[0][1] else ""
        digits = _filled(self.exponent[1:], str(abs(power)), grouped=False)
        return f"{self._fixed(mantissa)}E{sign}{digits}"

    def _power(self, value: Decimal) -> int:
        """The exponent, a multiple of the places before the point."""
        step = max(1, _places(self.whole))
        return (value.adjusted() // step) * step if value else 0

    def _fixed(self, value: Decimal) -> str:
        places = _places(self.decimals)
        text = format(_rounded(value, places), "f")
        whole, _, fraction = text.partition(".")
        return _filled(self.whole, whole.lstrip("0"), grouped=self.grouped) + _trailing(
            self.decimals, fraction
        )


def numeral(tokens: Sequence[Token]) -> Numeral:
    """The layout of the tokens of a section that has placeholders."""
    exponent = next((i for i, (kind, _) in enumerate(tokens) if kind == "exponent"), len(tokens))
    point = next((i for i, t in enumerate(tokens[:exponent]) if t == ("sign", ".")), exponent)
    places = [i for i, (kind, _) in enumerate(tokens[:exponent]) if kind == "placeholder"]
    commas = [i for i, token in enumerate(tokens[:exponent]) if token == ("sign", ",")]
    grouped = any(places and places[0] < i < places[-1] and i < point for i in commas)
    # A comma behind the last digit divides by a thousand.
    before = [i for i in places if i < point]
    thousands = sum(1 for i in commas if (i > places[-1]) or (before and before[-1] < i < point))
    percents = sum(1 for token in tokens if token == ("sign", "%"))
    kept = [(i, t) for i, t in enumerate(tokens) if t != ("sign", ",")]
    whole = tuple(t for i, t in kept if i < point)
    decimals = tuple(t for i, t in kept if point <= i < exponent)
    return Numeral(
        whole=whole,
        decimals=decimals,
        exponent=tuple(t for i, t in kept if i >= exponent),
        grouped=grouped,
        shift=2 * percents - 3 * thousands,
        plain=_plain(whole, decimals) if exponent == len(tokens) else None,
    )


def _plain(whole: Sequence[Token], decimals: Sequence[Token]) -> tuple[str, int, str] | None:
    """See `Numeral.plain`: nearly all formats in use are so, and quickly written."""
    before, digits, behind = _run(whole)
    _, fraction, end = _run(decimals[1:])
    if digits.lstrip("#") != "0" or fraction.strip("0") or (behind and decimals):
        return None
    if any(kind == "placeholder" for kind, _ in (*behind, *end)):
        return None
    if decimals and not (fraction and decimals[1][0] == "placeholder"):
        return None
    return _joined(before), len(fraction), _joined((*behind, *end))


def _run(tokens: Sequence[Token]) -> tuple[Sequence[Token], str, Sequence[Token]]:
    """What stands before the first run of placeholders, the run, and what stands behind it."""
    kinds = [kind == "placeholder" for kind, _ in tokens]
    start = kinds.index(True) if any(kinds) else len(tokens)
    end = start
    while end < len(tokens) and kinds[end]:
        end += 1
    return tokens[:start], _joined(tokens[start:end]), tokens[end:]


def _joined(tokens: Sequence[Token]) -> str:
    return "".join(text for _, text in tokens)


def _rounded(value: Decimal, places: int) -> Decimal:
    """Rounded as workbooks do: halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_EXACT)


def _places(tokens: Sequence[Token]) -> int:
    return sum(kind == "placeholder" for kind, _ in tokens)


def _filled(tokens: Sequence[Token], digits: str, *, grouped: bool) -> str:
    """Digits laid over placeholders from the right; the leftmost one takes those left over."""
    parts: list[str] = []
    left, first = list(digits), _places(tokens)
    written = 0
    for kind, text in reversed(tokens):
        if kind != "placeholder":
            parts.append(text)
            continue
        first -= 1
        taken = [left.pop()] if left else [_FILLERS[text]]
        while not first and left:
            taken.append(left.pop())
        for digit in taken:
            if grouped and written and written % 3 == 0 and digit.isdigit():
                parts.append(",")
            parts.append(digit)
            written += bool(digit)
    return "".join(reversed(parts))


def _trailing(tokens: Sequence[Token], digits: str) -> str:
    """Digits laid over the placeholders behind the point; zeros at the end show only for 0."""
    parts: list[str] = []
    position = 0
    for kind, text in tokens:
        if kind != "placeholder":
            parts.append(text)
            continue
        rest = digits[position:]
        parts.append(rest[0] if rest.strip("0") or text == "0" else _FILLERS[text])
        position += 1
    return "".join(parts)
