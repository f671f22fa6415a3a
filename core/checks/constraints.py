"""The CHECK constraints simple enough to be tried before the database sees a row.

Understood, in SQLite's and in PostgreSQL's spelling: one column compared with a literal,
BETWEEN, IN and its array forms, length(column) against a number, and any of those joined by
AND. Of a longer condition every part understood is tried by itself, which is safe because
each must hold; anything else (OR, NOT, functions, several columns, ordering of texts, which
depends on collations) is left to the database, which has the last word in any case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from core.checks.comparing import COMPARISONS, compared
from core.model.table import Column, Kind, Table

Operand = Decimal | date | str

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d*)?|\.\d+)(?![\w.])"
    r'|"(?P<double>(?:[^"]|"")+)"|`(?P<back>[^`]+)`|\[(?P<bracket>[A-Za-z_][\w ]*)\]'
    r"|(?P<word>[^\W\d][\w$]*)|(?P<mark>::|<=|>=|<>|!=|==|\[\]|[()<>=,+\-\[\]]))"
)
#: Types and collations that compare or measure texts in a way of their own.
_OWN_EQUALITY = re.compile(r"citext|nocase|bpchar|^char(?:acter)? *(?:\(|$)", re.IGNORECASE)
_SAME = {"==": "=", "!=": "<>"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_LENGTHS = {"length", "char_length", "character_length"}
_TEXT_TYPES = {"text", "character", "varying", "varchar"}
_NUMBER_TYPES = {"numeric", "decimal", "integer", "bigint", "smallint", "double", "precision",
                 "real"}  # fmt: skip
_TYPES = _TEXT_TYPES | _NUMBER_TYPES | {"date"}
_WORDS = {
    "<": "less than", "<=": "at most", ">": "greater than", ">=": "at least", "=": "exactly",
    "<>": "other than",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One column, or the length of its text, compared with literals. Null always passes."""

    column: str
    operator: str  #: < <= > >= = <> in, not in
    operands: tuple[Operand, ...]
    length: bool = False

    @property
    def says(self) -> str:
        """What follows the quoted cell in a message."""
        shown = [str(o) if isinstance(o, Decimal) else f"'{o}'" for o in self.operands[:10]]
        listed = ", ".join(shown) + (", …" if len(self.operands) > 10 else "")
        subject = "the length " if self.length else ""
        if self.operator in _WORDS:
            return f"breaks a rule of the table: {subject}must be {_WORDS[self.operator]} {listed}"
        none = "none" if self.operator == "not in" else "one"
        return f"breaks a rule of the table: {subject}must be {none} of {listed}"

    def holds(self, values: pl.Series) -> pl.Series:
        """For every value of a typed frame's column, is the condition met?"""
        if self.length:
            values = values.str.len_chars().cast(pl.Int64)
        if self.operator in COMPARISONS:
            met = compared(values, self.operator, self.operands[0])
        else:
            met = compared(values, "=", self.operands[0])
            for operand in self.operands[1:]:
                met = met | compared(values, "=", operand)
            met = ~met if self.operator == "not in" else met
        return met.fill_null(value=True)


def simple_conditions(table: Table) -> tuple[Condition, ...]:
    """The conditions that every row must meet, as far as the table's checks are understood."""
    found: dict[Condition, None] = {}
    for check in table.checks:
        tokens = _tokens(check.sql)
        if tokens and tokens[0] == ("word", "check"):
            tokens = tokens[1:]
        found |= dict.fromkeys(_conjuncts(tokens or [], table))
    return tuple(found)


Token = tuple[str, str]


def _tokens(sql: str) -> list[Token] | None:
    """The condition in tokens, words in lower case; None when it holds anything unexpected."""
    tokens: list[Token] = []
    at, sql = 0, sql.strip()
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None or match.lastgroup is None:
            return None
        kind, value, at = match.lastgroup, match[match.lastgroup], match.end()
        if kind in {"double", "back", "bracket"}:
            kind, value = "name", value.replace('""', '"')
        elif kind == "word":
            value = value.lower()
        elif kind == "text":
            value = value[1:-1].replace("''", "'")
        tokens.append((kind, _SAME.get(value, value) if kind == "mark" else value))
    return tokens


def _bare(tokens: list[Token]) -> list[Token]:
    """Without brackets that enclose the whole."""
    while tokens[:1] == [("mark", "(")] and _closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] == ("mark", "(")) - (tokens[at] == ("mark", ")"))
        if depth == 0:
            return at
    return -1


def _conjuncts(tokens: list[Token], table: Table) -> list[Condition]:
    tokens = _bare(tokens)
    parts: list[list[Token]] = [[]]
    depth, between = 0, False
    for token in tokens:
        depth += (token == ("mark", "(")) - (token == ("mark", ")"))
        if depth == 0 and token in {("word", "or"), ("word", "case")}:
            return []
        if depth == 0 and token == ("word", "and") and not between:
            parts.append([])
            continue
        if depth == 0 and token[0] == "word" and token[1] in {"and", "between"}:
            between = token[1] == "between"
        parts[-1].append(token)
    if len(parts) == 1:
        return _Atom(tokens, table).conditions()
    return [condition for part in parts for condition in _conjuncts(part, table)]


class _NotSimple(Exception):
    pass


