"""個別保証枠確認, 保有契約, 通知 and 台帳 in the admin: found by number, party, amount and day; linked; read-only."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota.admin import lists
from nexi_quota.models import Buyer, Confirmation, InsuranceContract, LedgerEntry, Notice, Quota
from portal.accounts.models import Organisation
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import notifies, settlement
from tests.nexi_quota.staff import ADMIN, words

pytestmark = pytest.mark.django_db
DUE = date(2027, 3, 31)


@pytest.fixture
def staff(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


@pytest.fixture
def notice(ana: Exporter, exporter_a: Organisation) -> Notice:
    """A part of 40,000 of USD 400,000, settled by Alice; the contract is 12345678901234-01."""
    contract = insure(exporter_a, policy_number="12345678901234", branch="01", due_on=DUE, reference="REF-77")
    notifies(ana, settlement(contract, extent="part", settled_amount="40,000"))
    return Notice.objects.get()


def is_found(response: Any) -> bool:
    return "/change/" in response.content.decode().partition("result_list")[2]


ROWS = ("confirmation", "insurancecontract", "notice", "ledgerentry")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q={policy}", ROWS),
        ("q={policy}-01", ROWS),
        ("q={policy}-02", ()),
        ("q=１２３４５６７８９０１２３４", ROWS),
        ("q={confirmation}", ROWS),
        ("q={application}", ("notice", "ledgerentry")),
        ("q=100000001", ROWS),
        ("q=輸出者Ａ", ROWS),
        ("q=310-0000", ROWS),
        ("q=buyer+310-000001", ROWS),
        ("q=buyer+310-000002", ()),
        ("q=REF-77", ("confirmation", "insurancecontract")),
        ("q=REF-7", ()),
        ("q=60,000,000", ("confirmation", "ledgerentry")),
        ("q=6千万円", ("confirmation", "ledgerentry")),
        ("q=6,000,000", ("ledgerentry",)),
        ("q=360,000.00", ("insurancecontract",)),
        ("q=40,000", ("notice",)),
        ("q=輸出者Ｂ", ()),
        ("q=304-000001", ()),
        ("q=999", ()),
    ],
)
def test_records_are_found_by_number_party_and_amount(
    staff: Person, notice: Notice, query: str, found: tuple[str, ...]
) -> None:
    assert notice.confirmation
    numbers = {
        "policy": "12345678901234",
        "confirmation": notice.confirmation.number,
        "application": notice.application.number,
    }
    answers = {model: staff.get(f"{ADMIN}/{model}/?{query.format(**numbers)}") for model in ROWS}
    assert {model for model, answer in answers.items() if is_found(answer)} == set(found)


def test_records_are_found_by_day(staff: Person, notice: Notice) -> None:
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    for model, field, first, last in (
        ("insurancecontract", "due_on", DUE, DUE),
        ("insurancecontract", "concluded_on", today - timedelta(days=40), today),
        ("confirmation", "confirmed_on", today - timedelta(days=40), today - timedelta(days=40)),
        ("confirmation", "expires_on", today, today + timedelta(days=100)),
        ("notice", "created_at", today, today),
        ("notice", "day", notice.day, notice.day),
    ):
        path = f"{ADMIN}/{model}/"
        assert is_found(staff.get(f"{path}?{field}_from={first}&{field}_to={last}")), (model, field)
        assert not is_found(staff.get(f"{path}?{field}_to={first - timedelta(days=1)}")), (model, field)
        assert not is_found(staff.get(f"{path}?{field}_from={last + timedelta(days=1)}")), (model, field)
    assert is_found(staff.get(f"{ADMIN}/ledgerentry/?from={today}&to={tomorrow}"))
    assert not is_found(staff.get(f"{ADMIN}/ledgerentry/?from={tomorrow}"))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "x"])
def test_an_impossible_day_is_no_error(staff: Person, day: str) -> None:
    for model, name in (("ledgerentry", "to"), ("notice", "created_at_to"), ("confirmation", "expires_on_from")):
        assert staff.get(f"{ADMIN}/{model}/?{name}={day}", follow=True).status_code == 200


def test_two_periods_and_a_search_are_kept_together(staff: Person, notice: Notice) -> None:
    page = staff.get(f"{ADMIN}/insurancecontract/?q=REF-77&due_on_from={DUE}").content.decode()
    period = page.partition('name="concluded_on_from"')[0].rpartition("<form")[2]
    assert f'name="due_on_from" value="{DUE}"' in period
    assert 'name="q" value="REF-77"' in period


def test_each_record_leads_to_the_others(staff: Person, notice: Notice) -> None:
    contract, confirmation = notice.contract, notice.confirmation
    assert contract
    assert confirmation
    application = f"/admin/applications/application/{notice.application_id}/change/"
    pages = {
        "contract": f"{ADMIN}/insurancecontract/{contract.pk}/change/",
        "confirmation": f"{ADMIN}/confirmation/{confirmation.pk}/change/",
        "notice": f"{ADMIN}/notice/{notice.pk}/change/",
    }
    for name, page in pages.items():
        html = staff.get(page).content.decode()
        for other in (*(other for other in pages if other != name), "application"):
            address = application if other == "application" else pages[other]
            assert f'href="{address}' in html, (name, other)
    assert "決済通知" in words(staff.get(pages["contract"]))
    assert "6,000,000" in words(staff.get(pages["notice"]))


@pytest.mark.parametrize("model", [InsuranceContract, Notice])
def test_contracts_and_notices_are_read_only_and_reading_is_recorded(staff: Person, notice: Notice, model: Any) -> None:
    row = model.objects.get()
    path = f"{ADMIN}/{model._meta.model_name}"
    assert staff.get(f"{path}/add/").status_code == 403
    assert staff.post(f"{path}/{row.pk}/change/", {"amount": 1, "state": "open", "balance": 0}).status_code == 403
    assert staff.post(f"{path}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert model.objects.get().amount == row.amount
    assert staff.get(f"{path}/{row.pk}/change/").status_code == 200
    assert staff.get(f"{path}/").status_code == 200
    targets = set(Event.objects.filter(verb="nexi.records_viewed").values_list("target", flat=True))
    assert targets == {f"{model._meta.label_lower}:{row.pk}", str(model._meta.verbose_name)}


def test_a_list_counts_no_further_than_it_pages(staff: Person, ana: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    ana.applies()
    entry = LedgerEntry.objects.get()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(quota=entry.quota, confirmation=entry.confirmation, kind="adjust", amount_jpy=0, at=entry.at)
        for _ in range(120)
    )
    assert " 121 個別保証枠の台帳 " in words(staff.get(f"{ADMIN}/ledgerentry/"))
    monkeypatch.setattr(lists, "MOST", 100)
    with CaptureQueriesContext(connection) as queries:
        page = words(staff.get(f"{ADMIN}/ledgerentry/?p=2"))
    assert " 100 個別保証枠の台帳 （これより多いことがあります。条件を絞り込んでください）" in page
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "ledgerentry" in query["sql"]]
    assert counts
    assert all("LIMIT 100" in sql for sql in counts)


@pytest.mark.parametrize("kind", ["hold", "attach"])
def test_a_search_that_finds_too_much_still_finds_what_the_filter_wants(
    staff: Person, exporter_a: Organisation, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    insure(exporter_a)
    monkeypatch.setattr(lists, "FOUND", 1)
    page = words(staff.get(f"{ADMIN}/ledgerentry/?q=310-000001&kind__exact={kind}"))
    assert " 1 個別保証枠の台帳 （これより多いことがあります" in page


@pytest.mark.parametrize("model", [*ROWS, "quota", "buyer", "buyerrating"])
def test_a_list_costs_the_same_however_long_it_is(
    staff: Person, exporter_a: Organisation, masters: None, model: str
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            insure(exporter_a, payer="310-000002", amount="1000")
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(f"{ADMIN}/{model}/?q=310").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_the_typed_text_of_applications_is_not_read_for_a_list(staff: Person, notice: Notice) -> None:
    with CaptureQueriesContext(connection) as queries:
        for model in ROWS:
            staff.get(f"{ADMIN}/{model}/")
        staff.get(f"{ADMIN}/buyer/{Buyer.objects.get(code='310-000001').pk}/ledger/")
    assert not [query for query in queries if '"applications_application"."data"' in query["sql"]]


def test_the_quota_page_shows_its_latest_movements_only(staff: Person, ana: Exporter) -> None:
    ana.applies()
    confirmation = Confirmation.objects.get()
    quota = Quota.objects.get(pk=confirmation.quota_id)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(quota=quota, confirmation=confirmation, kind="adjust", amount_jpy=0, at=timezone.now())
        for _ in range(60)
    )
    html = staff.get(f"{ADMIN}/quota/{quota.pk}/change/").content.decode()
    assert html.count(f"/confirmation/{confirmation.pk}/change/") == 50
