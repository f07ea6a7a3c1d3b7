"""A message: what is to be done after the commit, and how far that has come."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.audit.ids import uuid7


class State(models.TextChoices):
    WAITING = "waiting", "待機中"
    DONE = "done", "完了"
    PARKED = "parked", "停止中"


class Message(models.Model):
    """送信箱の一件: unique by topic and key, so that publishing twice is publishing once."""

    # These three first, so that Message(topic, key, payload) reads as what it is.
    topic = models.CharField("種類", max_length=60)
    key = models.CharField("キー", max_length=200)
    payload = models.JSONField("内容", default=dict, blank=True)
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField("状態", max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField("試行回数", default=0)
    lease_until = models.DateTimeField("処理中の期限", null=True, blank=True)
    run_after = models.DateTimeField("次の処理", default=timezone.now)
    last_error = models.CharField("最後のエラー", max_length=500, blank=True)
    created_at = models.DateTimeField("登録日時", default=timezone.now)
    done_at = models.DateTimeField("完了日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "送信箱"
        constraints = [
            models.UniqueConstraint(fields=["topic", "key"], name="outbox_message_unique"),
            models.CheckConstraint(
                name="outbox_done_has_time",
                condition=Q(state="done", done_at__isnull=False) | ~Q(state="done") & Q(done_at=None),
            ),
        ]
        indexes = [models.Index(fields=["state", "run_after"], name="outbox_message_due")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"

    @staticmethod
    def due(now: datetime) -> Q:
        """Waiting, its time has come, and nobody is at it."""
        return Q(state=State.WAITING, run_after__lte=now) & (Q(lease_until=None) | Q(lease_until__lte=now))
