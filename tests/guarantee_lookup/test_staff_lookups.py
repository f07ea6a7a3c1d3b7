"""The association's evidence pages: the look-ups of all banks, who looked up a customer, reports, statistics."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from guarantee_lookup.enums import NumberKind, Outcome
from guarantee_lookup.models import Lookup, ServiceRules, Snapshot
from guarantee_lookup.services.lookup import Question, look_up
from portal.accounts.models import Organisation, User
from portal.audit.models import Event
from tests.conftest import LogIn
from tests.guarantee_lookup.driver import ACCEPTANCE, GUARANTEE, Answer, Teller, add_customer, fill, quarantine

LIST = "/admin/guarantee_lookup/lookup/"
CUSTOMER = f"{LIST}customer/"
REPORTS = f"{LIST}reports/"
STATISTICS = f"{LIST}statistics/"
REASON = "本人からの開示請求"


@pytest.fixture
def auditor(log_in: LogIn, snapshot: Snapshot) -> Teller:
    """監査 of the association, who looks nothing up."""
    return Teller(log_in("auditor", "lookup.auditor", is_staff=True))


def words(page: Answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.html)))


def searches(teller: Teller, number: str = ACCEPTANCE, kind: str = "customer", **fields: str) -> Answer:
    return teller.sends(CUSTOMER, **{"kind": kind, "number": number, "reason": REASON, "show": "1", **fields})


def receipts(page: Answer) -> set[str]:
    return {receipt for receipt in Lookup.objects.values_list("receipt", flat=True) if receipt in page.html}


def saved(teller: Teller, path: str) -> list[dict[str, str]]:
    answer: Any = teller.client.get(path)
    assert answer["Content-Type"].startswith("text/csv"), answer.content.decode()[:2000]
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def section(page: Answer, title: str) -> str:
    """Return the words of one report."""
    assert page.status == 200, words(page)
    part = page.html.split(f"<h2>{title}</h2>")[1].partition("<h2>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", part)))


# --- The list ------------------------------------------------------------------------------


def test_the_list_shows_the_look_ups_of_all_banks_masked_and_is_recorded(
    user: Teller, other: Teller, auditor: Teller
) -> None:
    user.asks()
    other.asks(GUARANTEE, kind="guarantee")
    page = auditor.opens(LIST)
    assert receipts(page) == {*Lookup.objects.values_list("receipt", flat=True)}
    assert "*****9816" in page.html
    assert ACCEPTANCE not in page.html
    one = auditor.opens(f"{LIST}{Lookup.objects.latest('pk').pk}/change/")
    assert one.status == 200
    for hidden in (Lookup.objects.latest("pk").sealed, "58,646,000", "58646000"):
        assert hidden not in one.html
    assert 'name="_save"' not in one.html
    assert Event.objects.filter(verb="lookup.records").count() == 2


def test_who_may_not_see_the_records_sees_none_of_the_pages(
    user: Teller, master: Teller, log_in: LogIn, auditor: Teller, staff: Teller
) -> None:
    desk = Teller(log_in("desk", "lookup.desk", is_staff=True))
    for path in (LIST, CUSTOMER, REPORTS, STATISTICS):
        assert desk.opens(path).status == 403
        for outsider in (user, master):
            assert outsider.opens(path).status in (302, 403)
        for insider in (auditor, staff):
            assert insider.opens(path).status == 200
            assert path in (LIST, *re.findall(r'href="([^"]+)"', insider.opens(LIST).html))
    assert desk.sends(CUSTOMER, kind="customer", number=ACCEPTANCE, reason="x").status == 403
    assert auditor.opens("/lookup/").status == 403


# --- Who saw this customer -----------------------------------------------------------------


def test_every_look_up_of_a_customer_is_found_by_either_number(
    user: Teller, master: Teller, other: Teller, auditor: Teller, snapshot: Snapshot
) -> None:
    add_customer(snapshot, "900000005", {"MUTAN_G": 1})
    user.asks()
    other.asks(GUARANTEE, kind="guarantee")
    master.asks("900000005")
    wanted = {*Lookup.objects.exclude(user=master.user).values_list("receipt", flat=True)}
    for number, kind in ((ACCEPTANCE, "customer"), (GUARANTEE, "guarantee"), ("１２３-459-816", "customer")):
        page = searches(auditor, number, kind)
        assert page.status == 200
        assert receipts(page) == wanted
        assert "2件（2の金融機関）" in words(page)
        assert "a-user 照会 太郎" in words(page)


def test_look_ups_that_showed_nothing_are_found_too(
    user: Teller, auditor: Teller, snapshot: Snapshot, rules: ServiceRules
) -> None:
    add_customer(snapshot, "900000099", {"MUTAN_G": 1}, guarantees=["9990000001"], blocked=True)
    quarantine(snapshot, "900000020")
    for number, kind in (("900000099", "customer"), ("9990000001", "guarantee"), ("900000020", "customer")):
        user.asks(number, kind=kind)
    blocked = {*Lookup.objects.filter(outcome=Outcome.NONE).values_list("receipt", flat=True)}
    assert len(blocked) == 2
    assert receipts(searches(auditor, "900000099")) == blocked
    assert receipts(searches(auditor, "9990000001", "guarantee")) == blocked
    assert len(receipts(searches(auditor, "900000020"))) == 1
    assert "この顧客を照会した記録はありません。" in words(searches(auditor, "900000077"))


def test_a_guarantee_that_left_the_generation_leads_to_its_customer_by_what_was_found(
    user: Teller, other: Teller, auditor: Teller, snapshot: Snapshot
) -> None:
    user.asks(GUARANTEE, kind="guarantee")
    other.asks()
    Snapshot.objects.update(state="old")
    new = Snapshot.objects.create(as_of="2026-03-18", sequence=2, state="current", received_at=snapshot.received_at)
    fill(new, rows=False)
    assert len(receipts(searches(auditor, GUARANTEE, "guarantee"))) == 2


def test_a_search_needs_a_reason_and_is_recorded_before_anything_is_shown(user: Teller, auditor: Teller) -> None:
    user.asks()
    page = searches(auditor, reason="")
    assert (page.status, receipts(page)) == (422, set())
    assert not Event.objects.filter(verb="lookup.search").exists()
    for reason in (f"番号{ACCEPTANCE}", "１２３４５９８１６の件"):
        page = searches(auditor, reason=reason)
        assert (page.status, "理由に番号を入力しないでください。" in words(page)) == (422, True)
    assert searches(auditor, "12345").status == 422
    searches(auditor)
    event = Event.objects.get(verb="lookup.search")
    assert (event.actor_login, event.target) == ("auditor", "*****9816")
    assert event.detail == {"kind": "customer", "reason": REASON}


def test_nothing_is_shown_when_the_search_cannot_be_recorded(
    user: Teller, auditor: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.asks()

    def broken(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("guarantee_lookup.admin.lookups.audit.record", broken)
    with pytest.raises(OSError, match="no space left"):
        searches(auditor)


def test_the_number_goes_by_post_and_the_csv_has_every_record(user: Teller, other: Teller, auditor: Teller) -> None:
    user.asks()
    other.asks()
    assert receipts(auditor.opens(f"{CUSTOMER}?kind=customer&number={ACCEPTANCE}&reason=x")) == set()
    fields = {"kind": "customer", "number": ACCEPTANCE, "reason": REASON, "csv": "1"}
    answer: Any = auditor.client.post(CUSTOMER, fields)
    assert answer["Content-Disposition"] == 'attachment; filename="customer-lookups.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "架空銀行Ａ" in text
    assert "架空銀行Ｂ" in text
    assert ACCEPTANCE not in text
    assert Event.objects.filter(verb="lookup.search_csv").count() == 1


# --- Reports ---------------------------------------------------------------------------------


def test_own_dealings_without_a_guarantee_are_listed(user: Teller, other: Teller, auditor: Teller) -> None:
    user.asks()
    other.asks()
    other.asks(basis="2", consent="on")
    found = section(auditor.opens(f"{REPORTS}?month=2026-03"), "取引が確認できない照会")
    receipt = Lookup.objects.get(user=other.user, basis="1").receipt
    assert receipt in found
    assert sum(one in found for one in Lookup.objects.values_list("receipt", flat=True)) == 1
    (row,) = saved(auditor, f"{REPORTS}?month=2026-03&csv=unrelated")
    assert (row["照会受付番号"], row["照会番号"]) == (receipt, "*****9816")
    assert "該当はありません。" in section(auditor.opens(f"{REPORTS}?month=2026-02"), "取引が確認できない照会")


def test_look_ups_at_night_and_on_holidays_are_counted_by_person(
    user: Teller, other: Teller, auditor: Teller, clock: time_machine.Traveller
) -> None:
    user.asks()
    clock.shift(timedelta(hours=11))  # 21:00
    other.logs_in_again()
    assert other.asks().status == 403
    ServiceRules.objects.update(every_day=True, opens_at="00:00", closes_at="00:00")
    other.asks()
    clock.move_to(datetime(2026, 3, 20, 3, tzinfo=UTC))  # 12:00 of 春分の日
    user.logs_in_again()
    user.asks()
    auditor.logs_in_again()
    rows = saved(auditor, f"{REPORTS}?month=2026-03&csv=night")
    assert [(row["利用者ID"], row["時間外のため拒否"], row["照会"]) for row in rows] == [
        ("b-user", "1", "1"),
        ("a-user", "0", "1"),
    ]


def test_the_people_with_the_most_look_ups_come_first(user: Teller, other: Teller, auditor: Teller) -> None:
    for _ in range(3):
        other.asks()
    user.asks()
    user.asks("900000098")
    rows = saved(auditor, f"{REPORTS}?month=2026-03&csv=users")
    assert [(row["利用者"].split()[0], row["照会"], row["該当なし"], row["該当なしの割合"]) for row in rows] == [
        ("b-user", "3", "0", "0.0%"),
        ("a-user", "2", "1", "50.0%"),
    ]


@pytest.mark.parametrize(("found", "missing", "listed"), [(15, 5, True), (16, 4, False), (14, 5, False)])
def test_a_bank_with_more_than_a_fifth_of_misses_in_a_week_is_listed(
    user: Teller, auditor: Teller, snapshot: Snapshot, found: int, missing: int, listed: bool
) -> None:
    ServiceRules.objects.update(none_in_a_row=100, none_hour=100, none_day=100)
    for place in range(found + missing):
        user.asks() if place < found else user.asks(f"8{place:02d}500000")
    rows = saved(auditor, f"{REPORTS}?month=2026-03&csv=misses")
    expected = [("2026-03-16", f"{found + missing}", f"{missing}")] if listed else []
    assert [(row["週の初日"], row["照会"], row["該当なし"]) for row in rows] == expected


@pytest.mark.parametrize("count", [4, 5])
def test_a_customer_whom_five_banks_looked_up_is_listed(auditor: Teller, snapshot: Snapshot, count: int) -> None:
    for place in range(count):
        bank = Organisation.objects.create(portal="lookup", code=f"900{place}", name=f"銀行{place}")
        bank_user(bank, f"u{place}")
    rows = saved(auditor, f"{REPORTS}?month=2026-03&csv=shared")
    first = Lookup.objects.order_by("pk")[0]
    expected = [(f"{count}", f"{count}", first.receipt)] if count == 5 else []
    assert [(row["金融機関の数"], row["照会"], row["照会受付番号の例"]) for row in rows] == expected


def bank_user(bank: Organisation, login: str) -> None:
    """Let somebody of a new bank look the acceptance customer up."""
    from guarantee_lookup.enums import Basis
    from guarantee_lookup.models import Institution

    Institution.objects.create(organisation=bank)
    person = User.objects.create_user(login, "test-password", name=login, organisation=bank)
    look_up(person, Question(NumberKind.CUSTOMER, ACCEPTANCE, Basis.GIVEN, consent=True), "127.0.0.1")


@pytest.mark.parametrize("month", ["2026-13", "x", "0000-01", "2026-3", "9999-12"])
def test_a_month_that_is_none_is_named(auditor: Teller, month: str) -> None:
    assert auditor.opens(f"{REPORTS}?month={month}").status == 422
    assert auditor.opens(f"{STATISTICS}?since={month}").status == 422


def test_the_reports_of_this_month_are_shown_first_and_every_look_at_them_is_recorded(auditor: Teller) -> None:
    page = auditor.opens(REPORTS)
    assert 'value="2026-03"' in page.html
    assert words(page).count("該当はありません。") == 5
    saved(auditor, f"{REPORTS}?csv=users")
    verbs = Event.objects.filter(verb__startswith="lookup.report").values_list("verb", "target")
    assert {*verbs} == {("lookup.report", "2026-03"), ("lookup.report_csv", "2026-03")}


# --- 利用統計 ---------------------------------------------------------------------------------


def test_the_statistics_count_by_month_bank_and_outcome_with_the_hours_saved(
    user: Teller, other: Teller, staff: Teller, auditor: Teller, clock: time_machine.Traveller
) -> None:
    user.asks()
    user.asks("900000098")
    staff.asks(basis="3")
    clock.move_to(datetime(2026, 4, 1, 1, tzinfo=UTC))
    Snapshot.objects.update(as_of="2026-03-31")
    for _ in range(2):
        other.logs_in_again()
        other.asks()
    auditor.logs_in_again()
    rows = saved(auditor, f"{STATISTICS}?since=2026-03&until=2026-04&csv=usage")
    assert [(row["月"], row["表示"], row["該当なし"], row["照会の計"], row["軽減時間（時間）"]) for row in rows] == [
        ("2026-03", "1", "1", "2", "0.5"),
        ("2026-03", "1", "0", "1", "0.25"),
        ("2026-04", "2", "0", "2", "0.5"),
        ("合計", "4", "1", "5", "1.25"),
    ]
    assert [row["該当なしの割合"] for row in rows] == ["50.0%", "0.0%", "0.0%", "20.0%"]
    assert "架空銀行Ａ" in rows[0]["金融機関"]
    assert rows[1]["金融機関"] == "信用保証協会"
    page = auditor.opens(STATISTICS)
    assert ('value="2025-04"' in page.html, 'value="2026-04"' in page.html) == (True, True)


@pytest.mark.parametrize(("since", "until"), [("2026-04", "2026-03"), ("2020-01", "2026-03")])
def test_a_span_that_is_none_or_too_long_is_named(auditor: Teller, since: str, until: str) -> None:
    assert auditor.opens(f"{STATISTICS}?since={since}&until={until}").status == 422


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_cost_the_same_whatever_there_is(
    user: Teller, auditor: Teller, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        user.asks()
    for path, most in ((REPORTS, 14), (STATISTICS, 9), (LIST, 12)):
        with django_assert_max_num_queries(most):
            assert auditor.opens(path).status == 200
