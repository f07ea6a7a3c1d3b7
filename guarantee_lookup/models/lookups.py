"""照会: who asked for which number on what ground, and what was answered; a record of provision to a third party."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from guarantee_lookup.enums import Basis, Channel, NumberKind, Outcome, Purpose
from guarantee_lookup.rules.numbers import mask
from portal.accounts.models import User


class LookupQuerySet(models.QuerySet["Lookup"]):
    """Reads scoped by what a role may see of the history (guarantee_lookup.md 7.3)."""

    def visible_to(self, user: User) -> "LookupQuerySet":
        """Own look-ups; those of the branch and of the bank for who manages them."""
        if user.organisation_id is None:
            return self.none()
        bank = self.filter(organisation_id=user.organisation_id)
        if user.has_role("lookup.master"):
            return bank
        if user.has_role("lookup.branch") and (branch := getattr(user, "clerk", None)) and branch.branch_id:
            return bank.filter(Q(user=user) | Q(branch_id=branch.branch_id))
        return bank.filter(user=user)


class Lookup(models.Model):
    """照会 with its 照会受付番号 and frozen result; never changed after it was written.

    The number itself is sealed; `digest` finds it again, `last` is what every page shows of it.
    `result` is what the page and the 照会結果票 are drawn from, `sha256` its canonical form's hash.
    """

    receipt = models.CharField("照会受付番号", max_length=20, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="利用者", related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="金融機関", related_name="+", null=True, blank=True
    )
    branch = models.ForeignKey(
        "guarantee_lookup.Branch", models.PROTECT, verbose_name="店舗", related_name="+", null=True, blank=True
    )
    channel = models.CharField("照会の方法", max_length=10, choices=Channel, default=Channel.SCREEN)
    kind = models.CharField("番号の種類", max_length=10, choices=NumberKind)
    digest = models.BinaryField("番号の照合値", max_length=16)
    sealed = models.TextField("番号（封緘）")
    last = models.CharField("下4桁", max_length=4)
    basis = models.CharField("照会の根拠", max_length=1, choices=Basis)
    consent = models.BooleanField("同意", default=False)
    consent_on = models.DateField("同意日", null=True, blank=True)
    purpose = models.CharField("照会目的", max_length=20, choices=Purpose, blank=True)
    memo = models.CharField("メモ", max_length=50, blank=True)
    snapshot = models.ForeignKey("guarantee_lookup.Snapshot", models.PROTECT, verbose_name="世代", related_name="+")
    outcome = models.CharField("結果", max_length=10, choices=Outcome)
    customer = models.BinaryField("顧客の照合値", max_length=16, null=True)
    is_related = models.BooleanField("取引の確認", null=True)
    result = models.JSONField("照会結果", null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    at = models.DateTimeField("照会日時")

    objects: ClassVar = LookupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "照会"
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["user", "-at"], name="lookup_of_user"),
            models.Index(fields=["organisation", "-at"], name="lookup_of_bank"),
            models.Index(fields=["customer", "-at"], name="lookup_of_customer"),
            models.Index(fields=["digest"], name="lookup_of_number"),
            models.Index(fields=["at"], name="lookup_at"),
        )
        constraints = (
            models.CheckConstraint(
                name="lookup_result_iff_found",
                condition=Q(outcome="ok", result__isnull=False) | (~Q(outcome="ok") & Q(result=None)),
            ),
        )

    def __str__(self) -> str:
        return self.receipt

    @property
    def masked(self) -> str:
        return mask(self.last)


class LookupLock(models.Model):
    """照会の停止: why somebody may not look up, until when or until who lifted it."""

    class Reason(models.TextChoices):
        MISSES_HOUR = "misses_hour", "1時間に該当なしの照会が多いため"
        WALK = "walk", "連続した番号の照会のため"
        CANARY = "canary", "照会できない番号の照会のため"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="利用者", related_name="lookup_locks"
    )
    reason = models.CharField("理由", max_length=20, choices=Reason)
    since = models.DateTimeField("停止日時")
    until = models.DateTimeField("解除予定", null=True, blank=True, help_text="空欄は、確認されるまで停止します。")
    lifted_at = models.DateTimeField("解除日時", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="解除者", related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "照会の停止"
        ordering = ("-since",)
        indexes = (models.Index(fields=["user"], name="lookup_lock_open", condition=Q(lifted_at=None)),)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_reason_display()}"


class Canary(models.Model):
    """おとりの番号: belongs to nobody; who looks it up is counting numbers."""

    kind = models.CharField("番号の種類", max_length=10, choices=NumberKind)
    digest = models.BinaryField("番号の照合値", max_length=16, unique=True)
    last = models.CharField("下4桁", max_length=4)
    note = models.CharField("メモ", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "おとりの番号"

    def __str__(self) -> str:
        return mask(self.last)
