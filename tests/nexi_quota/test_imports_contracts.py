"""CSV import of 保有契約: what an insurance does to the quota or to the 確認 it uses, and where it finds no room."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ConfirmationState, ContractState, LedgerKind, Origin
from nexi_quota.imports import contracts as contract_rows
from nexi_quota.models import Buyer, Confirmation, ExchangeRate, InsuranceContract, LedgerEntry, Quota
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.importing import CONTRACTS, POLICY, Loader, counts, days_ago, refused, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("masters", "exporter_a", "exporter_b")]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def held(payer: str = "310-000001") -> int:
    return Quota.objects.get(buyer__code=payer).held_jpy


def a_confirmation(person: Exporter, **changes: Any) -> Confirmation:
    """Return a 確認 of 設備財 that exporter A got today: USD 400,000 on 310-000001."""
    person.applies(**changes)
    return Confirmation.objects.get()


def on(confirmation: Confirmation, /, **changes: Any) -> str:
    """Return a row of an insurance that uses the 確認."""
    today = timezone.localdate()
    given = {
        "product": "03",
        "origin": "組合",
        "confirmation": confirmation.number,
        "concluded": today,
        "shipped": today,
    }
    return row(**{**given, **changes})


# --- Automatic holds ----------------------------------------------------------


def test_an_insurance_application_takes_the_quota_by_itself(load: Loader) -> None:
    report = load(CONTRACTS, row(number="EX-1", reference="REF-1"))
    assert (counts(report), report["title"], report["applied"]) == ((1, 0, 0, 0), "保有契約", True)
    contract = InsuranceContract.objects.get()
    assert (contract.number, contract.history, contract.origin) == (f"{POLICY}-00", "00", "web")
    assert (contract.organisation.code, contract.payer.code, contract.reference) == ("100000001", "310-000001", "REF-1")
    assert (contract.amount, contract.balance, contract.state) == (400_000, 400_000, ContractState.OPEN)
    assert (contract.shipped_on, contract.due_on, contract.concluded_on) == (days_ago(20), days_ago(-60), days_ago(30))
    taken = contract.confirmation
    assert taken is not None
    assert (taken.origin, taken.state, taken.contract_number) == (Origin.INSURANCE, ConfirmationState.INSURED, "EX-1")
    assert (taken.amount_jpy, taken.rate, taken.rating, taken.application) == (60_000_000, 150, "EF", None)
    kinds = LedgerEntry.objects.order_by("pk").values_list("kind", "amount_jpy")
    assert list(kinds) == [(LedgerKind.HOLD, 60_000_000), (LedgerKind.ATTACH, 0)]
    assert held() == 60_000_000
    call_command("verify_quota")


def test_the_amendment_of_an_insurance_takes_a_quota_of_its_own(load: Loader) -> None:
    load(CONTRACTS, row(), row(branch="01", history="01", acquired="内容変更通知", amount="1000"))
    amended = InsuranceContract.objects.get(branch="01")
    assert amended.confirmation is not None
    assert (amended.history, amended.confirmation.origin) == ("01", Origin.AMENDMENT)
    assert held() == 60_150_000


def test_rate_and_rating_are_those_of_the_day_of_the_insurance(load: Loader) -> None:
    buyer = Buyer.objects.get(code="310-000001")
    ExchangeRate.objects.create(currency_id="USD", date=days_ago(35), jpy_per_unit=Decimal("140.123456"))
    ExchangeRate.objects.create(currency_id="USD", date=days_ago(29), jpy_per_unit=Decimal(999))
    services.set_rating(buyer, "EC", None, days_ago(5))  # type: ignore[arg-type]
    load(CONTRACTS, row(amount="100.01"))
    taken = Confirmation.objects.get()
    assert (taken.rate, taken.rate_date, taken.rating) == (Decimal("140.123456"), days_ago(35), "EF")
    assert held() == taken.amount_jpy == 14_014


def test_yen_needs_no_rate(load: Loader) -> None:
    load(CONTRACTS, row(currency="JPY", amount="1500000"))
    assert held() == 1_500_000


def test_a_branch_takes_from_the_quota_of_its_head_office(load: Loader) -> None:
    head = Buyer.objects.get(code="310-000001")
    branch = Buyer.objects.create(code="310-000011", name="B", country_id="310", branch_kind="branch", head_office=head)
    services.set_rating(branch, "EF", None, date(2010, 1, 1))  # type: ignore[arg-type]
    assert load(CONTRACTS, row(payer="310-000011"))["ok"]
    assert held() == 60_000_000


@pytest.mark.parametrize(
    ("product", "payer"), [("01", "304-000006"), ("01", "304-000003"), ("03", "310-000002"), ("04", "304-000007")]
)
def test_where_the_rating_needs_no_quota_none_is_taken(load: Loader, product: str, payer: str) -> None:
    lines = CONTRACTS, row(product=product, payer=payer, currency="CHF", number="EX-1")
    assert counts(load(*lines)) == (1, 0, 0, 0)
    assert InsuranceContract.objects.get().confirmation is None
    assert not LedgerEntry.objects.exists()
    assert counts(load(*lines)) == (0, 0, 1, 0)


def test_the_columns_that_may_be_missing_have_their_meaning(load: Loader) -> None:
    short = [
        ",".join(line.split(",")[at] for at in range(16) if at not in {2, 6, 14, 15}) for line in (CONTRACTS, row())
    ]
    assert counts(load(*short)) == (1, 0, 0, 0)
    contract = InsuranceContract.objects.get()
    assert contract.confirmation is not None
    assert (contract.history, contract.confirmation.origin) == ("00", Origin.INSURANCE)
    assert counts(load(CONTRACTS, row())) == (0, 0, 1, 0)


# --- Room ---------------------------------------------------------------------


def test_without_room_the_row_is_an_error_and_nothing_of_the_file_is_taken(load: Loader) -> None:
    report = load(CONTRACTS, row(amount="1000"), row(policy="20260000000002", amount="700000"))
    refused(report, "3行目・契約金額：申込金額が個別保証枠の残高を超えています。")
    assert (held(), InsuranceContract.objects.count()) == (0, 0)


def test_rows_of_one_file_count_against_each_other(load: Loader) -> None:
    first, second, third = (row(policy=f"2026000000000{n}", amount="300000") for n in (1, 2, 3))
    report = load(CONTRACTS, first, second, third)
    refused(report, "4行目・契約金額：申込金額が個別保証枠の残高を超えています。")
    assert counts(load(CONTRACTS, first, second)) == (2, 0, 0, 0)
    assert held() == 90_000_000
    refused(load(CONTRACTS, first, second, third), "4行目・契約金額")


def test_the_last_yen_of_a_quota_may_be_taken_and_no_more(load: Loader) -> None:
    assert load(CONTRACTS, row(currency="JPY", amount="99,999,999"))["ok"]
    second = {"policy": "20260000000002", "currency": "JPY"}
    refused(load(CONTRACTS, row(**second, amount="2")), "2行目・契約金額")
    assert load(CONTRACTS, row(**second, amount="1"))["ok"]
    assert held() == 100_000_000


def test_an_amount_beyond_every_quota_is_an_error_like_another(load: Loader) -> None:
    refused(
        load(CONTRACTS, row(amount="999999999999999.99")), "2行目・契約金額：申込金額が個別保証枠の残高を超えています。"
    )


def test_a_quota_taken_between_check_and_writing_is_named_and_the_file_leaves_nothing(
    load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.insure
    quota = Quota.objects.get(buyer__code="310-000001")

    def somebody_is_faster(insurances: list[services.Insurance], actor: Any) -> list[InsuranceContract]:
        if any(insurance.policy_number == "20260000000002" for insurance in insurances):
            services.hold(quota.pk, 99_000_000)
        return real(insurances, actor)

    monkeypatch.setattr(contract_rows.services, "insure", somebody_is_faster)
    report = load(CONTRACTS, row(amount="1000"), row(policy="20260000000002", amount="10000"))
    refused(report, "3行目・契約金額：申込金額が個別保証枠の残高を超えています")
    assert (held(), InsuranceContract.objects.count(), Confirmation.objects.count()) == (0, 0, 0)


def test_two_files_with_the_same_contract_at_once_record_it_once(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.insure

    def twice(insurances: list[services.Insurance], actor: Any) -> list[InsuranceContract]:
        real(insurances, actor)
        return real(insurances, actor)

    monkeypatch.setattr(contract_rows.services, "insure", twice)
    refused(load(CONTRACTS, row(amount="1000")), "2行目・保険証券番号：確認している間に")
    assert (held(), InsuranceContract.objects.count()) == (0, 0)


def test_a_long_file_reads_a_bounded_number_of_times_and_counts_across_its_batches(load: Loader) -> None:
    services.set_limit(Buyer.objects.get(code="310-000001"), 180_000, None, timezone.localdate())
    rows = [row(policy=f"{number:014d}", amount="1") for number in range(1, 1202)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        report = load(CONTRACTS, *rows, check=True)
    refused(report, "1202行目・契約金額：申込金額が個別保証枠の残高を超えています。")
    assert len(queries) <= 3 * 8
    with CaptureQueriesContext(connection) as queries:
        assert counts(load(CONTRACTS, *rows[:-1])) == (1200, 0, 0, 0)
    # Not some for each row; SQLite takes some sixty rows in one INSERT.
    assert len(queries) <= 200
    assert held() == 180_000
    numbers = Confirmation.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == sorted(set(numbers))
    with CaptureQueriesContext(connection) as queries:
        assert counts(load(CONTRACTS, *rows[:-1])) == (0, 0, 1200, 0)
    assert len(queries) <= 3 * 8
    call_command("verify_quota")


def test_a_batch_that_somebody_made_room_for_after_all_is_taken(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.insure
    asked = []

    def late(insurances: list[services.Insurance], actor: Any) -> list[InsuranceContract]:
        asked.append(len(insurances))
        if len(asked) == 1:
            raise services.QuotaTaken
        return real(insurances, actor)

    monkeypatch.setattr(contract_rows.services, "insure", late)
    assert counts(load(CONTRACTS, row(amount="1000"), row(branch="01", amount="1000"))) == (2, 0, 0, 0)
    assert (asked, held()) == ([2, 1, 1], 300_000)
    call_command("verify_quota")


# --- On a 確認 -------------------------------------------------------------------


def test_an_insurance_uses_the_confirmation_that_it_names(load: Loader, ana: Exporter) -> None:
    confirmation = a_confirmation(ana)
    lines = CONTRACTS, on(confirmation, number="EX-2026-001")
    assert counts(load(*lines)) == (1, 0, 0, 0)
    confirmation.refresh_from_db()
    assert (confirmation.state, held()) == (ConfirmationState.INSURED, 60_000_000)
    assert InsuranceContract.objects.get().confirmation == confirmation
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["hold", "attach"]
    assert counts(load(*lines)) == (0, 0, 1, 0)
    assert LedgerEntry.objects.count() == 2
    call_command("verify_quota")


def test_branches_of_one_policy_share_a_confirmation_while_they_fit(load: Loader, ana: Exporter) -> None:
    confirmation = a_confirmation(ana)
    first, second = on(confirmation, amount="300000"), on(confirmation, branch="01", amount="100000")
    too_much = on(confirmation, branch="02", amount="0.01")
    refused(load(CONTRACTS, first, second, too_much), "4行目・契約金額：個別保証枠確認の未使用額を超えています。")
    assert counts(load(CONTRACTS, first)) == (1, 0, 0, 0)
    assert counts(load(CONTRACTS, first, second)) == (1, 0, 1, 0)
    refused(load(CONTRACTS, too_much), "2行目・契約金額")
    assert held() == 60_000_000


def test_another_policy_may_not_use_it_whether_in_the_same_file_or_later(load: Loader, ana: Exporter) -> None:
    confirmation = a_confirmation(ana)
    first = on(confirmation, amount="1000")
    other = on(confirmation, policy="20260000000002", amount="1000")
    refused(load(CONTRACTS, first, other), "3行目・確認管理番号：ほかの保険証券で使われています。")
    assert load(CONTRACTS, first)["ok"]
    refused(load(CONTRACTS, other), "2行目・確認管理番号：ほかの保険証券で使われています。")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"organisation": "100000002"}, "確認管理番号：この保険利用者の個別保証枠確認ではありません。"),
        ({"confirmation": "032600000099"}, "確認管理番号：この保険利用者の個別保証枠確認ではありません。"),
        ({"product": "01"}, "保険種：確認管理番号"),
        ({"payer": "310-000002"}, "支払人コード：確認管理番号"),
        ({"currency": "EUR"}, "通貨：確認管理番号"),
        ({"number": "EX-OTHER"}, "輸出契約等番号：確認管理番号"),
        ({"acquired": "内容変更通知"}, "取得の区分：確認管理番号"),
        ({"concluded": 1}, "保険契約締結日：個別保証枠確認の有効期間"),
        ({"amount": "400000.01"}, "契約金額：個別保証枠確認の未使用額を超えています。"),
    ],
)
def test_a_confirmation_that_does_not_fit_the_row_is_refused(
    load: Loader, ana: Exporter, changes: dict[str, Any], problem: str
) -> None:
    confirmation = a_confirmation(ana)
    refused(load(CONTRACTS, on(confirmation, **changes)), f"2行目・{problem}")
    confirmation.refresh_from_db()
    assert (confirmation.state, held()) == (ConfirmationState.VALID, 60_000_000)


def test_a_confirmation_that_has_ended_or_was_partly_returned_covers_no_more_than_it_holds(
    load: Loader, ana: Exporter
) -> None:
    confirmation = a_confirmation(ana)
    services.release(confirmation, "return", LedgerKind.RELEASE, Decimal(100_000))
    assert "未使用額を超えています" in load(CONTRACTS, on(confirmation))["problems"][0]
    services.expire(confirmation.expires_on + timedelta(days=1))
    report = load(CONTRACTS, on(confirmation, amount="1000"))
    refused(report, "2行目・確認管理番号：有効ではありません（状態：失効）。")


def test_the_last_day_of_validity_counts_and_the_day_after_does_not(load: Loader, ana: Exporter) -> None:
    confirmation = a_confirmation(ana)
    Confirmation.objects.update(confirmed_on=days_ago(90), expires_on=days_ago(2))
    refused(load(CONTRACTS, on(confirmation, concluded=1)), "2行目・保険契約締結日")
    assert load(CONTRACTS, on(confirmation, concluded=2))["ok"]


@pytest.mark.parametrize(("product", "payer"), [("03", "310-000001"), ("04", "310-000002")])
def test_products_without_an_automatic_quota_must_name_their_confirmation(
    load: Loader, product: str, payer: str
) -> None:
    refused(load(CONTRACTS, row(product=product, payer=payer)), "2行目・確認管理番号：入力してください。")
