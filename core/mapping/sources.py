"""Which source columns a mapping reads."""

from __future__ import annotations

from collections.abc import Collection

from core.errors import InvalidMapping
from core.mapping.registry import Transform
from core.mapping.transforms import find_transform
from core.model.mapping import FieldMapping


def sources_of(mapping: FieldMapping, columns: Collection[str] | None = None) -> tuple[str, ...]:
    """Every source column that the mapping reads, each once; none for a constant.

    An expression may spell a column in another case: `columns`, those of the file, tell which is
    meant; without them its own spelling is given. Raises InvalidMapping for a transform that
    does not exist, or an expression that cannot be read.
    """
    if mapping.source:
        return (mapping.source,)
    maker = first_of(mapping).maker
    assert maker is not None
    return maker.reads(mapping.steps[0].options, columns)


def first_of(mapping: FieldMapping) -> Transform:
    """The maker that a mapping without a source column begins with. Raises InvalidMapping."""
    found = find_transform(mapping.steps[0].transform) if mapping.steps else None
    if found is None or found.maker is None:
        raise InvalidMapping(
            f"{mapping.target!r} has no source column: name one, or begin with a transform that"
            " makes the cells, such as constant"
        )
    return found
