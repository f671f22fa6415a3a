"""The transform `number`: figures as people write them → plain decimal text.

Never through a float: the digits of the cell are the digits of the result. Read are

    1234.56   1,234.56   1.234,56   1 234,56   1'234.56   12,34,567.8   .5   1e5
    (5)       -5   € 9.90   9,90 €   $-5   12 % → 0.12

`decimal` says which mark stands before the decimals. `auto` decides by what a cell alone
proves: two kinds of marks, a mark that repeats, or a mark not followed by exactly three
digits. `1,234` and `1.234` prove nothing and are refused rather than guessed.

`thousands` says which mark alone may stand between groups; with it, a single point or comma that
is not that mark stands before decimals. `currency` lists words beside the figure, such as CHF.
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from core.mapping.options import texts_of
from core.mapping.registry import BLANKS, Options, option, quote, transform
from core.model.mapping import OptionInfo, OptionKind

#: An exponent beyond this would write out a number of absurd length.
MAX_EXPONENT = 400

_SPACES = f"[{BLANKS}]"
_PARTS = (
    r"^(?<open>\()? *(?<sign>[+-]?) *(?<before>\p{Sc}?) *(?<second>[+-]?) *"
    r"(?<core>[0-9.,][0-9.,' ]*(?:[eE][+-]?[0-9]{1,4})?) *"
    r"(?<after>\p{Sc}?) *(?<percent>%?) *(?<close>\))?$"
)
_AMBIGUOUS = r"^[1-9][0-9]{0,2}[.,][0-9]{3}$"
#: The comma before decimals: the only mark, or after dots or blanks; or dots that repeat.
_DECIMAL_COMMA = r"^[0-9 ']*,[0-9]*$|^[0-9.]*\.[0-9]{3},[0-9]*$|^[0-9]{1,3}(?:\.[0-9]{3}){2,}$"
_PLAIN = r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"
_GROUPED = (
    r"^(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,3}(?:'[0-9]{3})+"
    r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?$"
)
_EXPONENT = r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]{1,4}$"

#: Cells that need no work under each setting: most of them, in most files.
_READY = {
    "auto": r"^-?(?:[0-9]+|(?:0[0-9]*|[0-9]{4,})\.[0-9]+|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,}))$",
    "point": r"^-?[0-9]+(?:\.[0-9]+)?$",
    "comma": r"^-?[0-9]+$",
}

#: Cells that only need their thousands marks taken out once the decimal mark is known.
_GROUPED_ONLY = {
    "point": r"^-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$",
    "comma": r"^-?[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]+)?$",
}

_DECIMAL = OptionInfo(
    name="decimal", title="Decimal mark", choices=("auto", "point", "comma"), default="auto"
)
_THOUSANDS = OptionInfo(
    name="thousands",
    title="Mark between thousands",
    choices=("auto", "comma", "point", "space", "apostrophe", "none"),
    default="auto",
)
_CURRENCY = OptionInfo(
    name="currency",
    title="Words for money beside the figure",
    kind=OptionKind.LIST,
    hint="Such as EUR or Fr.; signs such as € need not be listed",
)
_MARKS = {"comma": ",", "point": ".", "space": " ", "apostrophe": "'"}
#: The mark before decimals that follows from the mark between thousands.
_OTHER = {"comma": "point", "point": "comma"}
#: Stands for a word of money while the figure is read: Unicode's sign for any currency.
_ANY_CURRENCY = "\u00a4"
MAX_CURRENCIES = 50


def _swap(core: pl.Expr) -> pl.Expr:
    return core.str.replace_many([".", ","], [",", "."])


def _as_point(core: pl.Expr, decimal: str) -> pl.Expr:
    """Write the figure with a decimal point; null when its marks prove nothing."""
    if decimal == "point":
        return core
    if decimal == "comma":
        return _swap(core)
    return (
        pl.when(core.str.contains(_AMBIGUOUS))
        .then(None)
        .when(core.str.contains(_DECIMAL_COMMA))
        .then(_swap(core))
        .otherwise(core)
    )


def _spell_out(series: pl.Series) -> pl.Series:
    """Powers of ten written out; only distinct cells with an exponent come here."""
    written: list[str | None] = []
    for text in series.to_list():
        number = Decimal(text)
        small = number.is_zero() or abs(number.adjusted()) <= MAX_EXPONENT
        written.append(format(number, "f") if small else None)
    return pl.Series(series.name, written, dtype=pl.String)


def _magnitude(core: pl.Expr, decimal: str) -> pl.Expr:
    """The core without groups, decimals after a point; null when it is no figure."""
    pointed = _as_point(core.str.strip_chars(" "), decimal)
    ungrouped = pointed.str.replace_all("[, ']", "")
    known = pointed.str.contains(_PLAIN) | pointed.str.contains(_GROUPED)
    plain = pl.when(known).then(ungrouped)
    return plain.str.replace(r"^\.", "0.").str.replace(r"\.$", "")


def _hundredth(magnitude: pl.Expr) -> pl.Expr:
    """The figure divided by one hundred, by moving the point."""
    whole = magnitude.str.extract(r"^([0-9]+)", 1).str.zfill(3)
    decimals = magnitude.str.extract(r"\.([0-9]+)$", 1).fill_null("")
    return whole.str.head(-2) + "." + whole.str.tail(2) + decimals


def _exponents(core: pl.Series) -> pl.Series:
    """Figures such as 1.5e-7, written out; null for all other cells."""
    wanted = core.str.contains(_EXPONENT).fill_null(value=False)
    if not wanted.any():
        return pl.Series(core.name, [None] * len(core), dtype=pl.String)
    distinct = core.filter(wanted).unique()
    return core.replace_strict(distinct, _spell_out(distinct), default=None, return_dtype=pl.String)


def _read(cells: pl.Series, decimal: str) -> pl.Series:
    """Cells that are not plain already, one by one proven and written plainly."""
    text = pl.col("cell").str.replace_all(_SPACES, " ").str.strip_chars(" ")
    text = text.str.replace_all("\u2212", "-", literal=True)
    text = text.str.replace_all("\u2019", "'", literal=True)
    parts = cells.alias("cell").to_frame().select(text.str.extract_groups(_PARTS).alias("p"))
    parts = parts.unnest("p").with_columns(pl.col("sign", "second").fill_null(""))
    core = pl.col("core")
    pointed = core.str.replace(",", ".", literal=True) if decimal == "comma" else core
    parts = parts.with_columns(_magnitude(core, decimal).alias("plain"), pointed.alias("point"))
    parts = parts.with_columns(_exponents(parts["point"]).alias("written"))
    magnitude = pl.coalesce("plain", "written")
    bracketed = pl.col("open").is_not_null()
    signs = (pl.col("sign") != "").cast(pl.Int8) + (pl.col("second") != "") + bracketed
    sound = (bracketed == pl.col("close").is_not_null()) & (signs <= 1)
    sound &= (pl.col("before") == "") | (pl.col("after") == "")
    negative = bracketed | (pl.col("sign") + pl.col("second") == "-")
    value = pl.when(pl.col("percent") == "%").then(_hundredth(magnitude)).otherwise(magnitude)
    signed = pl.when(negative).then("-" + value).otherwise(value)
    return parts.select(pl.when(sound).then(signed).alias("cell")).to_series()


def _numbers(cells: pl.Series, decimal: str) -> pl.Series:
    """Work only on the cells that need it: first the plainly grouped, then the others."""
    ready = cells.str.contains(_READY[decimal]) | (cells == "")
    if ready.all():
        return cells
    written = cells
    if decimal in _GROUPED_ONLY:
        grouped = (~ready & cells.str.contains(_GROUPED_ONLY[decimal])).fill_null(value=False)
        marks = ([","], [""]) if decimal == "point" else ([".", ","], ["", "."])
        written = cells.zip_with(~grouped, cells.str.replace_many(*marks))
        ready = ready | grouped
    todo = ready.not_().fill_null(value=False).arg_true()
    if todo.is_empty():
        return written
    rest = cells.gather(todo)
    blank = rest.str.strip_chars(BLANKS) == ""
    read = _read(rest, decimal).zip_with(~blank, pl.Series([""]).new_from_index(0, len(rest)))
    return written.clone().scatter(todo, read)  # scatter writes in place


def _known_marks(cells: pl.Series, decimal: str, thousands: str) -> pl.Series:
    """Cells with their decimal point for certain; null where there is another mark.

    Only for a `thousands` that was chosen; what is no figure at all is found out afterwards.
    """
    text = pl.col("cell").str.replace_all(_SPACES, " ").str.strip_chars(" ")
    text = text.str.replace_all("\u2019", "'", literal=True)
    mark, point = _MARKS.get(thousands), _MARKS.get(_OTHER.get(thousands, decimal))
    if point is None:
        # Any one point or comma stands before the decimals.
        sound = text.str.count_matches("[.,]") <= 1
        text, point = text.str.replace(",", ".", literal=True), "."
    else:
        sound = text.str.count_matches(point, literal=True) <= 1
        foreign = {".", ","} - {point, mark}
        for other in foreign:
            sound &= ~text.str.contains(other, literal=True)
    for other in {" ", "'"} - {mark}:
        sound &= ~text.str.contains(rf"[0-9]{other}[0-9]")
    if mark is not None:
        grouped = rf"[0-9]{re.escape(mark)}[0-9]"
        groups = rf"(?:^|[^0-9])[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{2,3}})*"
        groups += rf"{re.escape(mark)}[0-9]{{3}}(?:$|[^0-9{re.escape(mark)}])"
        sound &= ~text.str.contains(grouped) | text.str.contains(groups)
        text = text.str.replace_all(rf"([0-9]){re.escape(mark)}", "${1}")
    if point == ",":
        text = text.str.replace(",", ".", literal=True)
    return cells.to_frame("cell").select(pl.when(sound).then(text).alias("cell")).to_series()


def _without_words(cells: pl.Series, words: tuple[str, ...]) -> pl.Series:
    """Words for money, at either end in any case, as a sign that the figure may have."""
    listed = "|".join(re.escape(w.strip(BLANKS)) for w in sorted(words, key=len, reverse=True))
    cell = pl.col("cell").str.strip_chars(BLANKS)
    before = cell.str.replace(rf"^([(+\-\u2212\s]*)(?i:{listed})", f"${{1}}{_ANY_CURRENCY}")
    after = cell.str.replace(rf"(?i:{listed})([)%\s]*)$", f"{_ANY_CURRENCY}${{1}}")
    found = pl.when(before != cell).then(before).otherwise(after)
    return cells.to_frame("cell").select(found.alias("cell")).to_series()


def _read_all(cells: pl.Series, options: Options) -> pl.Series:
    decimal = option(options, "decimal", "auto")
    thousands = option(options, "thousands", "auto")
    words = texts_of(options.get("currency", ""))
    if words:
        cells = _without_words(cells, words)
    if thousands != "auto":
        cells, decimal = _known_marks(cells, decimal, thousands), "point"
    return _numbers(cells, decimal)


def _refuse(options: Options) -> str | None:
    decimal, thousands = option(options, "decimal", "auto"), option(options, "thousands", "auto")
    words = texts_of(options.get("currency", ""))
    if decimal == thousands != "auto":
        return f"the {decimal} cannot mark both decimals and thousands"
    if len(words) > MAX_CURRENCIES:
        return f"currency takes at most {MAX_CURRENCIES} words"
    bad = next((w for w in words if not w.strip(BLANKS) or re.search(r"[0-9]", w)), None)
    return None if bad is None else f"currency {bad!r} is no word beside a figure"


def _not_number(value: str, options: Options) -> str:
    bare = re.sub(rf"[{BLANKS}()%+\-\u2212]", "", value).strip("€$£¥")
    undecided = {option(options, name, "auto") for name in ("decimal", "thousands")} == {"auto"}
    if undecided and re.match(_AMBIGUOUS, bare):
        whole, fraction = bare.replace(",", "."), bare[-4]
        mark = "comma" if fraction == "," else "point"
        return (
            f"{quote(value)} may mean {whole.replace('.', '')} or {whole}: choose whether the"
            f" {mark} stands before decimals (option decimal)"
        )
    return f"{quote(value)} is not a number"


@transform(
    title="Number",
    options=(_DECIMAL, _THOUSANDS, _CURRENCY),
    explain=_not_number,
    refuse=_refuse,
)
def number(text: pl.Expr, options: Options) -> pl.Expr:
    """Read a number with thousands marks, a currency sign, accounting brackets or a percent
    sign, and write it plainly: 1,234.56 becomes 1234.56, (5) becomes -5, 12% becomes 0.12."""
    return text.map_batches(lambda cells: _read_all(cells, options), return_dtype=pl.String)
