"""What the insurer decides about a debtor, and the terms it offers (credit_insurance.md 5.5, 6.11, 7.1)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from credit_insurance.enums import Decision, QuoteState, RequestType
from credit_insurance.models.cases import Case, Line
from credit_insurance.models.masters import CreditClass


class LimitDecision(models.Model):
    """審査結果 of one line; `excluded` and `reasons` hold codes (X01…, R01…), `limit` is yen.

    `automatic` are the codes of `excluded` that the sheet itself gave: nobody takes them away, a 特認 may go around
    them. `explanation` is what the member reads beside the reasons. `special_reason` is that of a 特認, which only the
    引受責任者 gives. `asked_at` is when the member was asked, not when the question was written.
    """

    line = models.OneToOneField(Line, models.PROTECT, verbose_name="取引先", related_name="decision")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="加入手続", related_name="decisions")
    request_type = models.CharField("申込区分", max_length=10, choices=RequestType, default=RequestType.NEW)
    excluded = models.JSONField("対象外の理由", default=list)
    automatic = models.JSONField("自動判定による対象外の理由", default=list)
    credit_class = models.ForeignKey(
        CreditClass, models.PROTECT, verbose_name="区分", related_name="+", null=True, blank=True
    )
    decision = models.CharField("審査結果", max_length=12, choices=Decision, default=Decision.PENDING)
    limit = models.BigIntegerField("支払限度額（円）", default=0)
    reasons = models.JSONField("理由", default=list)
    explanation = models.CharField("理由の説明", max_length=400, blank=True)
    conditions = models.CharField("条件", max_length=400, blank=True)
    special_reason = models.CharField("特認の理由", max_length=200, blank=True)
    question = models.CharField("追加情報の依頼", max_length=400, blank=True)
    asked_at = models.DateTimeField("依頼日時", null=True, blank=True)
    answer = models.CharField("追加情報", max_length=400, blank=True)
    revision = models.PositiveIntegerField("改訂", default=1)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="審査者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("審査日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "審査結果"
        ordering = ("case", "line__position", "line")
        constraints = (
            models.CheckConstraint(name="credit_limit_not_negative", condition=Q(limit__gte=0)),
            models.CheckConstraint(
                name="credit_limit_has_class", condition=Q(limit=0) | Q(limit__gt=0, credit_class__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.case} {self.line.values.get('debtor_name', '')}"


class Quote(models.Model):
    """お引受条件のご案内: prepared by one person, issued by another; figures are frozen with it.

    `lines` is `[{"line", "name", "corporate_number", "requested", "limit", "decision", "reasons", "explanation",
    "conditions", "premium"}, …]`, amounts in yen; rates are parts of one. `particulars` are the contract, the account
    and both 締切 as they were at the issue, in words, and the 加入希望始期 of the sheet.
    """

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="加入手続", related_name="quotes")
    number = models.CharField("見積番号", max_length=14, unique=True)
    state = models.CharField("状況", max_length=10, choices=QuoteState, default=QuoteState.PREPARED)
    adjustment = models.DecimalField("調整率", max_digits=7, decimal_places=5, default=Decimal(0))
    rate = models.DecimalField("適用料率", max_digits=7, decimal_places=5)
    total_limit = models.BigIntegerField("支払限度額の合計（円）")
    period_limit = models.BigIntegerField("期間中支払限度額（円）")
    indemnity_ratio = models.DecimalField("縮小率", max_digits=5, decimal_places=4)
    deductible = models.BigIntegerField("免責金額（円）")
    starts_on = models.DateField("補償開始日")
    ends_on = models.DateField("補償終了日")
    months = models.PositiveSmallIntegerField("月数")
    premium = models.BigIntegerField("保険料（円）")
    cost_on_sales = models.DecimalField("対売上コスト（%）", max_digits=5, decimal_places=2)
    lines = models.JSONField("取引先")
    particulars = models.JSONField("発行時の契約と締切", default=dict)
    special_reason = models.CharField("10社未満の特認の理由", max_length=200, blank=True)
    valid_until = models.DateField("有効期限")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="作成者", related_name="+")
    prepared_at = models.DateTimeField("作成日時")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="発行者", related_name="+", null=True, blank=True
    )
    issued_at = models.DateTimeField("発行日時", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="回答者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("回答日時", null=True, blank=True)
    comment = models.CharField("見直しの依頼・取下げの理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "お引受条件"
        ordering = ("-prepared_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["case"], name="credit_quote_one_open", condition=Q(state__in=["prepared", "issued"])
            ),
            models.CheckConstraint(
                name="credit_quote_issued_by_another",
                condition=Q(issued_by=None) | ~Q(issued_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="credit_quote_figures",
                condition=Q(premium__gte=0, total_limit__gt=0, period_limit__gt=0, months__gte=1, months__lte=12),
            ),
        )

    def __str__(self) -> str:
        return self.number
