"""Tokens and signatures: not guessable, not transferable, not immortal."""

from __future__ import annotations

import hashlib

from core.keys.tokens import new_token, sign, token_hash, verify

KEY = bytes(range(32))
SIGNED = sign(KEY, "download", "job-1", "7", expires=2_000)


def test_tokens_are_256_random_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_the_hash_of_a_token_is_its_sha256() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").hexdigest()
    assert len(token_hash("\ud800")) == 64


def test_a_signature_is_good_for_its_parts_until_it_expires() -> None:
    assert verify(KEY, SIGNED, "download", "job-1", "7", now=1_999.9)
    assert not verify(KEY, SIGNED, "download", "job-1", "7", now=2_000)
    assert not verify(KEY, SIGNED, "download", "job-1", "7")
    assert verify(KEY, sign(KEY, "x", expires=10**11), "x")


def test_a_signature_serves_nothing_else() -> None:
    assert not verify(KEY, SIGNED, "download", "job-1", "8", now=0)
    assert not verify(KEY, SIGNED, "download", "job-2", "7", now=0)
    assert not verify(KEY, SIGNED, "upload", "job-1", "7", now=0)
    assert not verify(KEY, SIGNED, "download", "job-1", now=0)
    assert not verify(KEY, SIGNED, "download", "job-17", "", now=0)
    assert not verify(bytes(32), SIGNED, "download", "job-1", "7", now=0)


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert sign(KEY, "a", "bc", expires=1) != sign(KEY, "ab", "c", expires=1)
    assert sign(KEY, "a", "", expires=1) != sign(KEY, "a", expires=1)


def test_every_changed_character_is_found() -> None:
    for position, character in enumerate(SIGNED):
        for other in "0A.":
            changed = SIGNED[:position] + other + SIGNED[position + 1 :]
            if other != character:
                assert not verify(KEY, changed, "download", "job-1", "7", now=0)


def test_the_expiry_cannot_be_put_off() -> None:
    mac = SIGNED.partition(".")[2]
    for expires in ("9999", "02000", "+2000", " 2000", "²", "9" * 400, "", "-1"):
        assert not verify(KEY, f"{expires}.{mac}", "download", "job-1", "7", now=0)
    for nonsense in ("", ".", "2000", "\ud800.\ud800", f"2000.{mac}\ud800"):
        assert not verify(KEY, nonsense, "download", "job-1", "7", now=0)
