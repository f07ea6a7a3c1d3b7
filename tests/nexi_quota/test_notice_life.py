"""A notice between ステップ１ and the archive: what changes meanwhile, who may, what is kept, what it costs."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota import services
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, Notice
from portal.accounts.models import Organisation
from portal.applications.models import Application, ApplicationVersion, State
from portal.outbox import drain
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import (
    CONTACT,
    FIRST,
    assert_shows_the_object_as_facts,
    chosen,
    enters,
    entry_of,
    from_list,
    held,
    notifies,
    presses,
    settlement,
)

pytestmark = pytest.mark.django_db
INTRO = "/nexi/notices/new/"


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """A Web contract of exporter A over USD 400,000: 60,000,000 yen of the payer's quota."""
    return insure(exporter_a)


@pytest.fixture
def confirmation(ana: Exporter) -> Confirmation:
    """A 確認 of exporter A over USD 400,000 for 設備財."""
    ana.applies()
    return Confirmation.objects.get()


# --- Something changed meanwhile ----------------------------------------------------


def test_a_balance_that_has_become_smaller_comes_back_with_the_new_figures(
    ana: Exporter, contract: InsuranceContract
) -> None:
    stale = enters(ana, settlement(contract))
    notifies(ana, settlement(contract, extent="part", settled_amount="100,000"))
    again = presses(ana, stale)
    assert again.status == 409
    assert text("M-N13") in again.text
    assert "USD 300,000" in again.verdict
    assert Notice.objects.count() == 1
    presses(ana, again)
    assert sorted(Notice.objects.values_list("amount", flat=True)) == [100_000, 300_000]
    listed = Application.objects.get(number=stale.number)
    assert (listed.amount, listed.state) == (300_000, State.SUBMITTED)


@pytest.mark.parametrize(
    ("meanwhile", "message"),
    [
        (lambda c: services.report_loss(c, timezone.localdate()), "M-N07"),
        (lambda c: InsuranceContract.objects.filter(pk=c.pk).update(balance=0, state="settled"), "M-N06"),
        (lambda c: InsuranceContract.objects.filter(pk=c.pk).update(balance=99), "M-N04"),
    ],
)
def test_a_target_that_has_changed_is_refused_with_the_reason_and_not_submitted(
    ana: Exporter, contract: InsuranceContract, meanwhile: Callable[[InsuranceContract], object], message: str
) -> None:
    confirm = enters(ana, chosen(contract, extent="part", settled_amount="100"), from_list(contract))
    meanwhile(contract)
    for refused in (presses(ana, confirm), ana.get(confirm.path)):
        assert text(message) in refused.text
        assert ">申込む</button>" not in refused.html
    assert not Notice.objects.exists()
    assert Application.objects.get().state == State.DRAFT
    assert presses(ana, confirm).status == 409


def test_two_presses_are_one_notice(ana: Exporter, contract: InsuranceContract) -> None:
    confirm = enters(ana, settlement(contract))
    first, second = presses(ana, confirm), presses(ana, confirm)
    assert first.path == second.path
    assert Notice.objects.count() == 1


# --- Who may, and what is kept -----------------------------------------------------


def test_scenario_18_an_input_user_sees_no_apply_and_a_direct_post_changes_nothing(
    ben: Exporter, contract: InsuranceContract
) -> None:
    confirm = enters(ben, settlement(contract))
    assert ">申込む</button>" not in confirm.html
    assert text("M-U02") in confirm.text
    refused = ben.post(confirm.path, {"token": "x"})
    assert refused.status == 403
    assert text("M-U02") in refused.text
    assert (Notice.objects.count(), held()) == (0, 60_000_000)


def test_a_colleague_submits_what_an_input_user_entered(
    ana: Exporter, ben: Exporter, contract: InsuranceContract
) -> None:
    confirm = enters(ben, chosen(contract), from_list(contract))
    presses(ana, ana.get(confirm.path))
    application = Application.objects.get()
    assert (application.created_by, application.submitted_by) == (ben.user, ana.user)


def test_scenario_13_an_overwritten_contact_is_for_this_notice_only(ana: Exporter, contract: InsuranceContract) -> None:
    confirm = enters(ana, settlement(contract, contact_name="別の 担当", extent="part", settled_amount="1"))
    assert "別の 担当" in confirm.text
    presses(ana, confirm)
    for path in (FIRST, from_list(contract), f"{FIRST}?from={confirm.number}"):
        assert ana.get(path).value("contact-name") == "有栖川花子", path
    ana.user.refresh_from_db()
    assert ana.user.name == "有栖川花子"


def test_a_draft_can_be_withdrawn(ana: Exporter, contract: InsuranceContract) -> None:
    number = enters(ana, settlement(contract)).number
    page = ana.post(f"/nexi/applications/{number}/withdraw/", {})
    assert "取消" in page.text
    assert (Application.objects.get().state, held()) == (State.WITHDRAWN, 60_000_000)


