"""The counter rows behind every number."""

from django.db import models
from django.db.models import Q


class Counter(models.Model):
    """The last sequence taken in one series and period; only `series.allocate` writes it."""

    series = models.CharField("系列", max_length=40)
    period = models.CharField("期間", max_length=8, blank=True)
    last = models.BigIntegerField("最終番号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "採番"
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="counter_unique"),
            models.CheckConstraint(name="counter_not_negative", condition=Q(last__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.last}"
