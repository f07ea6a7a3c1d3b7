"""The whole 確認申込み with JavaScript switched off: search, saving, resuming, errors, certificate."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walker import BUYER, COUNTERPARTY, NEW, SAME_PAYER, Walker, new_reference

HAS_FOCUS = "(id) => document.activeElement.id === id"


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_request_can_be_saved_resumed_and_finished(open_page: Callable[..., Page], width: int) -> None:
    reference = new_reference()
    hana = Walker(open_page("/nexi/", login="nexi-a-apply", width=width, javascript=False))
    hana.follows("個別保証枠確認申込み")
    hana.arrives("申込手続きの内容と流れ")
    hana.follows("申込内容の入力へ")
    hana.arrives("申込内容の入力")

    # The search works by its button, and what was typed elsewhere stays.
    hana.fills_in_terms(reference, amount="")
    hana.search_box(COUNTERPARTY).fill("pumps")
    hana.search(COUNTERPARTY).get_by_role("button", name="検索", exact=True).click()
    hana.picks(COUNTERPARTY, BUYER)
    hana.ticks(SAME_PAYER)
    typed = hana.settings()
    assert typed["main-reference"] == reference

    # 一時保存 gives the number; the list leads back.
    assert hana.presses("一時保存") == 200
    hana.arrives("申込内容の入力")
    number = hana.number.inner_text()
    expect(hana.page.get_by_role("status").filter(has_text="一時保存しました")).to_contain_text(number)
    hana.takes_menu("Web申込状況一覧")
    hana.arrives("Web申込状況一覧")
    hana.finds(reference).get_by_role("link", name=number, exact=True).click()
    hana.arrives("内容の照会")
    hana.follows("再開する")
    hana.arrives("申込内容の入力")
    expect(hana.number).to_have_text(number)
    assert hana.settings() == typed
    hana.field("契約金額 / 手形金額").fill("１，０００")
    assert hana.presses("申込内容の確認へ") == 200

    # 申込む without the tick is refused, with it accepted.
    hana.arrives("申込内容の確認")
    expect(hana.verdict).to_contain_text("個別保証枠確認申込みが可能です")
    assert hana.presses("申込む") == 422
    hana.arrives("申込内容の確認")
    assert hana.page.title().startswith("エラー：")
    hana.consents()
    assert hana.presses("申込む") == 200
    hana.arrives("申込みが完了しました")
    expect(hana.number).to_have_text(number)
    hana.follows("個別保証枠一覧へ")
    hana.arrives("個別保証枠一覧")
    certificate = hana.finds(reference).get_by_role("link").filter(has_text="確認証")
    assert number in hana.downloads(certificate)


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_every_error_is_listed_and_leads_to_its_field(open_page: Callable[..., Page], width: int) -> None:
    hana = Walker(open_page(NEW, login="nexi-a-apply", width=width, javascript=False))
    hana.field("貨物名").fill("産業用ポンプ")
    hana.field("契約金額 / 手形金額").fill("壱百")
    assert hana.presses("申込内容の確認へ") == 422
    hana.arrives("申込内容の入力")
    assert hana.page.title().startswith("エラー：")
    expect(hana.field("貨物名")).to_have_value("産業用ポンプ")
    expect(hana.field("契約金額 / 手形金額")).to_have_value("壱百")
    links = hana.error_summary.get_by_role("link").all()
    assert len(links) > 5
    for link in links:
        target = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        hana.page.wait_for_function(HAS_FOCUS, arg=target)
