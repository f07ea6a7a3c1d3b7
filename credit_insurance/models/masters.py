"""What holds for a 保険期間, bank days, 組合 and their members (credit_insurance.md 5.1, 5.2, 5.8)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from credit_insurance.enums import CalendarKind, LegalKind, Membership

if TYPE_CHECKING:
    from portal.accounts.permissions import Member as Person

ORGANISATION = "accounts.Organisation"


class MasterPolicy(models.Model):
    """保険契約 of one 保険期間: `year` is that of its 1 March, rates are parts of one, money is yen."""

    year = models.PositiveSmallIntegerField("保険期間（始期の年）", unique=True)
    policy_no = models.CharField("証券番号", max_length=20)
    insurer = models.CharField("引受保険会社", max_length=60)
    branch = models.CharField("担当課支社", max_length=60)
    agent = models.CharField("取扱代理店", max_length=60)
    campaign_open = models.DateField("募集開始日")
    campaign_close = models.DateField("募集終了日")
    indemnity_ratio = models.DecimalField("縮小率", max_digits=5, decimal_places=4, default=Decimal("0.95"))
    deductible = models.BigIntegerField("免責金額（円）", default=0)
    min_debtors = models.PositiveSmallIntegerField("取引先の最低数", default=10)
    min_premium = models.BigIntegerField("最低保険料（円）", default=0)
    rounding = models.PositiveIntegerField("保険料の端数の単位（円、四捨五入）", default=10)
    bank_name = models.CharField("振込先の金融機関", max_length=40)
    bank_branch = models.CharField("振込先の支店", max_length=40)
    account_kind = models.CharField("預金種目", max_length=10, default="普通")
    account_no = models.CharField("口座番号", max_length=7)
    account_holder = models.CharField("口座名義人", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "保険契約（保険期間）"
        ordering = ("-year",)
        constraints = (
            models.CheckConstraint(
                name="credit_policy_sound",
                condition=Q(indemnity_ratio__gt=0, indemnity_ratio__lte=1, rounding__gt=0, min_debtors__gte=1),
            ),
            models.CheckConstraint(
                name="credit_policy_campaign", condition=Q(campaign_close__gte=models.F("campaign_open"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.year}年度（{self.policy_no}）"


class CreditClass(models.Model):
    """区分 of debtors: the most a debtor may have, in yen, and its base rate; none where not insured (6.10)."""

    policy = models.ForeignKey(MasterPolicy, models.PROTECT, verbose_name="保険期間", related_name="classes")
    number = models.PositiveSmallIntegerField("区分", validators=[MinValueValidator(1), MaxValueValidator(9)])
    ceiling = models.BigIntegerField("限度額の上限（円）")
    base_rate = models.DecimalField("基準料率", max_digits=7, decimal_places=5, null=True, blank=True)
    meaning = models.CharField("意味", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "区分"
        ordering = ("policy", "number")
        constraints = (
            models.UniqueConstraint(fields=["policy", "number"], name="credit_class_once"),
            models.CheckConstraint(
                name="credit_class_has_rate_or_nothing",
                condition=Q(ceiling=0, base_rate=None) | Q(ceiling__gt=0, base_rate__gt=0),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.meaning}"


class CalendarDay(models.Model):
    """A day that differs from the computed bank days, or a 17th whose form deadline was moved by a day (8.3)."""

    day = models.DateField("日")
    kind = models.CharField("内容", max_length=8, choices=CalendarKind)
    reason = models.CharField("理由", max_length=100)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "営業日・締切の変更"
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=["day", "kind"], name="credit_calendar_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class Union(models.Model):
    """所属組合: a body of 全国中央会 (`prefecture` 00) or of a 都道府県中央会 (01 to 47); its organisation logs in."""

    organisation = models.OneToOneField(
        ORGANISATION, models.PROTECT, verbose_name="組織", related_name="union", null=True, blank=True
    )
    code = models.CharField("組合コード", max_length=8, unique=True)
    name = models.CharField("組合名", max_length=60)
    prefecture = models.CharField("所属する中央会", max_length=2, help_text="00 全国、01〜47 都道府県")
    is_active = models.BooleanField("有効", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "所属組合"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class MemberQuerySet(models.QuerySet["Member"]):
    """Reads scoped by organisation."""

    def visible_to(self, user: "Person") -> "MemberQuerySet":
        """Only the user's own company; none for a user without an organisation."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()


class Member(models.Model):
    """加入者 and its data (5.2); `is_complete` rows have everything that a case needs."""

    organisation = models.OneToOneField(ORGANISATION, models.PROTECT, verbose_name="組織", related_name="member")
    number = models.CharField("加入者番号", max_length=8, unique=True)
    legal_kind = models.CharField("法人/個人事業主", max_length=8, choices=LegalKind, default=LegalKind.CORPORATION)
    name = models.CharField("名称（商号）", max_length=60)
    name_kana = models.CharField("名称カナ", max_length=60, blank=True)
    payer_kana = models.CharField("振込名義（半角カナ）", max_length=48, blank=True)
    corporate_number = models.CharField("法人番号", max_length=13, blank=True)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    prefecture = models.CharField("都道府県", max_length=2, blank=True)
    address = models.CharField("所在地", max_length=120, blank=True)
    rep_title = models.CharField("代表者役職", max_length=30, blank=True)
    rep_name = models.CharField("代表者氏名", max_length=40, blank=True)
    contact_dept = models.CharField("担当部署", max_length=40, blank=True)
    contact_name = models.CharField("担当者氏名", max_length=40, blank=True)
    phone = models.CharField("電話番号", max_length=20, blank=True)
    email = models.EmailField("メール", blank=True)
    industry_code = models.CharField("業種", max_length=2, blank=True)
    products = models.CharField("取扱商品・サービス", max_length=200, blank=True)
    annual_sales = models.BigIntegerField("年間売上高（円）", null=True, blank=True)
    fiscal_month = models.PositiveSmallIntegerField("決算月", null=True, blank=True)
    employees = models.PositiveIntegerField("常時使用する従業員数", null=True, blank=True)
    union = models.ForeignKey(
        Union, models.PROTECT, verbose_name="所属組合", related_name="members", null=True, blank=True
    )
    union_since = models.DateField("組合加入日", null=True, blank=True)
    union_until = models.DateField("組合脱退日", null=True, blank=True)
    membership = models.CharField("会員確認", max_length=12, choices=Membership, default=Membership.UNCONFIRMED)
    membership_asked_at = models.DateTimeField("確認依頼日時", null=True, blank=True)
    membership_at = models.DateTimeField("会員確認日時", null=True, blank=True)
    membership_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="会員確認者", related_name="+", null=True, blank=True
    )
    other_cover = models.CharField("他の取引信用保険・保証・ファクタリング", max_length=200, blank=True)
    has_other_cover = models.BooleanField("他の取引信用保険・保証・ファクタリングの有無", default=False)
    revision = models.PositiveIntegerField("改訂", default=1)

    objects: ClassVar[Any] = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "加入者"
        ordering = ("number",)
        indexes = (
            models.Index(
                fields=["union", "membership_asked_at"],
                name="credit_member_asked",
                condition=Q(membership="unconfirmed"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
