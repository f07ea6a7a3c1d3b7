"""振込入金通知 and 入金消込 of the 団体事務局: every deposit ends where a person decides, none is lost."""

import re
from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from credit_insurance.admin.desk import LISTS
from credit_insurance.enums import CaseState, RefundState
from credit_insurance.models import Allocation, BankFile, Case, Deposit, EnrolmentForm, Invoice, Member, Refund
from credit_insurance.selectors import masters
from credit_insurance.services import enrolment
from tests.conftest import LogIn, Person
from tests.credit_insurance.money import (
    DESK,
    Entry,
    at,
    bank_file,
    conserved,
    deposit,
    in_list,
    invoiced,
    page_of,
    takes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]

TODAY = date(2026, 11, 10)
LATE = date(2026, 11, 18)
START = date(2026, 12, 1)
PREMIUM = 300_000


@pytest.fixture
def clerk(log_in: LogIn) -> Person:
    return log_in("fed", "credit.fed", is_staff=True, name="団体 和子")


@pytest.fixture
def boss(log_in: LogIn) -> Person:
    return log_in("fedmgr", "credit.fed_manager", is_staff=True, name="団体 正")


@pytest.fixture
def invoice(member: Member, approver: Person) -> Invoice:
    """300,000 yen for 1 December, to be there by 17 November; the form is with the 団体事務局."""
    Member.objects.filter(pk=member.pk).update(payer_kana="ｶ)ｶｸｳｼﾖｳｼﾞ")
    return invoiced(member, approver.user, START)


@pytest.fixture
def other(rival: Member, stranger: Person) -> Invoice:
    Member.objects.filter(pk=rival.pk).update(payer_kana="ﾕ)ｹﾞﾝﾌﾞﾂ")
    return invoiced(rival, stranger.user, START)


def accepts(form_of: Invoice, person: Person) -> None:
    form = EnrolmentForm.objects.get(case=form_of.case)
    answer = person.post(f"/admin/credit_insurance/enrolmentform/{form.pk}/change/", {"decision": "accept"})
    assert answer.status_code == 302


def counts(person: Person) -> dict[str, int]:
    """Return how many deposits wait in each list that has any."""
    nav = person.get(DESK).content.decode().partition("入金消込の一覧")[2].partition("</nav>")[0]
    found = dict(re.findall(r">([^<>]+) (\d+)件<", nav))
    assert list(found) == list(LISTS.values())
    return {key: int(found[title]) for key, title in LISTS.items() if int(found[title])}


def later(clock: time_machine.Traveller, day: date, *people: Person) -> None:
    """Go on at noon of a later day; sessions have ended by then."""
    at(clock, day)
    for person in people:
        person.force_login(person.user)


def allocates(person: Person, one: Deposit, number: str, amount: object):
    return person.post(page_of(one), {"decision": "allocate", "invoice": number, "amount": amount})


def test_what_is_right_in_every_way_completes_the_case_by_itself(invoice: Invoice, clerk: Person) -> None:
    accepts(invoice, clerk)
    answer = takes(clerk, bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY)]))
    assert answer.status_code == 302
    assert Case.objects.get().state == CaseState.COMPLETED
    assert counts(clerk) == {"done": 1}
    assert "架空商事A株式会社" in in_list(clerk, "done")
    assert conserved()


