"""申込み前の確認: what would come of a request, without making one."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuredParty
from portal.applications.models import Application
from portal.audit.models import Event
from tests.nexi_quota.driver import NEW, Exporter, Page, terms
from tests.support import pages

pytestmark = pytest.mark.django_db
CHECK = "/nexi/check/"
ASKED = (
    *("product", "special_reason", "payer_code", "counterparty_code", "contract_number"),
    *("payment_country", "destination_country", "settlement", "usance_days", "guarantee", "bank_code"),
    *("is_confirmed", "confirming_code", "currency", "contract_amount", "advance_amount", "requested_amount"),
    *("last_shipment", "due", "consent_number"),
)
MADE_BY_LOOKING = {"audit.Event", "audit.Head", "accounts.Limit", "accounts.Session"}
"""What a look at any page may write: who looked, how often, until when the log-in lasts."""


def sent(**changes: Any) -> dict[str, Any]:
    """Return what the page sends for scenario 1: its own fields only, no 担当者情報."""
    return {
        name: value
        for name, value in terms(**changes).items()
        if re.fullmatch(f"main-({'|'.join(ASKED)})(-[ymd])?", name)
    }


def checks(person: Exporter, action: str = "continue", **changes: Any) -> Page:
    """Press 可否を確かめる."""
    return person.post(CHECK, {**sent(**changes), "action": action})


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label not in MADE_BY_LOOKING
    }


# --- The page ---------------------------------------------------------------------


def test_the_page_asks_only_what_the_rules_need(ana: Exporter) -> None:
    page = ana.get(CHECK)
    assert "申込み前の確認（保存されません）" in page.text
    names = {name.removeprefix("main-") for name in re.findall(r'name="(main-[a-z_]+)', page.html)}
    assert {name for name in names if name in ASKED} == set(ASKED)
    for needless in ("contact-name", "main-goods", "main-attachments", "main-remarks", "main-first_shipment"):
        assert f'name="{needless}' not in page.html
    assert "可否を確かめる" in page.text
    assert page.verdict == ""


def test_the_verdict_is_that_of_the_application(ana: Exporter) -> None:
    page = checks(ana)
    assert page.status == 200
    assert text("M-OK") in page.verdict
    assert "60,000,000円" in page.verdict
    confirm = ana.fills_in()
    assert confirm.verdict == page.verdict


@pytest.mark.parametrize(
    ("changes", "message", "sentence"),
    [
        ({"product": "01"}, "M-D02", "個別保証枠の確認は不要です"),
        ({"product": "04", "contract_amount": "1,500,000"}, "M-C03", "個別保証枠確認申込みはできません"),
        ({"payer_code": "310-999999"}, "M-B01", "個別保証枠確認申込みはできません"),
        ({"payer_code": "304-000004"}, "M-R02", "個別保証枠確認申込みはできません"),
        ({"contract_amount": "800,000"}, "M-Q02", "個別保証枠確認申込みはできません"),
        ({"payer_code": "123-000002", "payment_country": "123"}, "M-Q01", "個別保証枠確認申込みはできません"),
        ({"payer_code": "310-000002"}, "M-R04", "個別保証枠の確認は不要です"),
    ],
)
def test_every_reason_against_it_is_told(ana: Exporter, changes: dict[str, Any], message: str, sentence: str) -> None:
    values = {"国名": "ニカラグア", "金額": "2億円", "月数": "12", "格付": "EE"}
    page = checks(ana, **changes)
    assert sentence in page.verdict
    assert text(message, **values) in page.verdict
    assert "100,000,000" not in page.text, "the quota of a buyer is confidential"


def test_a_missing_contract_party_changes_nothing_of_the_verdict(ana: Exporter) -> None:
    bare = dict.fromkeys(("counterparty_code", "contract_number", "payment_country"))
    assert text("M-OK") in checks(ana, **bare).verdict


def test_a_confirmation_of_the_same_contract_is_mentioned(ana: Exporter) -> None:
    ana.applies(contract_amount="10,000")
    assert Confirmation.objects.get().number in checks(ana, contract_amount="10,000").verdict


def test_the_gauge_shows_the_amount_against_the_public_limit_only(ana: Exporter) -> None:
    page = checks(ana, product="02", special_reason="03", contract_amount="400,000", advance_amount="100,000")
    drawing = re.search(r"<figure class=\"chart\">(.*?)</figure>", page.html, re.S)
    assert drawing
    assert "契約金額 60,000,000円のうち、個別保証枠確認希望額は 45,000,000円です" in drawing[1]
    assert "引受けの上限 5,000万円" in drawing[1]
    assert "100,000,000" not in drawing[1]


# --- Mistakes -----------------------------------------------------------------------


def test_mistakes_are_listed_and_everything_typed_stays(ana: Exporter) -> None:
    page = checks(ana, contract_amount="約3百万", destination_country=None, counterparty_code="304-999999")
    sheet = pages.read(page.html)
    assert page.status == 422
    assert {anchor for anchor, _ in sheet.errors} == {"id_main-contract_amount", "id_main-destination_country"}
    assert page.value("main-contract_amount") == "約3百万"
    assert page.verdict == ""


def test_an_unregistered_contract_party_is_a_mistake_of_the_form(ana: Exporter) -> None:
    page = checks(ana, counterparty_code="304-999999")
    assert page.status == 422
    assert "契約相手方 海外商社コード（304-999999）が海外商社名簿に見つかりません" in page.text
    assert not Event.objects.filter(verb="nexi.checked").exists()


def test_a_search_without_script_shows_what_was_found(ana: Exporter) -> None:
    data = {**sent(payer_code=None), "main-payer_code-q": "BUYER 310", "action": "search:main-payer_code"}
    page = ana.post(CHECK, data)
    assert "310-000002" in page.html
    picked = ana.post(CHECK, {**data, "main-payer_code-pick": "310-000002", "action": "pick:main-payer_code"})
    assert picked.value("main-payer_code") == "310-000002"


# --- Nothing is kept ----------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"contract_amount": "800,000"}, {"product": "99"}], ids=["ok", "no", "wrong"])
def test_nothing_is_saved(ana: Exporter, changes: dict[str, Any]) -> None:
    before = rows()
    assert len(before) > 25
    ana.get(CHECK)
    checks(ana, **changes)
    checks(ana, action="search:main-payer_code", **changes)
    ana.post(CHECK, {**sent(), "main-attachments": SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "action": "continue"})
    assert rows() == before


def test_the_audit_log_tells_who_asked_about_which_payer(ana: Exporter) -> None:
    checks(ana, contract_amount="800,000")
    event = Event.objects.get(verb="nexi.checked")
    assert (event.actor_login, event.organisation_code, event.target) == ("alice", "100000001", "310-000001")
    assert event.detail["amount"] == "800000.00"
    assert event.detail["verdict"] == "個別保証枠確認申込みはできません"


def test_after_60_checks_of_a_company_in_an_hour_the_next_one_has_to_wait(
    ana: Exporter, ben: Exporter, cho: Exporter
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for person in (ana, ben) * 30:
            assert checks(person).status == 200
        refused = checks(ana)
        assert refused.status == 429
        assert refused.response["Retry-After"] == "3600"
        assert "1時間に60回" in refused.text
        assert Event.objects.filter(verb="nexi.checked").count() == 60
        assert checks(cho).status == 200, "another company has its own count"
        assert ana.get(CHECK).status == 200, "the page itself can be read"
        clock.shift(timedelta(hours=1, seconds=1))
        assert checks(ben).status == 200


def test_a_mistake_does_not_count_as_a_check(ana: Exporter) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(61):
            assert checks(ana, destination_country=None).status == 422
        assert checks(ana).status == 200


# --- On to the application -----------------------------------------------------------


def carried(page: Page) -> dict[str, str]:
    form = re.search(r'<form method="post" action="/nexi/requests/new/steps/terms/">(.*?)</form>', page.html, re.S)
    assert form, "no way on to the application"
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[1])}


def test_the_typed_values_go_on_into_a_new_application(ana: Exporter, in_days: Callable[[int], date]) -> None:
    InsuredParty.objects.update(department="EX01")
    page = checks(ana, contract_amount="４００，０００", last_shipment=in_days(40), due=in_days(120))
    before = rows()
    step = ana.post(NEW, carried(page))
    assert (step.status, step.path) == (200, NEW)
    assert rows() == before, "nothing is saved until the user saves"
    assert step.value("main-contract_amount") == "４００，０００"
    assert step.value("main-payer_code") == "310-000001"
    assert step.value("main-last_shipment-d") == str(in_days(40).day)
    assert step.value("main-department") == "EX01"
    assert step.value("contact-name") == "有栖川花子"
    assert "error-summary" not in step.html
    assert not Application.objects.exists()


def test_what_was_checked_and_completed_can_be_applied_for(ana: Exporter) -> None:
    filled = {**terms(), **carried(checks(ana)), "action": "continue"}
    del filled["csrfmiddlewaretoken"]
    receipt = ana.presses_apply(ana.post(NEW, filled))
    assert "申込みが完了しました" in receipt.text


# --- Who, how fast -------------------------------------------------------------------


def test_a_colleague_who_may_only_enter_can_check(ben: Exporter) -> None:
    assert text("M-OK") in checks(ben).verdict


def test_who_may_only_look_is_told_who_can(ana: Exporter, log_in: Callable[..., Any], exporter_a: Any) -> None:
    viewer = Exporter(log_in("vera", "nexi.view", organisation=exporter_a))
    assert viewer.get(CHECK).status == 403
    assert "有栖川花子" in viewer.get(CHECK).text


def test_a_check_costs_few_statements(ana: Exporter) -> None:
    checks(ana)
    with CaptureQueriesContext(
        connection,
    ) as shown:
        ana.get(CHECK)
    assert len(shown) <= 5
    with CaptureQueriesContext(connection) as judged:
        checks(ana, contract_amount="123,456")
    assert len(judged) <= 10, [query["sql"][:80] for query in judged]
