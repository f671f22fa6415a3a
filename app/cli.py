"""The console script `tableport`: one group, its commands in `app.commands` by noun."""

from __future__ import annotations

import click

from app.commands.connections import connection
from app.commands.converting import convert
from app.commands.demo import demo
from app.commands.exporting import export
from app.commands.forms import rejects, template
from app.commands.grants import grant
from app.commands.import_set import import_set
from app.commands.importing import import_
from app.commands.reporting import report
from app.commands.rules import rule
from app.commands.serving import doctor, serve, worker
from app.commands.shell import Shell
from app.commands.transforms import transforms
from app.commands.undoing import undo
from app.commands.users import user


@click.group(cls=Shell, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tableport")
def main() -> None:
    """Files into any database table and out again: checked and explained.

    Whoever owns TABLEPORT_HOME is the administrator here. Every command takes --json and then
    prints exactly one JSON object as the last line of its output, failures too.
    """


for command in (
    serve,
    worker,
    import_,
    import_set,
    undo,
    rejects,
    report,
    template,
    export,
    convert,
    transforms,
    rule,
    user,
    grant,
    connection,
    doctor,
    demo,
):
    main.add_command(command)
