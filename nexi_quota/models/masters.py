"""Masters: exporters, countries, currencies, rates, 海外商社 and their ratings (nexi.md 2.1 to 2.5)."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from nexi_quota.enums import Attitude, BranchKind, BuyerState, Need, Product, Rating, SustainableLending

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
