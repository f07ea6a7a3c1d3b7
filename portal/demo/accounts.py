"""Demo accounts: one public password, fixed secrets of the second factor, never in production."""

import base64
import hashlib
from dataclasses import dataclass, field
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from portal.accounts import roles, totp
from portal.accounts.models import Grant, Organisation, User

PASSWORD = "demo-password-2026"  # noqa: S105 - public on purpose, refused in production


@dataclass(frozen=True)
class Account:
    """One login: `organisation` is the organisation's code, empty for staff; `role` the code of its role."""

    login: str
    name: str
    role: str
    organisation: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def totp_secret(self) -> str:
        """The fixed secret of the second factor (base32), derived from the login."""
        return base64.b32encode(hashlib.sha256(f"demo {self.login}".encode()).digest()[:20]).decode()

    @property
    def portal(self) -> str:
        """Key of the portal that the role belongs to."""
        return roles.get(self.role).portal

    def as_json(self) -> dict[str, str | None]:
        """Return the account for programs and for the table of `make run`."""
        return {
            "login": self.login,
            "password": PASSWORD,
            "totp_secret": self.totp_secret,
            "portal": self.portal,
            "organisation": self.organisation or None,
            "role": self.role,
        }


SYSTEM = Account(
    "sysadmin",
    "運用 保",
    "system.admin",
    details={"kana": "ウンヨウ タモツ", "department": "システム運用", "email": "sysadmin@example.jp"},
)


@cache
def _hashed() -> str:
    """The password's hash: one for all accounts, since hashing is slow on purpose and the password no secret."""
    return make_password(PASSWORD)


@transaction.atomic
def create(account: Account) -> User:
    """Create the account with its role and second factor unless the login exists; returns the user as it is now."""
    if existing := User.objects.filter(login=account.login).first():
        return existing
    organisation = None
    if account.organisation:
        organisation = Organisation.objects.get(portal=account.portal, code=account.organisation)
    user = User.objects.create(
        login=account.login,
        name=account.name,
        organisation=organisation,
        is_staff=organisation is None,
        password=_hashed(),
        **account.details,
    )
    Grant.objects.create(user=user, role=account.role, starts_on=timezone.localdate())
    totp.enrol(user, account.totp_secret)
    return user
