"""Looking at the next block of a file in another thread, while the one before is parsed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self

from core.formats.csv.proof import Proof, prove
from core.formats.text.held import HeldText
from core.model.dialect import Dialect

# Bytes looked at at a time: the first come soon; each further block has its price.
_FIRST_BLOCK, _BLOCK = 1 << 18, 1 << 22


class Looked(NamedTuple):
    """The text ahead, and what it proved to be."""

    text: bytes
    proof: Proof | None  #: of the whole rows it starts with; None: they are not regular
    bytes_read: int  #: of the file, to here


class Lookahead:
    """Blocks of a text one by one, of which the next is read and proven meanwhile.

    Both ask for work that leaves the interpreter to others: reading, comparing and parsing. One
    block is ahead at most. Between `take` and `give_back` the source is not to be touched.
    """

    def __init__(self, source: HeldText, dialect: Dialect) -> None:
        self._source = source
        self._delimiter, self._quote = dialect.delimiter, dialect.quote
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="csv-lookahead")
        self._next: Future[Looked] | None = None
        self._size = _FIRST_BLOCK

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown()

    def take(self) -> Looked | None:
        """The next block, its proven rows taken as read; None at the end of the text.

        Raises what reading the file does.
        """
        looked = self._next.result() if self._next else self._look(self._size)
        self._next = None
        if not looked.text:
            return None
        if looked.proof is not None:
            self._source.skip(looked.proof.taken)
            self._size = min(self._size * 4, _BLOCK)
            if not self._source.ended:
                self._next = self._thread.submit(self._look, self._size)
        return looked

    def give_back(self, looked: Looked) -> None:
        """The block just taken is not read after all; the next ones are small again."""
        if self._next is not None:
            self._next.result()
            self._next = None
        if looked.proof is not None:
            self._source.give_back(looked.text[: looked.proof.taken])
        self._size = _FIRST_BLOCK

    def _look(self, size: int) -> Looked:
        text = self._source.ahead(size)
        final = self._source.holds_all(len(text))
        proof = prove(text, self._delimiter, self._quote, final=final) if text else None
        return Looked(text, proof, self._source.bytes_read)
