"""Tokens that stand for a session or a right, and signatures for links.

A token is 256 random bits; only its hash is stored, so that reading our tables signs nobody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time


def new_token() -> str:
    """A fresh secret of 256 bits: 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """The SHA-256 of a token in hex, for keeping. A token is random: no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", errors="surrogatepass")).hexdigest()


def sign(key: bytes, purpose: str, *parts: str, expires: int) -> str:
    """A signature over the parts in their order, good until `expires`.

    Args:
        key: the derived key of links, 32 bytes.
        purpose: what the signature allows, e.g. `download`; keeps one kind from serving as another.
        parts: what it is good for, e.g. job id and user id.
        expires: seconds since 1970.

    Returns:
        `<expires>.<HMAC-SHA256 in URL-safe base64>`, safe in a URL.
    """
    message = b"".join(
        len(part).to_bytes(8, "big") + part
        for part in (text.encode() for text in (purpose, str(expires), *parts))
    )
    mac = hmac.digest(key, message, "sha256")
    return f"{expires}.{base64.urlsafe_b64encode(mac).decode('ascii').rstrip('=')}"


def verify(key: bytes, signature: str, purpose: str, *parts: str, now: float | None = None) -> bool:
    """Whether `signature` was made for just these parts and has not expired.

    Takes the same time whatever is wrong with the signature itself.
    """
    claimed = signature.partition(".")[0]
    if not (claimed.isascii() and claimed.isdigit() and len(claimed) <= 15):
        return False
    expires = int(claimed)
    # The whole text is compared, not what it decodes to: base64 has unused bits at its end.
    expected = sign(key, purpose, *parts, expires=expires)
    genuine = hmac.compare_digest(
        signature.encode("utf-8", errors="surrogatepass"), expected.encode()
    )
    return genuine and (time.time() if now is None else now) < expires
