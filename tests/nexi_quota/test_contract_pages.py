"""保有契約一覧 and 保有契約の内容の照会."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ContractOrigin, Product
from nexi_quota.messages import text
from nexi_quota.models import InsuranceContract
from portal.accounts.models import Organisation
from portal.applications.models import Application
from portal.common.eras import seireki
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import chosen, from_list, notifies

pytestmark = pytest.mark.django_db
LIST = "/nexi/contracts/"
InDays = Callable[[int], date]


def shown(person: Exporter, query: str = "") -> list[str]:
    """Return the contract numbers on the list, in its order."""
    return re.findall(r'<a href="/nexi/contracts/([^"/]+)/">', person.get(f"{LIST}{query}").html)


def page_of(person: Exporter, contract: InsuranceContract) -> Page:
    return person.get(f"{LIST}{contract.number}/")


def due(exporter: Organisation, days: int, **more: object) -> InsuranceContract:
    """Return a contract due in that many days, negative for a 決済期限 that has passed."""
    today = timezone.localdate()
    return insure(exporter, shipped_on=today - timedelta(days=200), due_on=today + timedelta(days=days), **more)


# --- 保有契約一覧 ----------------------------------------------------------------------------


def test_an_empty_list_leads_to_direct_entry(ana: Exporter) -> None:
    page = ana.get(LIST)
    assert "Webで決済通知ができる保険契約はありません。" in page.text
    assert "決済／枠戻通知（直接入力）へ" in page.text
    assert 'href="/nexi/notices/new/"' in page.html


def test_a_contract_is_listed_with_what_is_left_of_it(ana: Exporter, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, amount="400000", reference="ref-7")
    notifies(ana, chosen(contract, extent="part", settled_amount="160,000"), from_list(contract))
    page = ana.get(LIST)
    day = contract.due_on.isoformat()
    for words in (contract.number, "貿易一般保険(個別)", "BUYER 310-000001", "ニカラグア", "ref-7", day):
        assert words in page.text
    assert "USD 400,000" in page.text
    assert "USD 240,000" in page.text
    assert re.search(r'aria-label="[^"]*USD 400,000[^"]*USD 240,000', page.html), "the bar says it in words"


def test_only_open_contracts_that_were_applied_for_on_the_web_are_listed(
    ana: Exporter, exporter_a: Organisation
) -> None:
    listed = [insure(exporter_a, amount="1000"), insure(exporter_a, amount="1000", product=Product.SME)]
    insure(exporter_a, amount="1000", product=Product.EQUIPMENT)
    insure(exporter_a, amount="1000", origin=ContractOrigin.PAPER)
    settled = insure(exporter_a, amount="1000")
    notifies(ana, chosen(settled), from_list(settled))
    assert sorted(shown(ana)) == sorted(contract.number for contract in listed)


def test_the_nearest_due_date_comes_first_and_other_orders_can_be_chosen(
    ana: Exporter, exporter_a: Organisation
) -> None:
    late, early = due(exporter_a, 50, amount="2000"), due(exporter_a, 10, amount="1000")
    assert shown(ana) == [early.number, late.number]
    assert shown(ana, "?sort=-due") == [late.number, early.number]
    assert shown(ana, "?sort=amount") == [early.number, late.number]
    assert shown(ana, "?sort=confirmation__quota__held_jpy") == [early.number, late.number]


def test_a_due_date_that_has_passed_says_so_in_words(ana: Exporter, exporter_a: Organisation) -> None:
    due(exporter_a, 0)
    assert "経過" not in ana.get(LIST).text
    due(exporter_a, -3, amount="1000")
    assert "期限から3日経過" in ana.get(LIST).text


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=buyer+310", True),
        ("q=310-000001", True),
        ("q={number}", True),
        ("q={policy}", True),
        ("q=" + quote("ｒｅｆ－７"), True),
        ("q=REF-7", True),
        ("q=ref-8", False),
        ("product=01", True),
        ("product=02", False),
        ("country=310", True),
        ("country=304", False),
    ],
)
def test_contracts_are_found_by_payer_number_reference_product_and_country(
    ana: Exporter, exporter_a: Organisation, query: str, is_found: bool
) -> None:
    contract = insure(exporter_a, reference="ref-7")
    given = query.format(number=contract.number, policy=contract.policy_number)
    assert shown(ana, f"?{given}") == [contract.number] * is_found


def test_contracts_are_found_by_due_date(ana: Exporter, exporter_a: Organisation, in_days: InDays) -> None:
    contract = due(exporter_a, 10)

    def between(since: int, until: int) -> list[str]:
        parts = {"since": in_days(since), "until": in_days(until)}
        return shown(
            ana, "?" + "&".join(f"{name}-y={d.year}&{name}-m={d.month}&{name}-d={d.day}" for name, d in parts.items())
        )

    assert between(10, 10) == between(0, 20) == [contract.number]
    assert between(11, 20) == between(0, 9) == []


def test_a_filter_that_cannot_be_read_is_answered_with_an_error(ana: Exporter) -> None:
    page = ana.get(f"{LIST}?until-y=abc&until-m=1&until-d=1")
    assert page.status == 422
    assert "決済期限（まで）" in page.text
    assert ana.get(f"{LIST}?product=03").status == 422, "設備財 is never on this list"


def test_the_filtered_list_can_be_taken_along(ana: Exporter, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, reference="=SUM(A1)")
    insure(exporter_a, "123-000001", "1000")
    answer = ana.client.get(f"{LIST}?country=310&format=csv").getvalue().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(answer))
    assert head[0] == "保険証券番号"
    assert [row[0] for row in rows] == [contract.number]
    assert "'=SUM(A1)" in rows[0]


@pytest.mark.parametrize("count", [2, 25])
def test_the_list_takes_six_statements_whatever_its_length(
    ana: Exporter, exporter_a: Organisation, count: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(count):
        insure(exporter_a, amount="10")
    ana.get(f"{LIST}?size=50")
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        assert len(shown(ana, "?size=50")) == count


# --- 保有契約の内容の照会 -------------------------------------------------------------------


def test_the_page_leads_to_the_notice_and_shows_those_made(ana: Exporter, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, amount="400000.50", reference="ref-7")
    page = page_of(ana, contract)
    assert f'href="/nexi/notices/new/?contract={contract.number}">決済通知へ' in page.html
    assert "通知はまだありません。" in page.text
    for words in ("保有契約の内容の照会", contract.confirmation.number, "USD 400,000.50", "ref-7", "310-000001"):
        assert words in page.text
    notifies(ana, chosen(contract, extent="part", settled_amount="160,000.25"), from_list(contract))
    page = page_of(ana, contract)
    assert f'href="/nexi/applications/{Application.objects.get().number}/"' in page.html
    assert "USD 240,000.25" in page.text
    assert ">160,000.25<" in page.html, "the bar writes cents as money"
    assert "決済通知へ" in page.text


def test_who_may_only_look_finds_no_way_to_a_notice(ana: Exporter, log_in: LogIn, exporter_a: Organisation) -> None:
    contract = insure(exporter_a)
    viewer = Exporter(log_in("viewer", "nexi.view", organisation=exporter_a))
    page = page_of(viewer, contract)
    assert contract.number in page.text
    assert "/nexi/notices/" not in page.html.partition("<main")[2]
    assert "/nexi/notices/" not in viewer.get(LIST).html.partition("<main")[2]


@pytest.mark.parametrize(
    ("product", "origin", "may_type_in", "words"),
    [
        (Product.INDIVIDUAL, ContractOrigin.PAPER, True, "「直接入力」から行ってください"),
        (Product.EQUIPMENT, ContractOrigin.ASSOCIATION, True, "「直接入力」から行ってください"),
        (Product.BILL, ContractOrigin.PAPER, False, text("M-N02")),
    ],
)
def test_a_contract_that_is_not_on_the_list_shows_the_way_that_is_open(
    ana: Exporter, exporter_a: Organisation, product: Product, origin: ContractOrigin, may_type_in: bool, words: str
) -> None:
    page = page_of(ana, insure(exporter_a, product=product, origin=origin))
    assert words in page.text
    assert "?contract=" not in page.html
    assert ('href="/nexi/notices/new/">決済／枠戻通知（直接入力）へ' in page.html) is may_type_in


@pytest.mark.parametrize(("days", "words"), [(1, "残り44日"), (45, "今日まで"), (46, "は過ぎています")])
def test_an_overdue_contract_names_the_duty_and_its_last_day(
    ana: Exporter, exporter_a: Organisation, days: int, words: str
) -> None:
    contract = due(exporter_a, -days)
    page = page_of(ana, contract)
    assert text("M-N09") in page.text
    assert seireki(contract.due_on + timedelta(days=45)) in page.text
    assert words in page.text
    assert "決済通知へ" in page.text


def test_on_its_due_date_a_contract_is_not_overdue(ana: Exporter, exporter_a: Organisation) -> None:
    assert text("M-N09") not in page_of(ana, due(exporter_a, 0)).text


def test_a_reported_loss_is_shown_and_ends_the_notices(ana: Exporter, exporter_a: Organisation) -> None:
    contract = due(exporter_a, -10)
    services.report_loss(contract, timezone.localdate())
    page = page_of(ana, contract)
    assert text("M-N07") in page.text
    assert text("M-N09") not in page.text
    assert "事故" in page.text
    assert "/nexi/notices/" not in page.html.partition("<main")[2]


def test_a_settled_contract_asks_for_nothing_more(ana: Exporter, exporter_a: Organisation) -> None:
    contract = due(exporter_a, -10)
    notifies(ana, chosen(contract), from_list(contract))
    page = page_of(ana, contract)
    assert "決済済" in page.text
    assert text("M-N09") not in page.text
    assert "/nexi/notices/" not in page.html.partition("<main")[2]


def test_another_exporters_contract_is_answered_like_an_unknown_one(
    ana: Exporter, cho: Exporter, exporter_a: Organisation
) -> None:
    contract = insure(exporter_a)
    bodies = set()
    for number in (contract.number, "99999999999999-00", f"{contract.policy_number}-01"):
        page = cho.get(f"{LIST}{number}/")
        assert page.status == 404
        bodies.add(re.sub(r"[0-9A-Za-z]{64}", "token", page.html))
    assert len(bodies) == 1
    assert shown(cho) == []
    assert contract.number not in cho.client.get(f"{LIST}?format=csv").getvalue().decode()


@pytest.mark.parametrize("number", ["abc", "0" * 14, "00000000000001-", "-00", "-", "9" * 3_000])
def test_a_number_that_is_none_is_not_found(ana: Exporter, number: str) -> None:
    assert ana.get(f"{LIST}{number}/").status == 404
