"""通知の一括取り込み: who takes a file over, once, and what is told and kept of it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nexi_quota import bulk, services
from nexi_quota.enums import BatchState, NoticeKind, Route
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract, Notice, NoticeBatch, Quota
from portal.accounts.models import Organisation
from portal.applications.models import Application, Attachment, State
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.conftest import LogIn
from tests.nexi_quota.bulk_files import BULK, as_csv, chooses, part, row, takes_over
from tests.nexi_quota.driver import Exporter, Page
from tests.nexi_quota.holdings import insure

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


@pytest.fixture
def contract(masters: None, exporter_a: Organisation) -> InsuranceContract:
    """A Web contract of exporter A over USD 400,000: 60,000,000 yen of the payer's quota."""
    return insure(exporter_a)


@pytest.fixture
def confirmation(ana: Exporter) -> Confirmation:
    """A 確認 of exporter A over USD 200,000 for 設備財."""
    ana.applies(contract_amount="200,000")
    return Confirmation.objects.get(origin="request")


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def errors(page: Page) -> list[tuple[str, ...]]:
    """Return the rows of the table of mistakes: place, number, message."""
    table = re.search(r"<h2 id=\"errors\".*?</table>", page.html, re.S)
    assert table, "no table of mistakes"
    rows = re.findall(r"<tr>(<td.*?)</tr>", table[0], re.S)
    return [tuple(re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)) for row in rows]


def batch() -> NoticeBatch:
    return NoticeBatch.objects.get()


# --- Somebody was faster ----------------------------------------------------------------


def test_one_row_overtaken_means_nothing_is_applied(
    ana: Exporter, contract: InsuranceContract, exporter_a: Organisation
) -> None:
    others = [insure(exporter_a, amount="1000") for _ in range(3)]
    preview = chooses(ana, as_csv([*map(row, others), row(contract)]))
    notify(ana, contract, "400000")
    before = held()
    result = takes_over(ana, preview)
    assert "1行も取り込んでいません" in result.text
    assert errors(result) == [("5行目・保険証券番号", contract.number, f"{text('M-N06')}。")]
    assert (held(), Notice.objects.count()) == (before, 1)
    assert Application.objects.get(number=preview.number).state == State.WITHDRAWN
    lines = ana.client.get(f"{preview.path}?format=csv").getvalue().decode("utf-8-sig")
    assert contract.number in lines


def notify(ana: Exporter, contract: InsuranceContract, amount: str) -> None:
    """Make a single notice beside the file."""
    application = Application.objects.create(
        number=f"{Application.objects.count():012d}",
        kind="notice",
        organisation=ana.user.organisation,
        created_by=ana.user,
        saved_by=ana.user,
        created_at=timezone.now(),
        saved_at=timezone.now(),
    )
    target = InsuranceContract.objects.select_related("confirmation").get(pk=contract.pk)
    line = services.Line(NoticeKind.SETTLEMENT, Route.DIRECT, target, timezone.localdate(), Decimal(amount), "01")
    with transaction.atomic():
        services.notify(line, application, ana.user)


