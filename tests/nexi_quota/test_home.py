"""ユーザーページ: the menu of the procedures, the reminders, and the quota that the exporter itself holds."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ContractOrigin, Product
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract
from portal.accounts.models import Organisation
from portal.applications.models import Application
from portal.common.eras import seireki
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import FIRST, enters, settlement

pytestmark = pytest.mark.django_db
HOME = "/nexi/"
NOTHING = "いまお知らせすることはありません"


def cards(person: Exporter) -> dict[str, str]:
    """Return the menu cards: words and address."""
    found = re.findall(r'<a class="menu-card" href="([^"]+)"><strong>([^<]+)</strong>', person.get(HOME).html)
    return {words: url for url, words in found}


def overdue(exporter: Organisation, days: int, **more: object) -> InsuranceContract:
    today = timezone.localdate()
    return insure(exporter, shipped_on=today - timedelta(days=200), due_on=today - timedelta(days=days), **more)


# --- Menu -----------------------------------------------------------------------------------


def test_the_menu_names_every_procedure_as_the_manual_does(ana: Exporter) -> None:
    assert cards(ana) == {
        "個別保証枠確認申込み": "/nexi/requests/new/",
        "申込み前の確認": "/nexi/check/",
        "個別保証枠一覧": "/nexi/quotas/",
        "海外商社検索": "/nexi/buyers/",
        "決済／枠戻通知（直接入力）": "/nexi/notices/new/",
        "決済通知（保有契約一覧から選択）": "/nexi/contracts/",
        "枠戻通知（個別保証枠一覧から選択）": "/nexi/quotas/",
        "通知の一括取り込み": "/nexi/bulk/",
        "Web申込状況一覧": "/nexi/applications/",
    }
    assert {ana.get(url).status for url in cards(ana).values()} == {200}


def test_every_card_that_somebody_sees_opens(ana: Exporter, log_in: LogIn, exporter_a: Organisation) -> None:
    for role in ("nexi.view", "nexi.input"):
        person = Exporter(log_in(role, role, organisation=exporter_a))
        seen = cards(person)
        assert "個別保証枠一覧" in seen
        assert ("決済／枠戻通知（直接入力）" in seen) is (role == "nexi.input")
        assert {url: person.get(url).status for url in seen.values()} == dict.fromkeys(seen.values(), 200)


def test_the_first_visit_says_how_to_begin(ana: Exporter) -> None:
    page = ana.get(HOME)
    assert NOTHING in page.text
    assert "はじめての方へ" in page.text
    ana.fills_in()
    page = ana.get(HOME)
    assert NOTHING not in page.text
    assert "はじめての方へ" not in page.text


# --- Reminders ------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "words"), [(0, "残り0日"), (14, "残り14日"), (15, ""), (-1, "")])
def test_a_confirmation_is_named_when_it_expires_within_14_days(ana: Exporter, days: int, words: str) -> None:
    ana.applies()
    Confirmation.objects.update(expires_on=timezone.localdate() + timedelta(days=days))
    page = ana.get(HOME)
    assert (NOTHING in page.text) is not words
    assert words in page.text
    assert (f'href="/nexi/quotas/{Confirmation.objects.get().number}/"' in page.html) is bool(words)


def test_insured_quota_does_not_expire(ana: Exporter, exporter_a: Organisation) -> None:
    insure(exporter_a)
    Confirmation.objects.update(expires_on=timezone.localdate() + timedelta(days=3))
    assert NOTHING in ana.get(HOME).text


@pytest.mark.parametrize(
    ("days", "words"), [(1, "残り44日"), (44, "残り1日"), (45, "損失等発生通知は今日まで"), (46, "は過ぎています")]
)
def test_an_overdue_contract_is_named_with_the_days_left_for_its_duty(
    ana: Exporter, exporter_a: Organisation, days: int, words: str
) -> None:
    contract = overdue(exporter_a, days)
    page = ana.get(HOME)
    assert text("M-N09") in page.text
    assert words in page.text
    assert seireki(contract.due_on) in page.text
    assert f'href="/nexi/contracts/{contract.number}/"' in page.html


def test_paper_contracts_have_the_same_duty_and_lost_or_punctual_ones_none(
    ana: Exporter, exporter_a: Organisation
) -> None:
    paper = overdue(exporter_a, 5, product=Product.EQUIPMENT, origin=ContractOrigin.PAPER, amount="1000")
    due_today = overdue(exporter_a, 0, amount="1000")
    lost = overdue(exporter_a, 5, amount="1000")
    services.report_loss(lost, timezone.localdate())
    page = ana.get(HOME)
    assert paper.number in page.text
    assert due_today.number not in page.text
    assert lost.number not in page.text


def test_drafts_of_every_procedure_are_named(ana: Exporter, exporter_a: Organisation) -> None:
    request = ana.fills_in()
    notice = enters(ana, settlement(insure(exporter_a)), FIRST)
    page = ana.get(HOME)
    for number in (request.number, notice.number):
        assert f'href="/nexi/applications/{number}/"' in page.html
    assert "個別保証枠確認申込み" in page.text
    assert "決済／枠戻通知" in page.text


def test_of_many_reminders_the_page_shows_five_and_leads_to_the_list(ana: Exporter, exporter_a: Organisation) -> None:
    for days in range(1, 7):
        overdue(exporter_a, days, amount="1000")
    page = ana.get(HOME)
    assert page.html.count('<li><a href="/nexi/contracts/0') == 5
    assert "ほかにもあります。" in page.text


def test_nothing_of_another_exporter_is_on_the_page(ana: Exporter, cho: Exporter, exporter_a: Organisation) -> None:
    ana.applies()
    Confirmation.objects.update(expires_on=timezone.localdate() + timedelta(days=3))
    contract, draft = overdue(exporter_a, 5, amount="1000"), ana.fills_in(contract_number="EX-2")
    page = cho.get(HOME)
    assert NOTHING in page.text
    for secret in (Confirmation.objects.earliest("pk").number, contract.number, draft.number, "BUYER"):
        assert secret not in page.text


# --- 支払人別の個別保証枠 ---------------------------------------------------------------------


def gauges(person: Exporter) -> list[tuple[str, ...]]:
    """Return the rows of the gauges: payer, confirmed and unused yen."""
    table = person.get(HOME).html.partition('id="use-title"')[2]
    rows = re.findall(r"<tr><td.*?</tr>", table)
    return [tuple(re.findall(r"<span>(?:<a[^>]*>)?([^<]+)", row)[:3]) for row in rows]


def test_the_gauges_add_up_what_the_exporter_itself_holds(
    ana: Exporter, cho: Exporter, exporter_a: Organisation, exporter_b: Organisation
) -> None:
    insure(exporter_a, "310-000002", "100000")
    insure(exporter_a, "310-000001", "200000")
    insure(exporter_a, "310-000001", "100000")
    insure(exporter_b, "310-000001", "300000")
    assert gauges(ana) == [
        ("BUYER 310-000001 LTD.", "45,000,000", "45,000,000"),
        ("BUYER 310-000002 LTD.", "15,000,000", "15,000,000"),
    ]
    assert gauges(cho) == [("BUYER 310-000001 LTD.", "45,000,000", "45,000,000")]
    html = ana.get(HOME).html
    for hidden in ("100,000,000", "500,000,000", "90,000,000", "10,000,000", "55,000,000"):
        assert not re.search(rf"(?<![\d,]){hidden}", html), f"{hidden}: neither limit nor balance nor others' holds"


def test_the_gauges_show_the_five_payers_with_most_and_lead_to_their_quota(
    ana: Exporter, exporter_a: Organisation
) -> None:
    payers = ["310-000001", "310-000002", "304-000001", "123-000001", "105-000001"]
    for place, payer in enumerate(payers, start=1):
        insure(exporter_a, payer, f"{place}000")
    extra = insure(exporter_a, "310-000002", "9000")
    assert [row[0][6:16] for row in gauges(ana)] == [
        "310-000002",
        "105-000001",
        "123-000001",
        "304-000001",
        "310-000001",
    ]
    assert "/nexi/quotas/?q=310-000002" in ana.get(HOME).html
    listed = ana.get("/nexi/quotas/?q=310-000002").text
    assert extra.confirmation is not None
    assert extra.confirmation.number in listed
    assert "2件中" in listed


def test_what_is_settled_or_returned_counts_as_used_up(ana: Exporter, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, amount="100000")
    Confirmation.objects.update(unused=60_000, unused_jpy=9_000_000)
    assert gauges(ana) == [("BUYER 310-000001 LTD.", "15,000,000", "9,000,000")]
    assert 'aria-label="確認金額15,000,000円のうち、未使用額は9,000,000円です。"' in ana.get(HOME).html
    assert contract.number not in ana.get(HOME).text


# --- Bound -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 7])
def test_the_page_takes_eight_statements_whatever_there_is(
    ana: Exporter, exporter_a: Organisation, count: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for at in range(count):
        ana.applies(contract_number=f"A-{at}", contract_amount="1,000")
        ana.fills_in(contract_number=f"B-{at}")
        overdue(exporter_a, at + 1, amount="1000")
    Confirmation.objects.filter(state="valid").update(expires_on=timezone.localdate())
    assert Application.objects.count() == 2 * count
    ana.get(HOME)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert ana.get(HOME).status == 200