CASES = {
    "late": ("{number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, LATE, "期限後の入金"),
    "short": ("{number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM - 660, TODAY, "金額不足"),
    "payer": ("{number}ﾍﾞﾂﾉｶｲｼﾔ", PREMIUM, TODAY, "名義相違"),
    "other": ("{number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM + 660, TODAY, "金額超過"),
    "name": ("ｶｸｳｼﾖｳｼﾞ(ｶ", PREMIUM, TODAY, "架空商事A"),
    "amount": ("ﾀﾞﾚｶ", PREMIUM, TODAY, "架空商事A"),
    "none": ("ﾀﾞﾚｶ", 1_234, TODAY, "ﾀﾞﾚｶ"),
}


@pytest.mark.parametrize("wanted", CASES)
def test_whatever_is_doubtful_stands_in_one_list_and_moves_no_money(
    wanted: str, invoice: Invoice, clerk: Person, clock: time_machine.Traveller
) -> None:
    payer, amount, day, words = CASES[wanted]
    later(clock, day, clerk)
    takes(clerk, bank_file([Entry(payer.format(number=invoice.number), amount, day)]))
    assert counts(clerk) == {wanted: 1}
    assert words in in_list(clerk, wanted)
    assert Deposit.objects.get().open_amount == amount
    assert not Allocation.objects.exists()
    lines = b"".join(clerk.get(DESK, {"list": wanted, "format": "csv"}).streaming_content).decode()
    assert str(words) in lines


def test_a_second_payment_of_one_number_waits_and_the_first_counts(invoice: Invoice, clerk: Person) -> None:
    entry = Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY)
    takes(clerk, bank_file([entry, Entry(entry.payer, entry.amount, entry.day, reference=2)]))
    assert counts(clerk) == {"double": 1, "done": 1}
    assert "二重の払込み" in in_list(clerk, "double")
    invoice.refresh_from_db()
    assert invoice.received == PREMIUM


def test_what_a_person_has_undone_is_not_done_again_by_itself(invoice: Invoice, clerk: Person) -> None:
    takes(clerk, bank_file([Entry(invoice.number, PREMIUM, TODAY)]))
    one = Deposit.objects.get()
    clerk.post(page_of(one), {"decision": "undo", "allocation": one.allocations.get().pk})
    takes(clerk, bank_file([Entry("ﾀﾞﾚｶ", 1, TODAY, 2)]))
    enrolment.settle_all(TODAY, masters.calendar())
    assert counts(clerk) == {"number": 1, "none": 1}
    assert conserved()


def test_one_press_takes_the_suggestion_and_late_money_asks_the_member(
    invoice: Invoice, clerk: Person, clock: time_machine.Traveller
) -> None:
    accepts(invoice, clerk)
    later(clock, LATE, clerk)
    takes(clerk, bank_file([Entry(invoice.number, PREMIUM, LATE)]))
    one = Deposit.objects.get()
    assert f"確定（300,000円を{invoice.number}に消し込む）" in clerk.get(page_of(one)).content.decode()
    assert allocates(clerk, one, invoice.number, "300000").status_code == 302
    assert Case.objects.get().enrolment.proposed_start == date(2027, 1, 1)
    made = Allocation.objects.get()
    assert clerk.post(page_of(one), {"decision": "undo", "allocation": made.pk}).status_code == 302
    assert counts(clerk) == {"late": 1}
    assert conserved()


def test_a_deposit_is_split_between_two_invoices_and_the_rest_refunded_by_two_people(
    invoice: Invoice, other: Invoice, clerk: Person, boss: Person
) -> None:
    one = deposit(TODAY, 2 * PREMIUM + 500, "ﾏﾄﾒﾃ")
    found = clerk.get(page_of(one), {"q": "架空商事"}).content.decode()
    assert invoice.number in found
    assert other.number in found
    allocates(clerk, one, invoice.number, "300,000")
    allocates(clerk, one, other.number, "30万")
    assert [x.missing for x in Invoice.objects.all()] == [0, 0]
    asked = {"decision": "refund", "back": "500", "reason": "overpaid", "account": "架空銀行 普通 1234567"}
    assert boss.post(page_of(one), asked).status_code == 302
    refund = Refund.objects.get()
    page = f"/admin/credit_insurance/refund/{refund.pk}/change/"
    own = boss.post(page, {"decision": "approve"})
    assert own.status_code == 409
    assert "自分が依頼した返金は承認・却下できません" in own.content.decode()
    assert clerk.post(page, {"decision": "approve"}).status_code == 403
    assert conserved()


def test_a_rejected_refund_gives_the_yen_back_and_an_approved_one_is_paid(clerk: Person, boss: Person) -> None:
    one = deposit(TODAY, 1_000, "=ﾀﾞﾚｶ")
    asked = {"decision": "refund", "back": "1,000", "reason": "late", "account": "＝cmd"}
    clerk.post(page_of(one), asked)
    assert clerk.post(page_of(one), asked).status_code == 409
    page = f"/admin/credit_insurance/refund/{Refund.objects.get().pk}/change/"
    assert boss.post(page, {"decision": "reject"}).status_code == 422
    assert boss.post(page, {"decision": "reject", "comment": "口座が違います。"}).status_code == 302
    one.refresh_from_db()
    assert one.open_amount == 1_000
    clerk.post(page_of(one), asked)
    page = f"/admin/credit_insurance/refund/{Refund.objects.get(state='requested').pk}/change/"
    assert boss.post(page, {"decision": "approve"}).status_code == 302
    assert boss.post(page, {"decision": "reject", "comment": "遅い"}).status_code == 409
    csv = b"".join(clerk.get("/admin/credit_insurance/refund/transfers.csv").streaming_content).decode()
    assert '"\'＝cmd"' in csv
    assert '"\'=ﾀﾞﾚｶ"' in csv
    assert boss.post(page, {"decision": "pay", "paid_on": "2026-11-11"}).status_code == 409
    assert boss.post(page, {"decision": "pay", "paid_on": "2026-11-10"}).status_code == 302
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.REJECTED, RefundState.REFUNDED}
    assert conserved()


def test_who_comes_second_is_told_so_and_nothing_is_spent_twice(invoice: Invoice, clerk: Person) -> None:
    one = deposit(TODAY, PREMIUM, "ﾀﾞﾚｶ")
    assert allocates(clerk, one, invoice.number, PREMIUM).status_code == 302
    again = allocates(clerk, one, invoice.number, PREMIUM)
    assert again.status_code == 409
    assert "ほかの方が先に処理しました" in again.content.decode()
    assert allocates(clerk, one, "9999999", 1).status_code == 422
    assert conserved()


def test_the_insurer_only_reads_and_a_member_sees_nothing(invoice: Invoice, log_in: LogIn, approver: Person) -> None:
    insurer = log_in("uw", "credit.uw", is_staff=True)
    one = deposit(TODAY, PREMIUM, "ﾀﾞﾚｶ")
    assert insurer.get(DESK).status_code == 200
    assert "返金を依頼する" not in insurer.get(page_of(one)).content.decode()
    assert allocates(insurer, one, invoice.number, PREMIUM).status_code == 403
    assert takes(insurer, bank_file([Entry("ｱ", 1, TODAY)])).status_code == 403
    claims = log_in("claim", "credit.claim", is_staff=True)
    for address in (DESK, page_of(one), "/admin/credit_insurance/invoice/dashboard/"):
        assert claims.get(address).status_code == 403
        assert approver.get(address).status_code in {302, 403}
    assert not Allocation.objects.exists()


# --- 振込入金通知 ----------------------------------------------------------------------------


def test_the_same_entry_is_taken_once_in_whichever_file_it_comes(invoice: Invoice, clerk: Person) -> None:
    first, second = Entry("ｱ", 1_000, TODAY, 1), Entry("ｲ", 2_000, TODAY, 2)
    content = bank_file([first, first])
    takes(clerk, content, "first.txt")
    again = takes(clerk, content, "second.txt")
    assert again.status_code == 422
    assert "取込済みです（first.txt）" in again.content.decode()
    takes(clerk, bank_file([first, first, first, second]), "third.txt")
    assert sorted(Deposit.objects.values_list("amount", flat=True)) == [1_000, 1_000, 1_000, 2_000]
    assert list(BankFile.objects.order_by("pk").values_list("entries", "known")) == [(2, 0), (4, 2)]


def test_a_deposit_entered_by_hand_is_not_taken_again_from_the_file(clerk: Person) -> None:
    typed = {
        "booked_on": "2026-11-10",
        "value_on": "2026-11-10",
        "amount": "1,000",
        "payer": "カ）カクウ",
        "note": "通帳",
    }
    add = "/admin/credit_insurance/deposit/add/"
    assert clerk.post(add, typed).status_code == 302
    assert clerk.post(add, typed).status_code == 422
    takes(clerk, bank_file([Entry("ｶ)ｶｸｳ", 1_000, TODAY)]))
    assert Deposit.objects.get().file == BankFile.objects.get()
    assert clerk.post(add, {**typed, "is_another": "on"}).status_code == 302
    assert Deposit.objects.count() == 2


def test_what_the_bank_takes_back_is_no_money_any_more(invoice: Invoice, clerk: Person) -> None:
    takes(clerk, bank_file([Entry("ｱ", 1_000, TODAY), Entry("ｱ", 1_000, TODAY, 2, is_cancelled=True)]))
    gone = Deposit.objects.get(is_cancellation=False)
    assert (gone.open_amount, counts(clerk)) == (0, {})
    takes(clerk, bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY, 3)]))
    takes(clerk, bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY, 4, is_cancelled=True)]))
    # It pays an invoice already: a person takes that back first.
    assert counts(clerk)["notices"] == 1
    paid, notice = Deposit.objects.get(reference="000003"), Deposit.objects.get(reference="000004")
    refused = clerk.post(page_of(notice), {"decision": "take_back", "deposit": paid.pk})
    assert refused.status_code == 409
    clerk.post(page_of(paid), {"decision": "undo", "allocation": paid.allocations.get().pk})
    assert clerk.post(page_of(notice), {"decision": "take_back", "deposit": paid.pk}).status_code == 302
    assert counts(clerk) == {}
    assert allocates(clerk, paid, invoice.number, PREMIUM).status_code == 409
    assert conserved()


