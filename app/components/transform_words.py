"""Transforms in words: `Date · day first` stands for steps with their options."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mapping import Step, TransformInfo

NONE = "\u2013"

_CHOICES = {
    ("decimal", "point"): "decimal point",
    ("decimal", "comma"): "decimal comma",
    ("order", "dmy"): "day first",
    ("order", "mdy"): "month first",
    ("order", "ymd"): "year first",
}


def offered(infos: Sequence[TransformInfo]) -> dict[str, tuple[Step, ...]]:
    """What a menu offers, by its words: nothing, each transform, and each of its choices."""
    menu: dict[str, tuple[Step, ...]] = {NONE: ()}
    for info in infos:
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
        parts += [
            _CHOICES.get((name, value), f"{name} {value}") for name, value in step.options.items()
        ]
        words.append(" · ".join(parts))
    return ", then ".join(words) or NONE
