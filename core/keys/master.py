"""The master key: where it comes from, and the keys derived from it.

No stored thing is encrypted or signed with the master key itself: each purpose has a key of
its own, derived by HKDF-SHA256 (RFC 5869), so that what leaks for one purpose opens no other.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigurationError

KEY_BYTES = 32
KEY_FILE = "master.key"

_HOW = (
    'make one with: python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
)
_WORDS = ("changeme", "change_me", "password", "tableport", "secretkey", "secret_key")
#: 32 random bytes hold about 30 different values; fewer than this never happens by chance.
_FEWEST_DIFFERENT_BYTES = 16


class KeyPurpose(StrEnum):
    """What a derived key is for. The values are part of the derivation: never change one."""

    FILES = "files"
    CONNECTIONS = "connections"
    LINKS = "links"
    AUDIT = "audit"
    DEMO = "demo"


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterKey:
    """32 secret bytes, never shown."""

    secret: bytes = field(repr=False)

    def derived(self, purpose: KeyPurpose) -> bytes:
        """The 32-byte key of one purpose: always the same for the same master key."""
        info = b"tableport/1/" + purpose.value.encode()
        return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(
            self.secret
        )


def load_master_key(secret_key: str | None, home: Path, *, may_create: bool = True) -> MasterKey:
    """The key given in the setting, else the one in the key file, made at the first start.

    Args:
        secret_key: TABLEPORT_SECRET_KEY: 32 random bytes in base64, standard or URL-safe.
        home: the data folder; made with mode 0700 if it is missing.
        may_create: whether a missing key file may be made. Where encrypted data exists it must
            not be: a new key would turn all of it into noise.

    Raises:
        ConfigurationError: the key is weak or malformed, others can read the key file, or it
            is missing and must not be made.
    """
    if secret_key is not None:
        return _parsed(secret_key, "TABLEPORT_SECRET_KEY")
    path = home / KEY_FILE
    try:
        if not path.exists():
            if not may_create:
                raise ConfigurationError(
                    f"{path} is missing, and without it stored connections and files cannot be "
                    "read: restore it from a backup, or set TABLEPORT_SECRET_KEY as it was"
                )
            _create(path)
        return _parsed(_read_private(path), str(path))
    except OSError as exc:
        raise ConfigurationError(f"The key file {path} cannot be used: {exc.strerror}") from exc


def _create(path: Path) -> None:
    """Write a new key so that it appears whole or not at all, and the first of two writers wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A hard link fails where the name exists; a rename would replace the other's key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(path: Path) -> str:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & 0o077:
            raise ConfigurationError(
                f"The key file {path} can be read by others (mode {mode & 0o777:03o}): run "
                f"chmod 600 {path}, and replace the key if they may have seen it"
            )
        return file.read(1024).decode("ascii", errors="replace").strip()


def _parsed(text: str, where: str) -> MasterKey:
    """The key in base64 text, refused where it could be guessed."""
    standard = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        secret = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError(f"{where} is not base64; {_HOW}") from None
    if len(secret) != KEY_BYTES:
        raise ConfigurationError(
            f"{where} holds {len(secret)} bytes in base64 where {KEY_BYTES} are needed; {_HOW}"
        )
    if _is_weak(secret) or any(word in text.lower() for word in _WORDS):
        raise ConfigurationError(f"{where} could be guessed: it is not random; {_HOW}")
    return MasterKey(secret=secret)


def _is_weak(secret: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    typed = all(32 <= byte < 127 for byte in secret)
    return len(set(secret)) < _FEWEST_DIFFERENT_BYTES or len(steps) == 1 or typed
