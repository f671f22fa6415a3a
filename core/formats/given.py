"""What a person set stands in the dialect, and says so among the findings."""

from __future__ import annotations

from dataclasses import replace

from core.model.dialect import Detection, Finding, Given

_SET = "Set for this import, not detected."


def with_given(found: Detection, given: Given) -> Detection:
    """The detection with the given fields first among its findings, which keep their choices."""
    choices = {finding.name: finding.choices for finding in found.findings}
    mine = (
        Finding(
            name=name,
            value=str(value),
            confidence=1.0,
            evidence=_SET,
            choices=choices.get(name, ()),
        )
        for name, value in given.items()
    )
    others = (finding for finding in found.findings if finding.name not in given)
    return replace(found, dialect=replace(found.dialect, **given), findings=(*mine, *others))