BAD = {
    "empty": (b"", "ファイルが空です"),
    "binary": (b"PK\x03\x04\0\0" * 100, "振込入金通知ではありません"),
    "huge": (b"2" * (10 * 1024 * 1024 + 1), "10MB以下に分けて"),
    "many": (b"1\n" * 60_000, "50,000件以下に分けて"),
    "broken": (b"abc", "1行目：長さが3バイトです"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_notice_is_refused_with_the_reason(kind: str, clerk: Person) -> None:
    content, words = BAD[kind]
    answer = takes(clerk, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not BankFile.objects.exists()


def test_one_fault_or_another_account_and_nothing_is_taken(clerk: Person, viewer: Person) -> None:
    good = bank_file([Entry("ｱ", 1_000, TODAY)])
    assert "2行目：金額" in takes(clerk, good.replace(b"0000001000", b"000000100x", 1)).content.decode()
    foreign = bank_file([Entry("ｱ", 1_000, TODAY)], account="7654321")
    assert "口座番号7654321は保険料の振込先ではありません" in takes(clerk, foreign).content.decode()
    assert not Deposit.objects.exists()
    assert takes(viewer, good).status_code in {302, 403, 404}
    assert not Deposit.objects.exists()


def test_the_command_takes_a_file_and_reports(
    invoice: Invoice, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nyukin.txt"  # type: ignore[operator]
    path.write_bytes(bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY)]))
    call_command("import_deposits", str(path))
    assert '"allocated": 1' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("import_deposits", str(path))
    assert "取込済みです" in capsys.readouterr().out


# --- 加入依頼書 受付 ---------------------------------------------------------------------------


def test_a_form_is_returned_with_a_reason_received_or_cancelled_by_the_manager(
    invoice: Invoice, clerk: Person, boss: Person
) -> None:
    form = EnrolmentForm.objects.get()
    page = f"/admin/credit_insurance/enrolmentform/{form.pk}/change/"
    queue = clerk.get("/admin/credit_insurance/enrolmentform/", {"queue": "new"}).content.decode()
    assert "受付待ち 1件" in queue
    assert "300,000円" in queue
    assert clerk.post(page, {"decision": "return"}).status_code == 422
    assert clerk.post(page, {"decision": "cancel", "comment": "誤り"}).status_code == 409
    takes(clerk, bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY)]))
    assert boss.post(page, {"decision": "cancel", "comment": "重複しています。"}).status_code == 302
    assert Case.objects.get().state == CaseState.NOT_TAKEN
    assert Deposit.objects.get().open_amount == PREMIUM
    # The money of an invoice that is no more stands where a person decides, with the case that it was for.
    assert sum(counts(clerk).values()) == 1
    assert "は取消済みです" in clerk.get(page_of(Deposit.objects.get())).content.decode()
    assert clerk.post(page, {"decision": "accept"}).status_code == 409
    assert "受付待ち 0件" in clerk.get("/admin/credit_insurance/enrolmentform/").content.decode()


