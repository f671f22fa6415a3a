"""Short secrets sealed for keeping in our own tables: AES-256-GCM, bound to their place."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import StorageDamaged

_VERSION = "v1."
_NONCE_BYTES = 12
_TAG_BYTES = 16


def seal_text(key: bytes, text: str, context: str) -> str:
    """Seal `text` into printable ASCII that opens only with the same key and context.

    Args:
        key: a derived key, 32 bytes.
        text: what to keep secret.
        context: where the secret belongs, e.g. `connection:shop`; not secret, not stored. It
            keeps a sealed value from being moved to another row.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode("ascii")


def open_text(key: bytes, sealed: str, context: str) -> str:
    """The text sealed by `seal_text`.

    Raises:
        StorageDamaged: it was altered, belongs elsewhere, or was sealed with another key.
    """
    try:
        if not sealed.startswith(_VERSION):
            raise ValueError("unknown version")
        raw = base64.b64decode(sealed.removeprefix(_VERSION), altchars=b"-_", validate=True)
        if len(raw) < _NONCE_BYTES + _TAG_BYTES:
            raise ValueError("too short")
        opened = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        return opened.decode()
    except (InvalidTag, binascii.Error, ValueError) as exc:
        raise StorageDamaged(
            f"The stored secret of {context} cannot be opened: it was altered, or sealed with "
            "another master key. Restore the key, or enter the secret again"
        ) from exc
