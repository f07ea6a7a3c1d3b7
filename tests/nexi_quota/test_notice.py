"""決済通知 and 枠戻通知, walked as the seed describes them (sections 5 to 7)."""

import re
from decimal import Decimal

import pytest

from nexi_quota.enums import ContractOrigin, ContractState, LedgerKind, Product
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice
from portal.accounts.models import Organisation
from portal.applications.models import Application
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import (
    FIRST,
    assert_shows_the_object_as_facts,
    chosen,
    enters,
    entry_of,
    from_list,
    held,
    notifies,
    presses,
    release,
    settlement,
)

pytestmark = pytest.mark.django_db
INTRO = "/nexi/notices/new/"


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """A Web contract of exporter A over USD 400,000: 60,000,000 yen of the payer's quota."""
    return insure(exporter_a)


@pytest.fixture
def confirmation(ana: Exporter) -> Confirmation:
    """A 確認 of exporter A over USD 400,000 for 設備財."""
    ana.applies()
    return Confirmation.objects.get()


# --- The introduction -----------------------------------------------------------


def test_the_introduction_explains_both_ways_and_leads_to_the_first_step(ana: Exporter) -> None:
    page = ana.get(INTRO)
    assert "申込手続きの内容と流れ" in page.text
    assert f'href="{FIRST}">申込内容の入力へ' in page.html
    assert "直接入力" in page.text
    assert "/nexi/contracts/" in page.html
    assert not Application.objects.exists()


