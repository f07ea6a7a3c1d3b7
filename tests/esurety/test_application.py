"""保証申込 from the first tab to 送信完了: asked, refused, frozen (F1, F4, F5, F6, F9, F10, F11, F22)."""

import re
import subprocess
from datetime import date

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from esurety.enums import Product
from esurety.models import AcceptanceRule, BankBranch, Item, Request
from esurety.services.fees import load_fee_tables
from portal.applications.models import Application
from portal.audit.models import Event
from portal.outbox import drain
from tests.esurety.applying import NEW, OTHER, SHARES, Applicant, contract, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "shop")]

ADV, CTR = product("adv", "20,000,000"), product("ctr", "5,000,000")
NUMBERS = {"case_number": "A-0001", "spec_number": "S-7", "bid_on": "2026-10-30"}


@pytest.fixture
def applicant(user):
    return Applicant(user)


def test_the_application_of_the_seed_is_sent_and_frozen(applicant):
    load_fee_tables()
    page = applicant.applies(ADV, CTR)
    assert page.path.endswith("/confirm/")
    for said in (
        "申込みできます",
        "前払金保証 保証金額 20,000,000円（40.0%）",
        "契約保証 保証金額 5,000,000円（10.0%）",
        "電子保証(認証キーを含む)",
        "前払金保証 保証期限 2027年3月31日",
        "契約保証 保証期間 2026年11月10日から2027年3月31日まで",
        "前払金保証 保証料（見込み） 63,700円（インターネット割引200円を差し引いた額）",
    ):
        assert said in page.verdict
    receipt = applicant.sends(page)
    assert "A20261120-00001" in receipt.text
    sent = Request.objects.get()
    assert (sent.number, sent.works["price"], sent.contact["person"]) == ("A20261120-00001", 50_000_000, "申込 春子")
    advance, rider = Item.objects.order_by("pk")
    assert (advance.product, advance.amount, advance.medium, advance.state) == (
        "ADV",
        20_000_000,
        "electronic",
        "applied",
    )
    assert advance.facts["bank"] == "架空銀行 見本支店"
    assert advance.facts["addressee"] == "架空市長"
    assert (advance.facts["due_on"], rider.facts["covers_from"]) == ("2027-03-31", "2026-11-10")
    assert advance.details["bank"] == "9997-101"
    assert Event.objects.filter(verb="surety.applied", target=sent.number).count() == 1
    drain()
    assert [message.subject for message in mail.outbox] == ["保証申込を受け付けました（A20261120-00001）"]
    assert mail.outbox[0].to == ["contractor@a.example"]


def test_sending_twice_leads_to_the_same_receipt(applicant):
    page = applicant.applies(ADV)
    first, again = applicant.sends(page), applicant.sends(page)
    assert first.path == again.path
    assert Request.objects.count() == 1


def test_the_receipt_has_a_record_on_paper(applicant):
    page = applicant.applies(ADV, **NUMBERS)
    receipt = applicant.sends(page)
    address = re.search(r'href="([^"]+paper\.pdf)"', receipt.html)[1]
    answer = applicant.client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(command, input=answer.content, capture_output=True, check=True).stdout.decode()
    for said in ("調達案件番号", "A-0001", "仕様書番号", "S-7", "入札日", "2026年10月30日"):
        assert said in text
        assert said in page.text


@pytest.mark.parametrize(
    ("products", "changes", "message"),
    [
        ([product("ctr", "4,872,999")], {"price": "48,730,000"}, "1円足りません"),
        ([product("adv", "16,000,001")], {"price": "80,000,000", "is_low_bid": "yes"}, "限度額16,000,000円"),
        ([product("ctr", "23,999,999")], {"price": "80,000,000", "is_low_bid": "yes"}, "必要な額24,000,000円"),
        ([CTR], {"has_advance": "no"}, "前払金の予定がない工事では申し込めません"),
        (
            [ADV],
            {
                "order_form": "jv_a",
                "jv_name": "架空・例示JV",
                "jv__0__name": "架空建設株式会社",
                "jv__0__is_representative": "on",
                "jv__0__share": "60.00",
                "jv__1__name": "例示工業株式会社",
                "jv__1__share": "39.99",
            },
            "出資比率の合計が99.99%です",
        ),
        ([], {}, "申し込む保証を1つ以上選んでください"),
        ([ADV], {"is_multi_year": "yes"}, "会計年度ごとの出来高予定額"),
        ([product("mid", "10,000,000", certified_on="2027-02-01", advance_number="01261-000009")], {}, "認定調書"),
    ],
    ids=["F4", "F5 advance", "F5 rider", "F9", "F22", "nothing", "no years", "no paper for MID"],
)
def test_what_the_rules_forbid_cannot_be_sent(applicant, products, changes, message):
    page = applicant.describes(**changes)
    given = dict(SHARES)
    for one in products:
        given |= one
    page = applicant.fills(page.path, given)
    if page.path.endswith("/steps/other/"):
        page = applicant.fills(page.path, OTHER)
    assert message in page.errors
    assert "送信する" not in page.text
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("products", "changes"),
    [
        ([product("ctr", "4,873,000")], {"price": "48,730,000"}),
        (
            [product("adv", "16,000,000"), product("ctr", "24,000,000")],
            {"price": "80,000,000", "is_low_bid": "yes"},
        ),
    ],
    ids=["F4", "F5"],
)
def test_the_limit_itself_can_be_sent(applicant, products, changes):
    assert "送信する" in applicant.applies(*products, **changes).text


