"""What an exporter holds: confirmations and insurance contracts, always scoped by the organisation."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404

from nexi_quota.enums import ContractOrigin, ContractState, NoticeKind, Product, Route, open_routes
from nexi_quota.models import Confirmation, ConfirmationQuerySet, ContractQuerySet, InsuranceContract

if TYPE_CHECKING:
    from portal.accounts.models import User


def listed_confirmations(user: "User", wanted: dict[str, Any], today: date) -> ConfirmationQuerySet:
    """Return the organisation's confirmations that are on 個別保証枠一覧 on `today` and fit the filter `wanted`.

    On the list are quotas with a certificate still within validity, and those that an insurance application took
    by itself, while something can be returned (nexi.md 7.1).
    """
    rows: ConfirmationQuerySet = Confirmation.objects.visible_to(user).listed(today)
    rows = rows.select_related("payer__country", "currency", "application")
    if wanted.get("product"):
        rows = rows.filter(product=wanted["product"])
    if wanted.get("country"):
        rows = rows.filter(payer__country=wanted["country"])
    if text := wanted.get("q"):
        rows = rows.filter(Q(payer__name__icontains=text) | Q(number__startswith=text) | Q(reference__icontains=text))
    if wanted.get("since"):
        rows = rows.filter(expires_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(expires_on__lte=wanted["until"])
    if wanted.get("whose") == "own":
        rows = rows.filter(application__submitted_by=user)
    return rows


def own_confirmation(user: "User", number: str) -> Confirmation:
    """Return the organisation's confirmation; Http404 for any other number."""
    found = Confirmation.objects.visible_to(user).filter(number=number)
    confirmation: Confirmation | None = found.select_related("payer__country", "currency", "application").first()
    if confirmation is None:
        raise Http404
    return confirmation


# --- 保有契約 -----------------------------------------------------------------


def listed_contracts(user: "User", wanted: dict[str, Any]) -> ContractQuerySet:
    """Return the organisation's contracts that are on 保有契約一覧 and fit the filter `wanted`.

    On the list are those whose 決済通知 can be made from it: applied for on the Web, products P1 and P2, still open.
    """
    products = [product for product in Product if Route.CONTRACTS in open_routes(product, NoticeKind.SETTLEMENT)]
    rows: ContractQuerySet = InsuranceContract.objects.visible_to(user).filter(
        origin=ContractOrigin.WEB, product__in=products, state=ContractState.OPEN
    )
    rows = rows.select_related("payer__country", "currency")
    if wanted.get("product"):
        rows = rows.filter(product=wanted["product"])
    if wanted.get("country"):
        rows = rows.filter(payer__country=wanted["country"])
    if text := wanted.get("q"):
        rows = rows.filter(
            Q(payer__name__icontains=text) | Q(policy_number__startswith=text) | Q(reference__icontains=text)
        )
    if wanted.get("since"):
        rows = rows.filter(due_on__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(due_on__lte=wanted["until"])
    return rows


def own_contract(user: "User", policy_number: str, branch: str) -> InsuranceContract:
    """Return the organisation's contract; Http404 for any other number."""
    found = InsuranceContract.objects.visible_to(user).filter(policy_number=policy_number, branch=branch)
    contract: InsuranceContract | None = found.select_related("payer__country", "currency", "confirmation").first()
    if contract is None:
        raise Http404
    return contract


def notice_target(
    user: "User", kind: NoticeKind, number: str, branch: str = ""
) -> Confirmation | InsuranceContract | None:
    """Return what a typed number leads to, None for an unknown or another company's: both look the same (M-N01).

    `number` is the 保険証券番号 (with `branch`) of a 決済通知 and the 確認管理番号 of a 枠戻通知.
    """
    if kind is NoticeKind.RELEASE:
        confirmations = Confirmation.objects.visible_to(user).filter(number=number)
        return next(iter(confirmations.select_related("payer", "currency")), None)
    contracts = InsuranceContract.objects.visible_to(user).filter(policy_number=number, branch=branch)
    return next(iter(contracts.select_related("payer", "currency", "confirmation")), None)
