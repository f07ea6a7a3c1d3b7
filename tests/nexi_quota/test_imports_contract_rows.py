"""CSV import of 保有契約 and 損失等発生通知: wrong rows, repeats, what may not change, the page of the staff."""

from pathlib import Path
from typing import Any

import pytest

from nexi_quota import services
from nexi_quota.enums import BuyerState, ConfirmationState, ContractState
from nexi_quota.models import Buyer, BuyerRating, Confirmation, InsuranceContract, LedgerEntry, Quota
from portal.audit.models import Event
from tests.conftest import LogIn
from tests.nexi_quota.importing import CONTRACTS, LOSSES, POLICY, Loader, counts, days_ago, refused, row
from tests.nexi_quota.test_imports_page import PAGE, token, upload, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("masters", "exporter_a", "exporter_b")]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def held(payer: str = "310-000001") -> int:
    return Quota.objects.get(buyer__code=payer).held_jpy


# --- Wrong rows -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"policy": "1.23457E+13"}, "2行目・保険証券番号：14桁の数字で入力してください。"),
        ({"policy": "1234567890123"}, "2行目・保険証券番号：14桁の数字で入力してください。"),
        ({"branch": "0"}, "2行目・枝番：2桁の数字で入力してください。"),
        ({"branch": ""}, "2行目・枝番：入力してください。"),
        ({"history": "x1"}, "2行目・履歴番号：2桁の数字で入力してください。"),
        ({"organisation": "100000009"}, "2行目・保険利用者コード：保険利用者として登録されていません。"),
        ({"product": "05"}, "2行目・保険種：次のどれかを入力してください"),
        ({"origin": "FAX"}, "2行目・申込みの方法：次のどれかを入力してください：Web、書面、組合。"),
        ({"acquired": "継続"}, "2行目・取得の区分：次のどれかを入力してください：新規申込み、内容変更通知。"),
        (
            {"acquired": "内容変更通知", "product": "02"},
            "2行目・取得の区分：内容変更通知で取得するのは貿易一般保険(個別)だけ",
        ),
        ({"confirmation": "12345"}, "2行目・確認管理番号：12桁の数字で入力してください。"),
        ({"payer": "310-999999"}, "2行目・支払人コード：海外商社名簿に登録されていません。"),
        ({"payer": "123-000002"}, "2行目・支払人コード：支払人に個別保証枠が設定されていません。"),
        ({"currency": "XXX"}, "2行目・通貨：通貨マスタに登録されていない通貨です。"),
        ({"currency": "CHF"}, "2行目・通貨：CHFの換算率が登録されていません。"),
        ({"amount": "0"}, "2行目・契約金額：0より大きい額"),
        ({"amount": "-5"}, "2行目・契約金額：0以上の数字"),
        ({"amount": "1.234"}, "2行目・契約金額：小数は2桁までです"),
        ({"amount": "2億円"}, "2行目・契約金額：数字で入力してください"),
        ({"amount": "1.50", "currency": "JPY"}, "2行目・契約金額：JPYでは小数を入力できません。"),
        ({"due": 21}, "2行目・決済期限：決済期限は船積日以降の日付を入力してください。"),
        ({"concluded": -1}, "2行目・保険契約締結日：将来の日付は指定できません。"),
        ({"concluded": "2009-12-31"}, "2行目・支払人コード：保険契約締結日の格付"),
        ({"number": "契約1"}, "2行目・輸出契約等番号：使えない文字（契約）"),
        ({"reference": "R" * 21}, "2行目・お客様整理番号：20文字以内"),
    ],
)
def test_a_wrong_row_is_named_with_line_and_column(load: Loader, changes: dict[str, Any], problem: str) -> None:
    refused(load(CONTRACTS, row(**changes), row(policy="20260000000009", amount="1")), problem)
    assert not InsuranceContract.objects.exists()


def test_a_deleted_buyer_takes_no_new_quota(load: Loader) -> None:
    Buyer.objects.filter(code="310-000001").update(state=BuyerState.DELETED)
    refused(load(CONTRACTS, row()), "2行目・支払人コード：支払人が海外商社名簿に登録されていません。")


def test_a_buyer_without_a_rating_is_named(load: Loader) -> None:
    BuyerRating.objects.filter(buyer__code="310-000001").delete()
    refused(
        load(CONTRACTS, row()), "2行目・支払人コード：保険契約締結日の格付、または格付別の扱いが登録されていません。"
    )


def test_the_same_contract_twice_in_a_file_is_an_error(load: Loader) -> None:
    report = load(CONTRACTS, row(amount="1"), row(branch="01", amount="1"), row(amount="2"))
    refused(report, "4行目・保険証券番号・枝番：2行目と重複しています。")


