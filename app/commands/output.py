"""What commands print: one JSON object for programs, tables and progress for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def json_option(command: _Command) -> _Command:
    """Give a command `--json`."""
    option = click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object as the last line."
    )
    return option(command)


def print_json(document: dict[str, Any]) -> None:
    """One line of JSON on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; on a pipe too, whole, not cut to a screen's width."""
    import shutil

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, not str: cells come from users and may look like rich's markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    on_screen = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_screen else 200
    Console(width=width, highlight=False).print(table)
