"""個別保証枠確認申込み, walked as the seed describes it (section 2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nexi_quota.models import Confirmation, LedgerEntry, Quota
from portal.applications.models import Application
from tests.nexi_quota.driver import NEW, Exporter

pytestmark = pytest.mark.django_db


def held(code: str = "310-000001") -> int:
    return Quota.objects.get(buyer__code=code).held_jpy


def test_the_introduction_leads_to_the_first_step(ana: Exporter) -> None:
    page = ana.get("/nexi/requests/new/")
    assert "申込手続きの内容と流れ" in page.text
    assert NEW in page.html
    assert ana.get(NEW).status == 200
    assert not Application.objects.exists()


def test_from_the_first_step_to_the_receipt(ana: Exporter) -> None:
    confirm = ana.fills_in()
    assert confirm.path.endswith("/confirm/"), confirm.text
    assert "個別保証枠確認申込みが可能です" in confirm.verdict
    receipt = ana.presses_apply(confirm)
    assert receipt.status == 200
    assert receipt.path == f"/nexi/requests/{confirm.number}/"
    assert "個別保証枠一覧へ" in receipt.text
    assert "続けて申込みへ" in receipt.text
    assert "ユーザーページへ" in receipt.text
    confirmation = Confirmation.objects.get()
    assert confirmation.amount_jpy == 60_000_000
    assert held() == 60_000_000
    assert LedgerEntry.objects.get().amount_jpy == 60_000_000
    assert confirmation.expires_on > timezone.localdate() + timedelta(days=85)


def test_the_same_press_twice_gives_the_same_receipt_and_nothing_new(ana: Exporter) -> None:
    confirm = ana.fills_in()
    first, second = ana.presses_apply(confirm), ana.presses_apply(confirm)
    assert first.path == second.path
    assert Confirmation.objects.count() == 1
    assert held() == 60_000_000
