"""Numbers of customers and guarantees at rest: found by a keyed hash, readable with a key from outside."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

DIGEST_BYTES = 16
"""128 bits of the HMAC: a million million customers would collide with a probability below 10^-14."""


def _key(purpose: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), f"guarantee_lookup.{purpose}".encode(), hashlib.sha256)


def digest_key(kind: str) -> bytes:
    """Return the key of the hashes of one kind of number, for who makes millions of them."""
    return _key(f"digest.{kind}", settings.NUMBER_KEY)


def digest(kind: str, number: str) -> bytes:
    """Return HMAC-SHA-256 of `number`, cut to 16 bytes; `kind` is a NumberKind."""
    return hmac.digest(digest_key(kind), number.encode(), hashlib.sha256)[:DIGEST_BYTES]


def _cipher() -> MultiFernet:
    return _cipher_of(settings.NUMBER_KEY, *settings.NUMBER_KEY_FALLBACKS)


@cache
def _cipher_of(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_key("seal", key))) for key in keys])


def seal(number: str) -> str:
    """Return `number` encrypted with the present key."""
    return _cipher().encrypt(number.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the number; cryptography.fernet.InvalidToken when no key fits."""
    return _cipher().decrypt(sealed.encode()).decode()
