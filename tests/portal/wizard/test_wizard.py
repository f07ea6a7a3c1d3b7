"""The engine, walked through a procedure that exists only here."""

from typing import Any

import pytest
from django.http import HttpResponse

from portal.applications.models import Application, ApplicationVersion, State
from portal.outbox.models import Message
from portal.wizard import checks, services
from portal.wizard.declaration import Step, Wizard
from tests.conftest import Person
from tests.nexi_quota.driver import Exporter as Walker
from tests.nexi_quota.driver import Page
from tests.portal.wizard import sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.wizard.urls")]
FIRST = "/sample/requests/new/steps/person/"
ROWS = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0", "rows-0-code": "りんご", "rows-1-code": ""}


@pytest.fixture
def walker(alice: Person) -> Walker:
    return Walker(alice)


def send(walker: Walker, page: Page, action: str = "continue", **values: Any) -> Page:
    """Send a step with the revision that its page carries."""
    data = {name.replace("__", "-"): value for name, value in values.items()}
    if 'name="revision"' in page.html:
        data["revision"] = page.hidden("revision")
    return walker.post(page.path, {**data, "action": action})


def begins(walker: Walker, kind: str = "small") -> Page:
    return send(walker, walker.get(FIRST), main__name="山田 花子", main__kind=kind)


def reaches_confirmation(walker: Walker, amount: str = "500", secret: str = "") -> Page:
    page = send(walker, begins(walker), main__amount=amount, main__secret=secret)
    return walker.post(page.path, {**ROWS, "revision": page.hidden("revision"), "action": "continue"})


def submits(walker: Walker, confirm: Page) -> HttpResponse:
    return walker.client.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})


# --- The draft --------------------------------------------------------------


def test_pages_say_the_words_of_the_procedure_and_of_its_portal(walker: Walker) -> None:
    step = begins(walker)
    for page in (step, walker.get(f"/sample/applications/{step.number}/")):
        assert "受付番号：" in page.text
        assert "見本の入口" in page.html.partition("<main")[0].partition('aria-label="現在地"')[2]
        assert not [words for words in ("Web申込番号", "Web申込状況一覧", "ユーザーページ") if words in page.html]
    assert "見本の一覧" in page.html


def test_looking_at_the_first_step_creates_nothing(walker: Walker) -> None:
    assert walker.get(FIRST).status == 200
    assert not Application.objects.exists()


def test_the_first_saved_step_gives_birth_to_row_and_number(walker: Walker) -> None:
    page = begins(walker)
    application = Application.objects.get()
    assert page.path == f"/sample/requests/{application.number}/steps/amount/"
    assert page.number == application.number
    assert application.party == "山田 花子"


def test_a_wrong_first_step_shows_every_error_keeps_the_text_and_creates_nothing(walker: Walker) -> None:
    page = send(walker, walker.get(FIRST), main__name="", mail__mail="hana")
    assert page.status == 422
    assert "氏名を入力してください。" in page.text
    assert "区分を選択してください。" in page.text
    assert page.value("mail-mail") == "hana"
    assert "<title>エラー：" in page.html
    assert not Application.objects.exists()


def test_an_unfinished_step_can_be_kept_and_gets_its_number(walker: Walker) -> None:
    page = send(walker, walker.get(FIRST), "save", main__name="山田")
    assert page.status == 200
    assert "一時保存しました" in page.text
    assert page.number == Application.objects.get().number
    assert page.value("main-name") == "山田"
    assert "区分を選択してください" not in page.text


def test_a_draft_shows_its_errors_only_when_asked(walker: Walker) -> None:
    page = send(walker, walker.get(FIRST), "save", main__name="山田")
    assert "区分を選択してください" in walker.get(f"{page.path}?check=1").text


def test_what_was_typed_is_stored_as_typed_and_nothing_else(walker: Walker) -> None:
    send(walker, walker.get(FIRST), main__name="　山田　花子", main__kind="small", main__hacked="x", other="y")
    assert Application.objects.get().data["steps"]["person"] == {"main-name": ["　山田　花子"], "main-kind": ["small"]}


