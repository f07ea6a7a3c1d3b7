"""提出 by the contractor and 登録 by the 発注者 (esurety.md 3.6, 8.6, 11.2)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from esurety.enums import HandInChannel, RegistrationSource, SubmissionState
from esurety.models.guarantees import Certificate
from esurety.models.masters import Body


class Submission(models.Model):
    """提出記録 of one certificate version; made with the version, because handing in its key is the legal act.

    未提出 → 提出済 (the contractor) → 登録済 → 受領 or 差戻し (the body). After 差戻し it can be handed in again.
    `seen_at` and `sheet_at` are the steps before: somebody has looked at the certificate, has taken the key sheet.
    """

    certificate = models.OneToOneField(
        Certificate, models.PROTECT, verbose_name="電子証書", related_name="submission", primary_key=True
    )
    state = models.CharField("提出状況", max_length=10, choices=SubmissionState, default=SubmissionState.OPEN)
    channel = models.CharField("提出チャネル", max_length=8, choices=HandInChannel, blank=True)
    addressee = models.CharField("宛先", max_length=254, blank=True)
    subject = models.CharField("件名", max_length=200, blank=True)
    text = models.TextField("本文", max_length=2000, blank=True)
    note = models.CharField("メモ", max_length=500, blank=True)
    seen_at = models.DateTimeField("証書の内容を確認した日時", null=True, blank=True)
    sheet_at = models.DateTimeField("認証キーのお知らせを取得した日時", null=True, blank=True)
    sent_at = models.DateTimeField("提出日時", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提出者", related_name="+", null=True, blank=True
    )
    reminded_at = models.DateTimeField("督促日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提出記録"
        indexes = (
            models.Index(fields=["state"], name="surety_submission_open", condition=Q(state__in=["open", "returned"])),
        )

    def __str__(self) -> str:
        return f"{self.certificate} {self.get_state_display()}"


class Registration(models.Model):
    """登録: a body entered number and key of a version; the key is not needed again. Once per body and version.

    `agreed` holds what the body typed for 照合, `comparison` the result it saw.
    """

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="発注者", related_name="registrations")
    certificate = models.ForeignKey(Certificate, models.PROTECT, verbose_name="電子証書", related_name="registrations")
    state = models.CharField("状態", max_length=10, choices=SubmissionState, default=SubmissionState.REGISTERED)
    source = models.CharField("登録方法", max_length=8, choices=RegistrationSource, default=RegistrationSource.TYPED)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+")
    registered_at = models.DateTimeField("登録日時")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="受領・差戻しをした者",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("受領・差戻しの日時", null=True, blank=True)
    reason = models.CharField("差戻しの理由", max_length=500, blank=True)
    agreed = models.JSONField("照合した契約内容", default=dict, blank=True)
    reminded_at = models.DateTimeField("督促日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登録"
        ordering = ("-registered_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["body", "certificate"], name="surety_registration_once"),
            models.CheckConstraint(
                name="surety_registration_state", condition=Q(state__in=["registered", "accepted", "returned"])
            ),
            models.CheckConstraint(
                name="surety_registration_decided",
                condition=Q(state="registered", decided_at=None)
                | (~Q(state="registered") & Q(decided_at__gte=F("registered_at"))),
            ),
        )
        indexes = (
            models.Index(fields=["body", "-registered_at", "-id"], name="surety_registration_list"),
            models.Index(
                fields=["body", "registered_at"], name="surety_registration_open", condition=Q(state="registered")
            ),
        )

    def __str__(self) -> str:
        return f"{self.body} {self.certificate}"
