"""通知の一括取り込み: what is known of an uploaded file besides its application, which keeps the file itself."""

from django.db import models
from django.db.models import F, Q

from nexi_quota.enums import BatchState


class NoticeBatch(models.Model):
    """A file of notices without a mistake when it came; its lines become `Notice` rows all at once or not at all.

    `summary` is what the preview shows (nexi_quota.bulk.preview). `agreed` holds per line the amount that the preview
    stands for, as text in the currency of its target: what 全額 means when the file is taken over must be the same.
    `checked` counts lines; `problems` are [line, column, number, message], at most as many as a page shows.
    """

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, related_name="+", verbose_name="申込み"
    )
    state = models.CharField("状態", max_length=10, choices=BatchState, default=BatchState.READY)
    rows = models.PositiveIntegerField("行数")
    checked = models.PositiveIntegerField("確認した行数", default=0)
    summary = models.JSONField("内容", default=dict)
    agreed = models.JSONField("確認した金額", default=list)
    problems = models.JSONField("エラー", default=list)
    problem_count = models.PositiveIntegerField("エラーの数", default=0)
    queued_at = models.DateTimeField("取り込みの開始", null=True, blank=True)
    ended_at = models.DateTimeField("取り込みの終了", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知の一括取り込み"
        constraints = [
            models.CheckConstraint(
                name="batch_rows_checked", condition=Q(rows__gt=0, checked__gte=0, checked__lte=F("rows"))
            ),
            models.CheckConstraint(
                name="batch_ended_has_time",
                condition=Q(state__in=["done", "failed"], ended_at__isnull=False)
                | Q(state__in=["ready", "queued"], ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.rows}行"
