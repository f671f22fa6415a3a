"""Passwords: hashed as the login form's library checks them, and worth having."""

from __future__ import annotations

import re

import bcrypt
import pytest

from core.errors import InvalidRequest
from core.keys import passwords
from core.keys.passwords import (
    check_policy,
    generate_password,
    hash_password,
    verify_dummy,
    verify_password,
)

CHEAP = 4


@pytest.mark.parametrize(
    "password", ["correct horse", "pässwörter-zählen", "with\0nul-inside", "é" * 36]
)
def test_a_password_fits_its_own_hash_only(password: str) -> None:
    hashed = hash_password(password, cost=CHEAP)
    assert hashed.startswith("$2b$04$")
    assert verify_password(password, hashed)
    assert bcrypt.checkpw(password.encode(), hashed.encode())
    assert not verify_password(password[:-1], hashed)
    assert not verify_password(password + "!", hashed)
    assert not verify_password("", hashed)


def test_nothing_is_cut_at_72_bytes() -> None:
    hashed = hash_password("x" * 72, cost=CHEAP)
    assert not verify_password("x" * 73, hashed)
    with pytest.raises(InvalidRequest, match="72 bytes"):
        hash_password("x" * 73, cost=CHEAP)


def test_hashes_are_made_at_the_full_cost_unless_told_otherwise() -> None:
    assert hash_password("correct horse").startswith("$2b$12$")


def test_an_unknown_user_costs_one_hash_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    salts: list[bytes] = []
    real = bcrypt.hashpw

    def counted(password: bytes, salt: bytes) -> bytes:
        salts.append(salt)
        return real(password, bcrypt.gensalt(CHEAP))

    monkeypatch.setattr(passwords.bcrypt, "hashpw", counted)
    assert verify_dummy("whatever it was") is False
    assert verify_dummy("x" * 5_000) is False
    assert [salt[:7] for salt in salts] == [b"$2b$12$"] * 2


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 10"),
        ("Tr0ub4dor", "at least 10"),
        ("y" * 73, "72 bytes"),
        ("€" * 25, "72 bytes"),
        ("Password123", "first that are guessed"),
        ("1234567890", "first that are guessed"),
        ("annabelle.smith", "user name"),
        ("ANNABELLE.SMITH", "user name"),
        ("annabellesmith2024!", "user name"),
        ("abababababab", "repeats"),
        ("line\nbreaks in it", "cannot be typed"),
        ("a lone \ud800 surrogate", "cannot be typed"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as refused:
        check_policy(password, "annabelle.smith")
    assert not password or password not in refused.value.detail


@pytest.mark.parametrize(
    "password", ["correct horse", "ä" * 2 + "öüß-öüß-12", "3141592653", "🔐🗝️ keys and more"]
)
def test_decent_passwords_pass(password: str) -> None:
    check_policy(password, "annabelle.smith")


def test_a_numeric_user_name_is_no_password_either() -> None:
    with pytest.raises(InvalidRequest):
        check_policy("4711081516", "4711081516")


def test_generated_passwords_are_readable_and_pass_the_policy() -> None:
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(r"[a-hjkmnp-z2-9]{6}(-[a-hjkmnp-z2-9]{6}){2}", password)
        assert len(password) == 20
        check_policy(password, "admin")
