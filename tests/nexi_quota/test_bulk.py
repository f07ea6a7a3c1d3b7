"""通知の一括取り込み: from the file to the tables, all of it or nothing."""

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest

from nexi_quota.enums import ContractOrigin, ContractState, Product
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice, NoticeBatch, Quota
from portal.accounts.models import Organisation
from portal.applications.models import Application, Attachment, State
from tests.nexi_quota.bulk_files import BULK, as_csv, chooses, part, row, takes_over
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """A Web contract of exporter A over USD 400,000: 60,000,000 yen of the payer's quota."""
    return insure(exporter_a)


@pytest.fixture
def confirmation(ana: Exporter) -> Confirmation:
    """A 確認 of exporter A over USD 200,000 for 設備財."""
    ana.applies(contract_amount="200,000")
    return Confirmation.objects.get(origin="request")


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def errors(page: Page) -> list[tuple[str, ...]]:
    """Return the rows of the table of mistakes: place, number, message."""
    table = re.search(r"<h2 id=\"errors\".*?</table>", page.html, re.S)
    assert table, "no table of mistakes"
    rows = re.findall(r"<tr>(<td.*?)</tr>", table[0], re.S)
    return [tuple(re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)) for row in rows]


def batch() -> NoticeBatch:
    return NoticeBatch.objects.get()


# --- The way through -----------------------------------------------------------------


def test_the_first_page_explains_the_columns_and_offers_the_templates(ana: Exporter) -> None:
    page = ana.get(BULK)
    for words in (
        "雛形をダウンロード（Excel）",
        "雛形をダウンロード（CSV）",
        "保険証券番号",
        "枠戻理由",
        "5,000行まで",
    ):
        assert words in page.text
    assert 'href="/nexi/bulk/"' in ana.get("/nexi/").html


def test_a_file_is_shown_before_anything_is_notified(
    ana: Exporter, contract: InsuranceContract, confirmation: Confirmation
) -> None:
    before = held()
    page = chooses(ana, as_csv([part(contract, "150,000"), row(confirmation)]))
    assert page.path == f"{BULK}{page.number}/"
    assert "2件（決済通知 1件、枠戻通知 1件）" in page.text
    assert "USD 150,000" in page.text
    assert "USD 200,000" in page.text
    assert contract.number in page.text
    assert "取り込む" in page.text
    assert (held(), Notice.objects.count()) == (before, 0)
    draft = Application.objects.get(number=page.number)
    assert (draft.state, draft.kind, draft.amount, draft.currency) == ("draft", "notice-batch", 350_000, "USD")


def test_what_was_taken_over_is_what_single_notices_would_have_done(
    ana: Exporter, contract: InsuranceContract, confirmation: Confirmation
) -> None:
    preview = chooses(ana, as_csv([part(contract, "150,000"), row(confirmation, reason="99", note="商談の中止")]))
    result = takes_over(ana, preview)
    assert "2件の通知を取り込みました" in result.text
    first, second = Notice.objects.order_by("line")
    assert (first.line, first.kind, first.route, first.amount, first.manner) == (
        2,
        "settlement",
        "direct",
        150_000,
        "01",
    )
    assert (second.line, second.kind, second.reason, second.note) == (3, "release", "99", "商談の中止")
    contract.refresh_from_db()
    confirmation.refresh_from_db()
    assert (contract.balance, contract.state) == (250_000, ContractState.OPEN)
    assert (confirmation.unused, confirmation.state) == (0, "returned")
    assert held() == 250_000 * 150 == sum(LedgerEntry.objects.values_list("amount_jpy", flat=True))
    application = Application.objects.get(number=preview.number)
    assert (application.state, application.submitted_by) == (State.SUBMITTED, ana.user)


