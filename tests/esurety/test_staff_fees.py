"""保証料: payment, 一括納付, the monthly bill, and the list of the contractor."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from esurety.models import Fee, Invoice
from esurety.services import billing
from esurety.services.fees import load_fee_tables
from portal.audit.models import Event
from portal.outbox.nightly import run_job
from tests.conftest import Person
from tests.esurety.driver import Shop
from tests.esurety.staff import ADMIN, approved, decides, letters, took, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tables(db: None) -> None:
    load_fee_tables()


@pytest.fixture
def item(clock, shop: Shop, clerk: Person, reviewer: Person, approver: Person):
    return approved(shop, clerk, reviewer, approver)


def fee_of(item) -> Fee:
    return Fee.objects.get(item=item)


def test_a_paid_fee_concludes_the_contract_once(item, fee_clerk: Person):
    assert "入金待ち" in words(fee_clerk.get(f"{ADMIN}/fee/"))
    fee = fee_of(item)
    assert decides(fee_clerk, fee, "pay").status_code == 422
    assert decides(fee_clerk, fee, "pay", paid_on="2026-11-21", paid_how="cash").status_code == 409  # tomorrow
    took(decides(fee_clerk, fee, "pay", paid_on="2026-11-20", paid_how="cash"))
    item.refresh_from_db()
    fee.refresh_from_db()
    assert (item.state, fee.paid_on, fee.paid_how) == ("concluded", date(2026, 11, 20), "cash")
    assert decides(fee_clerk, fee, "pay", paid_on="2026-11-20", paid_how="cash").status_code == 409
    assert Event.objects.filter(verb="surety.paid", target=fee.number).count() == 1


def test_only_the_accounts_book_money(item, clerk: Person, approver: Person):
    for person in (clerk, approver):
        assert decides(person, fee_of(item), "pay", paid_on="2026-11-20", paid_how="cash").status_code == 403
    assert fee_of(item).paid_on is None


def test_a_month_of_fees_goes_onto_one_bill(item, shop: Shop, fee_clerk: Person, admin: Person):
    admin.user.email = "admin@a.example"
    admin.user.save()
    fee = fee_of(item)
    took(decides(fee_clerk, fee, "bill"))
    assert billing.make_invoices(date(2026, 11, 30)) == 0
    with time_machine.travel(datetime(2026, 12, 1, 0, 0, tzinfo=UTC), tick=False):
        assert run_job("surety.invoices", date(2026, 12, 1)) == {"made": 1}
        assert run_job("surety.invoices", date(2026, 12, 2)) == {"made": 0}
        fee_clerk.force_login(fee_clerk.user)
        invoice = Invoice.objects.get()
        assert (invoice.month, invoice.total) == (date(2026, 11, 1), 63_700)
        assert "ご請求額：63,700円" in letters("保証料（一括納付）のご請求")[0]
        assert fee_clerk.get(f"{ADMIN}/invoice/{invoice.pk}/invoice.pdf").content[:5] == b"%PDF-"
        assert decides(fee_clerk, fee, "pay", paid_on="2026-12-01", paid_how="cash").status_code == 409
        took(fee_clerk.post(f"{ADMIN}/invoice/{invoice.pk}/change/", {"paid_on": "2026-12-01"}))
        assert fee_clerk.post(f"{ADMIN}/invoice/{invoice.pk}/change/", {"paid_on": "2026-12-01"}).status_code == 409
    fee.refresh_from_db()
    assert (fee.paid_on, fee.paid_how) == (date(2026, 12, 1), "monthly")


def test_who_has_no_such_agreement_pays_first(item, shop: Shop, fee_clerk: Person):
    shop.contractor.pays_monthly = False
    shop.contractor.save()
    answer = decides(fee_clerk, fee_of(item), "bill")
    assert answer.status_code == 409
    assert "一括納付の契約がない" in words(answer)
    item.refresh_from_db()
    assert item.state == "fee"


def test_the_contractor_lists_and_prints_its_own_fees(item, user: Person, rival: Person):
    listed = words(user.get("/surety/fees/"))
    for said in ("F01261000001-01", "01261-000001", "63,700円", "お支払い待ち", "見本道路改良工事"):
        assert said in listed
    assert "F01261000001-01" not in words(rival.get("/surety/fees/"))
    paper = user.get("/surety/fees/F01261000001-01/statement.pdf")
    assert paper.content[:5] == b"%PDF-"
    foreign, unknown = (
        rival.get(f"/surety/fees/{number}/statement.pdf") for number in ("F01261000001-01", "F01261000009-01")
    )
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    csv = b"".join(user.get("/surety/fees/?format=csv").streaming_content).decode()
    assert "F01261000001-01" in csv
    assert Event.objects.filter(verb="surety.fees_csv").count() == 1
    assert "保証料計算書はありません" in words(rival.get("/surety/fees/"))
