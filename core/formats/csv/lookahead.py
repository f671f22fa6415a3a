"""Reading, proving and parsing the next blocks of a file in other threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

import polars as pl

from core.formats.csv.proof import Proof, prove
from core.formats.text.held import HeldText
from core.model.dialect import Dialect

# Bytes looked at at a time: the first come soon; each further block has its price.
_FIRST_BLOCK, _BLOCK = 1 << 18, 1 << 22
_PARSERS = 2  # blocks parsed at the same time
_AHEAD = _PARSERS + 2

Parsed = TypeVar("Parsed")


class Looked(NamedTuple, Generic[Parsed]):
    """The text ahead, and what it proved to be."""

    text: bytes
    proof: Proof | None  #: of the whole rows it starts with; None: they are not regular
    bytes_read: int  #: of the file, to here
    parsing: Future[Parsed] | None  #: what is made of the proven rows


class Lookahead(Generic[Parsed]):
    """Blocks of a text one by one, of which the next are read, proven and parsed meanwhile.

    All this is work that leaves the interpreter to others. One thread reads and proves, since a
    block starts where the one before it ends, and others parse. It goes no further than a block
    that is not regular. Between `take` and `give_back` the source is not to be touched.
    """

    def __init__(
        self, source: HeldText, dialect: Dialect, parse: Callable[[Proof], Parsed]
    ) -> None:
        """`parse` is called in any thread, for several blocks at once."""
        self._source = source
        self._delimiter, self._quote = dialect.delimiter, dialect.quote
        self._parse = parse
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="csv-lookahead")
        # Polars has no more threads than it is given; asking starts them, so not on import, which
        # would keep a process that forks from using Polars.
        parsers = min(_PARSERS, pl.thread_pool_size())
        self._parsers = ThreadPoolExecutor(parsers, thread_name_prefix="csv-parser")
        self._waiting: deque[Future[Looked[Parsed] | None]] = deque()
        self._size = _FIRST_BLOCK
        self._stopped = False  # behind a block that is not regular, or the end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._looker.shutdown(cancel_futures=True)
        self._parsers.shutdown(cancel_futures=True)

    def take(self) -> Looked[Parsed] | None:
        """The next block, its proven rows taken as read; None at the end of the text.

        Raises what reading the file does.
        """
        while len(self._waiting) < _AHEAD:
            self._waiting.append(self._looker.submit(self._look))
        return self._waiting.popleft().result()

    def give_back(self, looked: Looked[Parsed]) -> None:
        """The block just taken is not read after all; the next ones are small again.

        Raises what reading further on in the file did.
        """
        further = [found for future in self._waiting if (found := future.result())]
        self._waiting.clear()
        unread = (one.text[: one.proof.taken] for one in (looked, *further) if one.proof)
        self._source.give_back(b"".join(unread))
        self._size = _FIRST_BLOCK
        self._stopped = False

    def _look(self) -> Looked[Parsed] | None:
        if self._stopped:
            return None
        self._stopped = True
        text = self._source.ahead(self._size)
        if not text:
            return None
        final = self._source.holds_all(len(text))
        proof = prove(text, self._delimiter, self._quote, final=final)
        if proof is None:
            return Looked(text, None, self._source.bytes_read, None)
        self._source.skip(proof.taken)
        self._size = min(self._size * 4, _BLOCK)
        self._stopped = self._source.ended
        parsing = self._parsers.submit(self._parse, proof)
        return Looked(text, proof, self._source.bytes_read, parsing)