def test_the_introduction_shows_the_matrix_of_products_notices_and_routes(ana: Exporter) -> None:
    rows = re.findall(r"<tr>(<td.*?)</tr>", ana.get(INTRO).html, re.S)
    cells = [[re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in rows]
    assert len(cells) == 8
    ways = {(kind, product): [cell.startswith("できます") for cell in more] for kind, product, *more in cells}
    assert ways["決済通知", "貿易一般保険(個別)"] == [True, True, False]
    assert ways["決済通知", "貿易一般保険包括保険(設備財)"] == [True, False, False]
    assert ways["決済通知", "輸出手形保険"] == [False, False, False]
    assert ways["枠戻通知", "輸出手形保険"] == [True, False, True]


# --- Three ways in, one procedure -------------------------------------------------


def test_section_5_a_settlement_by_direct_entry(ana: Exporter, contract: InsuranceContract) -> None:
    confirm = enters(ana, settlement(contract))
    assert confirm.path == f"/nexi/notices/{confirm.number}/confirm/"
    for words in ("申込む", "修正する", "Web申込状況一覧へ", "BUYER 310-000001 LTD."):
        assert words in confirm.text
    assert 'type="checkbox"' not in confirm.html, "the seed asks for no consent"
    receipt = presses(ana, confirm)
    assert receipt.path == f"/nexi/notices/{confirm.number}/"
    for words in ("Web申込日時", "続けて通知へ", "個別保証枠一覧へ", "ユーザーページへ"):
        assert words in receipt.text
    notice = Notice.objects.get()
    assert (notice.kind, notice.route, notice.amount) == ("settlement", "direct", Decimal(400_000))
    assert notice.application.number == confirm.number
    contract.refresh_from_db()
    assert (contract.state, contract.balance, held()) == (ContractState.SETTLED, 0, 0)


def test_section_5_a_release_by_direct_entry(ana: Exporter, confirmation: Confirmation) -> None:
    receipt = notifies(ana, release(confirmation, reason="99", note="商談の中止"))
    assert "申込みが完了しました" in receipt.text
    notice = Notice.objects.get()
    assert (notice.kind, notice.route, notice.reason, notice.note) == ("release", "direct", "99", "商談の中止")
    confirmation.refresh_from_db()
    assert (confirmation.state, confirmation.unused, held()) == ("returned", 0, 0)


def test_section_6_a_settlement_of_a_contract_chosen_from_the_list(ana: Exporter, contract: InsuranceContract) -> None:
    intro = ana.get(from_list(contract, INTRO))
    assert contract.number in intro.text
    assert f'href="{from_list(contract)}">申込内容の入力へ' in intro.html
    step = ana.get(from_list(contract))
    assert_shows_the_object_as_facts(step, contract.number)
    assert "決済残高 USD 400,000" in step.text
    assert 'name="main-reason"' not in step.html
    notifies(ana, chosen(contract), from_list(contract))
    assert (Notice.objects.get().route, held()) == ("contracts", 0)


def test_section_7_a_release_of_a_quota_chosen_from_the_list(ana: Exporter, confirmation: Confirmation) -> None:
    intro = ana.get(from_list(confirmation, INTRO))
    assert f'href="{from_list(confirmation)}">申込内容の入力へ' in intro.html
    step = ana.get(from_list(confirmation))
    assert_shows_the_object_as_facts(step, confirmation.number)
    assert "未使用額 USD 400,000" in step.text
    assert 'name="main-manner"' not in step.html
    notifies(ana, chosen(confirmation), from_list(confirmation))
    assert (Notice.objects.get().route, held()) == ("quotas", 0)


def test_a_quota_taken_by_an_insurance_application_is_returned_from_the_list(
    ana: Exporter, contract: InsuranceContract
) -> None:
    automatic = contract.confirmation
    assert automatic is not None
    notifies(ana, chosen(automatic, reason="06"), from_list(automatic))
    contract.refresh_from_db()
    assert (contract.state, held()) == (ContractState.CANCELLED, 0)


def test_the_object_stays_through_errors_the_draft_the_confirmation_and_back(
    ana: Exporter, contract: InsuranceContract
) -> None:
    wrong = enters(ana, chosen(contract, extent="part"), from_list(contract))
    assert wrong.status == 422
    assert_shows_the_object_as_facts(wrong, contract.number)
    kept = enters(ana, chosen(contract, extent="part"), from_list(contract), action="save")
    assert kept.path == entry_of(kept)
    assert_shows_the_object_as_facts(kept, contract.number)
    confirm = enters(ana, chosen(contract, extent="part", settled_amount="100"), kept.path)
    assert confirm.number == kept.number
    assert "保有契約一覧から選択" in confirm.text
    assert contract.number in confirm.verdict
    back = ana.get(kept.path)
    assert_shows_the_object_as_facts(back, contract.number)
    assert back.value("main-settled_amount") == "100"
    ana.logs_in_again()
    resumed = ana.get(f"/nexi/notices/{confirm.number}/")
    assert resumed.path == confirm.path
    presses(ana, resumed)
    assert (Notice.objects.get().route, Notice.objects.get().amount) == ("contracts", 100)


def test_the_way_back_from_the_first_step_keeps_the_object(ana: Exporter, contract: InsuranceContract) -> None:
    assert f'href="{from_list(contract, INTRO)}">戻る' in ana.get(from_list(contract)).html


@pytest.mark.parametrize("path", [INTRO, FIRST])
def test_a_foreign_an_unknown_and_a_misspelt_number_in_the_address_are_not_found(
    ana: Exporter, cho: Exporter, contract: InsuranceContract, path: str
) -> None:
    confirmation = Confirmation.objects.get()
    for target in (contract, confirmation):
        assert ana.get(from_list(target, path)).status == 200
        assert cho.get(from_list(target, path)).status == 404
    for query in (
        "contract=99999999999999-00", "contract=", "quota=", "quota=039999999999", f"quota={contract.number}",
        f"contract={confirmation.number}", f"contract={contract.policy_number}", f"quota={confirmation.number}-00",
    ):  # fmt: skip
        assert ana.get(f"{path}?{query}").status == 404, query


def test_an_object_that_is_not_on_its_list_is_sent_to_direct_entry(ana: Exporter, exporter_a: Organisation) -> None:
    paper = insure(exporter_a, origin=ContractOrigin.PAPER)
    reason = text("M-N10", 保険種=Product.INDIVIDUAL.label, 通知="決済通知", 方法="「直接入力」")
    intro = ana.get(from_list(paper, INTRO))
    assert reason in intro.text
    assert "申込内容の入力へ" not in intro.text
    refused = enters(ana, chosen(paper), from_list(paper))
    assert refused.status == 422
    assert reason in refused.text
    assert "申込みが完了しました" in notifies(ana, settlement(paper)).text


# --- Amounts ---------------------------------------------------------------------


def test_scenario_3_a_part_returned_makes_room_for_the_next_exporter(ana: Exporter, cho: Exporter) -> None:
    ana.applies(contract_amount="400,000")
    assert text("M-Q02") in cho.fills_in(contract_amount="300,000").verdict
    confirmation = Confirmation.objects.get()
    notifies(ana, release(confirmation, extent="part", returned_amount="200,000", reason="03"))
    assert held() == 30_000_000
    assert text("M-OK") in cho.fills_in(contract_amount="300,000").verdict
    confirmation.refresh_from_db()
    assert (confirmation.state, confirmation.unused, confirmation.unused_jpy) == ("valid", 200_000, 30_000_000)


def test_scenario_15_two_parts_release_the_quota_to_the_yen_and_a_third_is_refused(
    ana: Exporter, exporter_a: Organisation
) -> None:
    contract = insure(exporter_a, amount="1000.01", rate=Decimal("149.123457"))
    whole = held()
    notifies(ana, settlement(contract, extent="part", settled_amount="400.00", manner="04"))
    assert whole - held() == 59_649  # 400 × 149.123457, rounded down
    notifies(ana, settlement(contract, extent="part", settled_amount="600.01", manner="04"))
    assert held() == 0
    releases = LedgerEntry.objects.filter(kind=LedgerKind.RELEASE)
    assert sum(releases.values_list("amount_jpy", flat=True)) == -whole
    refused = enters(ana, settlement(contract, extent="part", settled_amount="0.01"))
    assert refused.status == 422
    assert text("M-N06") in refused.text


def test_a_full_notice_with_an_empty_amount_is_what_is_open(ana: Exporter, contract: InsuranceContract) -> None:
    notifies(ana, settlement(contract, extent="part", settled_amount="123,456.78"))
    confirm = enters(ana, settlement(contract))
    assert "USD 276,543.22" in confirm.verdict
    presses(ana, confirm)
    contract.refresh_from_db()
    assert (contract.balance, held()) == (0, 0)
    assert Application.objects.get(number=confirm.number).amount == Decimal("276543.22")


def test_the_confirmation_shows_before_and_after_but_never_the_buyers_balance(
    ana: Exporter, cho: Exporter, contract: InsuranceContract
) -> None:
    cho.applies(contract_amount="100,000")
    confirm = enters(ana, settlement(contract, extent="part", settled_amount="150,000"))
    for words in ("通知前の決済残高 USD 400,000", "今回の決済通知 USD 150,000", "通知後の決済残高 USD 250,000"):
        assert words in confirm.verdict, words
    bar = re.search(r'<svg role="img" aria-label="([^"]*)"', confirm.html)
    assert bar
    assert bar[1] == "契約金額 USD 400,000のうち決済残高 USD 400,000、通知後は USD 250,000"
    for hidden in ("75,000,000", "25,000,000", "100,000,000", "100000000"):
        assert hidden not in confirm.html
