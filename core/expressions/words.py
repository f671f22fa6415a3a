"""The functions, signs and nodes that are let through."""

from __future__ import annotations

#: Functions by the name they are called by: what they do.
FUNCTIONS: dict[str, str] = {
    "ABS": "the number without its sign",
    "CAST": "CAST(x AS type): the value as another type; a value that will not go fails the row",
    "CEIL": "the next whole number upwards",
    "CHAR_LENGTH": "how many characters a text has",
    "COALESCE": "the first of the values that is not NULL",
    "CONCAT": "texts joined; NULL is left out",
    "CONCAT_WS": "CONCAT_WS(separator, x, y…): texts joined by a separator; NULL is left out",
    "DATE_PART": "DATE_PART('year', d): as EXTRACT",
    "ENDS_WITH": "does a text end so?",
    "EXTRACT": "EXTRACT(YEAR FROM d): a part of a date, as a whole number",
    "FLOOR": "the next whole number downwards",
    "GREATEST": "the largest of the values; NULL is left out",
    "IF": "IF(condition, x, y): x when the condition is true, else y",
    "IFNULL": "the second value where the first is NULL",
    "INITCAP": "every word with a capital first letter",
    "LEAST": "the smallest of the values; NULL is left out",
    "LEFT": "LEFT(x, n): the first n characters",
    "LENGTH": "how many characters a text has",
    "LOWER": "small letters",
    "LPAD": "LPAD(x, n, '0'): filled up on the left to n characters, or cut to n",
    "LTRIM": "without spaces at the start, or without the characters given",
    "MOD": "what is left over by a division",
    "NULLIF": "NULLIF(x, y): NULL where both are equal, else x",
    "POSITION": "POSITION('a' IN x): where a text is found first, 0 when it is not",
    "REGEXP_LIKE": "does a text hold something that matches the pattern?",
    "REGEXP_REPLACE": "REGEXP_REPLACE(x, pattern, new): the first match replaced, \\1 its group",
    "REPLACE": "REPLACE(x, old, new): every `old` replaced",
    "REVERSE": "the text backwards",
    "RIGHT": "RIGHT(x, n): the last n characters",
    "ROUND": "ROUND(x, digits): a DECIMAL half away from zero, a DOUBLE half to even",
    "RPAD": "RPAD(x, n, ' '): filled up on the right to n characters, or cut to n",
    "RTRIM": "without spaces at the end, or without the characters given",
    "SIGN": "-1, 0 or 1",
    "SPLIT_PART": "SPLIT_PART(x, '-', 2): the second piece; -1 is the last",
    "STARTS_WITH": "does a text start so?",
    "STRPOS": "STRPOS(x, 'a'): as POSITION",
    "SUBSTR": "SUBSTR(x, start, count): characters from `start` on, the first is 1",
    "SUBSTRING": "as SUBSTR",
    "TRIM": "without spaces at both ends",
    "TRY_CAST": "as CAST, but a value that will not go becomes NULL",
    "UPPER": "capital letters",
}

#: Words that mean themselves; a column called so is written in quotes.
KEYWORDS = frozenset(
    {
        "AND",
        "AS",
        "BETWEEN",
        "BOTH",
        "CASE",
        "DISTINCT",
        "ELSE",
        "END",
        "FALSE",
        "FOR",
        "FROM",
        "ILIKE",
        "IN",
        "IS",
        "LEADING",
        "LIKE",
        "NOT",
        "NULL",
        "OR",
        "THEN",
        "TRAILING",
        "TRUE",
        "WHEN",
        "XOR",
    }
)

#: Types of CAST by the names people write: the name Polars is given. None narrower than its kind.
TYPES: dict[str, str] = {
    **dict.fromkeys(("INT", "INTEGER", "SMALLINT", "BIGINT"), "BIGINT"),
    **dict.fromkeys(("DOUBLE", "FLOAT", "REAL"), "DOUBLE"),
    **dict.fromkeys(("DECIMAL", "NUMERIC"), "DECIMAL"),
    **dict.fromkeys(("TEXT", "VARCHAR", "STRING"), "VARCHAR"),
    **dict.fromkeys(("BOOLEAN", "BOOL"), "BOOLEAN"),
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
}

#: Parts of a date that EXTRACT gives.
PARTS = frozenset(
    {
        "YEAR",
        "QUARTER",
        "MONTH",
        "WEEK",
        "DAY",
        "DOY",
        "ISODOW",
        "HOUR",
        "MINUTE",
        "SECOND",
    }
)

SIGNS = ("!~*", "::", "||", "<=", ">=", "<>", "!=", "==", "//", "!~", "~*", *"+-*/%=<>~(),")

#: Nodes of Polars, by the name in their serialised form.
COMPARISONS = frozenset({"Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqValidity", "NotEqValidity"})
LOGIC = frozenset({"And", "Or", "Xor"})
ARITHMETIC = frozenset({"Plus", "Minus", "Multiply", "Mul", "Div", "IntDiv", "Rem"})

PLAIN_NODES = frozenset(
    {"Abs", "Ceil", "Floor", "Sign", "Coalesce", "FillNull", "MaxHorizontal", "MinHorizontal"}
)
NODES: dict[str, frozenset[str]] = {
    "Boolean": frozenset({"IsNull", "IsNotNull", "Not"}),
    "Sql": frozenset({"Binary", "Round"}),
    "TemporalExpr": frozenset(
        {
            "Year",
            "Quarter",
            "Month",
            "Week",
            "Day",
            "OrdinalDay",
            "WeekDay",
            "Hour",
            "Minute",
            "Second",
        }
    ),
    "ListExpr": frozenset({"Get"}),
    "Clip": frozenset({"has_min"}),
    "StringExpr": frozenset(
        {
            "ConcatHorizontal",
            "Contains",
            "EndsWith",
            "Find",
            "LenChars",
            "Lowercase",
            "PadEnd",
            "PadStart",
            "Replace",
            "Reverse",
            "Slice",
            "Split",
            "StartsWith",
            "StripChars",
            "StripCharsEnd",
            "StripCharsStart",
            "Titlecase",
            "Uppercase",
        }
    ),
}

#: Types of literals, and of casts, by their serialised names.
SCALARS = frozenset(
    {
        "Boolean",
        "Date",
        "Datetime",
        "Decimal",
        "Float64",
        "Int8",
        "Int64",
        "Null",
        "String",
        "Time",
        "UInt32",
    }
)
CASTS = frozenset(
    {
        "Boolean",
        "Date",
        "Datetime",
        "Decimal",
        "Float64",
        "Int32",
        "Int64",
        "String",
        "Time",
    }
)
