"""個別保証枠の照会, one page for every state, and what 個別保証枠一覧 shows of quota that an insurance took."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import transaction
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import Product, Rating
from nexi_quota.messages import text
from nexi_quota.models import Buyer, Confirmation
from portal.accounts.models import Organisation
from portal.applications.models import Application
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import chosen, from_list, notifies

pytestmark = pytest.mark.django_db
LIST = "/nexi/quotas/"
TO_NOTICE = "/nexi/notices/new/"


def page_of(person: Exporter, confirmation: Confirmation) -> Page:
    return person.get(f"{LIST}{confirmation.number}/")


def main(page: Page) -> str:
    return page.html.partition("<main")[2]


def shown(person: Exporter, query: str = "") -> list[str]:
    """Return the 確認管理番号 on the list, in its order."""
    return re.findall(r'<a href="/nexi/quotas/([0-9]+)/">', person.get(f"{LIST}{query}").html)


@pytest.fixture
def confirmed(ana: Exporter) -> Confirmation:
    """A 確認 of USD 400,000 that Alice applied for today."""
    ana.applies(reference="ref-7")
    return Confirmation.objects.get()


@pytest.fixture
def automatic(ana: Exporter, exporter_a: Organisation) -> Confirmation:
    """Quota that an insurance application took by itself, over USD 100,000."""
    contract = insure(exporter_a, amount="100000", reference="auto-1")
    assert contract.confirmation
    return contract.confirmation


# --- 個別保証枠の照会 -------------------------------------------------------------------------


def test_the_validity_strip_ends_on_the_day_of_expiry(ana: Exporter, confirmed: Confirmation) -> None:
    html = page_of(ana, confirmed).html
    days = (confirmed.expires_on - timezone.localdate()).days
    strip = re.search(r'aria-label="有効期限は(\d+)年(\d+)月(\d+)日です（あと(\d+)日）。"', html)
    assert strip
    day = confirmed.expires_on
    assert [int(part) for part in strip.groups()] == [day.year, day.month, day.day, days]


def test_a_fresh_confirmation_offers_certificate_return_and_reuse(ana: Exporter, confirmed: Confirmation) -> None:
    page = page_of(ana, confirmed)
    assert f"{LIST}{confirmed.number}/certificate.pdf" in page.html
    assert f'href="{TO_NOTICE}?quota={confirmed.number}">枠戻通知へ' in page.html
    assert "別の申込みへ" in page.text
    assert "通知はまだありません。" in page.text
    assert re.search(r'aria-label="[^"]*確認金額[^"]*USD 400,000[^"]*"', page.html), "the usage bar says it in words"


def test_a_part_returned_is_on_the_page_and_the_rest_can_be_returned(ana: Exporter, confirmed: Confirmation) -> None:
    notifies(ana, chosen(confirmed, extent="part", returned_amount="150,000"), from_list(confirmed))
    page = page_of(ana, confirmed)
    notice = Application.objects.get(kind="notice")
    assert f'href="/nexi/applications/{notice.number}/">{notice.number}' in page.html
    assert "USD 250,000" in page.text
    assert "枠戻通知へ" in page.text
    assert re.search(r'aria-label="[^"]*USD 250,000', ana.get(LIST).html), "the bar of the row too"


def test_when_nothing_is_left_there_is_nothing_to_return_or_print(ana: Exporter, confirmed: Confirmation) -> None:
    notifies(ana, chosen(confirmed), from_list(confirmed))
    page = page_of(ana, confirmed)
    assert "枠戻済" in page.text
    assert TO_NOTICE not in main(page)
    assert "certificate.pdf" not in page.html
    assert "別の申込みへ" not in page.text
    assert shown(ana) == []


def test_who_may_only_look_can_print_and_nothing_else(
    ana: Exporter, confirmed: Confirmation, log_in: LogIn, exporter_a: Organisation
) -> None:
    viewer = Exporter(log_in("viewer", "nexi.view", organisation=exporter_a))
    page = page_of(viewer, confirmed)
    assert "certificate.pdf" in page.html
    assert TO_NOTICE not in main(page)
    assert "別の申込みへ" not in page.text


def test_quota_that_an_insurance_took_has_no_certificate_and_no_expiry(ana: Exporter, automatic: Confirmation) -> None:
    page = page_of(ana, automatic)
    assert "自動的に取得された個別保証枠のため、個別保証枠確認証はありません" in page.text
    assert "有効期限は" not in page.html, "no strip of days"
    assert "保証枠有効期限 期限なし" in page.text
    assert "保険新規申込み(自動)" in page.text
    assert "certificate.pdf" not in page.html
    assert "別の申込みへ" not in page.text
    assert f'href="{TO_NOTICE}?quota={automatic.number}">枠戻通知へ' in page.html
    contract = automatic.contracts.get()
    assert f'href="/nexi/contracts/{contract.number}/">{contract.number}' in page.html


def test_a_settlement_of_its_contract_is_on_the_page_of_the_quota(ana: Exporter, automatic: Confirmation) -> None:
    contract = automatic.contracts.get()
    notifies(ana, chosen(contract, extent="part", settled_amount="40,000"), from_list(contract))
    page = page_of(ana, automatic)
    assert "決済通知" in page.text
    assert contract.number in page.text
    assert "USD 60,000" in page.text


def test_a_confirmation_used_by_an_insurance_is_returned_by_direct_entry(
    ana: Exporter, exporter_a: Organisation, confirmed: Confirmation
) -> None:
    insure(exporter_a, product=Product.EQUIPMENT, confirmation=confirmed)
    page = page_of(ana, confirmed)
    assert "保険の引受けに使用されたため" in page.text
    assert "「直接入力」から行ってください" in page.text
    assert f'href="{TO_NOTICE}">決済／枠戻通知（直接入力）へ' in page.html
    assert "?quota=" not in page.html


def test_past_its_expiry_a_confirmation_says_so_even_before_the_night(ana: Exporter, confirmed: Confirmation) -> None:
    Confirmation.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    page = page_of(ana, confirmed)
    assert text("M-P01") in page.text
    assert TO_NOTICE not in main(page)
    services.expire(timezone.localdate())
    page = page_of(ana, confirmed)
    assert text("M-P01") in page.text
    assert "失効" in page.text


def test_an_unusable_confirmation_names_the_rating(ana: Exporter, confirmed: Confirmation) -> None:
    services.set_rating(Buyer.objects.get(code="310-000001"), Rating.ER, None, timezone.localdate())
    page = page_of(ana, confirmed)
    assert text("M-R05", 格付="ER", 番号=confirmed.number) in page.text
    assert TO_NOTICE not in main(page)


def test_a_reported_loss_freezes_the_page(ana: Exporter, automatic: Confirmation) -> None:
    with transaction.atomic():
        services.report_loss(automatic.contracts.get(), timezone.localdate())
    page = page_of(ana, automatic)
    assert text("M-N07") in page.text
    assert TO_NOTICE not in main(page)


def test_the_page_takes_seven_statements(
    ana: Exporter,
    exporter_a: Organisation,
    automatic: Confirmation,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    contract = automatic.contracts.get()
    for branch in ("01", "02"):
        insure(
            exporter_a,
            amount="1000",
            policy_number=contract.policy_number,
            branch=branch,
            confirmation=automatic,
        )
        notifies(ana, chosen(contract, extent="part", settled_amount="1,000"), from_list(contract))
        contract.refresh_from_db()
    page_of(ana, automatic)
    with django_assert_max_num_queries(7):  # type: ignore[attr-defined]
        assert page_of(ana, automatic).status == 200


# --- 個別保証枠一覧 ---------------------------------------------------------------------------


def test_quota_that_an_insurance_took_is_listed_in_words_that_fit(
    ana: Exporter, confirmed: Confirmation, automatic: Confirmation
) -> None:
    page = ana.get(LIST)
    assert "期限なし" in page.text
    assert page.html.count("/certificate.pdf") == 1
    assert shown(ana) == [confirmed.number, automatic.number], "what does not expire comes last"
    assert shown(ana, "?sort=-expires") == [automatic.number, confirmed.number]


def test_the_csv_says_that_there_is_no_certificate_and_no_expiry(ana: Exporter, automatic: Confirmation) -> None:
    answer = ana.client.get(f"{LIST}?format=csv").getvalue().decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(answer))
    found = dict(zip(head, row, strict=True))
    assert found["確認管理番号"] == automatic.number
    assert (found["確認証"], found["保証枠有効期限"], found["状態"]) == ("なし", "期限なし", "保険引受済")
    assert found["未使用額"] == "USD 100,000"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=valid", ["ref-7"]),
        ("state=insured", ["auto-1"]),
        ("q=" + quote("ＡＵＴＯ－１"), ["auto-1"]),
        ("q=REF", ["ref-7"]),
        ("q=310-000001", ["ref-7", "auto-1"]),
        ("since-y=2020&since-m=1&since-d=1", ["ref-7"]),
        ("until-y=2199&until-m=1&until-d=1", ["ref-7"]),
        ("whose=own", ["ref-7"]),
    ],
)
def test_the_list_is_narrowed_by_state_reference_and_time(
    ana: Exporter, confirmed: Confirmation, automatic: Confirmation, query: str, expected: list[str]
) -> None:
    references = {found.number: found.reference for found in (confirmed, automatic)}
    assert [references[number] for number in shown(ana, f"?{query}")] == expected


def test_a_state_that_is_never_listed_is_answered_with_an_error(ana: Exporter) -> None:
    assert ana.get(f"{LIST}?state=expired").status == 422


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_six_statements_with_automatic_quota_too(
    ana: Exporter, exporter_a: Organisation, count: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(count):
        insure(exporter_a, amount="10")
    ana.get(LIST)
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        assert len(shown(ana)) == count


# --- お客様整理番号 -----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["auto-1", "AUTO", "ＡＵＴＯ－１"])
def test_a_notice_is_found_by_the_reference_of_its_contract(ana: Exporter, automatic: Confirmation, typed: str) -> None:
    contract = automatic.contracts.get()
    number = notifies(ana, chosen(contract), from_list(contract)).number
    assert number in ana.get(f"/nexi/applications/?q={quote(typed)}").text
    assert number not in ana.get("/nexi/applications/?q=auto-2").text
