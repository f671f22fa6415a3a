"""tableport convert: files into files, without a database and without signing in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.commands.output import json_option, print_json
from app.commands.pairs import read_pairs
from app.commands.shell import error_document
from core.errors import TableportError

#: Odd rows shown of each file; all of them are counted.
_SHOWN_FLAWS = 20


@click.command()
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="IN...",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@click.option(
    "--out-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the outputs, each named after its whole input name (a.txt becomes a.txt.csv).",
)
@click.option("--to", required=True, help="The format to write.")
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=read_pairs,
    metavar="NAME=VALUE",
    help="How to read the input, such as delimiter=; or encoding=cp1252. Repeatable.",
)
@click.option(
    "--write-option",
    "write_options",
    multiple=True,
    callback=read_pairs,
    metavar="NAME=VALUE",
    help="How to write the output, such as delimiter=; or pretty_print=true. Repeatable.",
)
@click.option("--preset", help="Options for writing under one name: excel or excel-us.")
@json_option
@click.pass_context
def convert(
    context: click.Context,
    sources: tuple[Path, ...],
    output: Path | None,
    out_dir: Path | None,
    to: str,
    options: dict[str, str],
    write_options: dict[str, str],
    preset: str | None,
    as_json: bool,
) -> None:
    """Read each IN, whatever its dialect, and write it cleanly in another format.

    A file that cannot be read is reported and the others go on; the exit code is then 1.
    """
    targets = _targets(sources, output, out_dir, to)
    write = write_options | ({"preset": preset} if preset else {})
    results = [_convert(source, target, to, options, write) for source, target in targets]
    failed = [result for result in results if "error" in result]
    if as_json:
        document: dict[str, Any] = {"converted": len(results) - len(failed), "files": results}
        if failed:
            document["error"] = failed[0]["error"]
        print_json(document)
    else:
        for result in results:
            _show(result)
    context.exit(1 if failed else 0)


def _targets(
    sources: tuple[Path, ...], output: Path | None, out_dir: Path | None, to: str
) -> list[tuple[Path, Path]]:
    if (output is None) == (out_dir is None):
        raise click.UsageError("give either -o FILE or --out-dir DIR")
    if output is not None:
        if len(sources) > 1:
            raise click.UsageError("several inputs need --out-dir")
        return [(sources[0], output)]
    assert out_dir is not None
    out_dir.mkdir(parents=True, exist_ok=True)
    targets = [(source, out_dir / (source.name + _extension(to))) for source in sources]
    seen: dict[Path, Path] = {}
    for source, target in targets:
        if target in seen:
            raise click.UsageError(f"{seen[target]} and {source} would both become {target}")
        seen[target] = source
    return targets


def _extension(to: str) -> str:
    from core.usecases.formats import format_named

    return format_named(to).extensions[0]


def _convert(
    source: Path, target: Path, to: str, options: dict[str, str], write: dict[str, str]
) -> dict[str, Any]:
    from core.usecases.conversion import convert_file

    result: dict[str, Any] = {"input": str(source), "output": str(target)}
    flaws: list[str] = []
    warnings: list[str] = []
    odd = 0

    def note(line: int, flaw: str) -> None:
        nonlocal odd
        odd += 1
        if len(flaws) < _SHOWN_FLAWS:
            flaws.append(f"line {line}: {flaw}")

    try:
        rows = convert_file(
            source, target, to=to, options=options, write=write,
            on_flaw=note, on_warning=warnings.append,
        )  # fmt: skip
    except TableportError as error:
        return result | {"error": error_document(error)}
    return result | {"rows": rows, "odd_rows": odd, "flaws": flaws, "warnings": warnings}


def _show(result: dict[str, Any]) -> None:
    if "error" in result:
        error = result["error"]
        click.secho(f"{result['input']}: {error['detail']} ({error['code']})", err=True, fg="red")
    else:
        click.echo(f"{result['input']} → {result['output']}: {result['rows']:,} rows")
        for warning in result["warnings"]:
            click.secho(f"  {warning}", err=True, fg="yellow")
        if result["odd_rows"]:
            click.secho(f"  {result['odd_rows']:,} rows are not like the others:", err=True)
            for flaw in result["flaws"]:
                click.secho(f"  {flaw}", err=True, fg="yellow")
