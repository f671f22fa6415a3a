"""What the docs list is what there is: compared both ways."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from app.cli import main
from core.errors import every_error
from core.mapping.transforms import transform_infos
from core.settings import settings_table

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def rows(text: str) -> list[list[str]]:
    """The body rows of every table of a page, as lists of stripped cells."""
    found = []
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found.append([cell.strip().replace("\\|", "|") for cell in cells])
    return found


def page(name: str) -> list[list[str]]:
    return [row for row in rows((DOCS / name).read_text(encoding="utf-8")) if "`" in row[0]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def test_settings() -> None:
    documented = [(code(name)[0], default.strip("`")) for name, default, _ in page("settings.md")]
    assert documented == [(name, default or "none") for name, default, _ in settings_table()]


def test_errors() -> None:
    documented = [
        (code(name)[0], int(status), description, solution)
        for name, status, description, _when, solution in page("errors.md")
    ]
    assert documented == [(e.code, e.status, e.description, e.solution) for e in every_error()]


def test_transforms() -> None:
    documented = {
        code(name)[0]: (tuple(code(aliases)), set(code(options)))
        for name, aliases, _, options in page("transforms.md")
    }
    infos = {info.name: info for info in transform_infos()}
    assert documented.keys() == infos.keys()
    for name, (aliases, words) in documented.items():
        info = infos[name]
        assert aliases == info.aliases
        assert words >= {option.name for option in info.options}
        assert words >= {choice for option in info.options for choice in option.choices}


def test_checks() -> None:
    from core.checks.builtin import check_infos

    documented = [code(row[0])[0] for row in page("checks.md")]
    assert sorted(documented) == sorted(info.name for info in check_infos())


def test_rules() -> None:
    from core.checks.rules.kept import rule_infos

    documented = {
        code(name)[0]: (columns, asks, set(code(options)))
        for name, columns, asks, options in page("rules.md")
    }
    infos = {info.name: info for info in rule_infos()}
    assert documented.keys() == infos.keys()
    for name, (columns, asks, words) in documented.items():
        info = infos[name]
        assert (columns, asks) == (info.columns, info.description)
        assert words >= {option.name for option in info.options}
        assert words >= {choice for option in info.options for choice in option.choices}


def test_functions_of_expressions() -> None:
    from core.expressions.words import FUNCTIONS

    documented = {code(name)[0]: words for name, words in page("expressions.md")}
    assert documented == FUNCTIONS


def test_export_options_and_presets() -> None:
    from core.formats import FORMATS
    from core.model.export_options import OPTIONS, PRESETS

    rows = {tuple(code(row[0])): row[1:] for row in page("export-options.md")}
    packing = rows.pop(("compression",))
    assert set(code(packing[1])) >= {"none", "gzip", "zip", "zstd"}
    presets = {name: rows.pop((name,)) for name in [preset.name for preset in PRESETS]}
    assert rows.keys() == {(option.name, *option.aliases) for option in OPTIONS}
    for option in OPTIONS:
        formats, values, _ = rows[option.name, *option.aliases]
        having = [f.name for f in FORMATS if option.name in f.info.options]
        assert sorted(code(formats)) == sorted(having)
        spelled = {"\t": "tab", "\r\n": "crlf", "\n": "lf", "\r": "cr"}
        listed = {spelled.get(choice, choice) for choice in option.choices if choice is not None}
        assert set(code(values)) == listed | ({option.other} if option.other else set())
    for preset in PRESETS:
        made_for, options = presets[preset.name]
        given = {
            f"{name}={str(v).lower() if v is True else v}" for name, v in preset.options.items()
        }
        assert (code(made_for), set(code(options))) == ([preset.format], given)


def commands(group: click.Command, path: str = "tableport") -> dict[str, click.Command]:
    if not isinstance(group, click.Group):
        return {path: group}
    found = {}
    for name, command in group.commands.items():
        found |= commands(command, f"{path} {name}")
    return found


def test_commands_and_options() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(tableport [a-z -]+)`$", text, flags=re.M)
    documented = {
        name: {option for row in rows(body) for option in code(row[0])}
        for name, body in zip(sections[1::2], sections[2::2], strict=True)
    }
    real = {
        name: {
            spelling
            for option in command.params
            if isinstance(option, click.Option)
            for spelling in (*option.opts, *option.secondary_opts)
        }
        for name, command in commands(main).items()
    }
    assert documented == real


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_answers_in_json_and_has_help(name: str) -> None:
    command = commands(main)[name]
    assert command.help
    assert any("--json" in option.opts for option in command.params)
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_routes() -> None:
    from app.api.application import api

    documented = {(code(row[0])[0], code(row[1])[0]) for row in page("api.md")}
    paths = api.openapi()["paths"]
    assert documented == {
        (method.upper(), path) for path, methods in paths.items() for method in methods
    }


@pytest.mark.parametrize("file", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_links_lead_somewhere(file: Path) -> None:
    for target in _LINK.findall(file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), f"{file.name}: {target}"
