"""The log's rows and the one row that says where its chain ends."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.audit import verbs
from portal.audit.ids import uuid7

GENESIS = "0" * 64


class Event(models.Model):
    """監査イベント: born with its own MAC; a relay gives it a place in the chain, nothing else may change it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField("日時", default=timezone.now)
    verb = models.CharField("操作", max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="利用者", related_name="+", null=True, blank=True
    )
    actor_login = models.CharField("ユーザーID", max_length=40, blank=True)
    # Plain columns: this package lies below the one that knows organisations.
    organisation_id = models.BigIntegerField("組織", null=True, blank=True)
    organisation_code = models.CharField("組織コード", max_length=20, blank=True)
    target = models.CharField("対象", max_length=200, blank=True)
    outcome = models.CharField("結果", max_length=20)
    detail = models.JSONField("詳細", default=dict, blank=True)
    request_id = models.CharField("リクエストID", max_length=64, blank=True)
    client = models.CharField("接続元", max_length=64, blank=True)
    mac = models.CharField("認証コード", max_length=64)
    seq = models.BigIntegerField("連番", unique=True, null=True, blank=True)
    previous = models.CharField("前のハッシュ", max_length=64, blank=True)
    hash = models.CharField("ハッシュ", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "監査イベント"
        indexes = [
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["target"], name="audit_event_target"),
            models.Index(fields=["organisation_code"], name="audit_event_organisation"),
            models.Index(fields=["id"], name="audit_event_unchained", condition=Q(seq=None)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.verb_label} {self.target}".rstrip()

    @property
    def verb_label(self) -> str:
        return dict(verbs.choices()).get(self.verb, self.verb)


class Head(models.Model):
    """End of the chain: the last number given and the hash of that row."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        verbose_name = verbose_name_plural = "監査ログの末尾"
        constraints = [models.CheckConstraint(name="audit_head_is_one_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.seq)
