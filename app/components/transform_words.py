"""Transforms in words: `Date · day first` stands for steps with their options."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mapping import Step, TransformInfo

NONE = "\u2013"

_SHORT = 40  #: characters of a value
#: Options whose value says enough.
_TELLING = frozenset({"value", "sql", "find", "pattern", "characters", "words", "columns"})

_CHOICES = {
    ("decimal", "point"): "decimal point",
    ("decimal", "comma"): "decimal comma",
    ("order", "dmy"): "day first",
    ("order", "mdy"): "month first",
    ("order", "ymd"): "year first",
}


def offered(infos: Sequence[TransformInfo]) -> dict[str, tuple[Step, ...]]:
    """What a menu offers, by its words: nothing, each transform, and each of its choices.

    Left out are those that a word alone does not tell: they want options, or no source column.
    """
    menu: dict[str, tuple[Step, ...]] = {NONE: ()}
    for info in infos:
        if info.makes or any(option.required for option in info.options):
            continue
        steps = [Step(transform=info.name)]
        for option in info.options:
            steps += [
                Step(transform=info.name, options={option.name: choice})
                for choice in option.choices
                if choice != option.default
            ]
        menu |= {in_words((step,), infos): (step,) for step in steps}
    return menu


def in_words(steps: Sequence[Step], infos: Sequence[TransformInfo]) -> str:
    """Steps in the order they are applied, as a menu says them."""
    titles = {info.name: info.title for info in infos}
    words = []
    for step in steps:
        parts = [titles.get(step.transform, step.transform)]
        parts += [option_in_words(name, value) for name, value in step.options.items()]
        words.append(" · ".join(parts))
    return ", then ".join(words) or NONE


def option_in_words(name: str, value: str) -> str:
    """One option with its value, short enough for a menu."""
    known = _CHOICES.get((name, value))
    if known:
        return known
    short = value if len(value) <= _SHORT else f"{value[:_SHORT]}…"
    return short if name in _TELLING else f"{name} {short}"
