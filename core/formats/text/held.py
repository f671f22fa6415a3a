"""The text of a file as UTF-8 bytes held in memory: block by block, or decoded piece by piece."""

from __future__ import annotations

from typing import BinaryIO

from core.formats.text.encoding import HANDLER, DecodedText, plain_codec

_CHUNK = 1 << 20  # bytes read at a time
_FIRST_PIECE, _PIECE = 1 << 17, 1 << 20  # bytes decoded at a time; a character has up to 4
_BOM = b"\xef\xbb\xbf"


class HeldText:
    """The text of a binary stream that is only read forward, as it is wanted.

    A source for `TextRows`, with the rules of `DecodedText`. UTF-8 is not decoded before
    somebody asks for text; of other encodings the UTF-8 bytes are made.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        codec, bom_decides = plain_codec(encoding)
        plain = codec == "utf-8" and not bom_decides
        self._raw = _Utf8Bytes(file) if plain else _Transcoded(file, encoding)
        self._held = b""
        self._at = 0  # what stands before this in `_held` is read
        self._next = b""  # the start of a line that goes on behind `_held`
        self._piece = _FIRST_PIECE

    @property
    def bytes_read(self) -> int:
        """Bytes of the file, ever growing."""
        return self._raw.bytes_read

    @property
    def ended(self) -> bool:
        """Is nothing left behind what was read?"""
        return self._raw.ended and self._at == len(self._held)

    def ahead(self, size: int) -> bytes:
        """About `size` of the next bytes; none only at the end. They stay unread until `skip`.

        Where it spares copies they end with a line, and are up to half as many more.
        """
        self._hold(size)
        if self._at == 0 and len(self._held) <= size + size // 2:
            return self._held  # spares a copy
        return self._held[self._at : self._at + size]

    def holds_all(self, size: int) -> bool:
        """Whether the text ends behind the next `size` bytes, which were looked at before."""
        return self._raw.ended and self._at + size >= len(self._held)

    def skip(self, size: int) -> None:
        """Take the next `size` bytes as read."""
        self._at += size

    def read(self) -> str:
        """The next piece of text; '' only at the end. See `DecodedText.read`."""
        self._hold(self._piece + 1)
        end = _between_characters(self._held, min(self._at + self._piece, len(self._held)))
        raw, self._at = self._held[self._at : end], end
        self._piece = min(2 * self._piece, _PIECE)
        return raw.decode("utf-8", self._raw.decoding)

    def give_back(self, text: str | bytes) -> None:
        """Take text that was read or skipped last as unread."""
        raw = text.encode("utf-8", self._raw.encoding) if isinstance(text, str) else text
        self._piece = _FIRST_PIECE
        if len(raw) <= self._at:
            self._at -= len(raw)
        else:
            self._held, self._at = raw + self._held[self._at :], 0

    def _hold(self, size: int) -> None:
        """Have about so many unread bytes, and know of the end if it comes right behind them.

        They are held up to a line end: whole lines need not be copied once more.
        """
        missing = size + 1 - (len(self._held) - self._at)
        if missing <= 0 or self._raw.ended:
            return
        parts = [memoryview(self._held)[self._at :]]
        more, self._next = self._next, b""
        while (missing := missing - len(more)) > 0 and not self._raw.ended:
            parts.append(memoryview(more))
            more = self._raw.read()
        end = more.rfind(b"\n") + 1
        if end and not self._raw.ended:
            more, self._next = more[:end], more[end:]
        self._held, self._at = b"".join((*parts, more)), 0
        if self._raw.ended:
            self._held = self._held.removesuffix(self._raw.end_mark)


class _Utf8Bytes:
    """A file in UTF-8 as it is. Bytes that are not UTF-8 come out as MARKS when decoded."""

    decoding, encoding = HANDLER, "surrogateescape"
    end_mark = b"\x1a"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.bytes_read = 0
        self.ended = False

    def read(self) -> bytes:
        """The next bytes; b'' is no end, `ended` is."""
        raw = self._file.read(_CHUNK)
        begins = self.bytes_read == 0
        while begins and 0 < len(raw) < len(_BOM) and (more := self._file.read(len(_BOM))):
            raw += more
        self.bytes_read += len(raw)
        self.ended = not raw
        return raw.removeprefix(_BOM) if begins else raw


class _Transcoded:
    """A file in another encoding as UTF-8, MARKS in it as lone surrogates."""

    decoding = encoding = "surrogatepass"
    end_mark = b""  # dropped already

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._text = DecodedText(file, encoding)

    @property
    def bytes_read(self) -> int:
        return self._text.bytes_read

    @property
    def ended(self) -> bool:
        return self._text.ended

    def read(self) -> bytes:
        """See `_Utf8Bytes.read`."""
        return self._text.read().encode("utf-8", "surrogatepass")


def _between_characters(data: bytes, end: int) -> int:
    """The last place up to `end` that parts neither a character nor, then one further, CR LF."""
    if end == len(data):
        return end
    for place in range(end, max(end - 4, 0), -1):
        if data[place] & 0xC0 != 0x80:
            end = place
            break
    return end + 1 if data[end - 1 : end + 1] == b"\r\n" else end
