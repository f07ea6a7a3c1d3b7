"""利用開始申請 in a real browser: from the visitor without an account to the first look-up of the new bank."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.walker import Walker, in_the_japanese_calendar
from tests.support.site import Site, walked_on_postgresql

pytestmark = walked_on_postgresql

BANK = "9995"
MAIL = "hanako@bank.example"
OWN = "hasami-kumo-tegami-42"
MAIL_SECONDS = 30


def letter(site: Site, words: str) -> str:
    """Return the text of the mail to the 利用管理者 that contains `words`, as soon as it was sent."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        for file in (site.data / "mail").glob("*.eml"):
            found = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            text = found.get_content() if found["To"] == MAIL else ""
            if words in text:
                return str(text)
        time.sleep(0.1)
    raise AssertionError(f"no mail with {words}")


def after(words: str, text: str) -> str:
    """Return what stands in `text` behind `words` and a colon."""
    found = re.search(rf"{words}：(\S+)", text)
    assert found, text
    return found[1]


def applies(guest: Walker) -> str:
    """Fill in the three steps, agree and send; return the Web申込番号."""
    guest.arrives("利用開始申請")
    assert guest.presses("申請を始める") == 200
    guest.chooses("申込区分", "新規")
    guest.field("金融機関コード").fill("９９９５")
    guest.field("名称").fill("架空銀行Ｄ")
    guest.field("氏名").fill("申請 花子")
    guest.field("部署").fill("事務部")
    guest.field("電話").fill("048-000-0001")
    guest.field("メール").fill(MAIL)
    assert guest.presses("次へ") == 200
    number = guest.number.inner_text()
    guest.chooses("店舗", "店舗ごと")
    guest.field("店舗コードと店舗名").fill("101 本店営業部\n１０２　駅前支店")
    guest.chooses("責任共有方式", "部分保証方式")
    guest.field("利用者数").fill("２０")
    assert guest.presses("次へ") == 200
    guest.field("申込責任者 氏名").fill("責任 太郎")
    guest.field("申込責任者 役職").fill("本店営業部長")
    guest.fills_in_date("希望利用開始日", in_the_japanese_calendar(timezone.localdate() + timedelta(days=30)))
    assert guest.presses("入力内容確認") == 200
    guest.arrives("申請内容の確認")
    expect(guest.number).to_have_text(number)
    guest.box("利用規約（2026-04版）に同意します").check(force=True)
    guest.box("個人情報の取扱いに同意します").check(force=True)
    assert guest.presses("申請") == 200
    expect(guest.page.get_by_role("main")).to_contain_text("お申込みを受け付けました")
    expect(guest.number).to_have_text(number)
    paper = guest.downloads(guest.page.get_by_role("link", name=re.compile("申請書")).first)
    assert number in paper
    assert "架空銀行Ｄ" in paper
    return number


def judges(page: Page, number: str, button: str) -> None:
    """Find the application among those that wait and press a button of the association."""
    page.get_by_role("link", name=number).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用開始申請の審査")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text(number)


def test_a_bank_applies_is_approved_by_two_people_and_looks_up(open_page: Callable[..., Page], site: Site) -> None:
    number = applies(Walker(open_page("/lookup/apply/", width=390)))

    again = Walker(open_page("/lookup/apply/"))
    again.follows("申請を再開する")
    again.arrives("申請の再開")
    again.field("Web申込番号").fill(number)
    again.field("利用管理者のメール").fill(MAIL)
    assert again.presses("確認コードを送る") == 200
    again.arrives("確認コードの入力")
    again.field("確認コード").fill(after("確認コード", letter(site, "確認コード：")))
    assert again.presses("確認する") == 200
    again.arrives("申請の状況")
    expect(again.page.get_by_role("main")).to_contain_text("申請しました")

    work = "/admin/guarantee_lookup/usageapplication/"
    judges(open_page(work, login="staff-lookup"), number, "審査して決定者に回す")
    judges(open_page(work, login="staff-lookup-2"), number, "承認")
    login = after("利用者ID", letter(site, "利用者ID："))
    first = after("仮パスワード", letter(site, "仮パスワード："))
    assert login.startswith(BANK)
    again.page.reload()
    expect(again.page.get_by_role("main")).to_contain_text("利用者IDを発行しました")

    master = Walker(open_page("/account/login/?next=/lookup/"))
    master.page.locator("[name=login]").fill(login)
    master.page.locator("[name=password]").fill(first)
    assert master.presses("ログイン") == 200
    for name, text in (("current_password", first), ("new_password", OWN), ("new_password_again", OWN)):
        master.page.locator(f"[name={name}]").fill(text)
    assert master.presses("変更する") == 200
    master.page.goto("/lookup/")
    master.arrives("利用規約")
    assert master.presses("同意する") == 200
    master.arrives("残高・区分照会システム")
    master.chooses("番号の種類", "顧客番号")
    master.field("番号").fill("123459816")
    master.chooses("照会の根拠", "既存の保証付取引あり")
    assert master.presses("照会する") == 200
    expect(master.page.get_by_role("main")).to_contain_text("*****9816")
    expect(master.page.get_by_role("main")).to_contain_text("105,194,000")
