"""加入依頼書 with its consents, and the cover that comes of it (credit_insurance.md 5.5, 5.8, 6.9, 7.1)."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from credit_insurance.enums import CertificateState, ConsentKind, FormState, LimitCause, LimitState
from credit_insurance.models.cases import Case, Line
from credit_insurance.models.review import Quote

if TYPE_CHECKING:
    from portal.accounts.permissions import Member as Person


def paper_path(paper: "ConsentPaper", filename: str) -> str:
    """Storage name of a 重要事項説明書: kind and version, nothing of the client's name."""
    return f"credit/papers/{paper.kind}-{paper.version}.pdf"


class ConsentPaper(models.Model):
    """What is read and agreed to before a 加入依頼書 goes out (D04); the newest `valid_from` of a kind applies.

    The 重要事項説明書 is a PDF of the insurer (`file`, with its `sha256`), the others are texts.
    """

    kind = models.CharField("種類", max_length=12, choices=ConsentKind)
    version = models.PositiveSmallIntegerField("版")
    valid_from = models.DateField("適用開始日")
    body = models.TextField("本文", max_length=4000)
    file = models.FileField("書類（PDF）", upload_to=paper_path, max_length=100, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "加入時の確認書類"
        ordering = ("kind", "-version")
        constraints = (models.UniqueConstraint(fields=["kind", "version"], name="credit_paper_once"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第{self.version}版"


class HandOver(models.Model):
    """回付: a 加入依頼書 that 担当者 has handed to the 責任者 to be read and submitted, or given back with `reply`."""

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, verbose_name="加入依頼書", related_name="credit_hand_over"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="回付者", related_name="+")
    at = models.DateTimeField("回付日時")
    note = models.CharField("連絡事項", max_length=200, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="差し戻した方", related_name="+", null=True, blank=True
    )
    returned_at = models.DateTimeField("差戻し日時", null=True, blank=True)
    reply = models.CharField("差戻しの理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回付"

    def __str__(self) -> str:
        return f"{self.application}"


class EnrolmentForm(models.Model):
    """加入依頼書 as submitted on `form_day`, for the deadline; a returned one is followed by a corrected copy."""

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="加入手続", related_name="forms")
    quote = models.ForeignKey(Quote, models.PROTECT, verbose_name="お引受条件", related_name="forms")
    application = models.OneToOneField(
        "applications.Application", models.PROTECT, verbose_name="加入依頼書", related_name="credit_form"
    )
    state = models.CharField("状況", max_length=10, choices=FormState, default=FormState.SUBMITTED)
    form_day = models.DateField("提出日")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="受付者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("受付日時", null=True, blank=True)
    comment = models.CharField("不備の内容", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "加入依頼書"
        ordering = ("-form_day", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["case"], name="credit_form_one_live", condition=Q(state__in=["submitted", "accepted"])
            ),
        )
        indexes = (models.Index(fields=["form_day"], name="credit_form_queue", condition=Q(state="submitted")),)

    def __str__(self) -> str:
        return f"{self.application}"


class Consent(models.Model):
    """One of the five consents of a 加入依頼書: which version, who, when."""

    form = models.ForeignKey(EnrolmentForm, models.PROTECT, verbose_name="加入依頼書", related_name="consents")
    paper = models.ForeignKey(ConsentPaper, models.PROTECT, verbose_name="書類", related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="確認者", related_name="+")
    at = models.DateTimeField("確認日時")

    class Meta:
        verbose_name = verbose_name_plural = "確認・同意"
        ordering = ("form", "paper__kind")
        constraints = (models.UniqueConstraint(fields=["form", "paper"], name="credit_consent_once"),)

    def __str__(self) -> str:
        return f"{self.form} {self.paper}"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Reads scoped by the member."""

    def visible_to(self, user: "Person") -> "EnrolmentQuerySet":
        """Only the enrolments of the user's own company; none for a user without an organisation."""
        return self.filter(case__member__organisation_id=user.organisation_id) if user.organisation_id else self.none()


class Enrolment(models.Model):
    """加入: what the member agreed to, from the first 加入依頼書 on; complete with `completed_at`.

    `proposed_start` and `proposed_premium` are what a missed deadline leads to, until the member confirms them.
    `certificate_number` comes with the first 加入者証.
    """

    case = models.OneToOneField(Case, models.PROTECT, verbose_name="加入手続", related_name="enrolment")
    quote = models.OneToOneField(Quote, models.PROTECT, verbose_name="お引受条件", related_name="enrolment")
    starts_on = models.DateField("補償開始日")
    ends_on = models.DateField("補償終了日")
    months = models.PositiveSmallIntegerField("月数")
    premium = models.BigIntegerField("保険料（円）")
    period_limit = models.BigIntegerField("期間中支払限度額（円）")
    proposed_start = models.DateField("変更後の補償開始日（確認待ち）", null=True, blank=True)
    proposed_premium = models.BigIntegerField("変更後の保険料（円、確認待ち）", null=True, blank=True)
    completed_at = models.DateTimeField("加入手続完了日時", null=True, blank=True)
    certificate_number = models.CharField("証券番号", max_length=12, blank=True)

    objects: ClassVar[Any] = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "加入"
        verbose_name_plural = "加入・加入者証"
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                name="credit_enrolment_cover",
                condition=Q(ends_on__gt=F("starts_on"), months__gte=1, months__lte=12, premium__gte=0),
            ),
            models.CheckConstraint(
                name="credit_enrolment_proposal_whole",
                condition=Q(proposed_start=None, proposed_premium=None)
                | Q(proposed_start__isnull=False, proposed_premium__isnull=False, completed_at=None),
            ),
            models.UniqueConstraint(
                fields=["certificate_number"], name="credit_certificate_number", condition=~Q(certificate_number="")
            ),
        )
        indexes = (
            models.Index(fields=["starts_on"], name="credit_enrolment_open", condition=Q(completed_at=None)),
            models.Index(
                fields=["starts_on"],
                name="credit_certificate_due",
                condition=Q(completed_at__isnull=False, certificate_number=""),
            ),
        )

    def __str__(self) -> str:
        return self.certificate_number or self.case.number


