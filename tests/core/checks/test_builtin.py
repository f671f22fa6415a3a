from __future__ import annotations

import polars as pl
import pytest

from core.checks.builtin import (
    CHECKS,
    check_infos,
    default_severity,
    expected_form,
    text_faults,
)
from core.model.check import Severity
from core.model.table import Kind


def test_every_check_is_listed_with_words_for_people():
    infos = check_infos()
    assert [i.name for i in infos] == list(CHECKS)
    assert all(i.title and i.description.endswith(".") for i in infos)
    assert {n for n in CHECKS if default_severity(n) is Severity.WARNING} == {
        "email",
        "url",
        "unusual",
    }


@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [
        ("email", Kind.TEXT, "email"),
        ("work_e_mail", Kind.TEXT, "email"),
        ("ContactEmail", Kind.TEXT, "email"),
        ("EMAIL", Kind.TEXT, "email"),
        ("mail", Kind.TEXT, "email"),
        ("mailbox_size", Kind.TEXT, None),
        ("email", Kind.BOOLEAN, None),
        ("website", Kind.TEXT, "url"),
        ("avatar_url", Kind.TEXT, "url"),
        ("imageURL", Kind.TEXT, "url"),
        ("curl", Kind.TEXT, None),
        ("name", Kind.TEXT, None),
    ],
)
def test_names_that_promise_a_form(column, name, kind, form):
    assert expected_form(column(name, kind)) == form


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("email", ["a@b.co", "é.x+y@sub.b.de", "", None], ["nope", "a@b", "a b@c.de", "a@@b.de"]),
        (
            "url",
            ["https://a.de", "HTTP://a.de/x?y#z", "ftp://a", "", None],
            ["a.de", "http://", "http:// a", "javascript:x"],
        ),
    ],
)
def test_forms_are_warnings(column, name, good, bad):
    text = pl.Series(good + bad, dtype=pl.String)
    (fault,) = text_faults(text, column(name))
    assert fault.index.to_list() == list(range(len(good), len(good) + len(bad)))
    assert (fault.check, fault.severity) == (name, Severity.WARNING)


def test_nul_is_an_error_in_any_text(column):
    text = pl.Series(["a\0", "b", None])
    (fault,) = text_faults(text, column("note"))
    assert (fault.check, fault.severity, fault.index.to_list()) == (
        "control_characters",
        Severity.ERROR,
        [0],
    )
    assert list(text_faults(text, column("n", Kind.INTEGER))) == []
