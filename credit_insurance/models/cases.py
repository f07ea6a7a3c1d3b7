"""アンケート, an enrolment from its ヒアリングシート on, and the lines of the sheet (credit_insurance.md 5, 6.1)."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from credit_insurance.enums import CaseKind, CaseState
from credit_insurance.models.masters import MasterPolicy, Member

if TYPE_CHECKING:
    from portal.accounts.permissions import Member as Person


class Questionnaire(models.Model):
    """売掛債権の管理に関するアンケート as answered, by a guest (`member` None) or for a member; a lead for the agent.

    `answers` is `{"Q1": "yes", …, "Q4": ["M1", …]}`, `result` R1 to R4. A guest who wants to be called says who.
    `nonce` is made with the first question: the same answers sent twice are one row.
    """

    nonce = models.CharField("回答の識別", max_length=32, unique=True, editable=False)
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="加入者", related_name="questionnaires", null=True, blank=True
    )
    answers = models.JSONField("回答")
    note = models.CharField("その他の内容", max_length=100, blank=True)
    result = models.CharField("結果", max_length=2)
    company = models.CharField("会社名", max_length=60, blank=True)
    person = models.CharField("氏名", max_length=40, blank=True)
    phone = models.CharField("電話番号", max_length=20, blank=True)
    email = models.EmailField("メール", blank=True)
    wants_contact = models.BooleanField("連絡を希望", default=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="回答者", related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField("回答日時")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="対応者", related_name="+", null=True, blank=True
    )
    handled_at = models.DateTimeField("対応日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "アンケート"
        ordering = ("-answered_at", "-pk")
        indexes = (
            models.Index(
                fields=["answered_at"], name="credit_lead_open", condition=Q(wants_contact=True, handled_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.answered_at:%Y-%m-%d} {self.result}"


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads scoped by the member."""

    def visible_to(self, user: "Person") -> "CaseQuerySet":
        """Only cases of the user's own company; none for a user without an organisation."""
        if not user.organisation_id:
            return self.none()
        # No join: Django would move all conditions of an UPDATE into a subquery, which PostgreSQL does not look at
        # again after it has waited for somebody else's UPDATE.
        return self.filter(member__in=Member.objects.filter(organisation_id=user.organisation_id))


class Case(models.Model):
    """加入手続: one enrolment of a member in one 保険期間; `sheet` is its present ヒアリングシート.

    It bears the number of its first sheet. A returned sheet is followed by a copy, which becomes the present one.
    """

    number = models.CharField("受付番号", max_length=20, unique=True)
    sheet = models.OneToOneField(
        "applications.Application", models.PROTECT, verbose_name="ヒアリングシート", related_name="credit_case"
    )
    member = models.ForeignKey(Member, models.PROTECT, verbose_name="加入者", related_name="cases")
    policy = models.ForeignKey(MasterPolicy, models.PROTECT, verbose_name="保険期間", related_name="cases")
    kind = models.CharField("加入の区分", max_length=8, choices=CaseKind)
    state = models.CharField("手続状況", max_length=16, choices=CaseState, default=CaseState.SUBMITTED)
    state_at = models.DateTimeField("状況の更新日時")
    intended_start = models.DateField("加入希望始期")
    comment = models.CharField("連絡事項", max_length=500, blank=True)
    debtors = models.PositiveSmallIntegerField("対象となる取引先")
    requested = models.BigIntegerField("希望限度額の合計（円）")
    turnover = models.DecimalField("売掛債権回転期間（月）", max_digits=4, decimal_places=1, default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="引受担当", related_name="+", null=True, blank=True
    )

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "加入手続"
        ordering = ("-state_at", "-pk")
        indexes = (
            models.Index(
                fields=["state", "state_at"],
                name="credit_case_queue",
                condition=Q(state__in=["submitted", "under_review", "info_wait"]),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def shown_quotes(self) -> Any:
        """The offers that the member may see, newest first."""
        return self.quotes.exclude(state__in=["prepared", "withdrawn"])


class Line(models.Model):
    """One debtor of a ヒアリングシート; `typed` holds the texts by html name exactly as typed, `values` what was read.

    `unread` names the columns whose text could not be read, with the message. `debtor_key` is the 法人番号, else name
    and address, by which the insurer adds up what all members have on a debtor.
    """

    sheet = models.ForeignKey(
        "applications.Application", models.PROTECT, verbose_name="ヒアリングシート", related_name="credit_lines"
    )
    position = models.PositiveIntegerField("順序")
    typed = models.JSONField("入力内容")
    values = models.JSONField("値")
    unread = models.JSONField("読み取れない欄", default=dict)
    debtor_key = models.CharField("取引先の識別", max_length=200, blank=True)
    revision = models.PositiveIntegerField("改訂", default=1)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="保存者", related_name="+")
    saved_at = models.DateTimeField("保存日時")

    class Meta:
        verbose_name = verbose_name_plural = "ヒアリングシートの取引先"
        ordering = ("sheet", "position", "pk")
        indexes = (
            models.Index(fields=["sheet", "position"], name="credit_line_order"),
            models.Index(fields=["debtor_key"], name="credit_line_debtor", condition=~Q(debtor_key="")),
        )

    def __str__(self) -> str:
        return f"{self.sheet} {self.values.get('debtor_name', '')}"
