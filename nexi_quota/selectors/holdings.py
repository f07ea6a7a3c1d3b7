"""What an exporter holds: confirmations, insurance contracts and their notices, always scoped by the organisation."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.http import Http404

from nexi_quota.enums import ConfirmationState, ContractOrigin, ContractState, NoticeKind, Product, Route, open_routes
from nexi_quota.models import Confirmation, ConfirmationQuerySet, ContractQuerySet, InsuranceContract, Notice

if TYPE_CHECKING:
    from portal.accounts.permissions import Member


def listed_confirmations(user: "Member", wanted: dict[str, Any], today: date) -> ConfirmationQuerySet:
    """Return the organisation's confirmations that are on 個別保証枠一覧 on `today` and fit the filter `wanted`.

    On the list are quotas with a certificate still within validity, and those that an insurance application took
    by itself, while something can be returned (nexi.md 7.1). `ends_on` is 保証枠有効期限; insured ones have none, so
    they come last and fit no time.
    """
    ends_on = Case(
        When(state=ConfirmationState.VALID, then=F("expires_on")), default=Value(date.max), output_field=DateField()
    )
    rows: ConfirmationQuerySet = Confirmation.objects.visible_to(user).listed(today)
    rows = rows.select_related("payer__country", "currency", "application")
    rows = rows.annotate(ends_on=ends_on)
    if wanted.get("product"):
        rows = rows.filter(product=wanted["product"])
    if wanted.get("country"):
        rows = rows.filter(payer__country=wanted["country"])
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if text := wanted.get("q"):
        rows = rows.filter(_payer_or_reference(text) | Q(number__startswith=text))
    if wanted.get("since"):
        rows = rows.filter(state=ConfirmationState.VALID, expires_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(state=ConfirmationState.VALID, expires_on__lte=wanted["until"])
    if wanted.get("whose") == "own":
        rows = rows.filter(Q(application__submitted_by=user))
    return rows


def _payer_or_reference(text: str) -> Q:
    return Q(payer__name__icontains=text) | Q(payer__code__startswith=text) | Q(reference__icontains=text)


def own_confirmation(user: "Member", number: str) -> Confirmation:
    """Return the organisation's confirmation; Http404 for any other number."""
    found = Confirmation.objects.visible_to(user).filter(number=number)
    confirmation: Confirmation | None = found.select_related("payer__country", "currency", "application").first()
    if confirmation is None:
        raise Http404
    return confirmation


# --- 保有契約 -----------------------------------------------------------------


def contract_products() -> list[Product]:
    """Return the products that are on 保有契約一覧: those whose 決済通知 can be made from it (nexi.md 6.4)."""
    return [product for product in Product if Route.CONTRACTS in open_routes(product, NoticeKind.SETTLEMENT)]


def listed_contracts(user: "Member", wanted: dict[str, Any]) -> ContractQuerySet:
    """Return the organisation's contracts that are on 保有契約一覧 and fit the filter `wanted`.

    On the list are those whose 決済通知 can be made from it: applied for on the Web, products P1 and P2, still open.
    """
    rows: ContractQuerySet = InsuranceContract.objects.visible_to(user).filter(
        origin=ContractOrigin.WEB, product__in=contract_products(), state=ContractState.OPEN
    )
    rows = rows.select_related("payer__country", "currency")
    if wanted.get("product"):
        rows = rows.filter(product=wanted["product"])
    if wanted.get("country"):
        rows = rows.filter(payer__country=wanted["country"])
    if text := wanted.get("q"):
        rows = rows.filter(_payer_or_reference(text) | _policy(text))
    if wanted.get("since"):
        rows = rows.filter(due_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(due_on__lte=wanted["until"])
    return rows


def _policy(text: str) -> Q:
    """The beginning of a 保険証券番号, or the number with its 枝番 as the list shows it."""
    policy, dash, branch = text.partition("-")
    return Q(policy_number=policy, branch__startswith=branch) if dash else Q(policy_number__startswith=policy)


def own_contract(user: "Member", policy_number: str, branch: str) -> InsuranceContract:
    """Return the organisation's contract; Http404 for any other number."""
    found = InsuranceContract.objects.visible_to(user).filter(policy_number=policy_number, branch=branch)
    contract: InsuranceContract | None = found.select_related("payer__country", "currency", "confirmation").first()
    if contract is None:
        raise Http404
    return contract


def notices_about(found: Confirmation | InsuranceContract) -> QuerySet[Notice]:
    """Return the notices that its own organisation made about a confirmation or a contract, newest first."""
    rows = Notice.objects.filter(organisation=found.organisation_id).select_related("application", "contract")
    rows = rows.filter(contract=found) if isinstance(found, InsuranceContract) else rows.filter(confirmation=found)
    return rows.order_by("-created_at", "-pk")


def contracts_on(confirmation: Confirmation) -> QuerySet[InsuranceContract]:
    """Return the contracts of its own organisation that a confirmation covers."""
    return confirmation.contracts.filter(organisation=confirmation.organisation_id).order_by("due_on", "pk")


def notice_target(
    user: "Member", kind: NoticeKind, number: str, branch: str = ""
) -> Confirmation | InsuranceContract | None:
    """Return what a typed number leads to, None for an unknown or another company's: both look the same (M-N01).

    `number` is the 保険証券番号 (with `branch`) of a 決済通知 and the 確認管理番号 of a 枠戻通知.
    """
    if kind is NoticeKind.RELEASE:
        confirmations = Confirmation.objects.visible_to(user).filter(number=number)
        return next(iter(confirmations.select_related("payer", "currency")), None)
    contracts = InsuranceContract.objects.visible_to(user).filter(policy_number=number, branch=branch)
    return next(iter(contracts.select_related("payer", "currency", "confirmation")), None)