def test_a_draft_is_resumed_at_its_first_open_step(walker: Walker) -> None:
    page = begins(walker)
    resumed = walker.get(f"/sample/requests/{page.number}/")
    assert resumed.path.endswith("/steps/amount/")


def test_a_step_that_depends_on_an_answer_appears_and_disappears(walker: Walker) -> None:
    page = begins(walker, "large")
    assert page.path.endswith("/steps/guarantor/")
    page = send(walker, page, main__guarantor="保証 太郎")
    assert page.path.endswith("/steps/amount/")
    back = walker.get(page.path.replace("amount", "person"))
    page = send(walker, back, main__name="山田 花子", main__kind="small")
    assert page.path.endswith("/steps/amount/")
    assert walker.get(page.path.replace("amount", "guarantor")).status == 404
    assert "guarantor" in Application.objects.get().data["steps"], "a hidden step keeps its data"


def test_a_hidden_step_is_neither_shown_nor_submitted(walker: Walker) -> None:
    page = send(walker, begins(walker, "large"), main__guarantor="保証 太郎")
    back = walker.get(page.path.replace("amount", "person"))
    page = send(walker, back, main__name="山田 花子", main__kind="small")
    page = send(walker, page, main__amount="500")
    confirm = walker.post(page.path, {**ROWS, "revision": page.hidden("revision"), "action": "continue"})
    assert "保証 太郎" not in confirm.text
    submits(walker, confirm)
    assert "保証 太郎" not in str(ApplicationVersion.objects.get().answers)