class _Atom:
    """A parser of one comparison."""

    def __init__(self, tokens: list[Token], table: Table) -> None:
        self._tokens, self._at, self._table = tokens, 0, table
        self._column: Column | None = None
        self._length = False

    def conditions(self) -> list[Condition]:
        try:
            conditions = self._comparison()
        except _NotSimple:
            return []
        return conditions if self._at == len(self._tokens) else []

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *wanted: Token) -> bool:
        """Step over these tokens when they come next."""
        end = self._at + len(wanted)
        if tuple(self._tokens[self._at : end]) != wanted:
            return False
        self._at = end
        return True

    def _need(self, *wanted: Token) -> None:
        if not self._take(*wanted):
            raise _NotSimple

    def _comparison(self) -> list[Condition]:
        literal_first = self._peek()[0] in {"number", "text"} or self._peek()[1] in {"-", "+"}
        if literal_first:
            start = self._at
            self._literal_raw()
            operator = _FLIPPED.get(self._operator_mark(), "")
            self._subject()
            end, self._at = self._at, start
            operand = self._literal()
            self._at = end
            return [self._condition(operator, operand)]
        self._subject()
        if self._take(("word", "between")):
            low = self._literal()
            self._need(("word", "and"))
            return [self._condition(">=", low), self._condition("<=", self._literal())]
        if self._take(("word", "not"), ("word", "in")):
            return [self._condition("not in", *self._list("(", ")"))]
        if self._take(("word", "in")):
            return [self._condition("in", *self._list("(", ")"))]
        operator = self._operator_mark()
        if operator == "=" and self._take(("word", "any")):
            return [self._condition("in", *self._array())]
        if operator == "<>" and self._take(("word", "all")):
            return [self._condition("not in", *self._array())]
        return [self._condition(operator, self._literal())]

    def _operator_mark(self) -> str:
        kind, value = self._peek()
        if kind != "mark" or value not in COMPARISONS:
            raise _NotSimple
        self._at += 1
        return value

    def _subject(self) -> None:
        """The column, perhaps in brackets, cast to a type like its own, or its length."""
        kind, value = self._peek()
        if self._take(("mark", "(")):
            self._subject()
            self._need(("mark", ")"))
        elif kind == "word" and value in _LENGTHS and not self._length:
            self._at += 1
            self._need(("mark", "("))
            self._subject()
            self._need(("mark", ")"))
            self._length = True
        elif kind in {"word", "name"}:
            self._at += 1
            self._column = self._named(value, quoted=kind == "name")
        else:
            raise _NotSimple
        cast = self._cast()
        assert self._column is not None
        text = self._column.kind is Kind.TEXT and not self._length
        if not cast <= (_TEXT_TYPES if text else _NUMBER_TYPES):
            raise _NotSimple

    def _named(self, name: str, *, quoted: bool) -> Column:
        for column in self._table.columns:
            if column.name == name or (not quoted and column.name.lower() == name):
                return column
        raise _NotSimple

    def _cast(self) -> set[str]:
        """The words of the types cast to."""
        words: set[str] = set()
        while self._take(("mark", "::")):
            if self._peek()[1] not in _TYPES:
                raise _NotSimple
            while self._peek()[0] == "word" and self._peek()[1] in _TYPES:
                words.add(self._peek()[1])
                self._at += 1
            self._take(("mark", "[]"))
        return words

    def _literal_raw(self) -> tuple[Operand, set[str]]:
        if self._take(("mark", "(")):
            value, inner = self._literal_raw()
            self._need(("mark", ")"))
            return value, inner | self._cast()
        sign = "-" if self._take(("mark", "-")) else ""
        kind, text = self._peek()
        if kind not in {"number", "text"} or (kind == "text" and sign):
            raise _NotSimple
        self._at += 1
        value = Decimal(sign + text) if kind == "number" else text
        return value, self._cast()

    def _literal(self) -> Operand:
        """A literal that compares with the subject."""
        value, cast = self._literal_raw()
        assert self._column is not None
        kind = self._column.kind
        if self._length or kind in {Kind.INTEGER, Kind.NUMBER}:
            return _as_number(value, cast)
        if not isinstance(value, str) or cast & _NUMBER_TYPES:
            raise _NotSimple
        if kind is Kind.DATE:
            return _as_day(value)
        if kind is not Kind.TEXT or "date" in cast:
            raise _NotSimple
        return value

    def _list(self, opening: str, closing: str) -> list[Operand]:
        self._need(("mark", opening))
        values = [self._literal()]
        while self._take(("mark", ",")):
            values.append(self._literal())
        self._need(("mark", closing))
        return values

    def _array(self) -> list[Operand]:
        """`(ARRAY['a'::text, …])`, `((ARRAY[…])::text[])`: PostgreSQL's way to say IN."""
        self._need(("mark", "("))
        if self._peek() == ("mark", "("):
            values = self._array()
        else:
            self._need(("word", "array"))
            values = self._list("[", "]")
        self._cast()
        self._need(("mark", ")"))
        self._cast()
        return values

    def _condition(self, operator: str, *operands: Operand) -> Condition:
        column = self._column
        assert column is not None
        if column.kind is Kind.TEXT:
            ordered = operator in {"<", "<=", ">", ">="} and not self._length
            if ordered or _OWN_EQUALITY.search(column.type_text):
                raise _NotSimple
        elif self._length:
            raise _NotSimple
        return Condition(
            column=column.name, operator=operator, operands=operands, length=self._length
        )


def _as_number(value: Operand, cast: set[str]) -> Decimal:
    if isinstance(value, Decimal) and cast <= _NUMBER_TYPES:
        return value
    if isinstance(value, str) and cast and cast <= _NUMBER_TYPES:
        try:
            number = Decimal(value)
        except ArithmeticError as error:
            raise _NotSimple from error
        if number.is_finite():
            return number
    raise _NotSimple


def _as_day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _NotSimple from error
