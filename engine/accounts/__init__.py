"""accounts: passwords and secrets. The home of argon2; knows no user, no table and no request."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.accounts.signatures import is_signed
from engine.accounts.throttle import Throttle

PASSWORD_MIN: Final = 8
"""Fewest characters of a password that a person chooses."""
PASSWORD_MAX: Final = 200
"""Most characters that are hashed."""
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with the parameters OWASP names as a floor."""
_NOBODY: Final = _HASHER.hash(secrets.token_hex(8))


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _HASHER.hash(password[:PASSWORD_MAX])


def verify_password(hashed: str | None, password: str) -> bool:
    """Does the password fit? Takes as long for nobody as for somebody."""
    try:
        _HASHER.verify(hashed or _NOBODY, password[:PASSWORD_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def new_secret(prefix: str = "") -> str:
    """256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: secrets are random, so a plain SHA-256 is enough."""
    return sha256(secret.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


__all__ = [
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "Throttle",
    "digest",
    "hash_password",
    "is_signed",
    "new_secret",
    "same",
    "verify_password",
]