def test_the_result_is_a_list_and_a_csv(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([part(contract, "100,000"), row(contract)]))
    result = takes_over(ana, preview)
    assert contract.number in result.text
    assert "USD 300,000" in result.text
    answer = ana.client.get(f"{preview.path}?format=csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert lines[0][0] == "行"
    assert [(line[0], line[2], line[-1]) for line in lines[1:]] == [
        ("2", contract.number, "取り込みました"),
        ("3", contract.number, "取り込みました"),
    ]


def test_the_file_is_on_the_list_of_applications_with_its_page(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    detail = ana.get(f"/nexi/applications/{preview.number}/")
    assert "決済／枠戻通知（一括）" in detail.text
    assert f'href="{preview.path}">再開する' in detail.html
    takes_over(ana, preview)
    listed = ana.get("/nexi/applications/?kind=notice-batch")
    assert preview.number in listed.text
    assert "一括 1件" in listed.text
    detail = ana.get(f"/nexi/applications/{preview.number}/")
    for words in ("手続完了", "1件の通知を取り込みました", "取り込みの結果（CSV）", "通知.csv"):
        assert words in detail.text
    assert preview.number in ana.get(f"/nexi/contracts/{contract.number}/").text


def test_the_uploaded_file_stays_with_its_application(ana: Exporter, contract: InsuranceContract) -> None:
    content = as_csv([row(contract)])
    preview = chooses(ana, content)
    takes_over(ana, preview)
    stored = Attachment.objects.get(application__number=preview.number)
    assert ana.client.get(f"/nexi/applications/attachments/{stored.pk}/").getvalue() == content


def test_who_pressed_is_told_by_mail(ana: Exporter, contract: InsuranceContract, mailoutbox: list[Any]) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    takes_over(ana, preview)
    (mail,) = mailoutbox
    assert mail.to == ["alice@a.example"]
    assert preview.number in mail.subject
    assert "決済通知の合計（USD）：USD 400,000" in mail.body
    assert "http" not in mail.body


# --- Mistakes in the file -------------------------------------------------------------


MISTAKES = {
    "kind": ({"kind": "返品"}, "2行目・通知の種類", "次のどれかを入力してください"),
    "no kind": ({"kind": None}, "2行目・通知の種類", "入力してください"),
    "product": ({"product": "03"}, "2行目・保険証券番号", "M-N01"),
    "bill": ({"product": "04"}, "2行目・保険種", "M-N02"),
    "lost zero": ({"policy_number": "1234567890123"}, "2行目・保険証券番号", "先頭の0"),
    "exponent": ({"policy_number": "1.23457E+13"}, "2行目・保険証券番号", "指数"),
    "unknown": ({"policy_number": "99999999999999"}, "2行目・保険証券番号", "M-N01"),
    "payer": ({"payer": "310-000002"}, "2行目・支払人 海外商社コード", "M-N03"),
    "no payer": ({"payer": None}, "2行目・支払人 海外商社コード", "入力してください"),
    "tomorrow": ({"day": "2199-12-31"}, "2行目・決済日・枠戻日", "M-N08"),
    "no such day": ({"day": "2026-02-30"}, "2行目・決済日・枠戻日", "2月30日はありません"),
    "too much": ({"extent": "一部", "amount": "400,000.01"}, "2行目・金額", "M-N04"),
    "not all": ({"amount": "399,999"}, "2行目・金額", "M-N12"),
    "no amount": ({"extent": "一部"}, "2行目・金額", "入力してください"),
    "words": ({"extent": "一部", "amount": "約3百万"}, "2行目・金額", "数字で入力してください"),
    "yen": ({"extent": "一部", "amount": "100円"}, "2行目・金額", "数字で入力してください"),
    "nothing": ({"extent": "一部", "amount": "0"}, "2行目・金額", "0より大きい額"),
    "manner": ({"manner": None}, "2行目・決済の態様", "入力してください"),
    "other number": ({"confirmation_number": "032600000015"}, "2行目・確認管理番号", "M-N01"),
    "picture": ({"note": "入金😀"}, "2行目・備考", "使えない文字（😀）"),
}


@pytest.mark.parametrize("why", MISTAKES)
def test_a_mistake_is_named_with_its_row_and_column(ana: Exporter, contract: InsuranceContract, why: str) -> None:
    changes, place, message = MISTAKES[why]
    page = chooses(ana, as_csv([row(contract, **changes)]))
    assert page.status == 422
    ((found, _, said),) = errors(page)
    assert found == place
    assert (text(message) if message.startswith("M-") else message) in said
    assert not Application.objects.exists()
    assert not Attachment.objects.exists()


def test_a_release_needs_a_note_for_another_reason(ana: Exporter, confirmation: Confirmation) -> None:
    page = chooses(ana, as_csv([row(confirmation, reason="99"), row(confirmation, reason=None)]))
    assert [found[0] for found in errors(page)] == ["2行目・備考", "3行目・枠戻理由"]


def test_all_mistakes_are_told_at_once(ana: Exporter, contract: InsuranceContract) -> None:
    page = chooses(ana, as_csv([row(contract, payer="x", day="y"), row(contract, manner="77")]))
    assert [found[0] for found in errors(page)] == [
        "2行目・支払人 海外商社コード",
        "2行目・決済日・枠戻日",
        "3行目・決済の態様",
    ]
    assert "3件の誤りがあるため、1行も取り込んでいません" in page.text


def test_another_company_s_number_looks_like_an_unknown_one(
    ana: Exporter, contract: InsuranceContract, exporter_b: Organisation
) -> None:
    foreign = insure(exporter_b, "310-000002", "1000")
    unknown = row(contract, policy_number="88888888888888", payer="310-000002")
    page = chooses(ana, as_csv([row(foreign), unknown, row(foreign.confirmation), row(contract)]))
    told = [(number, message) for _, number, message in errors(page)]
    assert {message for _, message in told} == {f"{text('M-N01')}。"}
    assert len(told) == 3


def test_halves_fit_and_what_is_more_does_not(ana: Exporter, contract: InsuranceContract) -> None:
    half = part(contract, "200,000")
    assert chooses(ana, as_csv([half, half])).status == 200
    page = chooses(ana, as_csv([half, half, half]))
    assert errors(page) == [("4行目・保険証券番号", contract.number, f"{text('M-N06')}。")]


def test_a_whole_return_ends_the_contracts_for_the_rows_after_it(ana: Exporter, contract: InsuranceContract) -> None:
    quota = contract.confirmation
    assert quota is not None
    page = chooses(ana, as_csv([part(contract, "100,000"), row(quota, reason="02"), row(contract)]))
    assert errors(page) == [("4行目・保険証券番号", contract.number, f"{text('M-N06')}。")]
    result = takes_over(ana, chooses(ana, as_csv([part(contract, "100,000"), row(quota, reason="02")])))
    assert "2件の通知を取り込みました" in result.text
    assert "USD 300,000" in result.text, "全額 is what the row before has left"
    contract.refresh_from_db()
    assert (contract.state, contract.balance, held()) == (ContractState.CANCELLED, 300_000, 0)


def test_contracts_that_are_on_no_list_are_taken_as_by_direct_entry(
    ana: Exporter, masters: None, exporter_a: Organisation
) -> None:
    paper = insure(exporter_a, product=Product.EQUIPMENT, origin=ContractOrigin.ASSOCIATION)
    assert "1件の通知を取り込みました" in takes_over(ana, chooses(ana, as_csv([row(paper)]))).text


def test_yen_has_no_fractions(ana: Exporter, exporter_a: Organisation) -> None:
    yen = insure(exporter_a, currency="JPY", rate=Decimal(1), amount="500000")
    page = chooses(ana, as_csv([part(yen, "1,000.50")]))
    assert errors(page) == [("2行目・金額", yen.number, f"{text('M-V06', 通貨='JPY')}。整数で入力してください。")]
