"""Masters, the quota of a buyer with its ledger, and confirmations (nexi.md section 2)."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from nexi_quota.enums import (
    Attitude,
    BranchKind,
    BuyerState,
    ConfirmationState,
    LedgerKind,
    Need,
    Origin,
    Product,
    Rating,
    SustainableLending,
)

if TYPE_CHECKING:
    from portal.accounts.models import User

ORGANISATION = "accounts.Organisation"


class InsuredParty(models.Model):
    """保険利用者: what an exporter may use; its 保険利用者コード (9 digits) is the organisation's code."""

    organisation = models.OneToOneField(
        ORGANISATION, models.PROTECT, related_name="insured_party", verbose_name="組織", primary_key=True
    )
    products = models.CharField(
        "利用可能保険種", max_length=20, blank=True, help_text="保険種コード（01〜04）を空白で区切って入力してください"
    )
    is_sme = models.BooleanField("中小企業", default=False)
    department = models.CharField("部門", max_length=6, blank=True)
    suspended_on = models.DateField("利用停止日", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保険利用者"

    def __str__(self) -> str:
        return str(self.organisation)


class Country(models.Model):
    """国: three-digit code of the trade statistics (nexi.md 4.6)."""

    code = models.CharField("国コード", max_length=3, primary_key=True)
    name = models.CharField("国名", max_length=60)
    name_en = models.CharField("国名（英）", max_length=60, blank=True)
    category = models.CharField("国カテゴリー", max_length=1, blank=True)
    sustainable_lending = models.CharField(
        "公的バイヤー向け1年以上の扱い", max_length=10, choices=SustainableLending, default=SustainableLending.NONE
    )

    class Meta:
        verbose_name = verbose_name_plural = "国"
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CountryPolicy(models.Model):
    """国別引受方針: one row per country, product and day from which it applies; never overwritten."""

    country = models.ForeignKey(Country, models.PROTECT, related_name="policies", verbose_name="国")
    product = models.CharField("保険種", max_length=2, choices=Product)
    attitude = models.CharField("引受態度", max_length=12, choices=Attitude)
    case_limit_jpy = models.BigIntegerField("案件枠（円）", null=True, blank=True)
    usance_months = models.PositiveSmallIntegerField("ユーザンス（月数）", null=True, blank=True)
    lc_required = models.BooleanField("L/C条件", default=False)
    effective_from = models.DateField("基準適用日")
    note = models.CharField("備考", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "国別引受方針"
        constraints = [
            models.UniqueConstraint(fields=["country", "product", "effective_from"], name="policy_unique"),
            models.CheckConstraint(
                name="policy_case_limit_positive", condition=Q(case_limit_jpy=None) | Q(case_limit_jpy__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.get_product_display()} {self.effective_from:%Y-%m-%d}"


class Currency(models.Model):
    """通貨: ISO 4217 code and the decimals that amounts in it may have."""

    code = models.CharField("通貨コード", max_length=3, primary_key=True)
    name = models.CharField("通貨名", max_length=30)
    decimals = models.PositiveSmallIntegerField("小数桁数", default=2)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "通貨"
        ordering: ClassVar[list[str]] = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ExchangeRate(models.Model):
    """換算率: yen per unit of the currency from a day on; the latest on or before a day applies."""

    currency = models.ForeignKey(Currency, models.PROTECT, related_name="rates", verbose_name="通貨")
    date = models.DateField("適用日")
    jpy_per_unit = models.DecimalField("換算率（円）", max_digits=12, decimal_places=6)

    class Meta:
        verbose_name = verbose_name_plural = "換算率"
        constraints = [
            models.UniqueConstraint(fields=["currency", "date"], name="rate_unique"),
            models.CheckConstraint(name="rate_positive", condition=Q(jpy_per_unit__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.date:%Y-%m-%d} {self.jpy_per_unit}"


class RatingRule(models.Model):
    """格付 × 保険種: does a payer of this rating need a 個別保証枠 (nexi.md 4.2); editable, not code."""

    rating = models.CharField("格付", max_length=2, choices=Rating)
    product = models.CharField("保険種", max_length=2, choices=Product)
    need = models.CharField("個別保証枠", max_length=10, choices=Need)

    class Meta:
        verbose_name = verbose_name_plural = "格付別の扱い"
        constraints = [models.UniqueConstraint(fields=["rating", "product"], name="rating_rule_unique")]

    def __str__(self) -> str:
        return f"{self.rating} {self.get_product_display()}: {self.get_need_display()}"


class BuyerQuerySet(models.QuerySet["Buyer"]):
    """Buyers with the rating of a day beside them."""

    def rated(self, day: date) -> "BuyerQuerySet":
        """Add `rating_now`: the rating in force on `day`, None when there is none yet."""
        return self.annotate(rating_now=rating_on(day))

    def in_accident(self, day: date) -> "BuyerQuerySet":
        """Only those whose rating on `day` is 債務不履行 or 破産等."""
        ratings = [rating for rating in Rating if rating.is_in_default or rating.is_bankrupt]
        return self.annotate(rating_now=rating_on(day)).filter(rating_now__in=ratings)


def rating_on(day: date) -> Subquery:
    """Return the rating of the outer buyer on `day`."""
    ratings = BuyerRating.objects.filter(buyer=OuterRef("pk"), effective_from__lte=day)
    return Subquery(ratings.order_by("-effective_from").values("rating")[:1])


class Buyer(models.Model):
    """海外商社: an entry of 海外商社名簿; a head office and its branches share the head office's quota."""

    code = models.CharField("海外商社コード", max_length=10, unique=True)
    name = models.CharField("名称", max_length=100)
    address = models.CharField("住所", max_length=200, blank=True)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+", verbose_name="国")
    branch_kind = models.CharField("本支店区分", max_length=6, choices=BranchKind, default=BranchKind.HEAD_OFFICE)
    head_office = models.ForeignKey(
        "self", models.PROTECT, related_name="branches", verbose_name="本店", null=True, blank=True
    )
    state = models.CharField("登録状態", max_length=10, choices=BuyerState, default=BuyerState.ACTIVE)
    reviewed_on = models.DateField("最終審査日", null=True, blank=True)

    objects: ClassVar = BuyerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "海外商社名簿"
        constraints = [
            models.CheckConstraint(
                name="buyer_branch_has_head_office",
                condition=Q(branch_kind="head", head_office=None) | Q(branch_kind="branch", head_office__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="buyer_name")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BuyerRating(models.Model):
    """格付 of a buyer from a day on; a change is a new row."""

    buyer = models.ForeignKey(Buyer, models.CASCADE, related_name="ratings", verbose_name="海外商社")
    rating = models.CharField("格付", max_length=2, choices=Rating)
    effective_from = models.DateField("適用日")

    class Meta:
        verbose_name = verbose_name_plural = "格付"
        constraints = [models.UniqueConstraint(fields=["buyer", "effective_from"], name="buyer_rating_unique")]

    def __str__(self) -> str:
        return f"{self.rating}（{self.effective_from:%Y-%m-%d}〜）"


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

    def visible_to(self, user: "User") -> "ConfirmationQuerySet":
        """Only the confirmations of the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()

    def usable(self, day: date) -> "ConfirmationQuerySet":
        """Those that hold quota on `day`: valid and not past their 保証枠有効期限."""
        return self.filter(state=ConfirmationState.VALID, expires_on__gte=day)


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
                condition=~Q(state__in=["returned", "expired", "unusable"]) | Q(unused_jpy=0),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "expires_on"], name="confirmation_list"),
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
    kind = models.CharField("種別", max_length=12, choices=LedgerKind)
    amount_jpy = models.BigIntegerField("金額（円）")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作者", null=True, blank=True
    )
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "個別保証枠の台帳"
        indexes = [models.Index(fields=["quota", "-at"], name="ledger_by_quota")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_jpy:,}円"
