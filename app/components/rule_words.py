"""Rules in words for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from core.model.check import Severity
from core.model.mapping import OptionInfo, OptionKind
from core.model.rule import Rule, RuleInfo

#: How each comparison is said, by the option and its choice.
CHOICES: Mapping[tuple[str, str], str] = {
    ("operator", "<"): "less than",
    ("operator", "<="): "at most",
    ("operator", "="): "the same as",
    ("operator", "<>"): "other than",
    ("operator", ">="): "at least",
    ("operator", ">"): "more than",
    ("column", ""): "none: a constant",
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.ERROR: "Rejects the row",
    Severity.WARNING: "Only remarks on it",
}
_LISTED = 5  #: values of a list that are told


def asked(rule: Rule, info: RuleInfo) -> str:
    """What the rule asks, in a few plain words: `at least 0, at most 100`; empty if no option."""
    if "operator" in rule.options:
        operator = rule.options["operator"]
        other = rule.options.get("column") or rule.options.get("value", "")
        return f"{CHOICES.get(('operator', operator), operator)} {other}"
    said = [_said(option, rule.options[option.name]) for option in info.options
            if rule.options.get(option.name)]  # fmt: skip
    return ", ".join(word for word in said if word)


def suggested_name(columns: Sequence[str], info: RuleInfo) -> str:
    """A name for a rule that was given none: `quantity range`, and never the kind's own."""
    kind = info.title[:1].lower() + info.title[1:]
    return (f"{' '.join(columns)} {kind}" if columns else f"{kind} rule")[:100]


def _said(option: OptionInfo, value: str) -> str:
    title = option.title[:1].lower() + option.title[1:]
    if option.kind is OptionKind.FLAG:
        told = title if value == "true" else f"not {title}"
        return "" if value == option.default else told
    if option.kind is OptionKind.LIST:
        value = _listed(value)
    return value if option.required else f"{title} {value}"


def _listed(value: str) -> str:
    """The first texts of a JSON array; what is none is shown as it is."""
    try:
        texts = json.loads(value)
    except ValueError:
        return value
    if not isinstance(texts, list):
        return value
    more = len(texts) - _LISTED
    words = ", ".join(str(text) for text in texts[:_LISTED])
    return f"{words} and {more} more" if more > 0 else words
