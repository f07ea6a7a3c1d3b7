"""払込のご案内, deposits, what pays what, and refunds (credit_insurance.md 5.6, 8.15); all amounts are whole yen.

Of every deposit: amount = allocated (not undone) + refunds (not rejected) + `open_amount`.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from credit_insurance.enums import InvoiceKind, InvoiceState, MatchWay, RefundReason, RefundState
from credit_insurance.models.cases import Case


class Invoice(models.Model):
    """払込のご案内 of one case: `number` is the 受付番号 for the payer's name, `due_on` the last 起算日.

    `received` is what is allocated, `money_day` the 起算日 of the deposit that completed the sum.
    """

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="加入手続", related_name="invoices")
    number = models.CharField("受付番号", max_length=7, unique=True)
    kind = models.CharField("区分", max_length=10, choices=InvoiceKind, default=InvoiceKind.INITIAL)
    amount = models.BigIntegerField("請求額（円）")
    received = models.BigIntegerField("入金額（円）", default=0)
    state = models.CharField("入金状況", max_length=10, choices=InvoiceState, default=InvoiceState.OPEN)
    due_on = models.DateField("払込期限")
    money_day = models.DateField("入金完了日（起算日）", null=True, blank=True)
    made_at = models.DateTimeField("作成日時")
    cancelled_at = models.DateTimeField("取消日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "払込のご案内"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="credit_invoice_amounts", condition=Q(amount__gt=0, received__gte=0, received__lte=F("amount"))
            ),
            models.CheckConstraint(
                name="credit_invoice_paid_has_day",
                condition=Q(received=F("amount"), money_day__isnull=False)
                | Q(received__lt=F("amount"), money_day=None),
            ),
            models.UniqueConstraint(
                fields=["case"],
                name="credit_invoice_one_initial",
                condition=Q(kind="initial", cancelled_at=None),
            ),
        )
        indexes = (
            models.Index(fields=["due_on"], name="credit_invoice_open", condition=Q(state__in=["open", "partial"])),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def missing(self) -> int:
        return self.amount - self.received


class BankFile(models.Model):
    """振込入金通知 that was imported; the same bytes are taken once."""

    name = models.CharField("ファイル名", max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    entries = models.PositiveIntegerField("明細の件数")
    amount = models.BigIntegerField("合計（円）")
    known = models.PositiveIntegerField("取込済みだった明細", default=0)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="取込者", related_name="+", null=True, blank=True
    )
    imported_at = models.DateTimeField("取込日時")

    class Meta:
        verbose_name = verbose_name_plural = "振込入金通知"
        ordering = ("-imported_at", "-pk")

    def __str__(self) -> str:
        return self.name


class Deposit(models.Model):
    """入金: from a file, or entered by hand; `value_on` is the 起算日, `open_amount` what nobody has decided about yet.

    A cancelled one (取消) takes an earlier notice back: it is no money, and `cancels` names the deposit it took back.
    """

    file = models.ForeignKey(
        BankFile, models.PROTECT, verbose_name="振込入金通知", related_name="deposits", null=True, blank=True
    )
    line = models.PositiveIntegerField("行", default=0)
    reference = models.CharField("照会番号", max_length=6, blank=True)
    booked_on = models.DateField("勘定日")
    value_on = models.DateField("起算日")
    amount = models.BigIntegerField("金額（円）")
    payer = models.CharField("振込依頼人名", max_length=48)
    bank = models.CharField("仕向銀行", max_length=40, blank=True)
    raw = models.CharField("明細の原文", max_length=250, blank=True)
    note = models.CharField("備考", max_length=200, blank=True)
    open_amount = models.BigIntegerField("未処理額（円）")
    is_cancellation = models.BooleanField("取消の通知", default=False)
    cancels = models.OneToOneField(
        "self", models.PROTECT, verbose_name="取り消した入金", related_name="cancelled_by", null=True, blank=True
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+", null=True, blank=True
    )
    entered_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = verbose_name_plural = "入金"
        ordering = ("-value_on", "-pk")
        constraints = (
            models.CheckConstraint(
                name="credit_deposit_open",
                condition=Q(amount__gt=0, open_amount__gte=0, open_amount__lte=F("amount")),
            ),
        )
        indexes = (
            models.Index(fields=["value_on"], name="credit_deposit_undecided", condition=Q(open_amount__gt=0)),
            models.Index(fields=["booked_on", "amount"], name="credit_deposit_known"),
        )

    def __str__(self) -> str:
        return f"{self.value_on:%Y-%m-%d} {self.payer}"


class Allocation(models.Model):
    """入金消込: what of a deposit pays an invoice; `made_by` is empty where number and amount agreed."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, verbose_name="入金", related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, verbose_name="払込のご案内", related_name="allocations")
    amount = models.BigIntegerField("消込額（円）")
    way = models.PositiveSmallIntegerField("照合の方法", choices=MatchWay)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="消込者", related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField("消込日時")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="取消者", related_name="+", null=True, blank=True
    )
    undone_at = models.DateTimeField("取消日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "入金消込"
        ordering = ("made_at", "pk")
        constraints = (models.CheckConstraint(name="credit_allocation_positive", condition=Q(amount__gt=0)),)

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"


class Refund(models.Model):
    """返金 of a deposit or of a part of it: asked for by one person, approved by another, then paid."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, verbose_name="入金", related_name="refunds")
    amount = models.BigIntegerField("返金額（円）")
    reason = models.CharField("返金理由", max_length=20, choices=RefundReason)
    state = models.CharField("状況", max_length=10, choices=RefundState, default=RefundState.REQUESTED)
    account = models.CharField("返金先の口座", max_length=200)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="依頼者", related_name="+")
    requested_at = models.DateTimeField("依頼日時")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="承認者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("承認日時", null=True, blank=True)
    comment = models.CharField("却下の理由", max_length=200, blank=True)
    paid_on = models.DateField("返金日", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "返金"
        ordering = ("-requested_at", "-pk")
        constraints = (
            models.CheckConstraint(name="credit_refund_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="credit_refund_by_two", condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by"))
            ),
            models.CheckConstraint(
                name="credit_refund_decided",
                condition=Q(state="requested", decided_by=None) | (~Q(state="requested") & Q(decided_by__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.deposit} {self.amount}"
