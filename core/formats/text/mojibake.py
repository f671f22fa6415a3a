"""Text that was UTF-8, was read as Windows-1252, and was saved like that: `MÃ¼ller`.

It is said, never repaired: only its owner can know whether it was meant so, and what was lost.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\s,;|\t\"]+")
#: Windows-1252 leaves five bytes undefined; programs pass them through as the C1 controls.
_PASSED = {0x81: 0x81, 0x8D: 0x8D, 0x8F: 0x8F, 0x90: 0x90, 0x9D: 0x9D}
_BYTES = {
    **{ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0x100) if b not in _PASSED},
    **_PASSED,
}
_FEWEST = 2


def mojibake_warnings(text: str) -> tuple[str, ...]:
    """A warning with an example when much of what is not ASCII is UTF-8 misread before us."""
    words = dict.fromkeys(word for word in _WORD.findall(text) if not word.isascii())
    meant = {word: right for word in words if (right := _meant(word)) is not None}
    if not meant or (len(meant) < _FEWEST and len(meant) * 2 < len(words)):
        return ()
    word, right = next(iter(meant.items()))
    count = "A word" if len(meant) == 1 else f"{len(meant):,} different words"
    return (
        f"{count} of the first part look as if UTF-8 had been read as Windows-1252 and saved so "
        f"before it came here: “{word}” was probably “{right}”. The text is kept as it stands; "
        "export the data anew from its source, or mend it there.",
    )


def _meant(word: str) -> str | None:
    """What the word was, if all of it that is not ASCII turns back into UTF-8."""
    raw = bytearray()
    for character in word:
        code = ord(character)
        byte = code if code < 0x80 else _BYTES.get(code)
        if byte is None:
            return None
        raw.append(byte)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
