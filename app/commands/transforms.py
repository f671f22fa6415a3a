"""tableport transforms: what a mapping may do to cells on their way into a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from app.commands.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from core.model.mapping import OptionInfo


@click.command()
@json_option
def transforms(as_json: bool) -> None:
    """List the transforms of mappings, with their options."""
    from core.usecases.formats import transform_infos

    infos = transform_infos()
    if as_json:
        print_json({"transforms": [asdict(info) for info in infos]})
        return
    rows = [
        (info.name, ", ".join(map(_in_words, info.options)), info.description) for info in infos
    ]
    print_table(("transform", "options", "what it does"), rows)


def _in_words(option: OptionInfo) -> str:
    """`decimal=auto|point|comma`; what must be given has a star."""
    what = "|".join(option.choices) or option.kind.value
    return f"{option.name}={what}{'*' if option.required else ''}"
