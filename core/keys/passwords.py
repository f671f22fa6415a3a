"""Passwords: hashed with bcrypt, measured against a policy, generated where we make one.

The hashes are plain bcrypt of the UTF-8 text, as the login form's library checks them.
"""

from __future__ import annotations

import secrets

import bcrypt

from core.errors import InvalidRequest

COST = 12
MIN_CHARACTERS = 10
#: bcrypt reads no further; a longer password would be cut without a word.
MAX_BYTES = 72

#: No characters that look alike.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_FEWEST_DIFFERENT_CHARACTERS = 4
#: The commonest of at least ten characters, letters in lower case.
_COMMONEST = frozenset(
    """
    0123456789 0987654321 1111111111 1122334455 1234512345 1234554321 123456789a 1234567890
    12345678910 123456789q 1234qwerasdf 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 2wsx3edc4rfv
    9876543210 abcd123456 abcdefghij adminadmin admin12345 administrator asdfghjkl123 asdfghjkl;
    baseball123 changeme123 changemenow contrasena football123 iloveyou123 iloveyou12 letmein123
    letmein1234 liverpool1 michelle123 mypassword p@ssw0rd123 passw0rd123 password00 password01
    password10 password11 password12 password123 password1234 password12345 password123! password1!
    passwordpassword princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qwer123456 qwerty1234
    qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop123 qwertzuiop sunshine123
    superman123 tableport1 tableport123 trustno1234 welcome123 welcome1234 zaq12wsxcde3 zxcvbnm123
    """.split()  # noqa: SIM905  a list this long reads better as text
)


def hash_password(password: str, *, cost: int = COST) -> str:
    """The bcrypt hash (`$2b$…`) of a password that meets the policy.

    Raises:
        InvalidRequest: the password is longer than bcrypt reads.
    """
    plain = password.encode("utf-8", errors="surrogatepass")
    if len(plain) > MAX_BYTES:
        raise InvalidRequest(f"The password is longer than {MAX_BYTES} bytes")
    return bcrypt.hashpw(plain, bcrypt.gensalt(cost)).decode("ascii")


def verify_password(password: str, hashed: str) -> bool:
    """Whether `password` is the one behind `hashed`. Costs the same when it is not."""
    plain = password.encode("utf-8", errors="surrogatepass")
    # A password too long for bcrypt belongs to nobody, but must cost as much as any other.
    matches = bcrypt.checkpw(plain[:MAX_BYTES], hashed.encode("ascii"))
    return matches and len(plain) <= MAX_BYTES


def verify_dummy(password: str, *, cost: int = COST) -> bool:
    """What `verify_password` costs, for a user who does not exist: always False."""
    plain = password.encode("utf-8", errors="surrogatepass")
    bcrypt.hashpw(plain[:MAX_BYTES], bcrypt.gensalt(cost))
    return False


def check_policy(password: str, username: str) -> None:
    """Refuse a password that is short, over-long or easily guessed.

    Raises:
        InvalidRequest: what is wrong with it, never the password itself.
    """
    known = password.casefold()
    if len(password) < MIN_CHARACTERS:
        raise InvalidRequest(f"The password needs at least {MIN_CHARACTERS} characters")
    if len(password.encode("utf-8", errors="surrogatepass")) > MAX_BYTES:
        raise InvalidRequest(
            f"The password is longer than {MAX_BYTES} bytes (accented letters and symbols count "
            "for several): choose a shorter one"
        )
    if not password.isprintable():
        raise InvalidRequest("The password holds characters that cannot be typed")
    if _letters(known) and _letters(known) == _letters(username.casefold()):
        raise InvalidRequest("The password is the user name with little around it")
    if known == username.casefold() or known in _COMMONEST:
        raise InvalidRequest("The password is one of the first that are guessed: choose another")
    if len(set(known)) < _FEWEST_DIFFERENT_CHARACTERS:
        raise InvalidRequest("The password repeats the same few characters")


def generate_password() -> str:
    """A random password of 20 characters in three groups: 89 bits, easily read aloud."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(6)) for _ in range(3))
    return "-".join(groups)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())
