"""What an exporter's programs read of 個別保証枠一覧, 保有契約一覧 and 申込状況, and what they never see."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ConfirmationState, ContractOrigin, Product
from nexi_quota.models import Confirmation, InsuranceContract, Quota
from portal.applications.models import Application
from portal.common.checkdigit import damm
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.holdings_api import LISTS, Program, holds_something, program_of

pytestmark = pytest.mark.django_db

MaxQueries = Callable[..., Any]


@pytest.fixture
def program(ana: Exporter) -> Program:
    """A program of exporter A, who holds something of every kind."""
    holds_something(ana)
    return program_of(ana)


# --- Own and others' ------------------------------------------------------------------


def test_nothing_of_another_exporter_is_seen_by_any_endpoint(program: Program, ana: Exporter, cho: Exporter) -> None:
    cho.applies(contract_amount="5,000", reference="REF-1", contract_number="THEIRS")
    cho.fills_in(contract_number="THEIRS-2")
    assert cho.user.organisation
    insure(cho.user.organisation, payer="310-000002", amount="7000", reference="REF-2")
    theirs = program_of(cho)
    for name in LISTS:
        own, others = set(program.numbers(name)), set(theirs.numbers(name))
        assert own
        assert others
        assert own.isdisjoint(others)
        assert set(program.numbers(f"{name}?reference=REF-1")) <= own
        for number in others:
            foreign, unknown = program.get(f"{name}/{number}"), program.get(f"{name}/{free(number)}")
            assert theirs.get(f"{name}/{number}").status_code == 200
            assert foreign.status_code == unknown.status_code == 404
            assert foreign.content == unknown.content
    shown = "".join(program.get(name).content.decode() for name in LISTS)
    assert "THEIRS" not in shown
    assert cho.user.name not in shown


def free(number: str) -> str:
    """Return a number of the same form that nobody has."""
    if "-" in number:
        return "99999999999999-99"
    stem = f"{int(number[:-1]) + 900:0{len(number) - 1}d}"
    return stem + damm(stem)


def test_the_lists_are_those_of_the_pages(program: Program, ana: Exporter) -> None:
    for name in LISTS:
        numbers = program.numbers(name)
        assert numbers
        page = ana.get(f"/nexi/{name}/")
        assert {number for number in numbers if number not in page.text} == set()
        assert f"{len(numbers)}件" in page.text


def test_every_listed_number_leads_to_its_record(program: Program) -> None:
    for name in LISTS:
        for item in program.items(name):
            single: Any = program.get(f"{name}/{item['number']}")
            assert single.status_code == 200
            assert {key: single.json()[key] for key in item} == item


@pytest.mark.parametrize("number", ["x", "0", "1-2-3", "-", "１２３", "'--", "9" * 300, "%20", "..%2f.."])
def test_a_number_that_is_none_is_unknown(program: Program, number: str) -> None:
    for name in LISTS:
        assert program.get(f"{name}/{number}").status_code in {400, 404}


def test_the_limit_and_the_balance_of_a_buyer_stay_with_the_insurer(program: Program) -> None:
    Quota.objects.update(limit_jpy=987_654_321)
    held = Quota.objects.get(buyer__code="310-000001").held_jpy
    for name in LISTS:
        paths = [name, *(f"{name}/{number}" for number in program.numbers(name))]
        shown = "".join(program.get(path).content.decode() for path in paths)
        # The held amount of this buyer is no amount of any record: two records hold together what it holds.
        assert [secret for secret in ("987654321", str(987_654_321 - held), f": {held},") if secret in shown] == []
        assert not re.search("limit|held", shown)


# --- What a record says ------------------------------------------------------------------


def test_a_quota_says_what_it_holds_in_exact_amounts(program: Program) -> None:
    stored = Confirmation.objects.get(origin="request")
    (found,) = program.items("quotas?product=03")
    assert found["number"] == stored.number
    assert found["product"] == {"code": "03", "label": "貿易一般保険包括保険(設備財)"}
    assert found["state"] == {"code": "valid", "label": "有効"}
    assert found["payer"]["country"] == {"code": "310", "name": "ニカラグア"}
    assert found["amount"] == {"amount": "1000.00", "currency": "USD"}
    assert (found["amount_jpy"], found["unused_jpy"], found["rate"]) == (150_000, 150_000, "150")
    assert date.fromisoformat(found["expires_on"]) == stored.expires_on
    assert stored.application
    assert found["application"] == stored.application.number
    assert found["reference"] == "REF-1"


def test_what_an_insurance_took_by_itself_has_neither_application_nor_expiry(program: Program) -> None:
    (found,) = program.items("quotas?product=01")
    assert found["origin"] == {"code": "insurance", "label": "保険新規申込み(自動)"}
    assert (found["expires_on"], found["application"]) == (None, None)
    (contract,) = program.items("contracts")
    assert contract["quota"] == found["number"]
    assert contract["number"] == f"{contract['policy_number']}-{contract['branch']}"
    assert contract["balance"] == {"amount": "3000.00", "currency": "USD"}
    assert contract["due_on"] == (timezone.localdate() + timedelta(days=60)).isoformat()


def test_an_application_names_people_amount_and_what_came_of_it(program: Program, ana: Exporter) -> None:
    done, draft = sorted(program.items("applications"), key=lambda item: item["state"]["code"], reverse=True)
    assert done["state"] == {"code": "submitted", "label": "手続完了"}
    assert done["quota"] in program.numbers("quotas")
    assert done["created_by"] == done["submitted_by"] == ana.user.name
    assert done["submitted_at"].endswith("+09:00")
    assert draft["state"]["code"] == "draft"
    assert (draft["quota"], draft["submitted_at"], draft["submitted_by"]) == (None, None, None)
    answered: Any = program.get(f"applications/{done['number']}")
    assert {"section": "契約", "label": "貨物名", "text": "産業用ポンプ"} in answered.json()["answers"]
    unanswered: Any = program.get(f"applications/{draft['number']}")
    assert unanswered.json()["answers"] == []


def test_a_draft_that_says_nothing_yet_can_be_read(ana: Exporter) -> None:
    number = ana.post("/nexi/requests/new/steps/terms/", {"action": "save", "main-goods": "弁"}).number
    (found,) = [item for item in program_of(ana).items("applications") if item["number"] == number]
    assert (found["product"], found["amount"], found["party"]) == (None, None, "")


# --- Filters ---------------------------------------------------------------------------


def day(offset: int) -> str:
    return (timezone.localdate() + timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("quotas", 2),
        ("quotas?product=03", 1),
        ("quotas?product=02", 0),
        ("quotas?reference=REF-1", 1),
        ("quotas?reference=ＲＥＦ－１", 1),
        ("quotas?reference=REF", 0),
        ("quotas?state=insured", 1),
        ("quotas?state=returned", 0),
        ("contracts?product=01&reference=REF-2", 1),
        ("contracts?state=settled", 0),
        ("applications?state=draft", 1),
        ("applications?state=withdrawn", 0),
        ("applications?kind=quota-confirmation&product=03", 2),
        ("applications?product=01", 0),
        ("applications?reference=REF-1&state=submitted", 1),
    ],
)
def test_a_list_is_narrowed(program: Program, path: str, count: int) -> None:
    assert len(program.items(path)) == count


def test_times_are_those_that_each_list_is_about(program: Program) -> None:
    expires = Confirmation.objects.get(origin="request").expires_on
    after = (expires + timedelta(days=1)).isoformat()
    assert len(program.items(f"quotas?since={expires.isoformat()}&until={expires.isoformat()}")) == 1
    assert program.items(f"quotas?since={after}") == []
    assert len(program.items(f"contracts?since={day(60)}&until={day(60)}")) == 1
    assert program.items(f"contracts?until={day(59)}") == []
    assert len(program.items(f"applications?since={day(0)}&until={day(0)}")) == 2
    assert program.items(f"applications?since={day(1)}") == []
    assert program.items(f"applications?since={day(1)}&until={day(0)}") == []


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("name_of_day", ["since", "until"])
@pytest.mark.parametrize("extreme", ["0001-01-01", "1900-01-01", "9999-12-31"])
def test_days_that_no_record_can_have_are_no_error(program: Program, name: str, name_of_day: str, extreme: str) -> None:
    assert program.get(f"{name}?{name_of_day}={extreme}").status_code == 200


def test_what_left_the_list_is_found_by_its_state_and_by_its_number(program: Program, ana: Exporter) -> None:
    number = Confirmation.objects.get(origin="request").number
    services.expire(timezone.localdate() + timedelta(days=400))
    assert number not in program.numbers("quotas")
    assert program.numbers("quotas?state=expired") == [number]
    found: Any = program.get(f"quotas/{number}")
    assert found.json()["state"] == {"code": "expired", "label": "失効"}
    assert found.json()["unused"]["amount"] == "0.00"
    assert ana.user.organisation
    paper = insure(ana.user.organisation, amount="10", origin=ContractOrigin.PAPER)
    assert paper.number not in program.numbers("contracts")
    assert paper.number in program.numbers("contracts?state=open")


def test_all_states_and_products_of_the_tables_can_be_shown(program: Program) -> None:
    stored = Confirmation.objects.get(origin="request")
    for state in ConfirmationState:
        Confirmation.objects.filter(pk=stored.pk).update(state=state, unused=Decimal(0), unused_jpy=0)
        found: Any = program.get(f"quotas/{stored.number}")
        assert found.json()["state"] == {"code": state.value, "label": state.label}
    for product in Product:
        InsuranceContract.objects.update(product=product)
        assert program.items("contracts?state=open")[0]["product"]["label"] == product.label


# --- Bounds ----------------------------------------------------------------------------


def test_a_request_takes_six_statements_whatever_is_read(
    program: Program, ana: Exporter, django_assert_max_num_queries: MaxQueries
) -> None:
    assert ana.user.organisation
    for _ in range(3):
        insure(ana.user.organisation, amount="10")
    for name in LISTS:
        paths = [name, f"{name}?limit=1", *(f"{name}/{number}" for number in program.numbers(name))]
        for path in paths:
            with django_assert_max_num_queries(5):
                assert program.get(path).status_code == 200
        program.token.last_used_on = None
        program.token.save()
        with django_assert_max_num_queries(6):
            assert program.get(paths[-1]).status_code == 200


def test_an_exporter_with_a_thousand_quotas_reads_all_of_them_while_others_come(program: Program) -> None:
    copies(Confirmation.objects.get(origin="request"), "9", 1_000)
    before = set(program.numbers("quotas?limit=1"))
    before |= set(Confirmation.objects.values_list("number", flat=True))
    found: list[str] = []
    query, rounds = "quotas?limit=150", 0
    while query:
        page: Any = program.get(query).json()  # type: ignore[attr-defined]
        found += [item["number"] for item in page["items"]]
        copies(Confirmation.objects.get(number=found[0]), f"8{rounds}", 2)
        query, rounds = page["next_cursor"] and f"quotas?limit=150&cursor={page['next_cursor']}", rounds + 1
    assert rounds == 7
    assert len(found) == len(set(found))
    assert before <= set(found)


def copies(confirmation: Confirmation, prefix: str, count: int) -> None:
    """Store `count` confirmations like this one, without an application."""
    fields = {
        field.attname: getattr(confirmation, field.attname)
        for field in Confirmation._meta.concrete_fields
        if field.attname not in {"id", "number", "application_id"}
    }
    fields["state"], fields["origin"] = ConfirmationState.VALID, "request"
    Confirmation.objects.bulk_create(
        Confirmation(number=f"{prefix}{at:08d}", application_id=None, **fields) for at in range(count)
    )


def test_the_order_is_that_of_registration_whatever_changes(program: Program, ana: Exporter) -> None:
    numbers = program.numbers("applications")
    Application.objects.filter(number=numbers[0]).update(saved_at=timezone.now())
    assert program.numbers("applications") == numbers == sorted(numbers)
