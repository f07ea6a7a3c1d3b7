"""One nightly delivery; its customers and guarantees lie in tables that carry its number."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from guarantee_lookup.enums import SnapshotState


class Snapshot(models.Model):
    """世代: the data of one as-of date. At most one is current; a held one waits for the association's approval."""

    as_of = models.DateField("基準日")
    sequence = models.PositiveSmallIntegerField("連番", default=1)
    state = models.CharField("状態", max_length=10, choices=SnapshotState, default=SnapshotState.LOADING)
    customers = models.PositiveIntegerField("顧客数", default=0)
    guarantees = models.PositiveIntegerField("保証件数", default=0)
    settlements = models.PositiveIntegerField("決算件数", default=0)
    quarantined = models.PositiveIntegerField("隔離した顧客数", default=0)
    counted = models.BigIntegerField("利用残高の合計（円）", default=0)
    report = models.JSONField("取込結果", default=dict)
    files = models.JSONField("ファイル", default=dict)
    received_at = models.DateTimeField("受信日時")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="取込者", related_name="+", null=True, blank=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="承認者", related_name="+", null=True, blank=True
    )
    switched_at = models.DateTimeField("切替日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "取込（世代）"
        ordering = ("-as_of", "-sequence", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["state"], condition=Q(state="current"), name="snapshot_one_current"),
            models.CheckConstraint(
                name="snapshot_decided_by_another",
                condition=Q(decided_by=None) | Q(received_by=None) | ~Q(decided_by=F("received_by")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return スナップショットID as papers show it: `20260318-01`."""
        return f"{self.as_of:%Y%m%d}-{self.sequence:02d}"

    @property
    def order(self) -> tuple[date, int]:
        """Return what decides which of two deliveries is the newer one."""
        return self.as_of, self.sequence
