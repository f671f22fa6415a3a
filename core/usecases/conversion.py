"""Any supported file into any supported format: every cell as its text, no database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from core.errors import InvalidFormat, InvalidRequest
from core.formats import by_name, detect_file, read_file, write_file
from core.formats.base import FLAW, HEAD_BYTES, LINE, META, ReadLimits, WriteOptions
from core.formats.confinement.parser import ParserLimits, detect_and_read_confined
from core.model.content import OLE, ZIP, identify
from core.model.dialect import Dialect
from core.model.packing import packing_of
from core.model.table import Column, Kind
from core.usecases.export_options import (
    options_from_text,
    parse_export_options,
    require_preset_for,
)
from core.usecases.import_options import parse_import_options, require_sound_choices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from core.formats.base import Batch
    from core.model.dialect import Detection, Given

_ROWS = 50_000
_CHUNK = 1 << 20
#: Formats in which a file of no bytes is a table.
_HOLD_NOTHING = frozenset({"csv", "jsonl"})


def convert_file(
    source: Path,
    target: Path,
    *,
    to: str,
    options: Mapping[str, str] | None = None,
    write: Mapping[str, str] | None = None,
    on_flaw: Callable[[int, str], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
) -> int:
    """Convert and return the number of rows.

    `options` override what is detected in the source; `write` are export options, as text.
    The target appears whole or not at all. A row that is not as the others keeps the cells that
    have a column; `on_flaw` is told its line and what is odd, left-over cells included, and
    `on_warning` what else a person should know, such as lines left out. From delimited text
    without a header comes delimited text without one, and from an empty file an empty one.
    Raises InvalidFormat, InvalidRequest or another InputError of the reader.
    """
    writer = by_name(to).writer
    if writer is None:
        raise InvalidFormat(f"{to} files can be read but not written.")
    overrides = parse_import_options(options).dialect
    require_sound_choices(overrides)
    wanted = _wanted(writer.info.name, write or {})
    try:
        file = source.open("rb")
    except OSError as error:
        raise InvalidRequest(f"{source} cannot be read: {error.strerror}.") from error
    with file, _published(target) as out:
        if writer.info.name in _HOLD_NOTHING and not os.fstat(file.fileno()).st_size:
            _say(("The file is empty.",), on_warning)
            return 0
        found, batches = _read(file, source.name, overrides)
        first = next(batches)
        _say(found[0].warnings, on_warning)
        names = [c for c in first.frame.columns if c not in META]
        columns = [Column(name=n, kind=Kind.TEXT, type_text="TEXT") for n in names]
        spelled = {"format": writer.info.name, "header": found[0].dialect.header} | wanted.pop(
            "dialect"
        )
        chosen = WriteOptions(
            dialect=Dialect(**spelled),
            table=source.name.partition(".")[0] or "data",
            warn=on_warning,
            **{"escape_formulas": False} | wanted,
        )
        cells = _cells(chain([first], batches), names, on_flaw)
        return write_file(cells, columns, out, chosen, filename=target.name)


def _wanted(format_name: str, write: Mapping[str, str]) -> dict[str, Any]:
    """Fields of WriteOptions and, under `dialect`, fields of Dialect. Raises InvalidRequest."""
    given = options_from_text(write)
    require_preset_for(format_name, given)
    found = parse_export_options(given)
    found.pop("zip_when_large", None)
    for name in ("format", "filename", "limit", "search"):
        if name in found:
            raise InvalidRequest(f"{name}: this is no option of a conversion.")
    return found


def _is_workbook(file: BinaryIO) -> bool:
    """Workbooks are parsed by foreign code, which a broken one can make end its process."""
    head = file.read(HEAD_BYTES)
    return identify(head) in (ZIP, OLE) and packing_of(head) is None


def _read(
    file: BinaryIO, filename: str, overrides: Given
) -> tuple[list[Detection], Iterator[Batch]]:
    """What is detected, there from the first batch on, and the batches."""
    found: list[Detection] = []
    workbook = _is_workbook(file)
    file.seek(0)
    if workbook:
        return found, detect_and_read_confined(
            _chunks(file),
            filename=filename,
            given=overrides,
            detected=found.append,
            rows=_ROWS,
            limits=ReadLimits(),
            parser=ParserLimits(),
        )
    found.append(detect_file(file, filename=filename, given=overrides))
    file.seek(0)
    return found, read_file(file, found[0].dialect, rows=_ROWS, limits=ReadLimits())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _say(warnings: Iterable[str], on_warning: Callable[[str], None] | None) -> None:
    if on_warning is not None:
        for warning in warnings:
            on_warning(warning)


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
