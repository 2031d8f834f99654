"""Signatures of calls that come in: the same form as those of our own webhooks, `t=<seconds>,v1=<hmac-sha256 of "<t>." + body>`."""

import hmac
from hashlib import sha256
from typing import Final

AGE_MAX_SECONDS: Final = 300
"""How old, or how far ahead, a signed call may be."""


def is_signed(secret: str, signature: str, body: bytes, now: int) -> bool:
    """Was the body signed with the secret, not long ago? `now` in seconds since 1970 UTC."""
    parts = dict(part.strip().partition("=")[::2] for part in signature.split(",")[:4])
    time, digest = parts.get("t", ""), parts.get("v1", "")
    if not (time.isascii() and time.isdigit() and len(time) <= 12) or abs(now - int(time)) > AGE_MAX_SECONDS:
        return False
    wanted = hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), digest.encode())