def test_another_part_is_notified_from_the_first_with_day_and_amount_to_be_typed(
    ana: Exporter, contract: InsuranceContract
) -> None:
    done = notifies(ana, chosen(contract, extent="part", settled_amount="100", note="１回目"), from_list(contract))
    detail = ana.get(f"/nexi/applications/{done.number}/")
    link = re.search(r'href="([^"]*)">別の申込みへ', detail.html)
    assert link
    step = ana.get(link[1])
    assert_shows_the_object_as_facts(step, contract.number)
    assert "決済残高 USD 399,900" in step.text
    assert "１回目" in step.html
    assert step.value("main-settled_amount") == step.value("main-settled_on-y") == ""


def test_the_list_and_its_csv_show_product_payer_and_amount(ana: Exporter, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, reference="ref-9")
    draft = enters(ana, settlement(contract), action="save")
    notifies(ana, chosen(contract, extent="part", settled_amount="100"), from_list(contract))
    answer = ana.client.get("/nexi/applications/?format=csv").getvalue().decode("utf-8-sig")
    rows = {row["Web申込番号"]: row for row in csv.DictReader(io.StringIO(answer))}
    assert len(rows) == 2
    for row in rows.values():
        assert row["手続種別"] == "決済／枠戻通知"
        assert row["保険種"] == "貿易一般保険(個別)"
        assert row["支払人名称"] == "BUYER 310-000001 LTD."
        assert row["お客様整理番号"] == "ref-9"
    assert rows[draft.number]["金額"] == "USD 400,000"


@pytest.mark.stores_files
def test_the_contact_gets_one_mail_and_the_receipt_is_kept(
    ana: Exporter, contract: InsuranceContract, mailoutbox: list[EmailMessage]
) -> None:
    number = notifies(ana, settlement(contract, contact_email="kato@a.example")).number
    drain()
    drain()
    (mail,) = mailoutbox
    assert mail.to == ["kato@a.example"]
    assert number in mail.subject
    for words in ("決済通知の手続きが完了しました", contract.number, "USD 400,000"):
        assert words in mail.body
    assert "http" not in mail.body
    paper = ana.client.get(f"/nexi/notices/{number}/receipt.pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")


def test_the_submitted_version_explains_itself(ana: Exporter, confirmation: Confirmation) -> None:
    confirm = enters(ana, chosen(confirmation, extent="part", returned_amount="1"), from_list(confirmation))
    presses(ana, confirm)
    version = ApplicationVersion.objects.get(application__number=confirm.number)
    items = [item for step in version.answers for section in step["sections"] for item in section["items"]]
    shown = {item["label"]: item["shown"] for item in items}
    assert shown["確認管理番号"] == confirmation.number
    assert shown["枠戻金額"] == "1.00 USD"
    assert version.decision["verdict"] == "枠戻通知ができます"


# --- Bounds --------------------------------------------------------------------------


def test_a_step_page_takes_five_queries(
    ana: Exporter, contract: InsuranceContract, django_assert_max_num_queries: Any
) -> None:
    paths = [FIRST, from_list(contract), entry_of(enters(ana, chosen(contract), from_list(contract)))]
    for path in (*paths, entry_of(enters(ana, settlement(contract)))):
        ana.get(path)
        with django_assert_max_num_queries(5):
            assert ana.get(path).status == 200


@pytest.mark.parametrize("kind", ["settlement", "release"])
def test_a_submission_takes_sixteen_statements_in_its_transaction(
    ana: Exporter, contract: InsuranceContract, kind: str
) -> None:
    target = contract if kind == "settlement" else contract.confirmation
    assert target is not None
    confirm = enters(ana, chosen(target), from_list(target))
    with CaptureQueriesContext(connection) as captured:
        answer = ana.client.post(confirm.path, {"token": confirm.hidden("token")})
    assert answer.status_code == 303
    asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 16, asked


def test_an_overdue_contract_is_pointed_to_the_loss_notice(ana: Exporter, exporter_a: Organisation) -> None:
    today = timezone.localdate()
    overdue = insure(exporter_a, shipped_on=today - timedelta(days=90), due_on=today - timedelta(days=1))
    until = today + timedelta(days=44)
    confirm = enters(ana, chosen(overdue), from_list(overdue))
    for page in (ana.get(from_list(overdue, INTRO)), ana.get(from_list(overdue)), confirm):
        assert text("M-N09") in page.text
        assert f"提出期限は{until:%Y年%-m月%-d日}" in page.text
    assert "申込みが完了しました" in presses(ana, confirm).text


def test_a_contract_that_is_due_today_is_not_overdue(ana: Exporter, exporter_a: Organisation) -> None:
    due = insure(exporter_a, due_on=timezone.localdate())
    assert text("M-N09") not in enters(ana, chosen(due), from_list(due)).text


def test_the_contact_is_asked_for(ana: Exporter, contract: InsuranceContract) -> None:
    page = enters(ana, {**settlement(contract), **dict.fromkeys(CONTACT, "")})
    assert page.status == 422
    assert "氏名を入力してください。" in page.text
