"""`--option name=value`, repeated, and comma lists."""

from __future__ import annotations

import click


def read_pairs(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """A click callback: `("a=1", "b=x=y")` → `{"a": "1", "b": "x=y"}`."""
    pairs = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.strip():
            raise click.BadParameter(f"{text!r} is not of the form name=value")
        pairs[name.strip()] = value
    return pairs


def read_names(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, ...]:
    """A click callback: `"a, b"` → `("a", "b")`; nothing → `()`."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