@pytest.mark.parametrize(
    ("rule", "changes", "reason"),
    [
        (
            {"starts_on": date(2024, 6, 1)},
            {"contract_on": "2024-05-31", "starts_on": "2024-06-01"},
            "契約締結日が2024年6月1日以後の契約が対象です（この工事は2024年5月31日）",
        ),
        (
            {"starts_on": date(2025, 10, 1), "basis": "notice"},
            {"notice_on": "2025-09-20", "contract_on": "2025-10-15", "starts_on": "2025-10-16"},
            "入札公告日が2025年10月1日以後の契約が対象です（この工事は2025年9月20日）",
        ),
    ],
    ids=["F10", "F11"],
)
def test_where_electronic_is_not_possible_the_reason_stands_beside_paper(applicant, rule, changes, reason):
    AcceptanceRule.objects.update(**rule)
    page = applicant.describes(**changes)
    for prefix in ("adv", "mid", "ctr"):
        block = page.html.partition(f'id_{prefix}-medium-legend"')[2].partition("</fieldset>")[0]
        assert reason in block
        assert 'value="paper"' in block
        assert 'value="electronic"' not in block
    refused = applicant.fills(page.path, {**SHARES, **ADV})
    assert "保証証書の形式について" in refused.errors
    assert applicant.goes_on(page, product("adv", "20,000,000", medium="paper")).verdict


def test_the_ratio_stands_beside_the_amount(applicant):
    page = applicant.describes()
    refreshed = applicant.fills(page.path, {**SHARES, **ADV}, action="refresh")
    assert "割合 40.0%" in refreshed.text
    number = page.number
    answer = applicant.client.post(
        "/surety/applications/echo/?field=adv-amount", {"number": number, "adv-amount": "2000万円"}
    )
    assert "20,000,000円" in answer.content.decode()
    assert "割合 40.0%" in answer.content.decode()


def test_a_block_is_cleared_without_script_and_the_rest_stays(applicant):
    page = applicant.describes()
    cleared = applicant.fills(page.path, {**SHARES, **ADV, **CTR}, action="clear:adv,advshares")
    assert cleared.value("adv-amount") == ""
    assert cleared.value("adv-bank") == ""
    assert cleared.value("ctr-amount") == "5,000,000"
    assert "guarantee" not in Application.objects.get().data["steps"]


def test_a_draft_is_saved_as_it_is_and_goes_on_later(applicant):
    page = applicant.fills(NEW, {"main-name": "途中の工事"}, action="save")
    assert "一時保存しました" in page.text
    assert page.value("main-name") == "途中の工事"
    assert "途中の工事" in applicant.get("/surety/status/").text


def test_a_body_and_a_bank_are_searched_without_script(applicant, shop):
    BankBranch.objects.create(
        bank_code="9997", branch_code="102", bank_name="架空銀行", branch_name="委託外支店", has_agency=False
    )
    page = applicant.fills(NEW, {"main-body-q": "架空"}, action="search:main-body")
    assert "082368 架空市 電子保証：2024/08/01から（契約締結日）" in page.text
    page = applicant.describes()
    page = applicant.fills(page.path, {**SHARES, "adv-bank-q": "架空"}, action="search:adv-bank")
    assert "架空銀行 見本支店" in page.text
    assert "委託外支店" not in page.text
    refused = applicant.fills(page.path, {**SHARES, **product("adv", "1", bank="架空銀行 委託外支店")})
    assert "委託契約がない" in refused.errors


