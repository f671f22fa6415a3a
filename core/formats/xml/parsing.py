"""XML read strictly, piece by piece: no DTD, no entities but XML's own, places in the text.

Expat does the parsing: it keeps no tree, has no limit to line numbers, never opens anything
by itself, and lets us stop at a DOCTYPE before it looks inside.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from core.errors import InvalidFormat, UnsafeContent
from core.formats.json.text import LONGEST_VALUE
from core.formats.text.encoding import MARK, MARKS
from core.formats.text.rows import TextSource
from core.formats.xml.names import SEPARATOR

MOST_LEVELS = 64  #: elements inside one another
_WORDS = expat.errors
_CLAUSES = {
    _WORDS.XML_ERROR_SYNTAX: "an element is expected here; XML begins with <",
    _WORDS.XML_ERROR_NO_ELEMENTS: "the file ends before its last element does",
    _WORDS.XML_ERROR_INVALID_TOKEN: "this character may not stand here (in texts, & is written "
    "&amp; and < is written &lt;)",
    _WORDS.XML_ERROR_UNCLOSED_TOKEN: "what begins here does not end",
    _WORDS.XML_ERROR_PARTIAL_CHAR: "the file ends in the middle of a character",
    _WORDS.XML_ERROR_TAG_MISMATCH: "this end tag is not that of the element it should close",
    _WORDS.XML_ERROR_DUPLICATE_ATTRIBUTE: "an attribute stands twice in one element",
    _WORDS.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "the document has ended, but more follows",
    _WORDS.XML_ERROR_UNDEFINED_ENTITY: "an entity stands here that XML does not know: write the "
    "character itself",
    _WORDS.XML_ERROR_BAD_CHAR_REF: "this number stands for no character that XML allows",
    _WORDS.XML_ERROR_MISPLACED_XML_PI: "the XML declaration may stand at the very start only",
    _WORDS.XML_ERROR_XML_DECL: "the XML declaration is malformed",
    _WORDS.XML_ERROR_UNCLOSED_CDATA_SECTION: "a CDATA section begins here and does not end",
    _WORDS.XML_ERROR_UNBOUND_PREFIX: "a prefix is used that no xmlns attribute declares",
}


class XmlText:
    """XML fed to handlers as it is read.

    Whoever reads sets `start`, `end` and `text` as handlers of the parser. Errors are
    InvalidFormat with line and column (in characters), and UnsafeContent for a DOCTYPE.
    """

    def __init__(self, source: TextSource, encoding: str, *, complete: bool = True) -> None:
        """`complete`: the source is the whole file; else it may end anywhere."""
        self._source = source
        self._encoding = encoding
        self._complete = complete
        self._fed = 0
        self._breaks = 0  # lines before the piece, and characters of its first line before it
        self._behind = 0
        self.passed = 0  #: characters parsed
        self.marked = False  #: text with undecodable bytes is no XML
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    @property
    def line(self) -> int:
        """The line of what the handlers are told of."""
        return self.parser.CurrentLineNumber

    @property
    def place(self) -> str:
        """Line and column of what the handlers are told of, to begin a sentence with."""
        return _place(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def feed(self) -> bool:
        """Parse one more piece of the text; False when that was the end."""
        text = self._source.read()
        if not text:
            if self._complete:
                self._parse(b"", last=True)
            return False
        bad = None if text.isascii() else MARKS.search(text)
        if bad is not None:
            self._parse(text[: bad.start()].encode())
            raise self._undecodable(text, bad.start())
        data = text.encode()
        self._parse(data)
        self._count(text)
        self.passed += len(text)
        self._fed += len(data)
        if self._fed - self.parser.CurrentByteIndex > LONGEST_VALUE:
            raise InvalidFormat(
                f"{self.place}: a tag or comment begins that is longer than "
                f"{LONGEST_VALUE:,} characters. Shorten it, or look for a missing end."
            )
        return True

    def _parse(self, data: bytes, *, last: bool = False) -> None:
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: expat.ExpatError) -> InvalidFormat:
        said = expat.errors.messages.get(error.code, "this is not XML")
        if not self.passed and not self._fed and said == _WORDS.XML_ERROR_NO_ELEMENTS:
            return InvalidFormat("The file is empty. Upload a file that holds at least one record.")
        clause = _CLAUSES.get(said, said)
        return InvalidFormat(f"{_place(error.lineno, error.offset)}: {clause}.")

    def _undecodable(self, text: str, position: int) -> InvalidFormat:
        self._count(text[:position])
        byte = ord(text[position]) - MARK
        return InvalidFormat(
            f"{_place(self._breaks + 1, self._behind)}: byte 0x{byte:02X} is not {self._encoding}. "
            "Choose the encoding the file is really in, or save it again as UTF-8."
        )

    def _count(self, text: str) -> None:
        """Count the lines of parsed text; the parser's own count holds back what is unfinished."""
        last = max(text.rfind("\n"), text.rfind("\r"))
        self._behind = len(text) - last - 1 + (self._behind if last < 0 else 0)
        self._breaks += text.count("\n") + text.count("\r") - text.count("\r\n")

    def _refuse_doctype(self, *_: Any) -> None:
        raise UnsafeContent(
            f"{self.place}: the file has a DOCTYPE, which can make a reader open other files or "
            "fill its memory. Delete it, and write characters in place of its entities."
        )


def _place(line: int, column: int) -> str:
    return f"Line {line:,}, column {column + 1:,}"
