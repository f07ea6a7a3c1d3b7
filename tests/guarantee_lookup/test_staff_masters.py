"""マスタ (S16): dated rows are added and ended, never changed or deleted; a canary is kept as its hash."""

from datetime import date
from typing import Any

import pytest

from guarantee_lookup import vault
from guarantee_lookup.models import Canary, CapacityPool, InsuranceCode, LookupLock, ServiceRules, Snapshot
from portal.audit.models import Event
from tests.guarantee_lookup.driver import ACCEPTANCE, Answer, Teller

ADMIN = "/admin/guarantee_lookup"
POOL = {"code": "MG", "name": "無担保保険（一般）", "limit": "100000000", "addition": "0", "rule": "always"}
HOURS = {
    "opens_at": "09:00",
    "closes_at": "17:00",
    "closed_days": "2026-12-28 2026-12-29",
    "user_hour": "60",
    "user_day": "300",
    "institution_day": "3000",
    "file_lines_day": "200",
    "none_in_a_row": "5",
    "none_hour": "10",
    "none_day": "15",
}


def adds(teller: Teller, model: str, **fields: Any) -> Answer:
    return teller.sends(f"{ADMIN}/{model}/add/", **fields)


def changes(teller: Teller, row: Any, **fields: Any) -> Answer:
    return teller.sends(f"{ADMIN}/{row._meta.model_name}/{row.pk}/change/", **fields)


def test_t28_a_limit_from_a_day_on_leaves_the_results_of_days_before(
    staff: Teller, user: Teller, snapshot: Snapshot
) -> None:
    assert adds(staff, "capacitypool", **POOL, valid_from="2026-03-19").status == 302
    assert "21,354,000" in user.asks().text
    Snapshot.objects.update(as_of=date(2026, 3, 19))
    assert "41,354,000" in user.asks().text


def test_a_row_cannot_begin_in_the_past_and_one_in_force_is_only_ended(staff: Teller) -> None:
    page = adds(staff, "capacitypool", **POOL, valid_from="2026-03-18")
    assert (page.status, "適用開始日は今日以後にしてください。" in page.html) == (200, True)
    old = CapacityPool.objects.get(code="MG")
    assert changes(staff, old, **{**POOL, "limit": "1"}, valid_to="2026-03-31").status == 302
    old.refresh_from_db()
    assert (old.limit, old.valid_to) == (80_000_000, date(2026, 3, 31))
    page = changes(staff, old, valid_to="2026-03-17")
    assert "適用終了日は昨日以後にしてください。" in page.html
    assert changes(staff, old, valid_to="2026-03-18").status == 302


def test_a_row_of_days_to_come_can_be_corrected(staff: Teller) -> None:
    adds(staff, "capacitypool", **POOL, valid_from="2026-04-01")
    row = CapacityPool.objects.get(valid_from="2026-04-01")
    assert changes(staff, row, **{**POOL, "limit": "90000000"}, valid_from="2026-04-02").status == 302
    row.refresh_from_db()
    assert (row.limit, row.valid_from) == (90_000_000, date(2026, 4, 2))
    event = Event.objects.filter(verb="admin.changed").latest("at")
    assert event.detail["changes"][0]["changed"]["values"]["limit"] == ["100000000", "90000000"]


def test_an_insurance_names_pools_that_exist_and_codes_that_are_free(staff: Teller) -> None:
    fields = {"code": "NEW", "name": "新しい保険", "row": "5", "valid_from": "2026-04-01"}
    assert "登録されていない枠コードです：XX" in adds(staff, "insurancecode", **fields, pools="MG XX").html
    page = adds(staff, "insurancecode", **fields, pools="MG", core_codes="MUTAN_G")
    assert "MUTAN_G は MUTAN_G" in page.html
    assert adds(staff, "insurancecode", **fields, pools="MG, J5", core_codes="N1　N2").status == 302
    made = InsuranceCode.objects.get(code="NEW")
    assert (made.pools, made.core_codes) == (["MG", "J5"], ["N1", "N2"])


def test_hours_and_limits_of_a_day_are_added(staff: Teller, user: Teller) -> None:
    assert "2以上" in adds(staff, "servicerules", **{**HOURS, "user_hour": "1"}, valid_from="2026-03-19").html
    assert "日付を" in adds(staff, "servicerules", **{**HOURS, "closed_days": "x"}, valid_from="2026-03-19").html
    assert adds(staff, "servicerules", **HOURS, valid_from="2026-03-19").status == 302
    made = ServiceRules.objects.get(valid_from="2026-03-19")
    assert made.closed_days == ["2026-12-28", "2026-12-29"]
    assert user.asks().status == 200
    ServiceRules.objects.filter(pk=made.pk).update(closed_days=["2026-03-19"])
    assert user.asks().status == 403


@pytest.mark.parametrize("model", ["capacitypool", "insurancecode", "servicerules", "canary"])
def test_nothing_is_deleted(staff: Teller, model: str) -> None:
    Canary.objects.create(kind="customer", digest=b"x" * 16, last="0000")
    rows = {"capacitypool": CapacityPool, "insurancecode": InsuranceCode, "servicerules": ServiceRules}
    row = rows.get(model, Canary).objects.first()
    assert row
    assert staff.opens(f"{ADMIN}/{model}/").status == 200
    assert staff.opens(f"{ADMIN}/{model}/{row.pk}/change/").status == 200
    assert staff.opens(f"{ADMIN}/{model}/{row.pk}/delete/").status == 403


def test_a_canary_is_typed_as_a_number_and_kept_as_its_hash(staff: Teller, user: Teller) -> None:
    assert adds(staff, "canary", kind="customer", number="７００-000-500", note="監視用").status == 302
    canary = Canary.objects.get()
    assert (bytes(canary.digest), canary.last) == (vault.digest("customer", "700000500"), "0500")
    assert [event for event in Event.objects.all() if "700000500" in f"{event.detail}"] == []
    assert "700000500" not in staff.opens(f"{ADMIN}/canary/").html
    page = staff.opens(f"{ADMIN}/canary/{canary.pk}/change/")
    assert "0500" in page.html
    assert 'name="number"' not in page.html
    assert changes(staff, canary, note="変更").status == 302
    user.asks("700000500")
    assert LookupLock.objects.get().reason == LookupLock.Reason.CANARY


@pytest.mark.parametrize(("number", "message"), [("12345", "形式が正しくありません"), ("", "必須")])
def test_a_canary_that_is_no_number_is_refused(staff: Teller, number: str, message: str) -> None:
    page = adds(staff, "canary", kind="customer", number=number)
    assert page.status == 200
    assert not Canary.objects.exists()
    assert message in page.html


def test_a_canary_is_registered_once(staff: Teller) -> None:
    for _ in range(2):
        page = adds(staff, "canary", kind="customer", number=ACCEPTANCE)
    assert "この番号は登録されています。" in page.html
    assert Canary.objects.count() == 1
