"""What the JSON API lists: the rows of the pages' lists or, by 状態, whatever else the organisation has."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404

from nexi_quota.enums import ConfirmationState, Origin, Product
from nexi_quota.models import Confirmation, ConfirmationQuerySet, ContractQuerySet, InsuranceContract
from nexi_quota.selectors.holdings import listed_confirmations, listed_contracts
from portal.accounts.permissions import Member
from portal.applications.kinds import kinds_of
from portal.applications.models import Application, ApplicationQuerySet
from portal.applications.selectors import listed

PORTAL = "nexi"

Rows = TypeVar("Rows", bound=QuerySet[Any])


def confirmations_for(member: Member, wanted: dict[str, Any], today: date) -> ConfirmationQuerySet:
    """Return what 個別保証枠一覧 shows on `today`, or all confirmations of a 状態.

    Times are 保証枠有効期限, which only those have that were applied for and are not insured yet.
    """
    rows: ConfirmationQuerySet = Confirmation.objects.visible_to(member)
    rows = rows.filter(state=wanted["state"]) if "state" in wanted else listed_confirmations(member, {}, today)
    if wanted.keys() & {"since", "until"}:
        rows = rows.filter(origin=Origin.REQUEST).exclude(state=ConfirmationState.INSURED)
    return _narrowed(rows, wanted, "expires_on").select_related("payer__country", "application")


def contracts_for(member: Member, wanted: dict[str, Any]) -> ContractQuerySet:
    """Return what 保有契約一覧 shows, or all contracts of a 状態; times are 決済期限."""
    rows: ContractQuerySet = InsuranceContract.objects.visible_to(member)
    rows = rows.filter(state=wanted["state"]) if "state" in wanted else listed_contracts(member, {})
    return _narrowed(rows, wanted, "due_on").select_related("payer__country", "confirmation")


def _narrowed(rows: Rows, wanted: dict[str, Any], day: str) -> Rows:
    names = {"product": "product", "reference": "reference", "since": f"{day}__gte", "until": f"{day}__lte"}
    return rows.filter(**{names[name]: value for name, value in wanted.items() if name in names})


def applications_for(member: Member, wanted: dict[str, Any]) -> ApplicationQuerySet:
    """Return what Web申込状況一覧 shows; times are 入力日."""
    rows = _with_confirmation(listed(member, PORTAL, wanted))
    if "reference" in wanted:
        rows = rows.filter(reference=wanted["reference"])
    return rows.filter(subject=Product(wanted["product"]).label) if "product" in wanted else rows


def application_for(member: Member, number: str) -> Application:
    """Return one application of the organisation, whatever its 手続状況; Http404 for any other number."""
    kinds = [kind.slug for kind in kinds_of(PORTAL)]
    rows = Application.objects.visible_to(member).filter(number=number, kind__in=kinds)
    found: Application | None = _with_confirmation(rows.select_related("created_by", "submitted_by")).first()
    if found is None:
        raise Http404
    return found


def _with_confirmation(rows: ApplicationQuerySet) -> ApplicationQuerySet:
    """Add `confirmation_number`: the 確認管理番号 that came of the application, None without one."""
    numbers = Confirmation.objects.filter(application=OuterRef("pk")).values("number")
    return rows.annotate(confirmation_number=Subquery(numbers[:1]))
