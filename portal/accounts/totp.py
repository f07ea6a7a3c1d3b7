"""Second factor: time-based one-time passwords (RFC 6238, 6 digits, 30 s) and recovery codes, each good for one use."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import RecoveryCode, SecondFactor, User

STEP = 30
DIGITS = 6
ISSUER = "保証・保険 電子手続き"
RECOVERY_CODES = 10


def code_at(secret: str, step: int) -> str:
    """The code of time step `step` for a base32 `secret`."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def present_step() -> int:
    return int(timezone.now().timestamp()) // STEP


def _cipher() -> MultiFernet:
    """The first key encrypts; a secret written under an older SECRET_KEY can still be read."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second-factor:" + key.encode()).digest())) for key in keys]
    )


def encrypt(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    return _cipher().decrypt(stored.encode()).decode()


def factor_of(user: User) -> SecondFactor | None:
    """The user's registered authenticator, or None."""
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first()


def enrol(user: User, secret: str) -> None:
    """Register `secret` (base32) for `user` without asking for a code: for demo data."""
    SecondFactor.objects.bulk_create(
        [SecondFactor(user=user, secret=encrypt(secret), confirmed_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["secret", "confirmed_at", "last_step"],
    )


def unconfirmed(user: User) -> SecondFactor:
    """The registration that waits for its first code; the same secret until it is confirmed."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    return SecondFactor.objects.get_or_create(user=user, defaults={"secret": encrypt(secret)})[0]


def uri(user: User, secret: str) -> str:
    """What the QR code says to an authenticator app."""
    label = quote(f"{ISSUER}:{user.login}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def take_code(factor: SecondFactor, code: str) -> bool:
    """True when `code` belongs to now or a neighbouring step and that step was not used before."""
    present = present_step()
    secret = decrypt(factor.secret)
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
            return unused.update(last_step=step, secret=encrypt(secret)) == 1
    return False


def _digest(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").lower().encode()).hexdigest()


def take_recovery_code(user: User, code: str) -> bool:
    """True once for each code that was handed out."""
    return RecoveryCode.objects.filter(user=user, digest=_digest(code)).delete()[0] == 1


def confirm(factor: SecondFactor) -> list[str]:
    """Finish the registration; returns the recovery codes, which cannot be shown a second time."""
    raw = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=timezone.now())
        RecoveryCode.objects.filter(user_id=factor.user_id).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user_id=factor.user_id, digest=_digest(code)) for code in raw)
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in raw]
