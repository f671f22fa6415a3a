"""All transforms together.

The modules imported here register their transforms on import; this is the only place to
look one up, so the register is always complete.
"""

from __future__ import annotations

from core.errors import InvalidMapping
from core.mapping import date, number, words
from core.mapping.registry import TRANSFORMS, Transform
from core.model.mapping import Step, TransformInfo

__all__ = ["TRANSFORMS", "check_step", "find_transform", "transform_infos"]

_MODULES = (words, number, date)


def transform_infos() -> tuple[TransformInfo, ...]:
    """Every transform, in the order menus show them."""
    return tuple(transform.info for transform in TRANSFORMS.values())


def find_transform(name: str) -> Transform:
    """The transform of that name or alias, in any case. Raises InvalidMapping."""
    wanted = name.strip().lower()
    for transform in TRANSFORMS.values():
        if wanted == transform.info.name or wanted in transform.info.aliases:
            return transform
    known = ", ".join(TRANSFORMS)
    raise InvalidMapping(f"There is no transform {name!r}; the transforms are {known}")


def check_step(step: Step) -> None:
    """Raise InvalidMapping unless the step's transform exists and takes its options."""
    transform = find_transform(step.transform)
    name, known = transform.info.name, {o.name: o for o in transform.info.options}
    for key, value in step.options.items():
        if key not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InvalidMapping(f"Transform {name} has no option {key!r}; {takes}")
        choices = known[key].choices
        if value and choices and value not in choices:
            raise InvalidMapping(
                f"Transform {name}: {value!r} is no choice of option {key!r}; choose one of"
                f" {', '.join(choices)}"
            )
    complaint = transform.refuse(step.options)
    if complaint:
        raise InvalidMapping(f"Transform {name}: {complaint}")
