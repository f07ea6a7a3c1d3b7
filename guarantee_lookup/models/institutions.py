"""金融機関, 店舗 and their people: what a bank has beside its accounts.Organisation, the unit of scoping."""

from datetime import date
from ipaddress import ip_network

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from guarantee_lookup.enums import Sharing, StopReason


class Institution(models.Model):
    """金融機関: what the association keeps of a bank beside its organisation, whose code is the 金融機関コード."""

    class State(models.TextChoices):
        ACTIVE = "active", "有効"
        STOPPED = "stopped", "停止"
        ENDED = "ended", "廃止"

    organisation = models.OneToOneField(
        "accounts.Organisation", models.PROTECT, verbose_name="組織", related_name="institution"
    )
    sharing = models.CharField("責任共有方式", max_length=1, choices=Sharing, default=Sharing.PARTIAL)
    state = models.CharField("状態", max_length=10, choices=State, default=State.ACTIVE)
    contract_on = models.DateField("約定日", null=True, blank=True)
    networks = models.JSONField("接続元IPアドレス", default=list, blank=True, help_text="CIDRの一覧。空欄は制限なし。")

    class Meta:
        verbose_name = verbose_name_plural = "金融機関"
        ordering = ("organisation__code",)

    def __str__(self) -> str:
        return str(self.organisation)

    def clean(self) -> None:
        try:
            for network in self.networks:
                ip_network(network)
        except (TypeError, ValueError) as error:
            raise ValidationError({"networks": "CIDRの形で入力してください。例：203.0.113.0/24"}) from error


class Branch(models.Model):
    """店舗 of a bank; after 閉店日 its people move to the 承継店, or are stopped where there is none."""

    institution = models.ForeignKey(Institution, models.PROTECT, verbose_name="金融機関", related_name="branches")
    code = models.CharField("支店コード", max_length=3)
    name = models.CharField("店舗名", max_length=40)
    closes_on = models.DateField("閉店日", null=True, blank=True, help_text="この日まで利用できます。空欄は営業中。")
    successor = models.ForeignKey(
        "self", models.PROTECT, verbose_name="承継店", related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "店舗"
        ordering = ("institution", "code")
        constraints = (models.UniqueConstraint(fields=["institution", "code"], name="branch_code_unique"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @staticmethod
    def open_on(day: date) -> Q:
        return Q(closes_on=None) | Q(closes_on__gte=day)


class Clerk(models.Model):
    """利用者 of a bank beside the account: the branch, and what decides whether the person is stopped at night.

    `confirmed_on` is the last 利用者の確認, `idle_from` the day from which days without a login are counted.
    `stop_reason` says why an account that is not active was stopped; empty means by the association.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="利用者", related_name="clerk", primary_key=True
    )
    branch = models.ForeignKey(
        Branch, models.PROTECT, verbose_name="店舗", related_name="clerks", null=True, blank=True
    )
    confirmed_on = models.DateField("最終確認日", default=timezone.localdate)
    idle_from = models.DateField("未利用日数の起算日", default=timezone.localdate)
    stop_reason = models.CharField("停止の理由", max_length=20, choices=StopReason, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "金融機関の利用者"

    def __str__(self) -> str:
        return str(self.user)

    @property
    def state(self) -> str:
        """Return the state of the person in words (guarantee_lookup.md 11)."""
        if not self.user.is_active:
            return self.get_stop_reason_display() if self.stop_reason else StopReason.OFFICE.label
        if self.user.password_expires_at or not self.user.has_usable_password():
            return "仮"
        return "有効"


class TermsAcceptance(models.Model):
    """利用規約への同意 of one person to one version; never changed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="利用者", related_name="+")
    version = models.CharField("版", max_length=10)
    at = models.DateTimeField("同意日時")

    class Meta:
        verbose_name = verbose_name_plural = "利用規約への同意"
        constraints = (models.UniqueConstraint(fields=["user", "version"], name="terms_accepted_once"),)

    def __str__(self) -> str:
        return f"{self.user} {self.version}"


class Announcement(models.Model):
    """お知らせ of the association on the page of 照会入力 (S18), for one bank or for all; shown while it is 公開."""

    title = models.CharField("件名", max_length=60)
    body = models.TextField("本文", max_length=1000)
    starts_on = models.DateField("掲載開始日", default=timezone.localdate)
    ends_on = models.DateField("掲載終了日", null=True, blank=True, help_text="この日まで掲載します。空欄は期限なし。")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        verbose_name="対象の金融機関",
        related_name="+",
        null=True,
        blank=True,
        limit_choices_to={"portal": "lookup"},
        help_text="空欄は、すべての金融機関。",
    )
    is_public = models.BooleanField("公開", default=True, help_text="外すと取り下げます。")

    class Meta:
        verbose_name = verbose_name_plural = "お知らせ"
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                name="announcement_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="掲載終了日は、掲載開始日以後にしてください。",
            ),
        )

    def __str__(self) -> str:
        return self.title
