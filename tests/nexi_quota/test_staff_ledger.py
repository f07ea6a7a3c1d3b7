"""The ledger of a buyer: every movement, newest first, with the balance after it and what stands behind it."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import BranchKind, LedgerKind, Rating
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Notice, Quota
from portal.accounts import roles
from portal.accounts.models import Organisation
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.fixtures import add_buyer
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import notifies, settlement
from tests.nexi_quota.staff import ADMIN, buyer, today, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """60,000,000 yen held by an insurance of exporter A."""
    return insure(exporter_a)


def path(code: str = "310-000001") -> str:
    return f"{ADMIN}/buyer/{buyer(code).pk}/ledger/"


def table(response: Any) -> list[list[str]]:
    """Return the rows of the ledger as words."""
    html = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        for row in html.split("</tr>")[:-1]
    ]


def moves(quota: Quota, *amounts: int, kind: LedgerKind = LedgerKind.ADJUST) -> None:
    """Add one movement an hour to a quota, the last one now."""
    confirmation = Confirmation.objects.get()
    now = timezone.now()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            quota=quota,
            confirmation=confirmation,
            kind=kind,
            amount_jpy=amount,
            at=now - timedelta(hours=len(amounts) - 1 - place),
        )
        for place, amount in enumerate(amounts)
    )
    Quota.objects.filter(pk=quota.pk).update(held_jpy=sum(LedgerEntry.objects.values_list("amount_jpy", flat=True)))


def test_every_movement_has_its_balance_and_what_stands_behind_it(
    staff: Person, ana: Exporter, contract: InsuranceContract
) -> None:
    notifies(ana, settlement(contract, extent="part", settled_amount="100,000"))
    notice = Notice.objects.get()
    response = staff.get(path())
    assert "個別保証枠 100,000,000円 使用中 45,000,000円 残高 55,000,000円" in words(response)
    assert contract.confirmation
    number = contract.confirmation.number
    assert [row[1:] for row in table(response)] == [
        [
            *("解放", "", "15,000,000", "45,000,000", number, contract.number, "決済通知"),
            *(notice.application.number, "株式会社輸出者Ａ", "有栖川花子"),
        ],
        ["保険引受", "", "", "60,000,000", number, contract.number, "", "", "株式会社輸出者Ａ", ""],
        ["確保", "60,000,000", "", "60,000,000", number, "", "", "", "株式会社輸出者Ａ", ""],
    ]
    html = response.content.decode()
    for model, pk in (
        ("nexi_quota/confirmation", contract.confirmation_id),
        ("nexi_quota/insurancecontract", contract.pk),
        ("nexi_quota/notice", notice.pk),
        ("applications/application", notice.application_id),
    ):
        link = f"/admin/{model}/{pk}/change/"
        assert f'href="{link}"' in html
        assert staff.get(link).status_code == 200


def test_it_is_reached_from_the_buyer_the_quota_and_a_branch(staff: Person, ana: Exporter) -> None:
    ana.applies()
    branch = add_buyer("310-000009", Rating.EF, branch_kind=BranchKind.BRANCH, head_office=buyer())
    quota = Quota.objects.get(buyer=buyer())
    for page, link in (
        (f"buyer/{buyer().pk}", path()),
        (f"buyer/{branch.pk}", path("310-000009")),
        (f"quota/{quota.pk}", path()),
    ):
        assert f'href="{link}"' in staff.get(f"{ADMIN}/{page}/change/").content.decode()
    shared = staff.get(path("310-000009"))
    assert "本店（310-000001 BUYER 310-000001 LTD.）と共用の個別保証枠の台帳" in words(shared)
    assert len(table(shared)) == 1


def test_a_buyer_without_quota_has_no_ledger(staff: Person) -> None:
    assert staff.get(path("123-000002")).status_code == 404
    assert "台帳" not in words(staff.get(f"{ADMIN}/buyer/{buyer('123-000002').pk}/change/")).partition("適用日")[2]


def test_a_long_ledger_is_paged_and_the_balances_go_on(staff: Person, ana: Exporter) -> None:
    ana.applies()
    quota = Quota.objects.get(buyer=buyer())
    moves(quota, *range(1, 121))
    pages, address = [], path()
    while address:
        response = staff.get(address)
        pages.append(table(response))
        found = re.search(r'<a href="([^"]+)">次の記録へ', response.content.decode())
        address = f"{path()}{found[1].replace('&amp;', '&')}" if found else ""
    assert [len(page) for page in pages] == [50, 50, 21]
    quota.refresh_from_db()
    balance = quota.held_jpy
    for row in (row for page in pages for row in page):
        assert row[4] == f"{balance:,}"
        balance += int((row[3] or "0").replace(",", "")) - int((row[2] or "0").replace(",", ""))
    assert balance == 0


def test_a_filter_leaves_the_balances_as_they_were(staff: Person, ana: Exporter) -> None:
    ana.applies()
    quota = Quota.objects.get(buyer=buyer())
    moves(quota, 5, 7, -3)
    everything = {tuple(row) for row in table(staff.get(path()))}
    holds = table(staff.get(f"{path()}?kind=hold"))
    assert len(holds) == 1
    assert {tuple(row) for row in holds} < everything
    assert holds[0][2] == "60,000,000"
    assert len(table(staff.get(f"{path()}?kind=adjust"))) == 3
    assert table(staff.get(f"{path()}?kind=expire")) == []


def test_entries_of_one_moment_keep_their_order_and_balances_across_pages(staff: Person, ana: Exporter) -> None:
    ana.applies()
    quota = Quota.objects.get(buyer=buyer())
    moves(quota, *[10] * 60)
    LedgerEntry.objects.update(at=timezone.now())
    first = staff.get(path())
    found = re.search(r'<a href="([^"]+)">次の記録へ', first.content.decode())
    assert found
    rows = table(first) + table(staff.get(f"{path()}{found[1]}"))
    assert [row[4] for row in rows] == [f"{60_000_000 + 10 * left:,}" for left in range(60, -1, -1)]


@pytest.mark.parametrize(("query", "count"), [("since={day}", 2), ("until={before}", 1), ("since={after}", 0)])
def test_a_period_is_of_days_in_japan(staff: Person, ana: Exporter, query: str, count: int) -> None:
    ana.applies()
    quota = Quota.objects.get(buyer=buyer())
    moves(quota, 1, 2)
    day = timezone.now().replace(hour=15, minute=0, second=0, microsecond=0)  # midnight in Japan
    old, *new = LedgerEntry.objects.order_by("pk")
    LedgerEntry.objects.filter(pk=old.pk).update(at=day - timedelta(microseconds=1))
    LedgerEntry.objects.filter(pk__in=[entry.pk for entry in new]).update(at=day)
    local = timezone.localdate(day)
    given = {"day": local, "before": local - timedelta(days=1), "after": local + timedelta(days=1)}
    assert len(table(staff.get(f"{path()}?{query.format(**given)}"))) == count


@pytest.mark.parametrize(
    "query", ["kind=x", "since=2026-13-01", "until=9999-12-31", "after=x", "after=99999999999999999999"]
)
def test_what_cannot_be_understood_is_said(staff: Person, query: str) -> None:
    response = staff.get(f"{path()}?{query}")
    assert response.status_code == 422
    assert "記録はありません" in words(response)


def test_the_entry_of_another_buyer_is_no_place_to_go_on_from(staff: Person, ana: Exporter) -> None:
    ana.applies()
    entry = LedgerEntry.objects.get()
    assert table(staff.get(f"{path('310-000002')}?after={entry.pk}")) == []


def test_the_csv_has_every_entry_of_the_filter_with_figures_that_add_up(
    staff: Person, ana: Exporter, contract: InsuranceContract
) -> None:
    notifies(ana, settlement(contract, extent="part", settled_amount="100,000"))
    answer = staff.get(f"{path()}?format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="ledger-310-000001.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert [(row["種別"], row["確保（円）"], row["解放（円）"], row["使用中（円）"]) for row in rows] == [
        ("解放", "", "15,000,000", "45,000,000"),
        ("保険引受", "", "", "60,000,000"),
        ("確保", "60,000,000", "", "60,000,000"),
    ]
    assert rows[0]["保有契約"] == contract.number
    only = staff.get(f"{path()}?format=csv&kind=hold")
    (row,) = csv.DictReader(io.StringIO(b"".join(only).decode("utf-8-sig")))  # type: ignore[arg-type]
    assert row["使用中（円）"] == "60,000,000"


def test_reading_and_saving_are_recorded(staff: Person, ana: Exporter) -> None:
    ana.applies()
    staff.get(f"{path()}?kind=hold")
    staff.get(f"{path()}?format=csv")
    found = Event.objects.filter(verb="nexi.records_viewed", target="310-000001 台帳").order_by("pk")
    assert [event.detail for event in found] == [{"kind": "hold"}, {"format": "csv"}]


def test_without_the_right_there_is_no_ledger(log_in: LogIn, masters: None) -> None:
    roles.register(roles.Role("test.quota", "枠だけ", "nexi", permissions=("nexi_quota.view_quota",)))
    assert log_in("clerk", "test.quota", is_staff=True).get(path()).status_code == 403


def test_a_page_costs_the_same_however_long_the_ledger_is(staff: Person, ana: Exporter) -> None:
    ana.applies()
    counts = []
    for amounts in ([1], [2] * 200):
        moves(Quota.objects.get(buyer=buyer()), *amounts)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            staff.get(f"{path()}?kind=adjust&since={today() - timedelta(days=30)}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_a_limit_is_no_movement(staff: Person, ana: Exporter) -> None:
    ana.applies()
    services.set_limit(buyer(), 1, None, today())
    response = staff.get(path())
    assert "残高 △59,999,999円" in words(response)
    assert len(table(response)) == 1
