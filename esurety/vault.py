"""認証キー at rest (security C4, C8): sealed with a key of its own that a key from outside wraps, and a keyed MAC.

`wrapped_by` and `mac_by` name the outside keys by the first 16 hexadecimal digits of their hash, so a rotation can stop
anywhere: both versions stay readable while the old key is among the fallbacks.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from esurety.rules.numbers import ALPHABET, KEY_LENGTH

_NONCE = 12


class Unreadable(Exception):
    """A key that none of the outside keys opens, or that is bound to another row."""


@dataclass(frozen=True)
class Sealed:
    """What is stored of an 認証キー (see `esurety.models.AuthKey`)."""

    sealed: bytes
    wrapped: bytes
    wrapped_by: str
    mac: bytes
    mac_by: str


def new_key() -> str:
    """Return twelve random signs of the alphabet (69 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(KEY_LENGTH))


def _derived(purpose: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), f"esurety.{purpose}".encode(), hashlib.sha256)


def _named(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]


def _keys(purpose: str, present: str, others: list[str]) -> dict[str, bytes]:
    """Outside keys by name, the present one first."""
    derived = [_derived(purpose, secret) for secret in (present, *others)]
    return {_named(key): key for key in derived}


def wrapping_keys() -> dict[str, bytes]:
    """Return the key-encryption keys by name, the present one first."""
    return _keys("wrap", settings.CERTIFICATE_KEY, settings.CERTIFICATE_KEY_FALLBACKS)


def mac_keys() -> dict[str, bytes]:
    """Return the keys of the MAC by name, the present one first."""
    return _keys("mac", settings.CERTIFICATE_PEPPER, settings.CERTIFICATE_PEPPER_FALLBACKS)


def binding(number: str, sequence: int, generation: int) -> bytes:
    """Return what ties a key to its row: guarantee, version, generation."""
    return f"{number}/{sequence}/{generation}".encode()


def _encrypt(key: bytes, clear: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(bytes(sealed[:_NONCE]), bytes(sealed[_NONCE:]), bound)
    except InvalidTag as error:
        raise Unreadable("the key does not open") from error


def mac(key: bytes, text: str, bound: bytes) -> bytes:
    """Return HMAC-SHA-256 of an 認証キー bound to its row."""
    return hmac.digest(key, bound + b"/" + text.encode(), hashlib.sha256)


def seal(text: str, bound: bytes) -> Sealed:
    """Seal an 認証キー with the present outside keys."""
    (wrapper_name, wrapper), *_ = wrapping_keys().items()
    (pepper_name, pepper), *_ = mac_keys().items()
    own = AESGCM.generate_key(256)
    return Sealed(
        _encrypt(own, text.encode(), bound),
        _encrypt(wrapper, own, bound),
        wrapper_name,
        mac(pepper, text, bound),
        pepper_name,
    )


def open_sealed(stored: Sealed, bound: bytes) -> str:
    """Return the 認証キー; raises Unreadable for an unknown outside key, another row or changed bytes."""
    wrapper = wrapping_keys().get(stored.wrapped_by)
    if wrapper is None:
        raise Unreadable(f"no key-encryption key {stored.wrapped_by}")
    return _decrypt(_decrypt(wrapper, stored.wrapped, bound), stored.sealed, bound).decode()


def fits(stored_mac: bytes, mac_by: str, text: str, bound: bytes) -> bool:
    """Compare a typed key with a stored MAC in constant time; False too when its pepper is gone."""
    pepper = mac_keys().get(mac_by, b"")
    return hmac.compare_digest(bytes(stored_mac), mac(pepper, text, bound)) and bool(pepper)


def renewed(stored: Sealed, bound: bytes) -> Sealed:
    """Return the same key under the present outside keys: only the wrapping and the MAC are made anew."""
    (wrapper_name, wrapper), *_ = wrapping_keys().items()
    (pepper_name, pepper), *_ = mac_keys().items()
    old = wrapping_keys().get(stored.wrapped_by)
    if old is None:
        raise Unreadable(f"no key-encryption key {stored.wrapped_by}")
    own = _decrypt(old, stored.wrapped, bound)
    text = _decrypt(own, stored.sealed, bound).decode()
    return Sealed(
        bytes(stored.sealed), _encrypt(wrapper, own, bound), wrapper_name, mac(pepper, text, bound), pepper_name
    )