# --- Again ----------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_even_after_the_contract_has_moved_on(load: Loader) -> None:
    lines = CONTRACTS, row(number="EX-1", reference="R"), row(policy="20260000000002", payer="304-000006")
    assert counts(load(*lines)) == (2, 0, 0, 0)
    services.report_loss(InsuranceContract.objects.get(policy_number=POLICY), days_ago(1))
    before = [list(m.objects.order_by("pk").values()) for m in (InsuranceContract, Confirmation, LedgerEntry, Quota)]
    again = load(*lines)
    assert (counts(again), again["applied"], again["message"][:4]) == ((0, 0, 2, 0), False, "変更なし")
    assert before == [
        list(m.objects.order_by("pk").values()) for m in (InsuranceContract, Confirmation, LedgerEntry, Quota)
    ]
    assert Event.objects.filter(verb="nexi.imported").count() == 1
    assert Event.objects.filter(verb="nexi.insured").count() == 2


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"history": "01"}, "履歴番号"),
        ({"organisation": "100000002"}, "保険利用者コード"),
        ({"origin": "書面"}, "申込みの方法"),
        ({"acquired": "内容変更通知"}, "取得の区分"),
        ({"confirmation": "032600000099"}, "確認管理番号"),
        ({"payer": "310-000002"}, "支払人コード"),
        ({"currency": "EUR"}, "通貨"),
        ({"amount": "399999.99"}, "契約金額"),
        ({"due": -61}, "決済期限"),
        ({"number": "EX-2"}, "輸出契約等番号"),
        ({"reference": "R2"}, "お客様整理番号"),
    ],
)
def test_a_contract_is_not_changed_by_the_import(load: Loader, changes: dict[str, Any], column: str) -> None:
    load(CONTRACTS, row())
    report = load(CONTRACTS, row(**changes))
    refused(report, f"2行目・{column}：登録されている保有契約と異なります（{column}）。")
    assert InsuranceContract.objects.get().amount == 400_000


def test_everything_that_differs_is_named(load: Loader) -> None:
    load(CONTRACTS, row())
    refused(
        load(CONTRACTS, row(history="01", amount="1")),
        "2行目・履歴番号：登録されている保有契約と異なります（履歴番号、契約金額）。",
    )


# --- 損失等発生通知 ------------------------------------------------------------------


def test_a_loss_notice_freezes_the_contract_and_its_quota(load: Loader) -> None:
    load(CONTRACTS, row())
    lines = LOSSES, f"{POLICY},00,{days_ago(3)}"
    assert counts(load(*lines)) == (0, 1, 0, 0)
    contract = InsuranceContract.objects.get()
    assert (contract.state, contract.loss_reported_on) == (ContractState.LOSS, days_ago(3))
    assert (Confirmation.objects.get().state, held()) == (ConfirmationState.LOSS, 60_000_000)
    again = load(*lines)
    assert (counts(again), again["message"][:4]) == ((0, 0, 1, 0), "変更なし")
    assert Event.objects.filter(verb="nexi.loss_reported").count() == 1


@pytest.mark.parametrize(
    ("number", "days", "problem"),
    [
        ("99999999999999,00", 3, "2行目・保険証券番号：保有契約に登録されていません。"),
        (f"{POLICY},01", 3, "2行目・保険証券番号：保有契約に登録されていません。"),
        (f"{POLICY},00", -1, "2行目・通知日：保険契約締結日から今日までの日"),
        (f"{POLICY},00", 31, "2行目・通知日：保険契約締結日から今日までの日"),
    ],
)
def test_a_wrong_loss_notice_is_named(load: Loader, number: str, days: int, problem: str) -> None:
    load(CONTRACTS, row())
    refused(load(LOSSES, f"{number},{days_ago(days)}"), problem)
    assert InsuranceContract.objects.get().state == ContractState.OPEN


def test_another_day_for_a_known_loss_and_a_contract_that_has_ended_are_refused(load: Loader) -> None:
    load(CONTRACTS, row(amount="1"), row(branch="01", amount="1"))
    load(LOSSES, f"{POLICY},00,{days_ago(3)}")
    InsuranceContract.objects.filter(branch="01").update(state=ContractState.CANCELLED)
    refused(load(LOSSES, f"{POLICY},00,{days_ago(2)}"), "2行目・通知日：")
    refused(
        load(LOSSES, f"{POLICY},01,{days_ago(2)}"), "2行目・保険証券番号：すでに終了した契約です（状態：契約終了）。"
    )


# --- In the admin -----------------------------------------------------------------


def test_the_staff_imports_contracts_on_the_page_that_shows_every_kind(log_in: LogIn) -> None:
    staff = log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")
    page = words(staff.get(PAGE))
    for title in ("保有契約", "損失等発生通知", "自動的に取得する個別保証枠に記録"):
        assert title in page
    for slug, first in (("contracts", "保険証券番号"), ("losses", "保険証券番号")):
        assert staff.get(f"{PAGE}template/{slug}.csv").content.decode("utf-8-sig").startswith(f'"{first}"')
    preview = upload(staff, f"{CONTRACTS}\n{row()}\n", "契約.csv")
    assert "追加1件、変更0件、変更なし0件です。まだ取り込んでいません。" in words(preview)
    assert not InsuranceContract.objects.exists()
    done = staff.post(PAGE, {"token": token(preview)}, follow=True)
    assert "保有契約（契約.csv）：追加1件" in words(done)
    assert LedgerEntry.objects.filter(actor=staff.user).count() == 2
    assert Event.objects.get(verb="nexi.insured").actor_login == "staff-nexi"
    assert staff.get("/admin/nexi_quota/insurancecontract/add/").status_code == 403
