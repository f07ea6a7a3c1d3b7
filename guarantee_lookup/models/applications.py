"""利用開始申請 after its submission: who reviewed and who decided it, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from guarantee_lookup.enums import UsageKind, UsageState


class UsageApplication(models.Model):
    """申請審査: the decision of two people of the association about one submitted 利用開始申請.

    `wanted` holds what was applied for as plain data, frozen with the submission:
    {"name", "sharing", "branches": [[code, name], …] or null, "networks", "people", "start_on", "masters": [{…}]}.
    """

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, verbose_name="Web申込番号", related_name="usage"
    )
    kind = models.CharField("申込区分", max_length=10, choices=UsageKind)
    code = models.CharField("金融機関コード", max_length=4)
    wanted = models.JSONField("申請の内容")
    state = models.CharField("状態", max_length=10, choices=UsageState, default=UsageState.RECEIVED)
    institution = models.ForeignKey(
        "guarantee_lookup.Institution", models.PROTECT, verbose_name="金融機関", related_name="+", null=True, blank=True
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="審査者", related_name="+", null=True, blank=True
    )
    reviewed_at = models.DateTimeField("審査日時", null=True, blank=True)
    opinion = models.CharField("審査の所見", max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="決定者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("決定日時", null=True, blank=True)
    reason = models.CharField("決定の理由", max_length=400, blank=True)
    issued_at = models.DateTimeField("発行日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "利用開始申請"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="usage_application_two_people",
                condition=Q(decided_by=None) | (Q(reviewer__isnull=False) & ~Q(decided_by=F("reviewer"))),
            ),
        )
        indexes = (models.Index(fields=["state"], name="usage_application_state"),)

    def __str__(self) -> str:
        return f"{self.application} {self.get_kind_display()} {self.code} {self.wanted['name']}"
