"""貸倒補償制度 in a real browser: from the ヒアリングシート to the 加入者証, by everybody who takes part."""

import re
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from credit_insurance.demo.bank import Entry, notice
from tests.e2e.walker import Walker
from tests.support.site import walked_on_postgresql

pytestmark = walked_on_postgresql

ACCOUNT = "0000001"
"""口座番号 of the demo's 保険契約, to which the premium is paid."""


def opens(page: Page, number: str) -> None:
    """Open the row of an admin list that bears this number."""
    page.locator("#result_list tr").filter(has_text=number).get_by_role("link").first.click()
    expect(page.locator("#result_list")).to_have_count(0)


def presses(page: Page, words: str) -> None:
    """Press a button of the admin; the answer is the page after it, with its message."""
    page.get_by_role("button", name=words, exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def reviewed(page: Page, number: str) -> None:
    """Take the case, give every debtor what was asked for in class 3, prepare the offer."""
    opens(page, number)
    presses(page, "審査を始める")
    for box in page.locator("input[name=line]").all():
        box.check()
    page.locator("summary", has_text="まとめて設定").click()
    page.locator("details").get_by_label("区分:").select_option(index=3)
    page.locator("details").get_by_label("支払限度額:").select_option(label="希望どおり")
    presses(page, "選んだ取引先にまとめて設定する")
    presses(page, "お引受条件を作成する")


def fills_in_the_form(clerk: Walker) -> None:
    """Answer every 告知事項, read and tick every paper."""
    clerk.arrives("申込手続きの内容と流れ")
    clerk.follows("入力へ")
    for answer in clerk.page.get_by_role("radio", name=re.compile("^次のとおりです")).all():
        answer.check(force=True)
    assert clerk.presses("次へ") == 200
    for box in clerk.page.get_by_role("main").get_by_role("checkbox").all():
        box.check(force=True)
    assert clerk.presses("確認へ") == 200
    clerk.arrives("加入依頼の確認")


def paid(page: Page, payer: str, amount: int, folder: Path) -> None:
    """Import what the bank tells of the premium."""
    file = folder / "nyukin.txt"
    file.write_bytes(notice(ACCOUNT, [Entry(payer, amount, timezone.localdate())], timezone.localdate()))
    page.goto("/admin/credit_insurance/bankfile/import/")
    page.locator("input[type=file]").set_input_files(file)
    presses(page, "取込")


def test_a_member_asks_is_offered_joins_pays_and_gets_its_certificate(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    approver = Walker(open_page("/credit/cases/", login="credit-a-approve"))
    approver.arrives("お見積り")
    approver.page.locator("tbody a").first.click()
    approver.arrives("申請内容の確認")
    number = approver.number.inner_text()
    assert approver.presses("申請する") == 200

    reviewed(open_page("/admin/credit_insurance/case/?queue=new", login="staff-credit-uw"), number)
    manager = open_page("/admin/credit_insurance/quote/?state__exact=prepared", login="staff-credit-uwmgr")
    opens(manager, number)
    presses(manager, "条件提示（発行する）")

    approver.page.goto("/credit/")
    approver.follows("内容を確かめる")
    approver.arrives("お引受条件のご案内")
    price = approver.page.get_by_role("button", name=re.compile("^この内容で確定する"))
    amount = int(re.sub(r"\D", "", price.inner_text()))
    paper = approver.downloads(approver.page.get_by_role("link", name="お引受条件のご案内（PDF）"))
    assert f"{amount:,}円" in paper
    price.click()
    expect(approver.page.get_by_role("main")).to_contain_text("内容を確定しました")

    clerk = Walker(open_page("/credit/", login="credit-a-staff", width=390))
    clerk.follows("加入依頼書を作成する")
    fills_in_the_form(clerk)
    clerk.follows("責任者に回付")
    clerk.arrives("責任者に回付")
    assert clerk.presses("回付する") == 200

    approver.page.goto("/credit/")
    approver.follows("内容を確認して提出する")
    approver.arrives("加入依頼の確認")
    assert approver.presses(f"加入を依頼する（保険料 {amount:,}円）") == 200
    approver.arrives("加入依頼書")
    form = approver.number.inner_text()
    payer = approver.page.get_by_text(re.compile(r"^\d{7} \S+")).first.inner_text()
    assert f"{amount:,}円" in approver.downloads(approver.page.get_by_role("link", name="払込のご案内（PDF）"))

    federation = open_page("/admin/credit_insurance/enrolmentform/", login="staff-credit-fed")
    opens(federation, form)
    presses(federation, "受付")
    paid(federation, payer, amount, tmp_path)
    approver.page.goto("/credit/")
    expect(approver.page.get_by_role("main")).to_contain_text("加入手続完了")

    insurer = open_page("/admin/credit_insurance/enrolment/?queue=due", login="staff-credit-uw")
    opens(insurer, number)
    presses(insurer, "加入者証を発行する")
    approver.takes_menu("加入者証")
    approver.arrives("加入者証")
    certificate = approver.downloads(approver.page.get_by_role("link", name=re.compile("^PDF 加入者証 第1版")))
    assert "支払限度額" in certificate
    approver.takes_menu("取引先一覧")
    approver.arrives("取引先一覧")
    expect(approver.page.locator("tbody tr")).to_have_count(12)
