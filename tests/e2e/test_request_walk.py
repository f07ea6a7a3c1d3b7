"""The walk of the seed, sections 2 to 4, and what two clicks or two tabs on one application may not break."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.walker import BUYER, COUNTERPARTY, SAME_PAYER, Walker, new_reference

ORANGE = "rgb(172, 62, 0)"
WIDTHS = pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])


@WIDTHS
def test_an_exporter_applies_prints_the_certificate_and_uses_the_request_again(
    open_page: Callable[..., Page], width: int
) -> None:
    reference = new_reference()
    hana = Walker(open_page("/nexi/", login="nexi-a-apply", width=width))
    page = hana.page

    # ① to ③: from ユーザーページ to ステップ１, the counterparty by the search.
    hana.arrives("ユーザーページ")
    hana.follows("個別保証枠確認申込み")
    hana.arrives("申込手続きの内容と流れ")
    hana.follows("申込内容の入力へ")
    hana.arrives("申込内容の入力")
    expect(hana.number).to_have_count(0)
    expect(hana.field("氏名")).to_have_value("輸出 花子")
    hana.search_box(COUNTERPARTY).fill("pumps")
    hana.picks(COUNTERPARTY, BUYER)
    hana.fills_in_terms(reference)
    hana.ticks(SAME_PAYER)
    typed = hana.settings()
    assert typed["main-contract_amount"] == "１，０００"
    assert hana.presses("申込内容の確認へ") == 200

    # ④: ステップ２ with number, verdict and consent.
    hana.arrives("申込内容の確認")
    expect(hana.number).to_have_css("color", ORANGE)
    number = hana.number.inner_text()
    assert re.fullmatch(r"\d{10,14}", number)
    expect(hana.verdict).to_contain_text("申込みの可否")
    expect(hana.verdict).to_contain_text("個別保証枠確認申込みが可能です")
    hana.consents()
    assert hana.presses("申込む") == 200

    # ⑤: 申込完了.
    hana.arrives("申込みが完了しました")
    expect(hana.number).to_have_text(number)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Web申込日時")
    for way_on in ("続けて申込みへ", "ユーザーページへ"):
        expect(main.get_by_role("link", name=way_on, exact=True)).to_be_visible()
    hana.follows("個別保証枠一覧へ")

    # 4: 個別保証枠確認証.
    hana.arrives("個別保証枠一覧")
    row = hana.finds(reference)
    confirmed = row.get_by_role("link").first.inner_text()
    paper = hana.downloads(row.get_by_role("link", name=f"確認管理番号 {confirmed} の個別保証枠確認証（PDF）"))
    assert "個別保証枠確認証" in paper
    assert confirmed in paper
    assert number in paper

    # 3: 過去の申込情報の再利用, from either list.
    row.get_by_role("link", name=confirmed, exact=True).click()
    hana.arrives("内容の照会")
    hana.follows("別の申込みへ")
    hana.arrives("申込内容の入力")
    assert hana.settings() == typed
    hana.takes_menu("Web申込状況一覧")
    hana.arrives("Web申込状況一覧")
    hana.finds(reference).get_by_role("link", name=number, exact=True).click()
    hana.arrives("内容の照会")
    expect(main).to_contain_text("産業用ポンプ")
    hana.follows("別の申込みへ")
    hana.arrives("申込内容の入力")
    expect(hana.number).to_have_count(0)
    assert hana.settings() == typed


def test_pressing_apply_twice_and_again_after_going_back_gives_one_application(open_page: Callable[..., Page]) -> None:
    reference = new_reference()
    hana = Walker(open_page("/nexi/", login="nexi-a-apply"))
    hana.reaches_confirmation(reference)
    hana.consents()
    number = hana.number.inner_text()
    other = Walker(hana.page.context.new_page())
    other.page.goto(hana.page.url)
    other.consents()

    hana.button("申込む").dblclick()
    hana.arrives("申込みが完了しました")
    expect(hana.number).to_have_text(number)
    receipt = hana.page.url
    hana.page.go_back()
    hana.arrives("申込みが完了しました")
    assert hana.page.url == receipt

    # A confirmation page that was still open: pressing there is the same submission again.
    assert other.presses("申込む") == 200
    assert other.page.url == receipt
    expect(other.number).to_have_text(number)
    for listed in ("Web申込状況一覧", "個別保証枠一覧"):
        other.takes_menu(listed)
        other.arrives(listed)
        expect(other.finds(reference)).to_have_count(1)


def test_pressing_apply_again_when_the_answer_got_lost_shows_the_one_receipt(open_page: Callable[..., Page]) -> None:
    reference = new_reference()
    hana = Walker(open_page("/nexi/", login="nexi-a-apply", javascript=False))
    hana.reaches_confirmation(reference)
    hana.consents()
    number = hana.number.inner_text()

    def lose_the_answer(route: Route) -> None:
        assert route.fetch(max_redirects=0).status == 303
        route.abort("aborted")

    hana.page.route("**/confirm/", lose_the_answer, times=1)
    with hana.page.expect_event("requestfailed"):
        hana.button("申込む").click()
    hana.arrives("申込内容の確認")
    assert hana.presses("申込む") == 200
    hana.arrives("申込みが完了しました")
    expect(hana.number).to_have_text(number)
    hana.takes_menu("個別保証枠一覧")
    hana.arrives("個別保証枠一覧")
    expect(hana.finds(reference)).to_have_count(1)


def test_the_second_of_two_tabs_sees_both_versions_and_loses_nothing(open_page: Callable[..., Page]) -> None:
    first = Walker(open_page("/nexi/requests/new/steps/terms/", login="nexi-a-apply"))
    first.fills_in_terms(new_reference())
    first.presses("一時保存")
    first.arrives("申込内容の入力")
    second = Walker(first.page.context.new_page())
    second.page.goto(first.page.url)
    second.arrives("申込内容の入力")

    first.field("貨物名").fill("工作機械")
    assert first.presses("一時保存") == 200
    second.field("貨物名").fill("船舶用エンジン")
    second.field("備考").fill("二つ目の画面で書いた備考")
    mine = second.settings()
    assert second.presses("一時保存") == 409

    second.arrives("申込内容の入力")
    conflict = second.page.get_by_role("region", name="この申込みは更新されています")
    expect(conflict).to_contain_text("輸出 花子")
    differing = conflict.locator("tbody tr")
    expect(differing).to_have_count(2)
    expect(differing.filter(has_text="貨物名")).to_contain_text("工作機械")
    expect(differing.filter(has_text="貨物名")).to_contain_text("船舶用エンジン")
    assert second.settings() == mine

    # Whoever has seen both may decide.
    assert second.presses("一時保存") == 200
    expect(conflict).to_have_count(0)
    assert second.settings() == mine
