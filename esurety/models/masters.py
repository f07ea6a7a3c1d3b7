"""保証事業会社 and 取扱箇所, contractors, procuring bodies with their rules, banks (esurety.md 3.2, 6.1, 10.1)."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from esurety.enums import BodyKind, HandInChannel, OnlineState, PlanBase, Product, StartBasis, WorkKind

ORGANISATION = "accounts.Organisation"


class Surety(models.Model):
    """保証事業会社 as it stands on certificates; one row."""

    name = models.CharField("商号", max_length=60)
    address = models.CharField("本店住所", max_length=100)
    president_title = models.CharField("代表者役職", max_length=20)
    president = models.CharField("代表者名", max_length=40)
    account = models.CharField("保証料の振込先", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保証会社"

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """取扱箇所: the branch that handles a contract; `code` begins the 保証契約番号."""

    code = models.CharField("支店コード", max_length=2, unique=True)
    name = models.CharField("名称", max_length=30)
    phone = models.CharField("電話番号", max_length=13)
    fax = models.CharField("FAX", max_length=13)
    email = models.EmailField("メール")
    hours = models.CharField("受付時間", max_length=40, default="平日 9:00〜17:00")

    class Meta:
        verbose_name = verbose_name_plural = "取扱箇所"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Contractor(models.Model):
    """受注者: what the surety keeps of a contractor beside its organisation, whose code is the 顧客番号."""

    organisation = models.OneToOneField(ORGANISATION, models.PROTECT, verbose_name="組織", related_name="contractor")
    kana = models.CharField("名称カナ", max_length=80)
    address = models.CharField("住所", max_length=120)
    phone = models.CharField("電話番号", max_length=13)
    representative = models.CharField("代表者職氏名", max_length=60)
    licence = models.CharField("建設業許可番号", max_length=8, blank=True, help_text="許可行政庁2桁と番号6桁")
    licence_until = models.DateField("建設業許可の有効期限", null=True, blank=True)
    statements_on = models.DateField("最終の財務諸表の決算日", null=True, blank=True)
    exposure_limit = models.BigIntegerField("保証限度額（円）", default=1_000_000_000)
    office = models.ForeignKey(Office, models.PROTECT, verbose_name="取扱支店", related_name="+")
    online = models.CharField("電子保証の利用", max_length=8, choices=OnlineState, default=OnlineState.NONE)
    pays_monthly = models.BooleanField("一括納付の契約", default=False)
    redeposits = models.BooleanField("再預託の取扱い", default=False)
    payees_fixed = models.BooleanField("支払先確定", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "受注者"
        ordering = ("organisation__code",)

    def __str__(self) -> str:
        return str(self.organisation)


class BankBranch(models.Model):
    """預託金融機関; only one with an agency contract (委託契約) can be chosen."""

    bank_code = models.CharField("金融機関コード", max_length=4)
    branch_code = models.CharField("支店コード", max_length=3)
    bank_name = models.CharField("金融機関名", max_length=40)
    branch_name = models.CharField("支店名", max_length=40)
    has_agency = models.BooleanField("委託契約", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "預託金融機関"
        ordering = ("bank_code", "branch_code")
        constraints = (models.UniqueConstraint(fields=["bank_code", "branch_code"], name="bank_branch_unique"),)

    def __str__(self) -> str:
        return f"{self.bank_name} {self.branch_name}"

    @property
    def code(self) -> str:
        """Return 金融機関コード and 支店コード as forms use them: `0001-101`."""
        return f"{self.bank_code}-{self.branch_code}"


class Body(models.Model):
    """発注者 with its money rules (esurety.md 6.1 to 6.3); rates in whole per cent, amounts in yen.

    `organisation` is the body's own access to /verify/, none while it has no account. A limit that is passed is an
    error only where `is_confirmed`, a warning else.
    """

    code = models.CharField("団体コード", max_length=6, unique=True)
    name = models.CharField("名称", max_length=80)
    kana = models.CharField("名称カナ", max_length=80, blank=True)
    kind = models.CharField("種別", max_length=10, choices=BodyKind, default=BodyKind.CITY)
    addressee = models.CharField("宛名", max_length=80, help_text="保証証書に印字します。例：○○市長")
    departments = models.JSONField("部署", default=list, blank=True)
    organisation = models.OneToOneField(
        ORGANISATION, models.PROTECT, verbose_name="組織", related_name="body", null=True, blank=True
    )
    is_active = models.BooleanField("有効", default=True)

    is_confirmed = models.BooleanField("前払金の規定を確認済み", default=False)
    rate_works = models.PositiveSmallIntegerField("前払金の率・工事（%）", default=40)
    rate_design = models.PositiveSmallIntegerField("前払金の率・業務（%）", default=30)
    rate_low_bid = models.PositiveSmallIntegerField("前払金の率・低入札（%）", default=20)
    rate_mid = models.PositiveSmallIntegerField("中間前払金の率（%）", default=20)
    rate_total = models.PositiveSmallIntegerField("前払金と中間前払金の合計の率（%）", default=60)
    rate_contract = models.PositiveSmallIntegerField("契約保証の率（%）", default=10)
    rate_contract_low_bid = models.PositiveSmallIntegerField("契約保証の率・低入札（%）", default=30)
    unit = models.PositiveIntegerField("端数の単位（円、切捨て）", default=10_000)
    cap = models.BigIntegerField("前払金の上限（円）", null=True, blank=True)
    mid_cap = models.BigIntegerField("中間前払金の上限（円）", null=True, blank=True)
    least_price = models.BigIntegerField("前払金の最低請負金額（円）", null=True, blank=True)
    mid_least_price = models.BigIntegerField("中間前払金の最低請負金額（円）", null=True, blank=True)
    mid_least_days = models.PositiveSmallIntegerField("中間前払金の最低工期（日）", null=True, blank=True)
    plan_base = models.CharField("今年度対象額", max_length=8, choices=PlanBase, default=PlanBase.PLAN)
    refund_rate = models.PositiveSmallIntegerField("返還を要する前払金の率（%）", default=40)
    raise_percent = models.PositiveSmallIntegerField("契約保証の増額を求める請負金額（当初の%）", default=125)
    takes_overheads = models.BooleanField("現場管理費等への使用（25%まで）", default=True)
    wants_usage = models.BooleanField("使途内訳明細書を証書に添える", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "発注者"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Suspension(models.Model):
    """停止 of a person by the 発注者's own administrator, who may end it; whom the surety stopped has none."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="利用者", related_name="suspension", primary_key=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="停止した者", related_name="+")
    at = models.DateTimeField("停止日時")

    class Meta:
        verbose_name = verbose_name_plural = "利用者の停止"

    def __str__(self) -> str:
        return str(self.user)


