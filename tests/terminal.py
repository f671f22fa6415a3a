"""`tableport` as a test runs it, and a look into the database it wrote to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner, Result

from app.cli import main


class Terminal:
    """Runs `tableport` in this process with its own TABLEPORT_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._runner = CliRunner(env={"TABLEPORT_HOME": str(home)})

    def run(self, *words: object, stdin: str | None = None) -> Result:
        return self._runner.invoke(main, [str(word) for word in words], input=stdin)

    def json(self, *words: object, code: int = 0, stdin: str | None = None) -> dict[str, Any]:
        """The JSON object on the last line; the exit code must be `code`."""
        done = self.run(*words, "--json", stdin=stdin)
        assert done.exit_code == code, (done.output, done.exception)
        document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return document


def count(url: str, table: str = "order_lines") -> int:
    """How many rows a table has."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return found
