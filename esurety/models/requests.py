"""保証申込 after it was sent: the header with the works contract, and one item per guarantee (esurety.md 3.3, 3.4)."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from esurety.enums import BillTo, ItemState, Medium, Payment, Product
from esurety.models.masters import ORGANISATION, Body, Office

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


class OwnQuerySet(models.QuerySet[Any]):
    """Reads scoped by the contractor."""

    def visible_to(self, user: "Member") -> "OwnQuerySet":
        """Only what belongs to the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()


class Request(models.Model):
    """保証申込: who applies to which office for which works. `works` is frozen (see `esurety.rules.facts.Works`)."""

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, verbose_name="申込み", related_name="surety_request"
    )
    number = models.CharField("受付番号", max_length=20, unique=True)
    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, verbose_name="受注者", related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="発注者", related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, verbose_name="申込送信先", related_name="+")
    works = models.JSONField("請負工事")
    contact = models.JSONField("連絡先", default=dict)
    wants_mail = models.BooleanField("電子保証発行完了のお知らせ", default=False)
    email = models.EmailField("メールアドレス", blank=True)
    message = models.CharField("お客様から弊社への連絡事項", max_length=500, blank=True)
    answer = models.CharField("弊社からお客様へのお知らせ", max_length=500, blank=True)
    is_urgent = models.BooleanField("至急", default=False)
    sent_at = models.DateTimeField("送信日時")

    objects: ClassVar = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保証申込"
        ordering = ("-sent_at", "-pk")
        indexes = (models.Index(fields=["organisation", "-sent_at", "-id"], name="surety_request_list"),)

    def __str__(self) -> str:
        return self.number


class Item(models.Model):
    """One guarantee of a 保証申込; its 保証契約番号 is given with the approval.

    `facts` is what its certificate will say (see `esurety.rules.facts.Contents`).
    """

    request = models.ForeignKey(Request, models.PROTECT, verbose_name="保証申込", related_name="items")
    product = models.CharField("商品名", max_length=3, choices=Product)
    number = models.CharField("保証契約番号", max_length=11, blank=True)
    medium = models.CharField("保証証書の形式", max_length=10, choices=Medium)
    amount = models.BigIntegerField("保証金額（円）")
    base_amount = models.BigIntegerField("今年度対象額（円）", null=True, blank=True)
    facts = models.JSONField("証書の内容")
    payment = models.CharField("保証料支払方法", max_length=8, choices=Payment)
    bill_to = models.CharField("保証料請求先", max_length=8, choices=BillTo)
    wants_paper_statement = models.BooleanField("保証料計算書(紙)", default=False)
    details = models.JSONField("その他の申込内容", default=dict)
    state = models.CharField("手続状況", max_length=10, choices=ItemState, default=ItemState.APPLIED)
    state_at = models.DateTimeField("状況の更新日時")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="受付者", related_name="+", null=True, blank=True
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="審査者", related_name="+", null=True, blank=True
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="決裁者", related_name="+", null=True, blank=True
    )
    review = models.JSONField("審査結果", default=list)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保証申込の商品"
        ordering = ("request", "pk")
        constraints = (
            models.UniqueConstraint(fields=["request", "product"], name="surety_item_once"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="surety_item_number"),
            models.CheckConstraint(name="surety_item_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="surety_item_approved_by_another",
                condition=Q(approved_by=None) | Q(reviewed_by=None) | ~Q(approved_by=F("reviewed_by")),
            ),
        )
        indexes = (
            models.Index(
                fields=["state", "state_at"],
                name="surety_item_queue",
                condition=Q(state__in=["applied", "review", "checked", "fee", "concluded", "issuing"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.request} {self.get_product_display()}"
