"""The group behind `tableport`: every failure ends in words or JSON and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from app.commands.output import print_json
from core.errors import InvalidRequest, TableportError, every_error

if TYPE_CHECKING:
    from core.model.job import Job

FAILED = 1
USAGE = 2
SOME_REJECTED = 3
INTERRUPTED = 130  # 128 + SIGINT, as shells expect


class Shell(click.Group):
    """A click group that knows Tableport's errors and `--json`."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command and exit with its code: 0, 1 failed, 2 usage, 3 rows rejected."""
        arguments = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in arguments
        try:
            code = super().main(arguments, *rest, **{**extra, "standalone_mode": False})
        except click.Abort:
            code = _say(INTERRUPTED, "INTERRUPTED", "Stopped", "", as_json=as_json)
        except click.ClickException as error:
            if not as_json:
                error.show()
            else:
                hint = "Run the command with --help"
                _say(USAGE, "USAGE", error.format_message(), hint, as_json=True)
            code = error.exit_code
        except TableportError as error:
            code = _say(FAILED, error.code, error.detail, error.solution, as_json=as_json)
        except BrokenPipeError:
            # Whoever read our output has gone: nothing left to say, and no one to say it to.
            sys.stdout = None
            code = FAILED
        except OSError as error:
            refused = InvalidRequest(f"{error.filename}: {error.strerror}")
            hint = "Check the path, and your rights to it"
            code = _say(FAILED, refused.code, refused.detail, hint, as_json=as_json)
        sys.exit(code if isinstance(code, int) else 0)


def error_document(error: TableportError) -> dict[str, str]:
    """A failure as JSON values."""
    return {"code": error.code, "detail": error.detail, "solution": error.solution}


def failure_of(job: Job) -> TableportError | None:
    """What a job failed of, None when it did not."""
    if job.error_code is None:
        return None
    kinds = {error.code: error for error in every_error()}
    return kinds.get(job.error_code, TableportError)(job.error_message, job_id=job.job_id)


def _say(exit_code: int, code: str, detail: str, solution: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"error": {"code": code, "detail": detail, "solution": solution}})
    else:
        click.secho(f"{detail} ({code})", err=True, fg="red")
        if solution:
            click.echo(f"{solution}.", err=True)
    return exit_code
