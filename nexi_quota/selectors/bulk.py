"""What the lines of a file of notices are about, read in a few statements, and the files themselves."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from nexi_quota.enums import ContractState, NoticeKind
from nexi_quota.models import Confirmation, InsuranceContract, NoticeBatch
from portal.applications.models import Application, Attachment, State

if TYPE_CHECKING:
    from portal.accounts.permissions import Member

SAME_FILE_HOURS = 24
"""A file that came a second time within these hours is probably a mistake."""


class Holdings:
    """The contracts and confirmations that lines name, each read once and kept as one object for all lines.

    Lines are judged one after the other, each changing these objects as its notice would change the tables
    (`services.bulk`). Whoever is asked for an object of another organisation answers as for an unknown one.
    """

    def __init__(self, user: "Member") -> None:
        self.user = user
        self.contracts: dict[int, InsuranceContract] = {}
        self.confirmations: dict[int, Confirmation] = {}
        self._covered: dict[int, list[InsuranceContract]] = {}
        self._by_policy: dict[tuple[str, str], InsuranceContract] = {}
        self._by_number: dict[str, Confirmation] = {}

    def read(self, policies: Collection[tuple[str, str]], numbers: Collection[str]) -> None:
        """Read what these 保険証券番号 with 枝番 and 確認管理番号 lead to, and what belongs to it; three statements."""
        own = InsuranceContract.objects.visible_to(self.user)
        wanted = {number for number, _ in policies}
        named = own.filter(policy_number__in=wanted).select_related("payer", "currency")
        added = self._add(contract for contract in named if (contract.policy_number, contract.branch) in policies)
        asked = {contract.confirmation_id for contract in added} - self.confirmations.keys() - {None}
        mine = Q(number__in=numbers, organisation=self.user.organisation_id)
        found = Confirmation.objects.filter(Q(pk__in=asked) | mine).select_related("payer", "currency")
        fresh = [confirmation for confirmation in found if confirmation.pk not in self.confirmations]
        for confirmation in fresh:
            self.confirmations[confirmation.pk] = confirmation
            self._by_number[confirmation.number] = confirmation
            self._covered[confirmation.pk] = []
        # The others that a confirmation covers decide what its last settlement and its whole return do.
        others = InsuranceContract.objects.filter(confirmation__in=fresh).exclude(pk__in=[found.pk for found in added])
        for contract in [*added, *self._add(others.select_related("payer", "currency"))]:
            if contract.confirmation_id is not None:
                contract.confirmation = self.confirmations[contract.confirmation_id]
                self._covered[contract.confirmation_id].append(contract)

    def _add(self, found: Iterable[InsuranceContract]) -> list[InsuranceContract]:
        """Keep those that are not known yet, and return them."""
        added = [contract for contract in found if contract.pk not in self.contracts]
        for contract in added:
            self.contracts[contract.pk] = contract
            self._by_policy[contract.policy_number, contract.branch] = contract
        return added

    def target(self, kind: NoticeKind, number: str, branch: str) -> Confirmation | InsuranceContract | None:
        """Return what a number leads to, None for an unknown or another company's (M-N01), as `notice_target` does."""
        found: Confirmation | InsuranceContract | None
        found = self._by_number.get(number) if kind is NoticeKind.RELEASE else self._by_policy.get((number, branch))
        return found if found and found.organisation_id == self.user.organisation_id else None

    def open_contracts(self, confirmation: Confirmation) -> list[InsuranceContract]:
        """Return the contracts that a confirmation still covers."""
        return [contract for contract in self._covered[confirmation.pk] if contract.state == ContractState.OPEN]


def own_batch(user: "Member", number: str) -> NoticeBatch:
    """Return the organisation's file with its application; Http404 for any other number."""
    own = Application.objects.visible_to(user).filter(number=number)
    batch = NoticeBatch.objects.filter(application__in=own).select_related("application").first()
    if batch is None:
        raise Http404
    return batch


def file_of(application: Application) -> Attachment | None:
    """Return the file as it was uploaded; it stays as long as its application is no expired draft."""
    return application.attachments.order_by("pk").first()


def same_file(application: Application, file: Attachment) -> Application | None:
    """Return another application of the organisation with the same bytes, of the last hours, if there is one."""
    since = timezone.now() - timedelta(hours=SAME_FILE_HOURS)
    twins = Attachment.objects.filter(
        organisation=application.organisation_id,
        sha256=file.sha256,
        created_at__gte=since,
        application__kind=application.kind,
        application__state__in=[State.DRAFT, State.SUBMITTED],
    ).exclude(application=application)
    twin = twins.select_related("application").order_by("-created_at", "pk").first()
    return twin.application if twin else None
