"""保証料計算書 as lists show them: where each stands, and which still wait for money."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from esurety.enums import FeeKind, ItemState, Payment
from esurety.models import Fee

if TYPE_CHECKING:
    from portal.accounts.models import User

OPEN_STATES = (ItemState.FEE, ItemState.CONCLUDED, ItemState.ISSUING, ItemState.ISSUED)


def open_fees() -> Q:
    """Return the filter of what is neither paid nor on a 請求書; an application taken back owes nothing."""
    return Q(paid_on=None, invoice=None, item__state__in=OPEN_STATES)


def state_of(fee: Fee) -> str:
    """Return where a 保証料計算書 stands, in words."""
    if fee.paid_on:
        return "返還済" if fee.kind == FeeKind.BACK else "入金済"
    if fee.invoice_id:
        return "請求済（一括納付）"
    if fee.item.state not in OPEN_STATES:
        return "取下げ"
    if fee.item.payment == Payment.MONTHLY and (fee.kind != FeeKind.FIRST or fee.item.state != ItemState.FEE):
        return "翌月請求（一括納付）"
    return "返還待ち" if fee.kind == FeeKind.BACK else "お支払い待ち"


def own_fees(
    user: "User", *, since: date | None = None, until: date | None = None, kind: str = "", words: str = ""
) -> "QuerySet[Fee]":
    """Return the 保証料計算書 of the user's own organisation; none for a user without one."""
    if not user.organisation_id:
        return Fee.objects.none()
    rows = Fee.objects.filter(item__request__organisation=user.organisation_id)
    wanted: dict[str, Any] = {"made_at__date__gte": since, "made_at__date__lte": until, "kind": kind}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if words:
        number = words.replace("-", "")
        rows = rows.filter(Q(item__facts__work__icontains=words) | Q(number__iexact=words) | Q(item__number=number))
    return rows.select_related("item__request__organisation", "item__request__office", "item__request__body")
