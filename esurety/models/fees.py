"""保証料: effective-dated tables, 保証料計算書 and 一括納付 (esurety.md 3.8, 7)."""

from django.db import models
from django.db.models import Q

from esurety.enums import FeeKind, Payment, Product
from esurety.models.guarantees import Certificate, Guarantee
from esurety.models.masters import ORGANISATION
from esurety.models.requests import Item


class FeeTable(models.Model):
    """保証料率表 of one product from `valid_from` on. `minimum` in yen. `discount` is what an application online saves
    from `discount_from` (保証金額) on."""

    product = models.CharField("商品名", max_length=3, choices=Product)
    valid_from = models.DateField("適用開始日")
    minimum = models.PositiveIntegerField("最低保証料（円）", default=0)
    discount = models.PositiveIntegerField("インターネット割引（円）", default=0)
    discount_from = models.BigIntegerField("割引の対象となる保証金額（円）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "保証料率表"
        ordering = ("product", "-valid_from")
        constraints = (models.UniqueConstraint(fields=["product", "valid_from"], name="surety_fee_table_once"),)

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.valid_from:%Y/%m/%d}から"


class FeeBand(models.Model):
    """One band: the part of the amount up to `upper` (open when empty) at `ppm` millionths."""

    table = models.ForeignKey(FeeTable, models.CASCADE, verbose_name="保証料率表", related_name="bands")
    upper = models.BigIntegerField("保証金額の上限（円）", null=True, blank=True)
    ppm = models.PositiveIntegerField("率（百万分率）")

    class Meta:
        verbose_name = verbose_name_plural = "保証料率"
        constraints = (
            models.UniqueConstraint(fields=["table", "upper"], name="surety_fee_band_upper"),
            models.UniqueConstraint(fields=["table"], condition=Q(upper=None), name="surety_fee_band_one_open"),
        )

    def __str__(self) -> str:
        return f"{self.ppm / 10_000}%"


class Invoice(models.Model):
    """請求書 of 一括納付: a month's fees of one contractor."""

    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, verbose_name="受注者", related_name="+")
    month = models.DateField("対象月")
    total = models.BigIntegerField("合計（円）")
    made_at = models.DateTimeField("発行日時")
    paid_on = models.DateField("入金日", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一括納付の請求書"
        ordering = ("-month", "organisation")
        constraints = (models.UniqueConstraint(fields=["organisation", "month"], name="surety_invoice_once"),)

    def __str__(self) -> str:
        return f"{self.month:%Y年%-m月} {self.organisation}"


class Fee(models.Model):
    """保証料計算書; `lines` are the bands, `net` is paid (back where negative). For an item, or for a later version."""

    number = models.CharField("保証料計算書番号", max_length=20, unique=True)
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="申込み", related_name="fees")
    guarantee = models.ForeignKey(
        Guarantee, models.PROTECT, verbose_name="保証契約", related_name="fees", null=True, blank=True
    )
    certificate = models.OneToOneField(
        Certificate, models.PROTECT, verbose_name="電子証書", related_name="fee", null=True, blank=True
    )
    kind = models.CharField("種類", max_length=5, choices=FeeKind, default=FeeKind.FIRST)
    basis = models.BigIntegerField("保証金額（円）")
    lines = models.JSONField("内訳")
    gross = models.BigIntegerField("保証料（円）")
    discount = models.BigIntegerField("割引（円）", default=0)
    net = models.BigIntegerField("お支払額（円）")
    made_at = models.DateTimeField("計算日時")
    due_on = models.DateField("お支払期限", null=True, blank=True)
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, verbose_name="一括納付の請求書", related_name="fees", null=True, blank=True
    )
    paid_on = models.DateField("入金日", null=True, blank=True)
    paid_how = models.CharField("入金方法", max_length=8, choices=Payment, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保証料計算書"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["item"], condition=Q(kind="first"), name="surety_first_fee_once"),
        )

    def __str__(self) -> str:
        return self.number
