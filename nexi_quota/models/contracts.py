"""保有契約 and the notices made about them and about confirmations (nexi.md 2.8, 2.9)."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q

from nexi_quota.enums import (
    ContractOrigin,
    ContractState,
    NoticeKind,
    Product,
    ReleaseReason,
    Route,
    SettlementManner,
)
from nexi_quota.models.masters import ORGANISATION, Buyer, Currency
from nexi_quota.models.quota import Confirmation

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


class ContractQuerySet(models.QuerySet["InsuranceContract"]):
    """Reads scoped by organisation."""

    def visible_to(self, user: "Member") -> "ContractQuerySet":
        """Only the contracts of the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()


class InsuranceContract(models.Model):
    """保有契約: one 枝番 of an insurance policy; its notices free the quota that its confirmation holds.

    `amount` and `balance` (決済残高) are in `currency`, the confirmation's own; `confirmation` is empty for a contract
    that needs no 個別保証枠.
    """

    policy_number = models.CharField("保険証券番号", max_length=14)
    branch = models.CharField("枝番", max_length=2, default="00")
    history = models.CharField("履歴番号", max_length=2, default="00")
    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, related_name="+", verbose_name="保険利用者")
    product = models.CharField("保険種", max_length=2, choices=Product)
    origin = models.CharField("申込みの方法", max_length=12, choices=ContractOrigin)
    confirmation = models.ForeignKey(
        Confirmation, models.PROTECT, related_name="contracts", verbose_name="個別保証枠確認", null=True, blank=True
    )
    payer = models.ForeignKey(Buyer, models.PROTECT, related_name="+", verbose_name="支払人")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+", verbose_name="通貨")
    amount = models.DecimalField("契約金額", max_digits=17, decimal_places=2)
    balance = models.DecimalField("決済残高", max_digits=17, decimal_places=2)
    shipped_on = models.DateField("船積日")
    due_on = models.DateField("決済期限")
    concluded_on = models.DateField("保険契約締結日")
    reference = models.CharField("お客様整理番号", max_length=20, blank=True)
    state = models.CharField("状態", max_length=12, choices=ContractState, default=ContractState.OPEN)
    loss_reported_on = models.DateField("損失等発生通知日", null=True, blank=True)

    objects: ClassVar = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保有契約"
        constraints = [
            models.UniqueConstraint(fields=["policy_number", "branch"], name="contract_unique"),
            models.CheckConstraint(
                name="contract_balance_within_amount", condition=Q(balance__gte=0, balance__lte=F("amount"))
            ),
            models.CheckConstraint(name="contract_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="contract_settled_has_no_balance", condition=~Q(state="settled") | Q(balance=0)
            ),
            models.CheckConstraint(
                name="contract_loss_has_a_day", condition=~Q(state="loss") | Q(loss_reported_on__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "id"], name="contract_pages"),
            models.Index(fields=["organisation", "state", "due_on", "id"], name="contract_list"),
            models.Index(fields=["due_on"], name="contract_due", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """保険証券番号-枝番 as it is shown, e.g. 12345678901234-00."""
        return f"{self.policy_number}-{self.branch}"


class Notice(models.Model):
    """決済通知 or 枠戻通知: one line of a submitted application; written once, never changed.

    `amount` is in the target's currency; what the buyer's quota got back stands in the ledger (`entries`).
    """

    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="+", verbose_name="申込み")
    line = models.PositiveIntegerField("行番号", default=1)
    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, related_name="+", verbose_name="保険利用者")
    kind = models.CharField("通知の種類", max_length=12, choices=NoticeKind)
    route = models.CharField("入力の方法", max_length=12, choices=Route)
    confirmation = models.ForeignKey(
        Confirmation, models.PROTECT, related_name="notices", verbose_name="個別保証枠確認", null=True, blank=True
    )
    contract = models.ForeignKey(
        InsuranceContract, models.PROTECT, related_name="notices", verbose_name="保有契約", null=True, blank=True
    )
    day = models.DateField("決済日・枠戻日")
    amount = models.DecimalField("決済金額・枠戻金額", max_digits=17, decimal_places=2)
    manner = models.CharField("決済の態様", max_length=2, choices=SettlementManner, blank=True)
    reason = models.CharField("枠戻理由", max_length=2, choices=ReleaseReason, blank=True)
    note = models.CharField("備考", max_length=200, blank=True)
    created_at = models.DateTimeField("通知日時")

    class Meta:
        verbose_name = verbose_name_plural = "決済・枠戻通知"
        constraints = [
            models.UniqueConstraint(fields=["application", "line"], name="notice_line_unique"),
            models.CheckConstraint(
                name="notice_has_its_target",
                condition=Q(kind="settlement", contract__isnull=False) | Q(kind="release", confirmation__isnull=False),
            ),
            models.CheckConstraint(name="notice_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.application_id}-{self.line}"
