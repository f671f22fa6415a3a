"""The child process in which uploads are parsed. Started by `core.formats.confinement.parser` only.

Its limits are set before anything of Polars or this package is loaded, by the few lines
of BOOTSTRAP; so a hostile file can spoil nothing but this process.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from core.errors import ParserStopped, TableportError
from core.formats import detect_file, read_file
from core.formats.confinement.frames import (
    PREFIX_BYTES,
    batch_message,
    dialect_from,
    error_header,
    given_from,
    limits_from,
    pack,
    unpack_header,
    unpack_prefix,
)
from core.formats.confinement.rewinding import Rewound
from core.model.dialect import Dialect

#: Arguments: address space in bytes, CPU seconds, open files.
BOOTSTRAP = """
import resource, sys
for what, value in (("AS", 1), ("CPU", 2), ("NOFILE", 3), ("CORE", 4)):
    limit = int(sys.argv[value])
    resource.setrlimit(getattr(resource, "RLIMIT_" + what), (limit, limit))
from core.formats.confinement.process import main
main()
"""


def main() -> None:
    """Carry out the one task that stands on stdin and answer on stdout."""
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    header_bytes, _ = unpack_prefix(source.read(PREFIX_BYTES), longest_body=0)
    task = unpack_header(source.read(header_bytes))
    try:
        if task["kind"] == "detect":
            _detect(task, source, answers)
        elif task["kind"] == "read":
            _read(task, source, answers)
        else:
            _detect_and_read(task, source, answers)
        answers.write(pack({"kind": "end"}))
    except TableportError as error:
        answers.write(pack(error_header(error)))
    except MemoryError:
        answers.write(pack(error_header(ParserStopped("The file needs more memory than allowed."))))
    answers.flush()


def _detect(task: dict[str, Any], source: BinaryIO, answers: BinaryIO) -> None:
    found = detect_file(source, filename=task["filename"], given=given_from(task["given"]))
    answers.write(pack({"kind": "detection", "detection": asdict(found)}))


def _read(task: dict[str, Any], source: BinaryIO, answers: BinaryIO) -> None:
    _answer(task, source, dialect_from(task["dialect"]), answers)


def _detect_and_read(task: dict[str, Any], source: BinaryIO, answers: BinaryIO) -> None:
    """Both look at the file from its start, so what detection looked at is held until it is read
    again."""
    file = Rewound(source)
    found = detect_file(
        cast("BinaryIO", file), filename=task["filename"], given=given_from(task["given"])
    )
    answers.write(pack({"kind": "detection", "detection": asdict(found)}))
    answers.flush()
    file.rewind()
    _answer(task, cast("BinaryIO", file), found.dialect, answers)


def _answer(task: dict[str, Any], source: BinaryIO, dialect: Dialect, answers: BinaryIO) -> None:
    limits = limits_from(task["limits"])
    for batch in read_file(source, dialect, rows=task["rows"], limits=limits):
        answers.writelines(batch_message(batch))
        answers.flush()
