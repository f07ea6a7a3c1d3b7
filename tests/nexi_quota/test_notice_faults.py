"""Every reason against a notice, at its field and with everything as typed (nexi.md 3.2 and 8, M-N01 to M-N12)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import Product
from nexi_quota.forms import ContactForm, NoticeForm
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, Notice
from nexi_quota.wizards import NOTICE
from portal.accounts.models import Organisation
from portal.applications.models import Application
from portal.wizard.checks import faults
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import chosen, enters, from_list, release, settlement

pytestmark = pytest.mark.django_db
InDays = Callable[[int], date]


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    return insure(exporter_a, shipped_on=timezone.localdate() - timedelta(days=30))


@pytest.fixture
def quota(contract: InsuranceContract) -> Confirmation:
    assert contract.confirmation is not None
    return contract.confirmation


def refused(page: Page, field: str, *messages: str) -> None:
    """Fail unless the page says `messages` at the field (empty: to the whole page) and in the list on top."""
    assert page.status == 422
    assert "<title>エラー：" in page.html
    summary = re.search(r"<[^>]*data-error-summary.*?</(?:section|div)>", page.html, re.S)
    pattern = rf'id="id_main-{field}-error">(.*?)</p>' if field else r'id="id_main-all"[^>]*>(.*?)</div>'
    at_field = re.search(pattern, page.html, re.S)
    assert summary, page.text
    assert at_field, page.text
    for message in messages:
        assert message in summary[0]
        assert message in at_field[1]
    assert not Application.objects.exists()
    assert not Notice.objects.exists()


# --- The number: M-N01, M-N02, M-N06, M-N07 ------------------------------------------


def without_number(page: Page, number: str) -> str:
    """Return the page without what differs in any case: the typed number, the token, the time that is left."""
    return re.sub(r'[0-9A-Za-z]{64}|seconds="\d+"', "", page.html.replace(number, "N"))


def test_scenario_16_another_companys_number_and_an_unknown_one_get_the_same_answer(
    ana: Exporter, exporter_b: Organisation, masters: None
) -> None:
    theirs = insure(exporter_b)
    assert theirs.confirmation is not None
    for made, name, foreign, unknown in (
        (settlement(theirs), "policy_number", theirs.policy_number, "99999999999999"),
        (release(theirs.confirmation), "confirmation_number", theirs.confirmation.number, "012699999999"),
    ):
        pages = [enters(ana, {**made, f"main-{name}": number}) for number in (foreign, unknown)]
        for page in pages:
            refused(page, name, text("M-N01"))
        assert without_number(pages[0], foreign) == without_number(pages[1], unknown)
        assert theirs.payer.name not in pages[0].html


def test_a_chosen_object_of_another_company_and_an_unknown_one_get_the_same_answer(
    ana: Exporter, exporter_b: Organisation, masters: None
) -> None:
    theirs = insure(exporter_b)
    unknown = "99999999999999-00"
    pages = [enters(ana, {**chosen(theirs), "main-contract": number}) for number in (theirs.number, unknown)]
    for page in pages:
        refused(page, "", text("M-N01"))
    assert without_number(pages[0], theirs.number) == without_number(pages[1], unknown)


def test_another_branch_or_another_product_is_not_that_contract(ana: Exporter, contract: InsuranceContract) -> None:
    refused(enters(ana, settlement(contract, branch="01")), "policy_number", text("M-N01"))
    refused(enters(ana, {**settlement(contract), "main-product": "03"}), "policy_number", text("M-N01"))


def test_scenario_14_a_settlement_of_a_bill_is_not_made_on_the_web(ana: Exporter, contract: InsuranceContract) -> None:
    refused(enters(ana, {**settlement(contract), "main-product": Product.BILL.value}), "product", text("M-N02"))


def test_what_is_settled_or_returned_or_expired_takes_no_notice(
    ana: Exporter, contract: InsuranceContract, quota: Confirmation, in_days: InDays
) -> None:
    Confirmation.objects.update(state="valid", expires_on=in_days(-1))
    refused(enters(ana, release(quota)), "confirmation_number", text("M-N06"))
    Confirmation.objects.update(state="returned", unused=0, unused_jpy=0)
    refused(enters(ana, release(quota)), "confirmation_number", text("M-N06"))
    refused(enters(ana, chosen(quota), from_list(quota)), "", text("M-N06"))
    InsuranceContract.objects.update(state="auto_release")
    refused(enters(ana, settlement(contract)), "policy_number", text("M-N06"))


def test_insured_quota_can_be_returned_after_its_certificate_has_run_out(
    ana: Exporter, quota: Confirmation, in_days: InDays
) -> None:
    Confirmation.objects.update(expires_on=in_days(-1))
    assert "枠戻通知ができます" in enters(ana, release(quota)).verdict


def test_a_loss_notice_freezes_contract_quota_and_the_other_branch(
    ana: Exporter, exporter_a: Organisation, contract: InsuranceContract, quota: Confirmation
) -> None:
    more = {"policy_number": contract.policy_number, "branch": "01", "confirmation": quota}
    other = insure(exporter_a, amount="100", **more)
    services.report_loss(contract, timezone.localdate())
    refused(enters(ana, settlement(contract)), "policy_number", text("M-N07"))
    refused(enters(ana, settlement(other)), "policy_number", text("M-N07"))
    refused(enters(ana, release(quota)), "confirmation_number", text("M-N07"))
    refused(enters(ana, chosen(contract), from_list(contract)), "", text("M-N07"))


# --- Payer and cross-check: M-N03, M-N01 ----------------------------------------------


def test_the_payer_must_be_the_registered_one(ana: Exporter, contract: InsuranceContract, quota: Confirmation) -> None:
    for sent in (settlement(contract), release(quota)):
        refused(enters(ana, {**sent, "main-payer": "310-000002"}), "payer", text("M-N03"))
        refused(enters(ana, {**sent, "main-payer": ""}), "payer", "支払人 海外商社コードを入力してください。")


def test_a_confirmation_number_beside_the_policy_must_be_its_own(
    ana: Exporter, exporter_a: Organisation, contract: InsuranceContract, quota: Confirmation
) -> None:
    other = insure(exporter_a, amount="1").confirmation
    assert other is not None
    for number in (other.number, "012699999999"):
        refused(enters(ana, settlement(contract, confirmation_number=number)), "confirmation_number", text("M-N01"))
    assert "決済通知ができます" in enters(ana, settlement(contract, confirmation_number=quota.number)).verdict


# --- Days: M-N08, M-N11, M-V05 ----------------------------------------------------------


def test_a_day_in_the_future_and_one_before_the_shipment_are_refused(
    ana: Exporter, contract: InsuranceContract, quota: Confirmation, in_days: InDays
) -> None:
    tomorrow = in_days(1)
    for page in (
        enters(ana, settlement(contract, settled_on=tomorrow)),
        enters(ana, chosen(contract, settled_on=tomorrow), from_list(contract)),
    ):
        refused(page, "settled_on", text("M-N08"))
    refused(enters(ana, release(quota, returned_on=tomorrow)), "returned_on", text("M-N11"))
    early = enters(ana, settlement(contract, settled_on=in_days(-31)))
    refused(early, "settled_on", f"決済日は船積日（{contract.shipped_on:%Y年%-m月%-d日}）以降の日付を入力してください")
    for day in (in_days(0), in_days(-30)):
        assert "決済通知ができます" in enters(ana, settlement(contract, settled_on=day)).verdict
        Application.objects.all().delete()


# --- Amounts: M-N04, M-N05, M-N12, M-V06 --------------------------------------------------


def test_more_than_what_is_open_is_refused(ana: Exporter, contract: InsuranceContract, quota: Confirmation) -> None:
    over = "400,000.01"
    refused(enters(ana, settlement(contract, extent="part", settled_amount=over)), "settled_amount", text("M-N04"))
    refused(enters(ana, release(quota, extent="part", returned_amount=over)), "returned_amount", text("M-N05"))
    page = enters(ana, chosen(quota, extent="part", returned_amount=over), from_list(quota))
    refused(page, "returned_amount", text("M-N05"))
    assert page.value("main-returned_amount") == over


def test_a_full_notice_has_the_whole_amount_or_none(ana: Exporter, contract: InsuranceContract) -> None:
    refused(enters(ana, settlement(contract, settled_amount="399,999")), "settled_amount", text("M-N12"))
    assert "決済通知ができます" in enters(ana, settlement(contract, settled_amount="400,000")).verdict


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "1.234", "1,000万円"])
def test_a_part_needs_an_amount_in_the_currency(ana: Exporter, contract: InsuranceContract, amount: str) -> None:
    page = enters(ana, settlement(contract, extent="part", settled_amount=amount))
    refused(page, "settled_amount", "決済金額")
    assert page.value("main-settled_amount") == amount


def test_yen_have_no_decimals(ana: Exporter, exporter_a: Organisation, masters: None) -> None:
    contract = insure(exporter_a, amount="5000000", currency="JPY", rate=1)
    page = enters(ana, settlement(contract, extent="part", settled_amount="1.5"))
    refused(page, "settled_amount", text("M-V06", 通貨="JPY"))
    confirm = enters(ana, settlement(contract, extent="part", settled_amount="100万円"))
    assert "JPY 1,000,000" in confirm.verdict


# --- What else is asked --------------------------------------------------------------------


def test_other_reasons_need_a_note(ana: Exporter, quota: Confirmation) -> None:
    for page in (enters(ana, release(quota, reason="99")), enters(ana, chosen(quota, reason="99"), from_list(quota))):
        refused(page, "note", "備考を入力してください。")
    assert "枠戻通知ができます" in enters(ana, release(quota, reason="99", note="ほかの理由")).verdict


@pytest.mark.parametrize(
    ("made", "missing"),
    [
        (settlement, ["保険証券番号", "枝番", "支払人 海外商社コード", "決済日", "決済の態様"]),
        (release, ["確認管理番号", "支払人 海外商社コード", "枠戻日", "枠戻理由"]),
    ],
)
def test_every_field_of_the_chosen_kind_is_asked_for_at_once(
    ana: Exporter, made: Callable[..., dict[str, Any]], missing: list[str]
) -> None:
    page = enters(ana, made(product="01", extent="part", settled_on=None, returned_on=None, manner=None, reason=None))
    assert page.status == 422
    for label in missing:
        assert re.search(f"{label}を(入力|選択)してください。", page.text), label
    for other in {"保険証券番号", "枠戻日", "確認管理番号", "決済日"} - {*missing}:
        assert f"{other}を入力してください。" not in page.text, other


def test_what_the_other_kind_would_ask_is_kept_as_typed_and_means_nothing(ana: Exporter, quota: Confirmation) -> None:
    idle = {"policy_number": "abc", "settled_amount": "いくらか", "settled_on": None, "manner": "77"}
    confirm = enters(ana, release(quota, **idle))
    assert "枠戻通知ができます" in confirm.verdict
    assert "保険証券番号" not in confirm.text
    step = ana.get(f"/nexi/notices/{confirm.number}/steps/entry/")
    assert (step.value("main-policy_number"), step.value("main-settled_amount")) == ("abc", "いくらか")


def test_without_a_kind_the_kind_is_asked_for(ana: Exporter, quota: Confirmation) -> None:
    page = enters(ana, {**release(quota), "main-kind": ""})
    assert page.status == 422
    assert "通知の種類を選択してください。" in page.text


def test_a_number_in_full_width_is_understood_and_shown(ana: Exporter, contract: InsuranceContract) -> None:
    wide = contract.policy_number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    kept = enters(ana, settlement(contract, policy_number=wide), action="save")
    assert f"{contract.payer.name}　残っている額 USD 400,000" in kept.html
    assert kept.value("main-policy_number") == wide


@pytest.mark.parametrize("name", ["contract", "quota"])
@pytest.mark.parametrize("value", ["x", "９" * 40, "😀", "'--", "-", "0" * 14 + "-00-00"])
def test_a_made_up_hidden_number_leads_nowhere(
    ana: Exporter, contract: InsuranceContract, name: str, value: str
) -> None:
    page = enters(ana, {**chosen(contract), "main-contract": "", f"main-{name}": value})
    assert page.status == 422
    assert text("M-N01") in page.text
    kept = enters(ana, {f"main-{name}": value}, action="save")
    assert kept.status == 200
    assert "通知の対象" not in kept.text


# --- The declaration --------------------------------------------------------------------------

COPIED = {
    "contract", "quota", "kind", "product", "policy_number", "branch", "confirmation_number", "payer", "extent",
    "manner", "reason", "note",
}  # fmt: skip
NOT_COPIED = {"settled_on", "settled_amount", "returned_on", "returned_amount"}


def test_every_field_is_marked_copied_or_not_copied() -> None:
    assert set(NoticeForm.base_fields) == COPIED | NOT_COPIED
    (step,) = NOTICE.steps
    assert set(step.not_copied) == {*(f"main-{name}" for name in NOT_COPIED), "contact"}
    assert set(step.forms.values()) == {NoticeForm, ContactForm}


def test_every_field_but_the_hidden_ones_stands_in_a_section_and_the_declaration_has_no_fault() -> None:
    placed = [name for section in NoticeForm.sections for name in section.fields]
    assert sorted([*placed, "contract", "quota"]) == sorted(NoticeForm.base_fields)
    assert list(faults(NOTICE)) == []
