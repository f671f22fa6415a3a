"""What readers of text tell about the head of a file: its encoding and its first lines."""

from __future__ import annotations

from core.formats.text.encoding import EncodingGuess
from core.formats.text.splitting import LINE_END
from core.model.dialect import Finding

_FIRST_LINES = 10
_LONGEST_SHOWN = 500  # characters of a line


def encoding_finding(guess: EncodingGuess) -> Finding:
    return Finding(
        name="encoding",
        value=guess.encoding,
        confidence=guess.confidence,
        evidence=guess.evidence,
    )


def encoding_warnings(guess: EncodingGuess) -> tuple[str, ...]:
    if guess.sure:
        return guess.warnings
    return (
        *guess.warnings,
        f"The encoding {guess.encoding} is a guess. {guess.evidence} "
        "Look at accented letters in the preview, and choose another encoding if they are wrong.",
    )


def first_lines(text: str) -> tuple[str, ...]:
    """The first physical lines of decoded text, the long ones cut."""
    lines: list[str] = []
    start = 0
    while len(lines) < _FIRST_LINES and start < len(text):
        found = LINE_END.search(text, start)
        stop, after = (found.start(), found.end()) if found else (len(text), len(text))
        line = text[start : min(stop, start + _LONGEST_SHOWN)]
        lines.append(line.encode("utf-8", "replace").decode("utf-8"))
        start = after
    return tuple(lines)
