"""The keys by which programs of an organisation read its data."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.accounts.models import User


class TokenState(models.TextChoices):
    """状態 of a token."""

    LIVE = "live", "使用できます"
    EXPIRED = "expired", "期限切れ"
    REVOKED = "revoked", "取消済"


class TokenQuerySet(models.QuerySet["Token"]):
    """Reads scoped by organisation."""

    def visible_to(self, user: User) -> "TokenQuerySet":
        """Only the tokens of the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()


class Token(models.Model):
    """APIトークン: belongs to an organisation, not to the person who made it; carries one role, which only reads.

    The text that programs send is `<prefix>_<secret>`; only its SHA-256 is kept. The secret has 256 random bits, so a
    slow or keyed hash would add nothing.
    """

    prefix = models.CharField("トークンの先頭", max_length=40, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", verbose_name="組織")
    label = models.CharField("名前", max_length=40)
    role = models.CharField("権限", max_length=40)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="発行者")
    created_at = models.DateTimeField("発行日時")
    expires_on = models.DateField("有効期限")
    last_used_on = models.DateField("最後に使われた日", null=True, blank=True)
    revoked_at = models.DateTimeField("取消日時", null=True, blank=True)

    objects: ClassVar = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "APIトークン"
        constraints = [
            # The same form sent twice makes one token.
            models.UniqueConstraint(
                fields=["organisation", "label"], condition=Q(revoked_at=None), name="api_token_label_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}（{self.label}）"

    def state_on(self, day: date) -> TokenState:
        """Return the state on `day`; the last day of validity counts."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        return TokenState.LIVE if self.expires_on >= day else TokenState.EXPIRED
