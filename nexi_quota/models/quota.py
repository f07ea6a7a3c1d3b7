"""The quota of a buyer with its ledger, and the confirmations that hold it (nexi.md 2.7, 2.10)."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from nexi_quota.enums import ConfirmationState, LedgerKind, Origin, Product, Rating
from nexi_quota.models.masters import ORGANISATION, Buyer, Currency

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


class Quota(models.Model):
    """個別保証枠 of one buyer (head office), in yen: `held` decides, the ledger tells how it came about.

    A limit may be lowered below what is held, so only `held >= 0` is a constraint; taking is one
    conditional UPDATE (`services.hold`). Yen amounts are whole.
    """

    buyer = models.OneToOneField(Buyer, models.PROTECT, related_name="quota", verbose_name="海外商社")
    limit_jpy = models.BigIntegerField("個別保証枠（円）")
    held_jpy = models.BigIntegerField("使用中（円）", default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "個別保証枠"
        constraints = [
            models.CheckConstraint(name="quota_held_not_negative", condition=Q(held_jpy__gte=0)),
            models.CheckConstraint(name="quota_limit_not_negative", condition=Q(limit_jpy__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.buyer} 個別保証枠"


class QuotaLimit(models.Model):
    """History of a quota's limit: who set it, from when."""

    quota = models.ForeignKey(Quota, models.PROTECT, related_name="limits", verbose_name="個別保証枠")
    limit_jpy = models.BigIntegerField("個別保証枠（円）")
    effective_from = models.DateField("適用日")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="設定者", null=True, blank=True
    )
    created_at = models.DateTimeField("設定日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "個別保証枠の履歴"

    def __str__(self) -> str:
        return f"{self.quota}: {self.limit_jpy:,}円"


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    """Reads scoped by organisation."""

    def visible_to(self, user: "Member") -> "ConfirmationQuerySet":
        """Only the confirmations of the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()

    def usable(self, day: date) -> "ConfirmationQuerySet":
        """Those that hold quota on `day`: valid and not past their 保証枠有効期限."""
        return self.filter(state=ConfirmationState.VALID, expires_on__gte=day)

    def listed(self, day: date) -> "ConfirmationQuerySet":
        """Those on 個別保証枠一覧 on `day`: the usable ones, and automatic ones that still hold something."""
        automatic = Q(state=ConfirmationState.INSURED, unused__gt=0) & ~Q(origin=Origin.REQUEST)
        return self.filter(Q(state=ConfirmationState.VALID, expires_on__gte=day) | automatic)


class Confirmation(models.Model):
    """個別保証枠確認: quota held for one export contract until 保証枠有効期限 (nexi.md 2.7).

    `amount`, `unused` are in `currency`; `amount_jpy`, `unused_jpy` whole yen at the frozen `rate`.
    """

    number = models.CharField("確認管理番号", max_length=20, unique=True)
    origin = models.CharField("取得方法", max_length=12, choices=Origin, default=Origin.REQUEST)
    application = models.OneToOneField(
        "applications.Application", models.PROTECT, related_name="+", verbose_name="申込み", null=True, blank=True
    )
    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, related_name="+", verbose_name="保険利用者")
    product = models.CharField("保険種", max_length=2, choices=Product)
    payer = models.ForeignKey(Buyer, models.PROTECT, related_name="+", verbose_name="支払人")
    quota = models.ForeignKey(Quota, models.PROTECT, related_name="confirmations", verbose_name="個別保証枠")
    rating = models.CharField("格付（確認時）", max_length=2, choices=Rating)
    contract_number = models.CharField("輸出契約等番号", max_length=30, blank=True)
    reference = models.CharField("お客様整理番号", max_length=20, blank=True)
    contact = models.CharField("担当者", max_length=30, blank=True)
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+", verbose_name="通貨")
    amount = models.DecimalField("確認金額", max_digits=17, decimal_places=2)
    amount_jpy = models.BigIntegerField("確認金額（円）")
    unused = models.DecimalField("未使用額", max_digits=17, decimal_places=2)
    unused_jpy = models.BigIntegerField("未使用額（円）")
    rate = models.DecimalField("換算率", max_digits=12, decimal_places=6)
    rate_date = models.DateField("換算日")
    confirmed_on = models.DateField("確認日")
    expires_on = models.DateField("保証枠有効期限")
    state = models.CharField("状態", max_length=12, choices=ConfirmationState, default=ConfirmationState.VALID)

    objects: ClassVar = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "個別保証枠確認"
        constraints = [
            models.CheckConstraint(
                name="confirmation_unused_within_amount",
                condition=Q(unused__gte=0, unused__lte=F("amount"), unused_jpy__gte=0, unused_jpy__lte=F("amount_jpy")),
            ),
            models.CheckConstraint(name="confirmation_amount_positive", condition=Q(amount__gt=0, amount_jpy__gt=0)),
            models.CheckConstraint(
                name="confirmation_ended_holds_nothing",
                condition=~Q(state__in=["returned", "expired", "unusable", "settled", "auto_release"])
                | Q(unused_jpy=0),
            ),
        ]
        indexes = [
            # In the order of the pages of the API.
            models.Index(fields=["organisation", "id"], name="confirmation_pages"),
            # In the order of 個別保証枠一覧, so that a page reads no more rows than it shows.
            models.Index(fields=["organisation", "expires_on", "id"], name="confirmation_list"),
            models.Index(fields=["expires_on"], name="confirmation_expiry", condition=Q(state="valid")),
        ]

    def __str__(self) -> str:
        return self.number


class LedgerEntry(models.Model):
    """One movement of a quota, in yen: holds positive, releases negative; written once, never changed."""

    quota = models.ForeignKey(Quota, models.PROTECT, related_name="entries", verbose_name="個別保証枠")
    confirmation = models.ForeignKey(
        Confirmation, models.PROTECT, related_name="entries", verbose_name="個別保証枠確認"
    )
    contract = models.ForeignKey(
        "InsuranceContract", models.PROTECT, related_name="+", verbose_name="保有契約", null=True, blank=True
    )
    notice = models.ForeignKey(
        "Notice", models.PROTECT, related_name="entries", verbose_name="通知", null=True, blank=True
    )
    kind = models.CharField("種別", max_length=12, choices=LedgerKind)
    amount_jpy = models.BigIntegerField("金額（円）")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作者", null=True, blank=True
    )
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "個別保証枠の台帳"
        indexes = [
            # The running balance of a buyer's ledger is added up from the index alone.
            models.Index(fields=["quota", "-at", "-id"], include=["amount_jpy"], name="ledger_by_quota"),
            models.Index(fields=["-at", "-id"], name="ledger_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_jpy:,}円"
