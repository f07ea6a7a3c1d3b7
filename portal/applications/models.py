"""An application (one run of a declared procedure), its frozen versions and its attachments."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.applications.kinds import Kind, kind_of

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


class State(models.TextChoices):
    """手続状況 (nexi.md 6.1)."""

    DRAFT = "draft", "入力中"
    SUBMITTED = "submitted", "手続完了"
    WITHDRAWN = "withdrawn", "取消"
    EXPIRED = "expired", "期限切れ"


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Reads scoped by organisation; every page starts from here."""

    def visible_to(self, user: "Member") -> "ApplicationQuerySet":
        """Only the applications of the user's own organisation; none for a user without one."""
        return self.filter(organisation_id=user.organisation_id) if user.organisation_id else self.none()


class Application(models.Model):
    """One run of a procedure; while it is a draft, `data` holds exactly what was typed.

    `data` is `{"schema": n, "steps": {slug: {html name: [raw, …]}}, "review": [slug, …]}`.
    `subject`, `party`, `amount`, `currency`, `reference` repeat the answers that lists show and search.
    """

    number = models.CharField("Web申込番号", max_length=20, unique=True)
    kind = models.CharField("手続種別", max_length=40)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, verbose_name="組織", related_name="+")
    state = models.CharField("手続状況", max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField("改訂", default=1)
    data = models.JSONField("入力内容", default=dict)

    subject = models.CharField("件名", max_length=60, blank=True)
    party = models.CharField("相手方", max_length=120, blank=True)
    amount = models.DecimalField("金額", max_digits=17, decimal_places=2, null=True, blank=True)
    currency = models.CharField("通貨", max_length=3, blank=True)
    reference = models.CharField("お客様整理番号", max_length=40, blank=True)

    copied_from = models.ForeignKey(
        "self", models.SET_NULL, verbose_name="流用元", related_name="+", null=True, blank=True
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="入力者", related_name="+")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="最終保存者", related_name="+")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申込者", related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField("入力日時")
    saved_at = models.DateTimeField("最終保存日時")
    submitted_at = models.DateTimeField("Web申込日時", null=True, blank=True)

    objects: ClassVar = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申込み"
        constraints = [
            models.CheckConstraint(
                name="application_submitted_iff_complete",
                condition=Q(state="submitted", submitted_at__isnull=False, submitted_by__isnull=False)
                | (~Q(state="submitted") & Q(submitted_at=None, submitted_by=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="application_list"),
            models.Index(fields=["saved_at"], name="application_drafts", condition=Q(state="draft")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def kind_title(self) -> str:
        return self.procedure.title

    @property
    def procedure(self) -> Kind:
        return kind_of(self.kind)

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT


class ApplicationVersion(models.Model):
    """What was agreed at one event, readable without any form class of that year; never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="versions", verbose_name="申込み")
    sequence = models.PositiveSmallIntegerField("版")
    event = models.CharField("できごと", max_length=20)
    answers = models.JSONField("回答")
    decision = models.JSONField("判定")
    data = models.JSONField("入力内容")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作者", related_name="+")
    created_at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "申込みの版"
        constraints = [
            models.UniqueConstraint(fields=["application", "sequence"], name="application_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} #{self.sequence}"


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """Storage name of an upload: random, nothing of the client's name."""
    return f"attachments/{attachment.pk}"


class Attachment(models.Model):
    """添付書類: stored the moment it arrives; what no saved step names belongs to nobody yet and is purged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", verbose_name="組織")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="attachments", verbose_name="申込み", null=True, blank=True
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登録者")
    name = models.CharField("ファイル名", max_length=255)
    file = models.FileField("ファイル", upload_to=attachment_path)
    size = models.PositiveIntegerField("サイズ")
    sha256 = models.CharField("SHA-256", max_length=64)
    created_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = verbose_name_plural = "添付書類"

    def __str__(self) -> str:
        return self.name
