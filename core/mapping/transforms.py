"""All transforms together.

The modules imported here register their transforms on import; this is the only place to
look one up, so the register is always complete.
"""

from __future__ import annotations

from collections.abc import Collection

from core.errors import InvalidMapping
from core.mapping import blanks, date, expression, makers, number, parts, rounding, values, words
from core.mapping.expression import expression_fault
from core.mapping.options import fault
from core.mapping.registry import TRANSFORMS, Transform, not_first
from core.model.mapping import OptionInfo, OptionKind, Step, TransformInfo

__all__ = ["TRANSFORMS", "check_step", "find_transform", "transform_infos"]

_MODULES = (words, number, rounding, date, parts, blanks, values, makers, expression)


def transform_infos() -> tuple[TransformInfo, ...]:
    """Every transform, in the order menus show them."""
    return tuple(TRANSFORMS[name].info for name in _MENU)


def find_transform(name: str) -> Transform:
    """The transform of that name or alias, in any case. Raises InvalidMapping."""
    transform = _BY_NAME.get(name.strip().lower())
    if transform is not None:
        return transform
    known = ", ".join(_MENU)
    raise InvalidMapping(f"There is no transform {name!r}; the transforms are {known}")


def check_step(
    step: Step, source_columns: Collection[str] | None = None, *, made: bool = True
) -> None:
    """Raise InvalidMapping unless the step's transform exists and takes its options.

    `source_columns`: what options may name as columns of the file; None where that is not known.
    `made`: whether cells may be made by this step; not where there are cells already.
    """
    transform = find_transform(step.transform)
    if transform.maker is not None and not made:
        raise InvalidMapping(not_first(transform.info.name))
    name, known = transform.info.name, {o.name: o for o in transform.info.options}
    for key in step.options:
        if key not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InvalidMapping(f"Transform {name} has no option {key!r}; {takes}")
    for key, info in known.items():
        value = step.options.get(key, "")
        wrong = fault(info, value, source_columns)
        if wrong:
            raise InvalidMapping(f"Transform {name}: option {key!r} {wrong}")
        unclear = _unclear(info, value, source_columns)
        if unclear:
            raise InvalidMapping(f"Transform {name}: {unclear}")
    complaint = transform.refuse(step.options)
    if complaint:
        raise InvalidMapping(f"Transform {name}: {complaint}")


def _unclear(info: OptionInfo, value: str, columns: Collection[str] | None) -> str | None:
    return expression_fault(value, columns) if info.kind is OptionKind.EXPRESSION else None


#: Menus begin with the commonest.
_FIRST = ("trim", "upper", "lower", "title", "number", "date", "boolean")
_MENU = (*_FIRST, *(name for name in TRANSFORMS if name not in _FIRST))
_BY_NAME = {
    word: transform
    for transform in TRANSFORMS.values()
    for word in (transform.info.name, *transform.info.aliases)
}