def test_the_member_reads_that_its_money_has_come(
    invoice: Invoice, clerk: Person, approver: Person, stranger: Person
) -> None:
    address = f"/credit/payments/{invoice.number}/receipt/"
    assert approver.get(address).status_code == 404
    takes(clerk, bank_file([Entry(f"{invoice.number}ｶ)ｶｸｳｼﾖｳｼﾞ", PREMIUM, TODAY)]))
    assert approver.get(address).content.startswith(b"%PDF")
    assert stranger.get(address).status_code == 404
    page = clerk.get(f"/admin/credit_insurance/invoice/{invoice.pk}/change/").content.decode()
    assert f"/admin/credit_insurance/invoice/{invoice.pk}/receipt.pdf" in page


def test_the_dashboard_counts_and_costs_the_same_however_many_there_are(
    invoice: Invoice, other: Invoice, clerk: Person, django_assert_max_num_queries: object
) -> None:
    deposit(TODAY, 1_000, "ﾀﾞﾚｶ")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        page = clerk.get("/admin/credit_insurance/invoice/dashboard/").content.decode()
    assert "加入依頼書提出済" in page
    assert "600,000円" in page
    assert "東京都" in page
    shortcuts = clerk.get("/admin/").content.decode()
    assert "/admin/credit_insurance/deposit/desk/" in shortcuts
