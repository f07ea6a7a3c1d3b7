"""個別保証枠一覧, the 確認証, Web申込状況一覧 and what leads on from them."""

import csv
import io
import re
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import Rating
from nexi_quota.messages import text
from nexi_quota.models import Buyer, Confirmation, InsuredParty
from portal.applications.models import Application, State
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.nexi_quota.driver import NEW, Exporter

pytestmark = pytest.mark.django_db
MaxQueries = Callable[..., object]


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """Return the words of a PDF as poppler reads them."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True).stdout


# --- 個別保証枠一覧 -----------------------------------------------------------


def test_an_empty_list_says_what_to_do(ana: Exporter) -> None:
    page = ana.get("/nexi/quotas/")
    assert "有効な個別保証枠確認はありません。" in page.text
    assert "/nexi/requests/new/" in page.html


def test_a_confirmation_is_on_the_list_with_its_certificate(ana: Exporter) -> None:
    ana.applies(reference="ref-7")
    found = Confirmation.objects.get()
    page = ana.get("/nexi/quotas/")
    for words in (found.number, "BUYER 310-000001 LTD.", "ニカラグア", "USD 400,000", "ref-7", "有栖川花子"):
        assert words in page.text
    assert f"/nexi/quotas/{found.number}/certificate.pdf" in page.html


def test_another_exporter_sees_nothing_of_it(ana: Exporter, cho: Exporter) -> None:
    ana.applies()
    number = Confirmation.objects.get().number
    assert number not in cho.get("/nexi/quotas/").html
    unknown = number[:-2] + "00"
    for path in ("", "certificate.pdf"):
        foreign, none = (cho.get(f"/nexi/quotas/{n}/{path}") for n in (number, unknown))
        assert foreign.status == none.status == 404
    assert cho.client.get("/nexi/quotas/?format=csv").getvalue().decode().count("\n") == 1


def test_the_certificate_can_be_printed_as_often_as_wanted_and_is_logged(ana: Exporter, tmp_path: Path) -> None:
    ana.applies(contract_number="EX-77")
    found = Confirmation.objects.get()
    path = f"/nexi/quotas/{found.number}/certificate.pdf"
    first, second = ana.client.get(path), ana.client.get(path)
    assert first.status_code == second.status_code == 200
    assert first["Content-Type"] == "application/pdf"
    words = text_of(first.content, tmp_path)
    assert words == text_of(second.content, tmp_path)
    for expected in (
        "個別保証枠確認証",
        found.number,
        found.application.number,
        "USD 400,000",
        "60,000,000円",
        "EX-77",
        "310-000001",
    ):
        assert expected in words, expected
    assert Event.objects.filter(verb="nexi.certificate", target=found.number).count() == 2


def test_the_filters_narrow_the_list_and_the_csv(ana: Exporter) -> None:
    ana.applies(contract_number="A-1", contract_amount="1,000", reference="=SUM(A1)")
    ana.applies(contract_number="A-2", contract_amount="2,000", payer_code="123-000001", payment_country="123")
    narrow = ana.get("/nexi/quotas/?country=310")
    assert "1件中" in narrow.text
    assert "指定中の条件：国：310 ニカラグア" in narrow.text
    rows = list(
        csv.reader(io.StringIO(ana.client.get("/nexi/quotas/?country=310&format=csv").getvalue().decode("utf-8-sig")))
    )
    assert len(rows) == 2
    assert rows[0][0] == "確認管理番号"
    assert "'=SUM(A1)" in rows[1]


def test_a_filter_that_cannot_be_read_is_answered_with_an_error(ana: Exporter) -> None:
    page = ana.get("/nexi/quotas/?since-y=abc&since-m=1&since-d=1")
    assert page.status == 422
    assert "有効期限（から）" in page.text


def test_the_next_application_begins_from_a_confirmation_with_everything_as_typed(ana: Exporter) -> None:
    ana.applies(
        goods="Ｐｕｍｐ　１号",
        contract_amount="１２３，０００",
        consent_number="N-1",
        consent_date=timezone.localdate(),
    )
    found = Confirmation.objects.get()
    detail = ana.get(f"/nexi/quotas/{found.number}/")
    link = re.search(r'href="([^"]*from=\d+)"[^>]*>別の申込みへ', detail.html)
    assert link
    copied = ana.get(link[1])
    assert copied.value("main-goods") == "Ｐｕｍｐ　１号"
    assert copied.value("main-contract_amount") == "１２３，０００"
    assert copied.value("main-consent_number") == ""


def test_the_home_page_reminds_of_what_expires_and_what_is_unfinished(ana: Exporter) -> None:
    assert "いまお知らせすることはありません" in ana.get("/nexi/").text
    ana.applies()
    Confirmation.objects.update(expires_on=timezone.localdate() + timedelta(days=3))
    draft = ana.fills_in(contract_number="EX-2")
    page = ana.get("/nexi/")
    assert "残り3日" in page.text
    assert draft.number in page.text


def test_the_night_gives_expired_quota_back_and_says_so(ana: Exporter) -> None:
    ana.applies()
    found = Confirmation.objects.get()
    assert services.expire(found.expires_on) == 0
    assert services.expire(found.expires_on + timedelta(days=1)) == 1
    assert services.expire(found.expires_on + timedelta(days=1)) == 0
    found.refresh_from_db()
    assert (found.state, found.unused_jpy, found.quota.held_jpy) == ("expired", 0, 0)
    assert Event.objects.filter(verb="nexi.expired", target=found.number).count() == 1


@pytest.mark.parametrize(("rating", "is_usable"), [(Rating.ER, False), (Rating.EB, False), (Rating.EC, True)])
def test_an_accident_rating_makes_a_confirmation_unusable_and_tells_the_exporter(
    ana: Exporter, rating: Rating, is_usable: bool, mailoutbox: list[EmailMessage]
) -> None:
    ana.applies()
    services.set_rating(Buyer.objects.get(code="310-000001"), rating, None, timezone.localdate())
    found = Confirmation.objects.get()
    Message.objects.filter(topic="nexi.confirmed").delete()
    drain()
    assert (found.state == "valid") is is_usable
    assert (found.quota.held_jpy == 60_000_000) is is_usable
    assert (found.number in ana.get("/nexi/quotas/").text) is is_usable
    expected = [] if is_usable else [text("M-R05", 格付=rating.value, 番号=found.number)]
    assert [sentence for mail in mailoutbox for sentence in expected if sentence in mail.body] == expected


@pytest.mark.parametrize(
    "words", ["BUYER 310", "ｂｕｙｅｒ　３１０", "310-000001", "３１０−０００００１", "ニカラグア", "ﾆｶﾗｸﾞｱ"]
)
def test_buyers_are_found_by_code_name_and_country_in_any_width(ana: Exporter, words: str) -> None:
    assert "310-000001" in ana.get(f"/nexi/buyers/?q={quote(words)}").text
    assert "310-000001" in ana.get(f"/nexi/buyers/search/?field=main-payer_code&main-payer_code-q={quote(words)}").html


# --- After a submission -------------------------------------------------------


@pytest.mark.stores_files
def test_a_submission_is_followed_by_a_stored_paper_and_a_mail_without_links(
    ana: Exporter, tmp_path: Path, mailoutbox: list[EmailMessage]
) -> None:
    receipt = ana.applies()
    drain()
    drain()
    answer = ana.client.get(f"/nexi/requests/{receipt.number}/receipt.pdf")
    assert answer.status_code == 200
    words = text_of(answer.content, tmp_path)
    for expected in ("申込内容の控え", receipt.number, "産業用ポンプ", "個別保証枠確認申込みが可能です"):
        assert expected in words, expected
    (mail,) = mailoutbox
    assert mail.to == ["alice@a.example"]
    assert receipt.number in mail.subject
    assert "http" not in mail.body


# --- Web申込状況一覧 ----------------------------------------------------------


def test_the_list_shows_drafts_and_submissions_and_hides_what_was_withdrawn(ana: Exporter) -> None:
    done = ana.applies(contract_number="A-1")
    draft = ana.fills_in(contract_number="A-2")
    gone = ana.fills_in(contract_number="A-3")
    asked = ana.get(f"/nexi/applications/{gone.number}/withdraw/")
    assert "この申込みを取り下げますか" in asked.text
    withdrawn = ana.post(asked.path, {})
    assert "取り消しました" in withdrawn.text
    page = ana.get("/nexi/applications/")
    assert done.number in page.text
    assert draft.number in page.text
    assert gone.number not in page.text
    assert gone.number in ana.get("/nexi/applications/?state=withdrawn").text
    assert ana.get(f"/nexi/requests/{gone.number}/").path == f"/nexi/applications/{gone.number}/"


def test_a_submitted_application_cannot_be_withdrawn(ana: Exporter) -> None:
    number = ana.applies().number
    ana.post(f"/nexi/applications/{number}/withdraw/", {})
    assert Application.objects.get(number=number).state == State.SUBMITTED


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=BUYER+310", True),
        ("q=nobody", False),
        ("least=400000&most=400000", True),
        ("least=400001", False),
        ("whose=own", True),
        ("kind=quota-confirmation&state=submitted", True),
        ("state=draft", False),
    ],
)
def test_applications_are_found_by_party_amount_and_state(ana: Exporter, query: str, is_found: bool) -> None:
    number = ana.applies().number
    page = ana.get(f"/nexi/applications/?{query}")
    assert (number in page.text) is is_found
    assert is_found or "条件に合うものはありません。" in page.text


def test_applications_are_found_by_time(ana: Exporter, in_days: Callable[[int], date]) -> None:
    number = ana.applies().number
    day = in_days(1)
    assert number not in ana.get(f"/nexi/applications/?since-y={day.year}&since-m={day.month}&since-d={day.day}").text
    day = in_days(0)
    assert number in ana.get(f"/nexi/applications/?since-y={day.year}&since-m={day.month}&since-d={day.day}").text


def test_one_may_begin_anew_from_a_draft_too(ana: Exporter) -> None:
    draft = ana.fills_in(goods="弁　一式")
    detail = ana.get(f"/nexi/applications/{draft.number}/")
    assert "再開する" in detail.text
    assert f"{NEW}?from={draft.number}" in detail.html
    again = ana.fills_in(f"{NEW}?from={draft.number}", goods="弁　二式")
    assert again.number != draft.number
    assert Application.objects.get(number=again.number).copied_from.number == draft.number


def test_correcting_keeps_the_number(ana: Exporter) -> None:
    confirm = ana.fills_in(contract_amount="900,000")
    assert "できません" in confirm.verdict
    step = ana.get(f"/nexi/requests/{confirm.number}/steps/terms/")
    assert step.number == confirm.number
    again = ana.fills_in(step.path, contract_amount="400,000")
    assert again.number == confirm.number
    assert "可能です" in again.verdict


# --- Bounds --------------------------------------------------------------------


def test_a_step_page_takes_five_queries(ana: Exporter, django_assert_max_num_queries: MaxQueries) -> None:
    draft = ana.fills_in()
    path = f"/nexi/requests/{draft.number}/steps/terms/"
    ana.get(path)
    with django_assert_max_num_queries(5):  # type: ignore[attr-defined]
        assert ana.get(path).status == 200


@pytest.mark.django_db(transaction=True)
def test_a_submission_takes_sixteen_statements(ana: Exporter, django_assert_max_num_queries: MaxQueries) -> None:
    confirm = ana.fills_in()
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        answer = ana.client.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/nexi/quotas/", "/nexi/applications/"])
def test_a_list_takes_six_queries_whatever_its_length(
    ana: Exporter, path: str, django_assert_max_num_queries: MaxQueries
) -> None:
    for at in range(3):
        ana.applies(contract_number=f"A-{at}", contract_amount="1,000")
    ana.get(path)
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        assert "3件中" in ana.get(path).text


def test_only_permitted_products_are_offered(ana: Exporter) -> None:
    InsuredParty.objects.update(products="04")
    cache.clear()
    assert re.findall(r'name="main-product"[^>]* value="(\d\d)"', ana.get(NEW).html) == ["04"]
