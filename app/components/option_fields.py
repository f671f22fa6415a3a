"""Form fields for declared options: of transforms and of rules.

Options travel as texts (core.model.mapping.OptionKind says what each holds); a field shows one the
way people think of it and gives the text back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import polars as pl
import streamlit as st

from core.model.mapping import OptionInfo, OptionKind

_TRUE, _FALSE = "true", "false"


def option_fields(
    infos: Sequence[OptionInfo],
    given: Mapping[str, str],
    *,
    columns: Sequence[str],
    key: str,
    words: Mapping[tuple[str, str], str] | None = None,
) -> dict[str, str]:
    """Draw a field for each option, two to a line; the options as they now stand.

    `columns`: what an option of columns chooses from. `words`: how a choice of an option is said.
    An option left at its default or empty is left out.
    """
    found: dict[str, str] = {}
    small = [info for info in infos if info.kind not in _WIDE]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for info in small:
            found[info.name] = _draw(info, given, columns, key, words or {})
    for info in infos:
        if info.kind in _WIDE:
            found[info.name] = _draw(info, given, columns, key, words or {})
    return {info.name: found[info.name] for info in infos if _says(info, found[info.name])}


def _says(info: OptionInfo, value: str) -> bool:
    """Is it worth keeping? An empty text may be meant where the default is another."""
    if value == info.default:
        return False
    return bool(value) or (info.kind is OptionKind.TEXT and not info.choices and not info.required)


def _draw(
    info: OptionInfo,
    given: Mapping[str, str],
    columns: Sequence[str],
    key: str,
    words: Mapping[tuple[str, str], str],
) -> str:
    value = given.get(info.name, info.default)
    own = f"{key}:{info.name}"
    if info.kind is OptionKind.COLUMNS:
        chosen = [name for name in _texts(value) if name in columns]
        return _listed(
            st.multiselect(info.title, list(columns), chosen, help=info.hint or None, key=own)
        )
    if info.choices:
        choices = list(dict.fromkeys((*info.choices, *([value] if value else []))))
        at = choices.index(value) if value in choices else 0
        return str(
            st.selectbox(
                info.title,
                choices,
                index=at,
                format_func=lambda choice: words.get((info.name, choice), choice),
                help=info.hint or None,
                key=own,
                width=220,
            )
        )
    return _FIELDS.get(info.kind, _text)(info, value, own)


def _text(info: OptionInfo, value: str, key: str) -> str:
    return st.text_input(_title(info), value, placeholder=info.hint or None, key=key, width=220)


def _long(info: OptionInfo, value: str, key: str) -> str:
    return st.text_area(_title(info), value, placeholder=info.hint or None, key=key, height=90)


def _flag(info: OptionInfo, value: str, key: str) -> str:
    return (
        _TRUE
        if st.toggle(info.title, value == _TRUE, help=info.hint or None, key=key)
        else (_FALSE if info.default == _TRUE else "")
    )


def _list(info: OptionInfo, value: str, key: str) -> str:
    lines = st.text_area(
        f"{info.title}, one a line{' *' if info.required else ''}",
        "\n".join(_texts(value)),
        placeholder=info.hint or None,
        key=key,
        height=110,
    )
    return _listed([line.strip() for line in lines.splitlines() if line.strip()])


def _pairs(info: OptionInfo, value: str, key: str) -> str:
    """A table of two columns; what stands beside an empty cell becomes blank."""
    known = _object(value)
    frame = pl.DataFrame(
        {"From": list(known), "To": list(known.values())},
        schema={"From": pl.String, "To": pl.String},
    )
    st.caption(_title(info))
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key, height="content")
    pairs = {row["From"]: row["To"] or None for row in edited.to_dicts() if row["From"]}
    return json.dumps(pairs, ensure_ascii=False) if pairs else ""


def _title(info: OptionInfo) -> str:
    return f"{info.title} *" if info.required else info.title


def _texts(value: str) -> list[str]:
    """A JSON array of texts; anything else is no list yet."""
    try:
        found = json.loads(value) if value else []
    except ValueError:
        return []
    return [str(item) for item in found] if isinstance(found, list) else []


def _object(value: str) -> dict[str, str | None]:
    try:
        found = json.loads(value) if value else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _listed(items: Sequence[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False) if items else ""


_FIELDS: dict[OptionKind, Callable[[OptionInfo, str, str], str]] = {
    OptionKind.FLAG: _flag,
    OptionKind.LIST: _list,
    OptionKind.PAIRS: _pairs,
    OptionKind.EXPRESSION: _long,
}
_WIDE = frozenset({OptionKind.LIST, OptionKind.PAIRS, OptionKind.EXPRESSION, OptionKind.COLUMNS})
