"""The walks of the seed, sections 5 to 7: 決済通知 and 枠戻通知 by direct entry and from either list."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.walker import Walker, in_the_japanese_calendar, in_the_western_calendar

ORANGE = "rgb(172, 62, 0)"
WIDTHS = pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
LOGIN = "nexi-a-apply"


def fact(hana: Walker, label: str) -> str:
    """Return what the page says beside a label."""
    rows = hana.page.locator(".summary-list__row")
    row = rows.filter(has=hana.page.get_by_role("term").filter(has_text=re.compile(f"^{re.escape(label)}$")))
    return row.first.get_by_role("definition").inner_text().strip()


def amount(hana: Walker, label: str) -> float:
    """Return an amount beside a label, without its currency."""
    return float(fact(hana, label).partition(" ")[2].replace(",", ""))


def opens_first_of(hana: Walker, list_title: str, page_title: str) -> str:
    """Click the number in the first row of a list; return it."""
    hana.arrives(list_title)
    link = hana.page.locator("tbody tr").first.get_by_role("link").first
    number = link.inner_text()
    link.click()
    hana.arrives(page_title)
    return number


def begins(hana: Walker) -> None:
    """Go from the introduction, which shows the table of ways, to ステップ１ with the contact of the login."""
    hana.arrives("申込手続きの内容と流れ")
    table = hana.page.get_by_role("table", name="保険種と通知の方法")
    expect(table.locator("tbody tr")).to_have_count(8)
    hana.follows("申込内容の入力へ")
    hana.arrives("申込内容の入力")
    expect(hana.number).to_have_count(0)
    expect(hana.field("氏名")).to_have_value("輸出 花子")


def is_at_confirmation(hana: Walker, verdict: str) -> str:
    """Check ステップ２ and return the Web申込番号, which stands on top in orange."""
    hana.arrives("申込内容の確認")
    expect(hana.number).to_have_css("color", ORANGE)
    expect(hana.verdict).to_contain_text(verdict)
    main = hana.page.get_by_role("main")
    expect(main.locator("figure.chart svg")).to_be_visible()
    expect(main.get_by_role("checkbox")).to_have_count(0)
    return hana.number.inner_text()


def leaves_and_resumes(hana: Walker, number: str) -> None:
    """Leave for Web申込状況一覧 and take the procedure up again from there."""
    hana.follows("Web申込状況一覧へ")
    hana.arrives("Web申込状況一覧")
    hana.finds(number).get_by_role("link", name=number, exact=True).click()
    hana.arrives("内容の照会")
    hana.follows("再開する")
    hana.arrives("申込内容の確認")


def applies(hana: Walker, number: str) -> None:
    """Press 申込む and check 申込完了."""
    assert hana.presses("申込む") == 200
    hana.arrives("申込みが完了しました")
    expect(hana.number).to_have_text(number)
    main = hana.page.get_by_role("main")
    expect(main).to_contain_text("Web申込日時")
    for way_on in ("続けて通知へ", "個別保証枠一覧へ", "ユーザーページへ"):
        expect(main.get_by_role("link", name=way_on, exact=True)).to_be_visible()


@WIDTHS
def test_section_5_a_settlement_is_typed_in_directly(open_page: Callable[..., Page], width: int) -> None:
    hana = Walker(open_page("/nexi/contracts/", login=LOGIN, width=width))
    policy, branch = opens_first_of(hana, "保有契約一覧", "保有契約の内容の照会").split("-")
    product, payer, before = fact(hana, "保険種"), fact(hana, "支払人").split()[0], amount(hana, "決済残高")
    contract_page = hana.page.url

    # ① to ③: from ユーザーページ to ステップ１; what is missing is said at once.
    hana.page.goto("/nexi/")
    hana.follows("決済／枠戻通知（直接入力）")
    begins(hana)
    assert hana.presses("申込内容の確認へ") == 422
    expect(hana.error_summary).to_contain_text("通知の種類を選択してください。")
    hana.chooses("通知の種類", "決済通知")
    hana.chooses("保険種", product)
    hana.field("保険証券番号").fill(policy)
    hana.field("枝番").fill(branch)
    hana.field("支払人 海外商社コード").fill(payer)
    hana.chooses("全部・一部の別", "一部")
    hana.fills_in_date("決済日", in_the_japanese_calendar(timezone.localdate()))
    hana.field("決済金額").fill("１２．５０")
    hana.field("決済の態様").select_option("04")
    assert hana.presses("申込内容の確認へ") == 200

    # ④: ステップ２, back to ① with everything as typed, away and resumed.
    number = is_at_confirmation(hana, "決済通知ができます")
    expect(hana.verdict).to_contain_text("12.50")
    hana.page.get_by_role("main").get_by_role("link", name="修正する", exact=True).click()
    hana.arrives("申込内容の入力")
    expect(hana.field("決済金額")).to_have_value("１２．５０")
    expect(hana.option("通知の種類", "決済通知")).to_be_checked()
    assert hana.presses("申込内容の確認へ") == 200
    assert is_at_confirmation(hana, "決済通知ができます") == number
    leaves_and_resumes(hana, number)

    # ⑤: 申込完了; the contract has that much less.
    applies(hana, number)
    hana.page.goto(contract_page)
    assert amount(hana, "決済残高") == before - 12.5


@WIDTHS
def test_section_5_a_release_is_typed_in_directly(open_page: Callable[..., Page], width: int) -> None:
    hana = Walker(open_page("/nexi/quotas/", login=LOGIN, width=width))
    confirmed = opens_first_of(hana, "個別保証枠一覧", "内容の照会")
    product, payer, before = fact(hana, "保険種"), fact(hana, "支払人").split()[0], amount(hana, "未使用額")
    quota_page = hana.page.url

    hana.takes_menu("決済／枠戻通知")
    begins(hana)
    hana.chooses("通知の種類", "枠戻通知")
    hana.chooses("保険種", product)
    hana.field("確認管理番号").fill(confirmed)
    hana.field("支払人 海外商社コード").fill(payer)
    hana.chooses("全部・一部の別", "一部")
    hana.fills_in_date("枠戻日", in_the_western_calendar(timezone.localdate()))
    hana.field("枠戻金額").fill("10")
    hana.field("枠戻理由").select_option("99")
    assert hana.presses("申込内容の確認へ") == 422
    expect(hana.error_summary).to_contain_text("備考を入力してください。")
    hana.field("備考").fill("商談の見直し")
    assert hana.presses("申込内容の確認へ") == 200
    number = is_at_confirmation(hana, "枠戻通知ができます")
    applies(hana, number)
    hana.page.goto(quota_page)
    assert amount(hana, "未使用額") == before - 10


@WIDTHS
def test_section_6_a_contract_is_chosen_from_the_list_and_settled(open_page: Callable[..., Page], width: int) -> None:
    # ① to ③: from ユーザーページ to the contract.
    hana = Walker(open_page("/nexi/", login=LOGIN, width=width))
    hana.follows("決済通知（保有契約一覧から選択）")
    contract = opens_first_of(hana, "保有契約一覧", "保有契約の内容の照会")
    before, contract_page = amount(hana, "決済残高"), hana.page.url
    hana.follows("決済通知へ")

    # ④ and ⑤: the contract is known and shown, not asked.
    begins(hana)
    main = hana.page.get_by_role("main")
    expect(main).to_contain_text(contract)
    expect(hana.field("保険証券番号")).to_have_count(0)
    expect(hana.field("枠戻理由")).to_have_count(0)
    hana.chooses("全部・一部の別", "一部")
    hana.fills_in_date("決済日", in_the_japanese_calendar(timezone.localdate()))
    hana.field("決済の態様").select_option("01")
    hana.field("決済金額").fill("9,999,999,999")
    assert hana.presses("申込内容の確認へ") == 422
    expect(hana.error_summary).to_contain_text("決済金額が決済残高を超えています")
    expect(main).to_contain_text(contract)
    hana.field("決済金額").fill("20")
    assert hana.presses("申込内容の確認へ") == 200

    # ⑥ and ⑦.
    number = is_at_confirmation(hana, "決済通知ができます")
    expect(hana.verdict).to_contain_text(contract)
    leaves_and_resumes(hana, number)
    applies(hana, number)
    hana.page.goto(contract_page)
    assert amount(hana, "決済残高") == before - 20


@WIDTHS
def test_section_7_a_quota_is_chosen_from_the_list_and_returned(open_page: Callable[..., Page], width: int) -> None:
    # ① to ③: from ユーザーページ to the quota.
    hana = Walker(open_page("/nexi/", login=LOGIN, width=width))
    hana.follows("枠戻通知（個別保証枠一覧から選択）")
    confirmed = opens_first_of(hana, "個別保証枠一覧", "内容の照会")
    before, quota_page = amount(hana, "未使用額"), hana.page.url
    hana.follows("枠戻通知へ")

    # ④ and ⑤: the quota is known and shown, not asked.
    begins(hana)
    main = hana.page.get_by_role("main")
    expect(main).to_contain_text(confirmed)
    expect(hana.field("確認管理番号")).to_have_count(0)
    expect(hana.field("決済の態様")).to_have_count(0)
    hana.chooses("全部・一部の別", "一部")
    hana.fills_in_date("枠戻日", in_the_western_calendar(timezone.localdate()))
    hana.field("枠戻金額").fill("30")
    hana.field("枠戻理由").select_option("03")
    assert hana.presses("申込内容の確認へ") == 200

    # ⑥ and ⑦.
    number = is_at_confirmation(hana, "枠戻通知ができます")
    expect(hana.verdict).to_contain_text(confirmed)
    hana.page.get_by_role("main").get_by_role("link", name="修正する", exact=True).click()
    hana.arrives("申込内容の入力")
    expect(hana.field("枠戻金額")).to_have_value("30")
    expect(main).to_contain_text(confirmed)
    assert hana.presses("申込内容の確認へ") == 200
    applies(hana, number)
    hana.page.goto(quota_page)
    assert amount(hana, "未使用額") == before - 30
