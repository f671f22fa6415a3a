"""What a text column of ours can hold."""

from __future__ import annotations

from core.errors import InvalidRequest


def storable(text: str, limit: int) -> str:
    """Words for people to read, made fit to store: at most `limit` characters.

    NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot write, become
    U+FFFD; what is too long ends in an ellipsis. For names that must match exactly use `exact`.
    """
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def storable_or_none(text: str | None, limit: int) -> str | None:
    """As `storable`; None stays None."""
    return None if text is None else storable(text, limit)


def exact(text: str, limit: int, what: str) -> str:
    """A name that is looked up again: returned as it is, or refused with InvalidRequest."""
    if not text:
        raise InvalidRequest(f"{what} is empty.")
    if storable(text, limit) != text:
        raise InvalidRequest(
            f"{what} must be at most {limit} characters, without NUL or broken characters."
        )
    return text