def test_all_that_is_open_must_be_what_the_preview_showed(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    notify(ana, contract, "100000")
    result = takes_over(ana, preview)
    ((place, number, message),) = errors(result)
    assert (place, number) == ("2行目・金額", contract.number)
    assert "確認したとき USD 400,000、いま USD 300,000" in message
    assert Notice.objects.count() == 1


def test_a_file_is_not_offered_to_be_used_for_another_application(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    for _ in ("draft", "submitted"):
        assert "別の申込みへ" not in ana.get(f"/nexi/applications/{preview.number}/").text
        takes_over(ana, preview)
    ana.applies()
    number = Application.objects.get(kind="quota-confirmation").number
    assert "別の申込みへ" in ana.get(f"/nexi/applications/{number}/").text


def test_a_withdrawn_file_is_not_taken_over(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    takes_over(ana, preview, run=False)
    ana.post(f"/nexi/applications/{preview.number}/withdraw/", {})
    drain()
    assert "取り消されました" in ana.get(preview.path).text
    assert (Notice.objects.count(), batch().state) == (0, BatchState.FAILED)


def test_a_second_press_and_a_second_run_change_nothing(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([part(contract, "100,000")]))
    takes_over(ana, preview, run=False)
    takes_over(ana, preview, run=False)
    assert Message.objects.filter(topic=bulk.JOB).count() == 1
    drain()
    job = Message.objects.get(topic=bulk.JOB)
    bulk.run(**{f"{name}_id": value for name, value in job.payload.items()})
    takes_over(ana, preview)
    assert (Notice.objects.count(), held()) == (1, 45_000_000)


@pytest.mark.django_db(transaction=True)
def test_a_job_killed_in_the_middle_applies_once_when_it_is_run_again(
    ana: Exporter, contract: InsuranceContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = chooses(ana, as_csv([part(contract, "100,000"), part(contract, "50,000")]))
    takes_over(ana, preview, run=False)
    job = Message.objects.get(topic=bulk.JOB)
    arguments = {f"{name}_id": value for name, value in job.payload.items()}

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    # give_back is the last statement before the commit.
    with monkeypatch.context() as patch:
        patch.setattr("nexi_quota.services.bulk.give_back", die)
        with pytest.raises(Killed):
            bulk.run(**arguments)
    assert (Notice.objects.count(), batch().state, batch().checked, held()) == (0, BatchState.QUEUED, 2, 60_000_000)
    assert Application.objects.get(number=preview.number).state == State.DRAFT
    bulk.run(**arguments)
    bulk.run(**arguments)
    assert (Notice.objects.count(), held()) == (2, 37_500_000)


# --- The same file again ------------------------------------------------------------------


def test_the_same_file_within_a_day_asks_for_a_tick(ana: Exporter, contract: InsuranceContract) -> None:
    content = as_csv([part(contract, "100,000")])
    first = chooses(ana, content)
    takes_over(ana, first)
    again = chooses(ana, content, "another name.csv")
    assert "同じ内容のファイルがあります" in again.text
    assert first.number in again.text
    refused = takes_over(ana, again, run=False)
    assert refused.status == 422
    assert batch_of(again).state == BatchState.READY
    takes_over(ana, again, is_meant="on")
    assert Notice.objects.count() == 2


def batch_of(page: Page) -> NoticeBatch:
    return NoticeBatch.objects.get(application__number=page.number)


def test_the_same_file_is_no_surprise_after_a_day_after_a_failure_or_of_another_company(
    ana: Exporter, cho: Exporter, contract: InsuranceContract, exporter_b: Organisation
) -> None:
    content = as_csv([part(contract, "1,000")])
    first = chooses(ana, content)
    ana.post(f"/nexi/applications/{first.number}/withdraw/", {})
    second = chooses(ana, content)
    assert "同じ内容のファイル" not in second.text
    Attachment.objects.update(organisation=exporter_b)
    assert "同じ内容のファイル" not in chooses(ana, content).text
    Attachment.objects.update(organisation=ana.user.organisation, created_at=timezone.now() - timedelta(hours=25))
    assert "同じ内容のファイル" not in chooses(ana, content).text


# --- Who may ------------------------------------------------------------------------------


def test_who_may_only_enter_prepares_the_file_for_a_colleague(
    ana: Exporter, ben: Exporter, contract: InsuranceContract
) -> None:
    preview = chooses(ben, as_csv([row(contract)]))
    assert text("M-U02") in preview.text
    assert "取り込む</button>" not in preview.html
    denied = ben.post(preview.path, {})
    assert denied.status == 403
    assert text("M-U02") in denied.text
    assert batch().state == BatchState.READY
    assert "取り込む</button>" in ana.get(preview.path).html
    assert "1件の通知を取り込みました" in takes_over(ana, preview).text
    assert "1件の通知を取り込みました" in ben.get(preview.path).text


def test_under_four_eyes_another_person_takes_the_file_over(
    ana: Exporter, contract: InsuranceContract, exporter_a: Organisation, log_in: LogIn
) -> None:
    exporter_a.four_eyes = True
    exporter_a.save()
    ana.logs_in_again()
    preview = chooses(ana, as_csv([row(contract)]))
    assert "ファイルを選んだ方とは別の" in preview.text
    assert ana.post(preview.path, {}).status == 403
    other = Exporter(log_in("dora", "nexi.apply", organisation=exporter_a, email="dora@a.example"))
    assert "1件の通知を取り込みました" in takes_over(other, preview).text


def test_another_company_finds_no_file(ana: Exporter, cho: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    for method in (cho.client.get, cho.client.post):
        assert method(preview.path).status_code == 404
    assert ana.client.get("/nexi/bulk/261120000010/").status_code == 404


def test_who_may_only_look_sees_the_result_and_cannot_choose_a_file(
    ana: Exporter, contract: InsuranceContract, exporter_a: Organisation, log_in: LogIn
) -> None:
    viewer = Exporter(log_in("vera", "nexi.view", organisation=exporter_a))
    preview = chooses(ana, as_csv([row(contract)]))
    assert viewer.get(BULK).status == 403
    assert viewer.get(preview.path).status == 200
    assert viewer.post(preview.path, {}).status == 403


def test_after_60_files_in_an_hour_the_next_one_has_to_wait(ana: Exporter, contract: InsuranceContract) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(60):
            assert chooses(ana, as_csv([row(contract, payer="x")])).status == 422
        refused = chooses(ana, as_csv([row(contract)]))
    assert (refused.status, refused.response["Retry-After"]) == (429, "3600")


# --- Progress -------------------------------------------------------------------------------


def test_the_progress_asks_for_itself_until_it_is_done(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    page = takes_over(ana, preview, run=False)
    assert "1件中 0件を確認しました" in page.text
    assert 'data-hx-trigger="every 2s"' in page.html
    assert "最新の状況に更新する" in page.text
    part_of_it = ana.client.get(preview.path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part_of_it
    assert 'data-hx-trigger="every 2s"' in part_of_it
    drain()
    done = ana.client.get(preview.path, headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in done
    assert "取り込み済み" in done
    assert f'href="{preview.path}">結果を見る' in done


@pytest.mark.django_db(transaction=True)
def test_the_progress_is_committed_chunk_by_chunk(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([part(contract, "1")] * 1_001))
    takes_over(ana, preview, run=False)
    seen = []
    with CaptureQueriesContext(connection) as queries:
        drain()
    for query in queries:
        if "UPDATE" in query["sql"] and '"checked"' in query["sql"]:
            seen.append(re.search(r'"checked" = (\d+)', query["sql"])[1])  # type: ignore[index]
    assert seen[:3] == ["500", "1000", "1001"]


def test_a_job_that_takes_long_says_so(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([row(contract)]))
    takes_over(ana, preview, run=False)
    NoticeBatch.objects.update(queued_at=timezone.now() - timedelta(minutes=3))
    assert "通常より時間がかかっています" in ana.get(preview.path).text


# --- What is kept of it -----------------------------------------------------------------------


def test_the_audit_log_tells_what_every_row_did(ana: Exporter, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([part(contract, "100,000")]))
    takes_over(ana, preview)
    event = Event.objects.get(verb="nexi.bulk")
    assert (event.actor_login, event.target) == ("alice", preview.number)
    assert event.detail["rows"] == [
        {
            "line": 2,
            "kind": "settlement",
            "target": contract.number,
            "amount": "100000.00",
            "released_jpy": 15_000_000,
        }
    ]
    assert Event.objects.filter(verb="application.submitted", target=preview.number).count() == 1


def test_an_untouched_file_expires_with_its_draft(ana: Exporter, contract: InsuranceContract) -> None:
    from portal.applications.services import expire_drafts

    preview = chooses(ana, as_csv([row(contract)]))
    assert expire_drafts(timezone.localdate() + timedelta(days=91)) == 1
    assert not Attachment.objects.exists()
    page = ana.get(preview.path)
    assert "この申込みは終わっているため" in page.text
    ana.post(preview.path, {})
    assert batch().state == BatchState.READY


def test_pages_cost_few_statements(ana: Exporter, exporter_a: Organisation, contract: InsuranceContract) -> None:
    preview = chooses(ana, as_csv([part(contract, "1")] * 60))
    counts = {}
    for name, path in {"choose": BULK, "preview": preview.path}.items():
        with CaptureQueriesContext(connection) as queries:
            ana.get(path)
        counts[name] = len(queries)
    takes_over(ana, preview)
    with CaptureQueriesContext(connection) as queries:
        ana.get(f"{preview.path}?size=50")
    counts["result"] = len(queries)
    assert {name: count for name, count in counts.items() if count > 6} == {}
