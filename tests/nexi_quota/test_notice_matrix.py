"""The matrix of nexi.md 6.4 through the pages: 4 products × 2 notices × 3 routes × on the list or not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nexi_quota.enums import ContractOrigin, NoticeKind, Product, Route
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, Notice, Quota
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import (
    FIRST,
    Target,
    chosen,
    enters,
    from_list,
    presses,
    release,
    settlement,
)
from tests.nexi_quota.test_scenarios import BILL

pytestmark = pytest.mark.django_db

P1, P2, P3, P4 = Product
SETTLE, RETURN = NoticeKind
DIRECT, CONTRACTS, QUOTAS = Route

# As the seed says it, by product: the routes of 決済通知 and those of 枠戻通知.
OPEN = {
    P1: ({DIRECT, CONTRACTS}, {DIRECT, QUOTAS}),
    P2: ({DIRECT, CONTRACTS}, {DIRECT, QUOTAS}),
    P3: ({DIRECT}, {DIRECT, QUOTAS}),
    P4: (set(), {DIRECT, QUOTAS}),
}
OF_LIST = {CONTRACTS: SETTLE, QUOTAS: RETURN}
NAMES = {CONTRACTS: "contract", QUOTAS: "quota"}


def target_of(ana: Exporter, product: Product, kind: NoticeKind, is_listed: bool) -> Target:
    """Return something to notify of: a contract from Web or paper, a 確認 that is free or used by an insurance."""
    organisation = ana.user.organisation
    assert organisation is not None
    if kind is SETTLE:
        origin = ContractOrigin.WEB if is_listed else ContractOrigin.PAPER
        return insure(organisation, amount="1000", product=product, origin=origin)
    day = timezone.localdate() + timedelta(days=20)
    more = {P4: {**BILL, "purchase_date": day}, P3: {}}.get(product, {"product": product.value, "special_reason": "01"})
    ana.applies(contract_amount="1,000", **more)
    confirmation = Confirmation.objects.get()
    if not is_listed:
        insure(organisation, amount="1000", product=product, confirmation=confirmation)
    return confirmation


def enters_by(ana: Exporter, route: Route, target: Target) -> Page:
    """Send ステップ１ the given way, whatever the portal thinks of it."""
    if route is DIRECT:
        return enters(ana, release(target) if isinstance(target, Confirmation) else settlement(target))
    sent = {name: value for name, value in chosen(target).items() if name not in {"main-contract", "main-quota"}}
    return enters(ana, {**sent, f"main-{NAMES[route]}": target.number})


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed", "unlisted"])
@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("product", Product)
def test_every_cell_of_the_matrix(
    ana: Exporter, product: Product, kind: NoticeKind, route: Route, is_listed: bool
) -> None:
    target = target_of(ana, product, kind, is_listed)
    before = held()
    answer = enters_by(ana, route, target)
    if route in OPEN[product][kind is RETURN] and (is_listed or route is DIRECT):
        receipt = presses(ana, answer)
        assert "申込みが完了しました" in receipt.text
        notice = Notice.objects.get()
        assert (notice.kind, notice.route) == (kind, route)
        assert held() == before - 150_000
        return
    assert answer.status == 422
    assert reason(product, kind, route) in answer.text
    assert (Notice.objects.count(), held()) == (0, before)


def reason(product: Product, kind: NoticeKind, route: Route) -> str:
    """Return what the portal says of a way that is closed."""
    if route is not DIRECT and OF_LIST[route] is not kind:
        return text("M-N01")  # no such number is on that list
    if kind is SETTLE and product is P4:
        return text("M-N02")
    return text("M-N10", 保険種=product.label, 通知=kind.label, 方法="「直接入力」")


def held() -> int:
    return sum(Quota.objects.values_list("held_jpy", flat=True))


@pytest.mark.parametrize("route", [CONTRACTS, QUOTAS])
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_list_leads_only_to_its_own_notice(ana: Exporter, kind: NoticeKind, route: Route) -> None:
    target = target_of(ana, P1, kind, is_listed=True)
    expected = 200 if OF_LIST[route] is kind else 404
    assert ana.get(f"{FIRST}?{NAMES[route]}={target.number}").status == expected
    assert ana.get(from_list(target)).status == 200