class AcceptanceRule(models.Model):
    """電子保証の対応: which guarantees of which works a body accepts electronically, and from when.

    `products` and `work_kinds` are lists of codes; `departments` empty means all.
    """

    body = models.ForeignKey(Body, models.CASCADE, verbose_name="発注者", related_name="acceptance")
    products = models.JSONField("保証種類", default=list)
    work_kinds = models.JSONField("工事区分", default=list)
    departments = models.JSONField("部署", default=list, blank=True)
    basis = models.CharField("適用開始日の基準", max_length=10, choices=StartBasis, default=StartBasis.CONTRACT)
    starts_on = models.DateField("適用開始日")
    ends_on = models.DateField("適用終了日", null=True, blank=True)
    issuers = models.CharField("対象の保証機関", max_length=60, blank=True)
    remark = models.CharField("備考", max_length=300, blank=True)
    source = models.CharField("出典", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "電子保証の対応"
        ordering = ("body", "starts_on")
        constraints = (
            models.CheckConstraint(
                name="acceptance_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.body} {self.starts_on:%Y/%m/%d}から"

    def clean(self) -> None:
        for name, allowed in (("products", Product), ("work_kinds", WorkKind)):
            if set(getattr(self, name)) - set(allowed.values):
                raise ValidationError({name: "定められた区分だけを選んでください。"})
        if self.body_id and any(self.overlaps(other) for other in self.body.acceptance.exclude(pk=self.pk)):
            raise ValidationError("同じ保証種類・工事区分・部署・期間の対応がすでに登録されています。")

    def overlaps(self, other: "AcceptanceRule") -> bool:
        """Return True when both rules would answer for the same contract."""

        def meet(ours: list[str], theirs: list[str]) -> bool:
            return bool(set(ours) & set(theirs))

        in_time = self.starts_on <= (other.ends_on or date.max) and other.starts_on <= (self.ends_on or date.max)
        departments = not self.departments or not other.departments or meet(self.departments, other.departments)
        kinds = meet(self.products, other.products) and meet(self.work_kinds, other.work_kinds)
        return in_time and departments and kinds


class SubmissionRule(models.Model):
    """認証キーの提出方法 of a body: channels in order of preference, address, subject line, what goes with it.

    For a guarantee the rule counts that began last; the earlier ones are what was asked for before.

    Templates know {工事番号} {契約番号} {調達案件番号} {案件名} {受注者} {保証種類} {入札日} {仕様書番号} {認証キー}.
    """

    body = models.ForeignKey(Body, models.CASCADE, verbose_name="発注者", related_name="submission_rules")
    products = models.JSONField("保証種類", default=list)
    starts_on = models.DateField("適用開始日", null=True, blank=True, help_text="空欄は以前から。")
    channels = models.JSONField("提出チャネル", default=list)
    department = models.CharField("提出先", max_length=80, blank=True)
    address = models.CharField("宛先", max_length=254, blank=True, help_text="メールアドレス、URL、FAX番号など")
    subject = models.CharField("件名の形式", max_length=200, blank=True)
    text = models.TextField("本文の形式", max_length=1000, blank=True)
    side_documents = models.CharField("添える書類", max_length=200, blank=True)
    calls = models.BooleanField("到着を電話で確認", default=False)
    wants_print = models.BooleanField("証書の印刷も提出", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "認証キーの提出方法"
        ordering = ("body", "pk")

    def __str__(self) -> str:
        return f"{self.body} {'・'.join(Product(code).short for code in self.products)}"

    def clean(self) -> None:
        for name, allowed in (("products", Product), ("channels", HandInChannel)):
            if set(getattr(self, name)) - set(allowed.values):
                raise ValidationError({name: "定められた区分だけを選んでください。"})
        if self.body_id and any(self.overlaps(other) for other in self.body.submission_rules.exclude(pk=self.pk)):
            raise ValidationError("この発注者には、同じ保証種類・適用開始日の提出方法がすでに登録されています。")

    def overlaps(self, other: "SubmissionRule") -> bool:
        """Return True when neither of both rules is the later one for a guarantee."""
        return self.starts_on == other.starts_on and bool(set(self.products) & set(other.products))
