"""The acceptance scenarios of nexi.md section 12 that concern the 確認申込み, walked through the pages.

Scenario 4 (two exporters at once) is in tests/concurrency.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from nexi_quota import services
from nexi_quota.messages import text
from nexi_quota.models import BuyerRating, Confirmation, CountryPolicy, Quota
from nexi_quota.rules.arithmetic import expires_on
from portal.applications.models import Application, State
from tests.nexi_quota.driver import NEW, Exporter

pytestmark = pytest.mark.django_db
JST = ZoneInfo("Asia/Tokyo")
InDays = Callable[[int], date]


def balance(code: str = "310-000001") -> int:
    quota = Quota.objects.get(buyer__code=code)
    return quota.limit_jpy - quota.held_jpy


def test_scenario_1_an_amount_within_the_quota_is_possible_and_takes_it(ana: Exporter) -> None:
    confirm = ana.fills_in(product="03", contract_amount="400,000", settlement="20", usance_days="90")
    assert text("M-OK") in confirm.verdict
    assert "60,000,000円" in confirm.verdict
    ana.presses_apply(confirm)
    assert balance() == 40_000_000
    found = Confirmation.objects.get()
    assert found.expires_on == expires_on(timezone.localdate())


def test_scenario_2_a_second_exporter_is_refused_and_learns_no_figure(ana: Exporter, cho: Exporter) -> None:
    ana.applies(contract_amount="400,000")
    refused = cho.fills_in(contract_amount="300,000")
    assert "個別保証枠確認申込みはできません" in refused.verdict
    assert text("M-Q02") in refused.verdict
    assert 'value="申込む"' not in refused.html
    assert ">申込む</button>" not in refused.html
    for figure in ("40,000,000", "60,000,000", "100,000,000", "100000000"):
        assert figure not in refused.html


def test_scenario_5_ee_needs_no_quota_for_equipment_but_for_a_bill(ana: Exporter, in_days: InDays) -> None:
    equipment = ana.fills_in(payer_code="310-000002", product="03")
    assert "個別保証枠の確認は不要です" in equipment.verdict
    assert text("M-R04", 格付="EE") in equipment.verdict
    bill = ana.fills_in(**BILL, purchase_date=in_days(20), payer_code="310-000002", contract_amount="10,000")
    assert text("M-OK") in bill.verdict


BILL = {
    "product": "04",
    "purchase_bank": "0001",
    "purchase_branch": "001",
    "purchase_name": "甲銀行 本店",
    "contract_number": None,
    "contract_date": None,
    "counterparty_code": None,
}


def test_scenario_6_a_usance_of_400_days_is_too_long_for_equipment(ana: Exporter, in_days: InDays) -> None:
    page = ana.fills_in(
        payer_code="123-000001", payment_country="123", destination_country="123",
        settlement="49", usance_days=None, due=in_days(30 + 400), contract_amount="1,000",
    )  # fmt: skip
    assert "個別保証枠確認申込みはできません" in page.verdict
    assert "決済期間が上限" in page.verdict


def test_scenario_7_a_bill_over_the_limit_of_the_country_is_refused(ana: Exporter, in_days: InDays) -> None:
    page = ana.fills_in(
        **BILL, purchase_date=in_days(20), payer_code="310-000002", currency="JPY", contract_amount="250,000,000"
    )
    assert text("M-C03", 国名="ニカラグア", 金額="2億円", 月数=12) in page.verdict


def test_scenario_7_on_the_day_before_the_change_the_older_limit_applied(ana: Exporter, in_days: InDays) -> None:
    CountryPolicy.objects.filter(country="310", product="04", effective_from=date(2017, 11, 6)).update(
        effective_from=timezone.localdate() + timedelta(days=1)
    )
    page = ana.fills_in(
        **BILL, purchase_date=in_days(20), payer_code="310-000002", currency="JPY", contract_amount="15,000,000"
    )
    assert text("M-C03", 国名="ニカラグア", 金額="1,000万円", 月数=12) in page.verdict


def test_scenario_8_a_payer_in_default_is_refused(ana: Exporter) -> None:
    page = ana.fills_in(payer_code="304-000004", payment_country="304", destination_country="304")
    assert text("M-R02") in page.verdict


def test_scenario_8_an_unregistered_payer_is_refused_and_the_input_is_kept(ana: Exporter) -> None:
    page = ana.fills_in(payer_code="304-999999", payment_country="304", destination_country="304")
    assert text("M-B01") in page.verdict
    assert Application.objects.get().number == page.number


def test_scenario_9_an_lc_of_an_eligible_bank_needs_no_quota(ana: Exporter) -> None:
    page = ana.fills_in(settlement="10", usance_days=None, guarantee="lc", bank_code="304-000007")
    assert text("M-L01") in page.verdict
    assert "個別保証枠の確認は不要です" in page.verdict


def test_scenario_9_a_suspended_destination_is_refused_even_with_an_lc(ana: Exporter) -> None:
    page = ana.fills_in(
        settlement="10", usance_days=None, guarantee="lc", bank_code="304-000007", destination_country="600"
    )
    assert text("M-C01", 国名="アフガニスタン") in page.verdict
    assert "個別保証枠確認申込みはできません" in page.verdict


def test_scenario_10_a_draft_is_resumed_next_day_under_its_number_and_judged_anew(ana: Exporter, cho: Exporter) -> None:
    confirm = ana.fills_in(contract_amount="400,000")
    cho.applies(contract_amount="500,000")
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        ana.logs_in_again()
        listed = ana.get("/nexi/applications/")
        assert confirm.number in listed.text
        detail = ana.get(f"/nexi/applications/{confirm.number}/")
        assert "再開する" in detail.text
        resumed = ana.get(f"/nexi/requests/{confirm.number}/")
    assert resumed.number == confirm.number
    assert text("M-Q02") in resumed.verdict


def test_scenario_11_a_confirmation_ends_after_three_months(ana: Exporter) -> None:
    with time_machine.travel(datetime(2026, 11, 30, 10, tzinfo=JST), tick=True):
        ana.logs_in_again()
        ana.applies()
    found = Confirmation.objects.get()
    assert found.expires_on == date(2027, 2, 28)
    certificate = f"/nexi/quotas/{found.number}/certificate.pdf"
    with time_machine.travel(datetime(2027, 2, 28, 23, 59, 50, tzinfo=JST), tick=False):
        ana.logs_in_again()
        assert found.number in ana.get("/nexi/quotas/").text
        assert ana.client.get(certificate).status_code == 200
    with time_machine.travel(datetime(2027, 3, 1, 0, 0, 10, tzinfo=JST), tick=False):
        ana.logs_in_again()
        assert found.number not in ana.get("/nexi/quotas/").text
        gone = ana.client.get(certificate)
        assert gone.status_code == 410
        assert text("M-P01") in gone.content.decode()
        services.expire(timezone.localdate())
    assert balance() == 100_000_000


def test_scenario_12_another_application_shows_a_past_date_as_typed_and_refuses_it_on_the_way_on(ana: Exporter) -> None:
    start = datetime(2026, 11, 20, 10, tzinfo=JST)
    with time_machine.travel(start, tick=True):
        ana.logs_in_again()
        confirm = ana.fills_in(shipment=date(2026, 12, 1), goods="ポンプ　２台", contract_amount="４００，０００")
    with time_machine.travel(start + timedelta(days=60), tick=True):
        ana.logs_in_again()
        copied = ana.get(f"{NEW}?from={confirm.number}")
        assert copied.value("main-first_shipment-m") == "12"
        assert copied.value("main-contract_amount") == "４００，０００"
        assert copied.value("main-goods") == "ポンプ　２台"
        assert "過ぎた日付" not in copied.text
        refused = ana.fills_in(
            f"{NEW}?from={confirm.number}", shipment=date(2026, 12, 1), contract_date=date(2026, 11, 20)
        )
    assert refused.status == 422
    assert "初回船積予定日は今日以後の日付を入力してください" in refused.text


def test_scenario_18_who_may_only_enter_sees_no_apply_and_cannot_send_it(ben: Exporter) -> None:
    confirm = ben.fills_in()
    assert text("M-OK") in confirm.verdict
    assert ">申込む</button>" not in confirm.html
    assert text("M-U02") in confirm.text
    refused = ben.post(confirm.path, {"token": "anything", "consent": "on"})
    assert refused.status == 403
    assert text("M-U02") in refused.text
    assert Application.objects.get().state == State.DRAFT
    assert not Confirmation.objects.exists()


def test_the_contact_overwritten_in_one_application_is_registered_data_again_in_the_next(ana: Exporter) -> None:
    confirm = ana.fills_in(contact_name="別の担当者")
    ana.presses_apply(confirm)
    assert "別の担当者" in ana.get(f"/nexi/applications/{confirm.number}/").text
    assert ana.get(NEW).value("contact-name") == ana.user.name
    assert ana.get(f"{NEW}?from={confirm.number}").value("contact-name") == ana.user.name


def test_a_rating_that_falls_between_the_steps_is_found_at_the_submission(ana: Exporter) -> None:
    confirm = ana.fills_in()
    BuyerRating.objects.filter(buyer__code="310-000001").update(rating="ER")
    answer = ana.presses_apply(confirm)
    assert answer.status == 409
    assert text("M-Q04") in answer.text
    assert text("M-R02") in answer.verdict
    assert Application.objects.get().state == State.DRAFT
    assert balance() == 100_000_000
