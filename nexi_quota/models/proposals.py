"""Changes of 個別保証枠 that wait for a second person (docs/decisions/0008)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from nexi_quota.enums import ProposalState
from nexi_quota.models.masters import Buyer

UNDECIDED = (ProposalState.OPEN.value, ProposalState.WITHDRAWN.value)


class Proposal(models.Model):
    """What one member of the staff asks for and another decides; the table itself refuses one person for both."""

    reason = models.CharField("変更の理由", max_length=200)
    state = models.CharField("状態", max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申請者")
    proposed_at = models.DateTimeField("申請日時")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="決定者", null=True, blank=True
    )
    decided_at = models.DateTimeField("決定日時", null=True, blank=True)
    note = models.CharField("決定の理由", max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="%(class)s_decided_by_somebody",
                condition=Q(state__in=UNDECIDED, decided_by=None)
                | (~Q(state__in=UNDECIDED) & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="%(class)s_has_a_reason", condition=~Q(reason="")),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == ProposalState.OPEN


class LimitProposalQuerySet(models.QuerySet["LimitProposal"]):
    def pending(self) -> "LimitProposalQuerySet":
        """Those that may still change a limit: undecided, or approved for a later day."""
        return self.filter(state__in=[ProposalState.OPEN, ProposalState.APPROVED])


class LimitProposal(Proposal):
    """A new 個別保証枠 of a head office from a day on; yen. `limit_now_jpy` is what it was when it was proposed."""

    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="limit_proposals", verbose_name="海外商社")
    limit_now_jpy = models.BigIntegerField("申請時の個別保証枠（円）", null=True, blank=True)
    limit_jpy = models.BigIntegerField("申請の個別保証枠（円）")
    effective_from = models.DateField("適用日")

    objects: ClassVar = LimitProposalQuerySet.as_manager()

    class Meta(Proposal.Meta):
        verbose_name = verbose_name_plural = "個別保証枠の変更の申請"
        constraints = [
            *Proposal.Meta.constraints,
            models.CheckConstraint(name="limitproposal_limit_not_negative", condition=Q(limit_jpy__gte=0)),
            models.UniqueConstraint(
                fields=["buyer"], condition=Q(state="open"), name="limitproposal_one_open_for_a_buyer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer} {self.limit_jpy:,}円"


class FileProposal(Proposal):
    """A checked CSV file that changes 個別保証枠, kept whole until somebody else takes it over."""

    file = models.CharField("ファイル", max_length=255)
    kind = models.CharField("種類", max_length=20)
    title = models.CharField("種類", max_length=40)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField("行数")
    limits = models.PositiveIntegerField("個別保証枠が変わる行")
    content = models.BinaryField("内容")

    class Meta(Proposal.Meta):
        verbose_name = verbose_name_plural = "個別保証枠を含むファイルの取り込みの申請"
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(state="open"), name="fileproposal_one_open_for_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.file}"