class CoveredDebtorQuerySet(models.QuerySet["CoveredDebtor"]):
    """Reads scoped by the member."""

    def visible_to(self, user: "Person") -> "CoveredDebtorQuerySet":
        """Only the debtors of the user's own company; none for a user without an organisation."""
        own = {"enrolment__case__member__organisation_id": user.organisation_id}
        return self.filter(**own) if user.organisation_id else self.none()


class CoveredDebtor(models.Model):
    """取引先 under cover; `limit` is the present 支払限度額 in yen, its history stands in LimitHistory.

    `balance` is what the member last told of its own receivable, for the usage bar; it decides nothing. `oldest_due` is
    the 支払期日 of the oldest receivable that is overdue.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, verbose_name="加入", related_name="debtors")
    line = models.ForeignKey(Line, models.PROTECT, verbose_name="ヒアリングシートの取引先", related_name="+")
    name = models.CharField("企業名", max_length=60)
    corporate_number = models.CharField("法人番号", max_length=13, blank=True)
    address = models.CharField("所在地", max_length=200)
    debtor_key = models.CharField("取引先の識別", max_length=200, blank=True)
    state = models.CharField("状況", max_length=20, choices=LimitState, default=LimitState.IN_FORCE)
    starts_on = models.DateField("開始日")
    ends_on = models.DateField("終了日")
    limit = models.BigIntegerField("支払限度額（円）")
    balance = models.BigIntegerField("債権残高（円）")
    balance_date = models.DateField("残高の基準日")
    oldest_due = models.DateField("最も古い未払いの支払期日", null=True, blank=True)
    revision = models.PositiveIntegerField("改訂", default=1)

    objects: ClassVar[Any] = CoveredDebtorQuerySet.as_manager()

    class Meta:
        verbose_name = "補償対象の取引先"
        verbose_name_plural = "引受状況（取引先別）"
        ordering = ("enrolment", "line__position", "pk")
        constraints = (
            models.UniqueConstraint(fields=["enrolment", "line"], name="credit_covered_once"),
            models.CheckConstraint(name="credit_covered_amounts", condition=Q(limit__gte=0, balance__gte=0)),
        )
        indexes = (
            models.Index(fields=["debtor_key"], name="credit_covered_debtor", condition=~Q(debtor_key="")),
            # Sums of a period are made from the index alone.
            models.Index(
                fields=["ends_on", "debtor_key", "state", "limit", "enrolment"], name="credit_covered_exposure"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment} {self.name}"


class LimitHistory(models.Model):
    """A 支払限度額 from a day on, in yen, and why it came about."""

    debtor = models.ForeignKey(CoveredDebtor, models.PROTECT, verbose_name="取引先", related_name="history")
    limit = models.BigIntegerField("支払限度額（円）")
    effective_from = models.DateField("適用開始日")
    cause = models.CharField("変更理由", max_length=20, choices=LimitCause)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = verbose_name_plural = "支払限度額の履歴"
        ordering = ("debtor", "-effective_from", "-pk")
        constraints = (models.CheckConstraint(name="credit_history_not_negative", condition=Q(limit__gte=0)),)

    def __str__(self) -> str:
        return f"{self.debtor} {self.effective_from:%Y-%m-%d}"


class Certificate(models.Model):
    """A version of the 加入者証 with its 別紙; `facts` is the whole paper as plain texts and makes its PDF.

    `asked_at` is when the member asked for another one; the version that follows answers it.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, verbose_name="加入", related_name="certificates")
    version = models.PositiveSmallIntegerField("版")
    state = models.CharField("状態", max_length=10, choices=CertificateState, default=CertificateState.ISSUED)
    facts = models.JSONField("記載内容")
    reason = models.CharField("再発行の理由", max_length=200, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="発行者", related_name="+")
    issued_at = models.DateTimeField("発行日時")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="再発行の依頼者", related_name="+", null=True, blank=True
    )
    asked_at = models.DateTimeField("再発行の依頼日時", null=True, blank=True)
    asked_reason = models.CharField("再発行を依頼する理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "加入者証"
        ordering = ("enrolment", "-version")
        constraints = (
            models.UniqueConstraint(fields=["enrolment", "version"], name="credit_certificate_version"),
            models.UniqueConstraint(
                fields=["enrolment"], name="credit_certificate_one_issued", condition=Q(state="issued")
            ),
        )
        indexes = (
            models.Index(
                fields=["asked_at"],
                name="credit_certificate_asked",
                condition=Q(state="issued", asked_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment.certificate_number} 第{self.version}版"
