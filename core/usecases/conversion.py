"""Any supported file into any supported format: every cell as its text, no database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from core.errors import InvalidFormat, InvalidRequest
from core.formats import by_name, detect_file, read_file
from core.formats.base import FLAW, LINE, META, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind
from core.usecases.import_options import parse_import_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from core.formats.base import Batch

_ROWS = 50_000


def convert_file(
    source: Path,
    target: Path,
    *,
    to: str,
    options: Mapping[str, str] | None = None,
    on_flaw: Callable[[int, str], None] | None = None,
) -> int:
    """Convert and return the number of rows. `options` override what is detected in the source.

    The target appears whole or not at all. A row that is not as the others keeps the cells that
    have a column; `on_flaw` is told its line and what is odd, left-over cells included. Raises
    InvalidFormat, InvalidRequest or another InputError of the reader.
    """
    writer = by_name(to).writer
    if writer is None:
        raise InvalidFormat(f"{to} files can be read but not written.")
    overrides = parse_import_options(options).dialect
    try:
        file = source.open("rb")
    except OSError as error:
        raise InvalidRequest(f"{source} cannot be read: {error.strerror}.") from error
    with file:
        found = detect_file(file, filename=source.name)
        dialect = replace(found.dialect, **overrides)
        file.seek(0)
        batches = read_file(file, dialect, rows=_ROWS, limits=ReadLimits())
        first = next(batches)
        names = [c for c in first.frame.columns if c not in META]
        columns = [Column(name=n, kind=Kind.TEXT, type_text="TEXT") for n in names]
        chosen = WriteOptions(dialect=Dialect(format=writer.info.name), escape_formulas=False)
        with _published(target) as out:
            cells = _cells(chain([first], batches), names, on_flaw)
            return writer.write(cells, columns, out, chosen)


def _cells(
    batches: Iterable[Batch], names: list[str], on_flaw: Callable[[int, str], None] | None
) -> Iterator[pl.DataFrame]:
    for batch in batches:
        if on_flaw is not None:
            odd = batch.frame.select(LINE, FLAW).drop_nulls(FLAW)
            for line, flaw in odd.iter_rows():
                on_flaw(line, flaw)
        # By name and one by one: `select` would take a name such as `*` for a pattern.
        yield pl.DataFrame([batch.frame.get_column(name) for name in names])


class _published:  # noqa: N801  used as a statement: with _published(…)
    """A file written beside its place and moved there when all went well."""

    def __init__(self, target: Path) -> None:
        if not target.parent.is_dir():
            raise InvalidRequest(f"There is no folder {target.parent}.")
        self._target = target

    def __enter__(self) -> BinaryIO:
        descriptor, name = tempfile.mkstemp(dir=self._target.parent, prefix=".tableport-")
        self._draft = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._file.close()
        except OSError:
            self._draft.unlink(missing_ok=True)
            raise
        if kind is not None:
            self._draft.unlink(missing_ok=True)
            return
        mask = os.umask(0)
        os.umask(mask)
        self._draft.chmod(0o666 & ~mask)
        self._draft.replace(self._target)