def test_only_a_contractor_with_the_contract_pays_by_the_month(applicant, shop):
    shop.contractor.pays_monthly = False
    shop.contractor.save()
    page = applicant.describes()
    assert "前払金保証料支払方法を選び直してください" in applicant.fills(page.path, {**SHARES, **ADV}).errors


def test_a_guarantee_for_several_years_ends_with_the_fiscal_year(applicant):
    plan = (("2026", "45,000,000", "40,000,000"), ("2027", "45,000,000", "40,000,000"), ("2028", "30,000,000", ""))
    years = {
        f"years__{row}__{name}": value
        for row, values in enumerate(plan)
        for name, value in zip(("year", "plan", "limit"), values, strict=True)
    }
    page = applicant.applies(
        product("adv", "18,000,000", base_amount="45,000,000"),
        is_multi_year="yes",
        price="120,000,000",
        ends_on="2028-12-20",
        **years,
    )
    assert "保証期限 2027年3月31日" in page.verdict
    assert "18,000,000円（40.0%）" in page.verdict
    applicant.sends(page)
    item = Item.objects.get()
    assert (item.base_amount, item.facts["fiscal_year"], item.facts["due_on"]) == (45_000_000, 2026, "2027-03-31")


@pytest.mark.stores_files
def test_an_intermediate_advance_follows_an_advance_in_force(applicant, shop, clock):
    first = shop.guarantee()
    clock.move_to("2027-02-01T10:00:00+09:00")
    applicant.client.force_login(applicant.client.user)
    page = applicant.describes()
    paper = SimpleUploadedFile("認定調書.pdf", b"%PDF-1.7 sample")
    block = product(
        "mid", "10,000,000", advance_number="０１２６１－０００００１", is_paid="on", certified_on="2027-02-01"
    )
    page = applicant.goes_on(page, {**block, "mid-certificate": paper})
    assert "中間前払金保証 保証金額 10,000,000円（20.0%）" in page.verdict
    applicant.sends(page)
    item = Item.objects.get(product=Product.MID)
    assert (item.facts["advance_number"], item.facts["advance_amount"]) == (str(first), 20_000_000)
    assert item.details["certified_on"] == "2027-02-01"
    assert item.request.application.attachments.get().name == "認定調書.pdf"


def test_another_contractor_finds_nothing_of_it(applicant, rival):
    page = applicant.applies(ADV)
    number = Application.objects.get().number
    for path in (page.path, f"/surety/applications/{number}/", f"/surety/applications/{number}/steps/guarantee/"):
        assert rival.get(path).status_code == 404
    assert rival.post(page.path, {"token": page.hidden("token")}).status_code == 404
    echoed = rival.post("/surety/applications/echo/?field=adv-amount", {"number": number, "adv-amount": "20000000"})
    assert "割合" not in echoed.content.decode()
    applicant.sends(page)
    for path in (f"/surety/status/{number}/", f"/surety/applications/{number}/paper.pdf"):
        assert rival.get(path).status_code == 404


def test_a_viewer_sees_but_does_not_apply(log_in, contractor):
    viewer = log_in("a-view", "surety.view", organisation=contractor.organisation)
    assert viewer.get("/surety/status/").status_code == 200
    assert viewer.get("/surety/applications/new/").status_code == 403
    assert viewer.post(NEW, contract()).status_code == 403
    assert viewer.get("/surety/recommendations/").status_code == 403


def test_a_number_that_the_body_wants_in_the_subject_line_is_asked_for_before_sending(applicant, shop):
    shop.body.submission_rules.update(subject="【{受注者}】{契約番号} {入札日} {調達案件番号} {仕様書番号}")
    asked = "件名に工事番号・契約番号、入札日、調達案件番号、仕様書番号を求めています"
    assert asked in applicant.applies(ADV, number=None).verdict
    page = applicant.applies(ADV, **NUMBERS)
    assert "求めています" not in page.verdict
    applicant.sends(page)
    sent = Request.objects.get().works
    assert (sent["case_number"], sent["spec_number"], sent["bid_on"]) == ("A-0001", "S-7", "2026-10-30")


def test_a_field_explains_itself(applicant):
    page = applicant.describes()
    assert "/help/surety/medium/" in page.html
    assert "認証キーのお知らせ" in applicant.get("/help/surety/medium/").text
