from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mapping.registry import BLANKS


@pytest.mark.parametrize(
    ("cell", "trimmed"),
    [
        ("  a b ", "a b"),
        ("\u00a0a\u2003", "a"),
        ("\u200ba\ufeff", "a"),
        ("\t\r\na\v", "a"),
        ("   ", ""),
        ("", ""),
        (None, None),
    ],
)
def test_trim_removes_every_unicode_blank(run, cell, trimmed):
    assert run([cell], "trim") == ([trimmed], {})


@settings(deadline=None, max_examples=50)
@given(text=st.text(alphabet=st.sampled_from(BLANKS + "aé0"), max_size=20))
def test_trim_agrees_with_strip(run, text):
    assert run([text], "trim")[0] == [text.strip(BLANKS)]


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("upper", "straße é", "STRASSE É"),
        ("uppercase", "a", "A"),
        ("lower", "ÀB c", "àb c"),
        ("lowercase", "A", "a"),
        ("upper", "", ""),
        ("lower", None, None),
    ],
)
def test_case(run, name, cell, expected):
    assert run([cell], name) == ([expected], {})


def test_boolean_reads_the_words_of_the_guide(run):
    yes = ["true", "YES", "y", "1", "On", "t", " True\u00a0"]
    no = ["false", "No", "n", "0", "OFF", "f"]
    cells, problems = run([*yes, *no, "", "  ", None], "boolean")
    assert cells == ["true"] * len(yes) + ["false"] * len(no) + ["", "", None]
    assert not problems


@pytest.mark.parametrize("cell", ["ja", "2", "yess", "maybe", "-"])
def test_boolean_refuses_other_words(run, cell):
    cells, problems = run([cell], "boolean")
    assert cells == [None]
    assert problems[0].startswith(f"'{cell}' is neither yes nor no")


@pytest.mark.parametrize("name", ["trim", "upper", "lower", "boolean"])
def test_transforms_of_words_are_idempotent(run, name):
    once = run([" Yes ", "oN", "", None, "ß"], name)[0]
    assert run(once, name)[0] == once


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  a \u00a0\t b\r\n c ", "a b c"),
        ("a\u200bb", "a\u200bb"),  # shows nothing and divides nothing
        ("a\u200b \u200bb", "a b"),
        ("\u0646\u200c\u0646", "\u0646\u200c\u0646"),  # Persian needs its joiners
        ("   ", ""),
        ("", ""),
        (None, None),
    ],
)
def test_collapse_spaces(run, cell, expected):
    assert run([cell], "collapse_spaces") == ([expected], {})


@pytest.mark.parametrize(
    ("side", "expected"), [("both", "1-*2"), ("start", "1-*2-"), ("end", "*-1-*2"), ("", "1-*2")]
)
def test_strip_takes_the_given_characters_off(run, side, expected):
    assert run(["*-1-*2-", "-*", None], "strip", characters="-*", side=side)[0] == [
        expected,
        "",
        None,
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("the QUICK brown-fox", "The Quick Brown-Fox"),
        ("don't it\u2019s", "Don't It\u2019s"),
        ("o'neil d\u2019angelo l'or\u00e9al", "O'Neil D\u2019Angelo L'Or\u00e9al"),
        ("rock 'n' roll", "Rock 'N' Roll"),
        ("3rd street", "3rd Street"),
        ("stra\u00dfe \u00e9cole", "Stra\u00dfe \u00c9cole"),
        ("e\u0301cole", "E\u0301cole"),  # a letter and its mark are one
        ("\u039f\u0394\u039f\u03a3", "\u039f\u03b4\u03bf\u03c2"),  # final sigma
        ("\u0130stanbul", "I\u0307stanbul"),  # Turkish is not known: see the docs
        ("a_b  c", "A_B  C"),
        ("", ""),
        (None, None),
    ],
)
def test_title(run, cell, expected):
    assert run([cell], "title") == ([expected], {})