def test_rows_are_kept_and_shown_on_the_confirmation(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    assert confirm.path.endswith("/confirm/")
    assert "りんご" in confirm.text


# --- Begun about something ------------------------------------------------------


def test_what_a_run_is_begun_about_goes_with_it_from_the_introduction_on(walker: Walker) -> None:
    intro = walker.get("/sample/requests/new/?about=%E5%B1%B1%E7%94%B0")
    assert "山田の手続きの流れ" in intro.text
    first = walker.get(f"{FIRST}?about=%E5%B1%B1%E7%94%B0")
    assert first.value("main-name") == "山田"
    assert 'href="/sample/requests/new/?about=%E5%B1%B1%E7%94%B0">戻る' in first.html


def test_what_the_procedure_does_not_know_is_not_found(walker: Walker) -> None:
    assert walker.get("/sample/requests/new/?about=nobody").status == 404
    assert walker.get(f"{FIRST}?about=nobody").status == 404
    assert not Application.objects.exists()


def test_a_draft_fills_in_only_what_was_typed(walker: Walker) -> None:
    sent = {"main-name": "", "main-kind": "small", "action": "save"}
    page = walker.post(f"{FIRST}?about=%E5%B1%B1%E7%94%B0", sent)
    assert page.path.endswith("/steps/person/")
    assert page.value("main-name") == ""


# --- Two people --------------------------------------------------------------


def test_an_older_page_does_not_overwrite_a_newer_save_and_loses_nothing(walker: Walker, bob: Person) -> None:
    page = begins(walker)
    mine = walker.get(page.path)
    send(Walker(bob), Walker(bob).get(page.path), "save", main__amount="700")
    conflict = send(walker, mine, main__amount="900")
    assert conflict.status == 409
    assert "坊城太郎さん" in conflict.text
    assert "700" in conflict.text
    assert conflict.value("main-amount") == "900"
    assert Application.objects.get().data["steps"]["amount"]["main-amount"] == ["700"]
    after = send(walker, conflict, main__amount="900")
    assert after.status == 200
    assert Application.objects.get().data["steps"]["amount"]["main-amount"] == ["900"]


def test_a_stranger_finds_nothing_under_the_number(walker: Walker, charlie: Person) -> None:
    page = begins(walker)
    number = page.number
    for path in (f"{number}/", f"{number}/confirm/", f"{number}/steps/amount/"):
        foreign = charlie.get(f"/sample/requests/{path}")
        unknown = charlie.get(f"/sample/requests/{path}".replace(number, "261120999990"))
        assert foreign.status_code == unknown.status_code == 404
    assert charlie.post(page.path, {"main-amount": "1", "revision": "1"}).status_code == 404
    assert charlie.get(f"{FIRST}?from={number}").status_code == 404


def test_a_number_with_a_wrong_check_digit_is_answered_without_the_database(
    walker: Walker, django_assert_max_num_queries: Any
) -> None:
    number = begins(walker).number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    with django_assert_max_num_queries(2):
        assert walker.client.get(f"/sample/requests/{wrong}/").status_code == 404


# --- The confirmation ---------------------------------------------------------


def test_the_confirmation_says_what_is_open_and_leads_there(walker: Walker) -> None:
    page = begins(walker)
    confirm = walker.get(f"/sample/requests/{page.number}/confirm/")
    assert "「金額」を入力してください。" in confirm.text
    assert "steps/amount/?check=1&amp;back=confirm" in confirm.html
    assert 'data-testid="verdict"' not in confirm.html


def test_a_rule_across_steps_leads_to_the_field(walker: Walker) -> None:
    page = send(walker, begins(walker, "large"), main__guarantor="山田 花子")
    page = send(walker, page, main__amount="500")
    confirm = walker.post(page.path, {**ROWS, "revision": page.hidden("revision"), "action": "continue"})
    assert "保証人は本人以外の方にしてください。" in confirm.text
    assert "#id_main-guarantor" in confirm.html


def test_a_change_made_from_the_confirmation_returns_to_it(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    step = walker.get(f"/sample/requests/{confirm.number}/steps/amount/?back=confirm")
    back = walker.post(step.path, {"main-amount": "600", "revision": step.hidden("revision")})
    assert back.path.endswith("/confirm/")
    assert "600円" in back.verdict


def test_without_consent_nothing_is_submitted(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    answer = walker.post(confirm.path, {"token": confirm.hidden("token")})
    assert answer.status == 422
    assert "「了解しました」にチェックしてください。" in answer.text
    assert Application.objects.get().state == State.DRAFT


def test_the_submission_is_kept_as_a_version_that_explains_itself(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    assert submits(walker, confirm).status_code == 303
    application, version = Application.objects.get(), ApplicationVersion.objects.get()
    assert application.state == State.SUBMITTED
    assert application.submitted_by == walker.user
    assert [step["title"] for step in version.answers] == ["本人", "金額", "明細"]
    assert {"name": "main-amount", "label": "金額", "raw": ["500"], "shown": "500円"} in version.answers[1]["sections"][
        0
    ]["items"]
    assert version.decision["verdict"] == "可能です"
    assert version.decision["trace"] == {"limit": 1_000}
    assert [application.number] == sample.COMPLETED
    assert Message.objects.filter(topic="sample.done", key=application.number).count() == 1


def test_a_second_press_shows_the_same_receipt(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    first, second = submits(walker, confirm), submits(walker, confirm)
    assert first["Location"] == second["Location"] == f"/sample/requests/{confirm.number}/"
    assert ApplicationVersion.objects.count() == 1
    assert [confirm.number] == sample.COMPLETED


def test_a_changed_decision_comes_back_with_the_difference(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    sample.LIMIT["yen"] = 100
    answer = walker.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})
    assert answer.status == 409
    assert "確認後に内容が変わりました" in answer.text
    assert "可能です" in answer.text
    assert "できません" in answer.verdict
    assert "上限を超えています" in answer.verdict
    assert Application.objects.get().state == State.DRAFT


def test_what_is_not_shown_is_not_part_of_the_agreement(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    sample.LIMIT["yen"] = 2_000
    assert submits(walker, confirm).status_code == 303


def test_a_token_of_an_older_revision_is_not_accepted(walker: Walker) -> None:
    confirm = reaches_confirmation(walker)
    step = walker.get(f"/sample/requests/{confirm.number}/steps/amount/")
    send(walker, step, main__amount="600")
    answer = walker.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})
    assert answer.status == 409
    assert "更新しました" in answer.text
    assert Application.objects.get().state == State.DRAFT


@pytest.mark.parametrize("token", ["", "nonsense", "eyJhIjoxfQ:1abcde:signature"])
def test_a_made_up_token_submits_nothing(walker: Walker, token: str) -> None:
    confirm = reaches_confirmation(walker)
    assert walker.post(confirm.path, {"token": token, "consent": "on"}).status == 409
    assert Application.objects.get().state == State.DRAFT


def test_a_colleagues_token_is_not_accepted(walker: Walker, log_in: Any, exporter_a: Any) -> None:
    confirm = reaches_confirmation(walker)
    dora = Walker(log_in("dora", "nexi.apply", organisation=exporter_a))
    assert dora.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"}).status == 409
    assert Application.objects.get().state == State.DRAFT


def test_a_procedure_may_refuse_and_the_draft_stays_a_draft(walker: Walker) -> None:
    confirm = reaches_confirmation(walker, secret="refuse")
    answer = walker.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})
    assert answer.status == 409
    assert "受け付けられませんでした" in answer.text
    assert Application.objects.get().state == State.DRAFT
    assert not ApplicationVersion.objects.exists()


def test_a_failure_while_completing_leaves_nothing_half_written(walker: Walker) -> None:
    confirm = reaches_confirmation(walker, secret="crash")
    walker.client.raise_request_exception = False
    assert submits(walker, confirm).status_code == 500
    assert Application.objects.get().state == State.DRAFT
    assert not ApplicationVersion.objects.exists()
    assert not Message.objects.exists()


def test_under_four_eyes_the_last_saver_may_not_submit(walker: Walker, exporter_a: Any) -> None:
    exporter_a.four_eyes = True
    exporter_a.save()
    confirm = reaches_confirmation(walker)
    answer = walker.post(confirm.path, {"token": confirm.hidden("token"), "consent": "on"})
    assert answer.status == 409
    assert Application.objects.get().state == State.DRAFT


# --- Re-use and older data ------------------------------------------------------


def test_a_copy_is_a_new_run_with_everything_as_typed_to_review(walker: Walker) -> None:
    source = reaches_confirmation(walker, amount="５００", secret="x-1")
    first = walker.get(f"{FIRST}?from={source.number}")
    assert first.value("main-name") == "山田 花子"
    page = walker.post(f"{FIRST}?from={source.number}", {"main-name": "山田 花子", "main-kind": "small"})
    assert page.number != source.number
    assert page.value("main-amount") == "５００"
    assert page.value("main-secret") == ""
    confirm = walker.get(f"/sample/requests/{page.number}/confirm/")
    assert "流用した「金額」の内容を確かめて" in confirm.text
    assert Application.objects.get(number=page.number).copied_from.number == source.number


def test_a_draft_of_an_older_schema_is_lifted(walker: Walker) -> None:
    number = begins(walker).number
    stored = {"schema": 1, "steps": {"person": {"main-full": ["旧 花子"], "main-kind": ["small"]}}}
    Application.objects.filter(number=number).update(data=stored)
    assert walker.get(f"/sample/requests/{number}/steps/person/").value("main-name") == "旧 花子"
    page = walker.get(f"/sample/requests/{number}/steps/amount/")
    send(walker, page, main__amount="1")
    assert Application.objects.get(number=number).data["schema"] == 2


# --- Declarations ---------------------------------------------------------------


def test_a_declaration_with_mistakes_is_refused_at_start_up() -> None:
    wrong = Wizard(
        slug="wrong", title="", portal="sample", complete=sample.complete, view_role="", edit_role="", submit_role="",
        steps=[
            Step("one", "", {"main": sample.PersonForm}, not_copied=["main-nothing"], template="no/such.html"),
            Step("one", "", {"main": sample.PersonForm}),
        ],
    )  # fmt: skip
    found = " ".join(checks.faults(wrong))
    assert "two steps have the same name" in found
    assert "main-nothing" in found
    assert "no/such.html" in found
    assert not list(checks.faults(sample.SAMPLE))


def test_a_number_needs_the_transaction_of_its_bearer(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        services.allocate(sample.SAMPLE.series)
