"""加入依頼書: from an accepted offer to the form, what is owed with it, and what happens when it comes too late."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from credit_insurance.enums import CaseState, ConsentKind, Disclosure, FormState
from credit_insurance.models import Case, Consent, ConsentPaper, Enrolment, EnrolmentForm, HandOver, Invoice, Quote
from credit_insurance.selectors import masters
from credit_insurance.services import enrolment
from portal.applications.models import Application
from portal.audit.models import Event
from portal.outbox import drain
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import hidden, words
from tests.credit_insurance.papers import PDF, Form, all_five, paper, same_answers, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy"), pytest.mark.stores_files]


@pytest.fixture
def quote(clock: time_machine.Traveller, approver: Person, log_in: LogIn) -> Quote:
    """An accepted offer for 1 December 2026 at 240,000 yen, with the five papers entered."""
    underwriter = log_in("uw", "credit.uw", is_staff=True).user
    manager = log_in("uwmgr", "credit.uw_manager", is_staff=True).user
    all_five()
    return builder.accepted(approver.user, underwriter, manager, date(2026, 12, 1))


def at(clock: time_machine.Traveller, day: date, *people: Person) -> None:
    """Go to noon of a day, at which these people log in anew."""
    clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(hours=9))
    for person in people:
        person.force_login(person.user)


def returned(staff: Person) -> None:
    enrolment.return_form(EnrolmentForm.objects.get(state="submitted"), "代表者名が違います。", staff.user)


def test_the_form_of_an_accepted_offer_is_submitted_and_leads_to_the_account(quote: Quote, approver: Person):
    begun = approver.get(f"/credit/quotes/{quote.number}/enrol/")
    assert begun.headers["Location"] == f"/credit/enrolment/new/?quote={quote.number}"
    assert "お振込みの締切 2026年11月17日" in words(approver.get(begun.headers["Location"]))
    form = Form(approver, quote.number)
    assert form.tick().headers["Location"] == f"{form.url}confirm/"
    page = form.confirm(approver)
    shown = words(page)
    assert "2026年12月1日 午前0時から 2027年2月28日 午後12時まで（3か月）" in shown
    assert "加入を依頼する（保険料 240,000円）" in shown
    assert "重要事項説明書（第1版）を読み" in shown
    assert form.submit(approver, page).headers["Location"] == form.url
    made, invoice = EnrolmentForm.objects.get(), Invoice.objects.get()
    assert (made.state, made.form_day) == (FormState.SUBMITTED, date(2026, 11, 10))
    agreed = {one.paper.kind for one in Consent.objects.filter(form=made, by=approver.user).select_related("paper")}
    assert agreed == set(ConsentKind)
    receipt = approver.get(form.url)
    assert re.search(rf'data-testid="application-number"[^>]*>{form.number}<', receipt.content.decode())
    said = words(receipt)
    assert "加入依頼書を受け付けました" in said
    assert f"振込依頼人名の先頭に入れる番号 {invoice.number}" in said
    assert "2026年11月17日まで（17日が金融機関の休業日のときは前営業日）" in said
    assert "架空中央金庫" in said
    # Pressed again, the same receipt.
    assert form.submit(approver, page).headers["Location"] == form.url
    assert EnrolmentForm.objects.count() == 1
    assert "保険料（240,000円）を2026年11月17日までにお振込みください。" in words(approver.get("/credit/"))
    assert form.number in words(approver.get("/credit/enrolment/"))


def test_every_disclosure_is_to_be_answered_and_a_different_one_says_what_holds(quote: Quote, staff: Person):
    first = f"/credit/enrolment/new/steps/disclosure/?quote={quote.number}"
    page = staff.get(first)
    shown = words(page)
    for item in Disclosure:
        assert f"{item.mark} {item.label}" in shown
    assert "年間販売高の合計 384,000,000円、債権残高の合計 96,000,000円" in shown
    assert "売掛債権回転期間 3.0か月" in shown
    given = {"main-number": hidden(page, "main-number"), **same_answers(page)}
    without = {name: value for name, value in given.items() if name != "main-capital"}
    refused = staff.post(first, without)
    assert refused.status_code == 422
    assert "☆ 資本関係を選択してください。" in words(refused)
    refused = staff.post(first, {**given, "main-employees": "changed"})
    assert refused.status_code == 422
    assert "正しい内容を入力してください。" in words(refused)
    # Kept unfinished it is a draft, which cannot go out.
    kept = staff.post(first, {**without, "action": "save"})
    draft = Application.objects.get(kind="enrolment")
    assert kept.status_code == 303
    page = words(staff.get(f"/credit/enrolment/{draft.number}/confirm/"))
    assert "このままでは提出できません" in page
    assert "☆ 資本関係を選択してください。" in page


def test_what_was_disclosed_is_asked_again_when_it_has_changed(quote: Quote, approver: Person):
    form = Form(approver, quote.number)
    form.tick()
    page = form.confirm(approver)
    member = quote.case.member
    member.employees = 21
    member.save()
    refused = form.submit(approver, page)
    assert refused.status_code == 409
    assert f"★ {Disclosure.EMPLOYEES.label}を選び直してください。" in words(refused)
    assert not EnrolmentForm.objects.exists()


def test_a_paper_without_its_tick_is_named_and_a_newer_one_is_read_anew(quote: Quote, approver: Person):
    form = Form(approver, quote.number)
    refused = form.tick(*ConsentKind)
    assert refused.status_code == 422
    for kind in ConsentKind:
        assert f"「{kind.label}（第1版）を読み" in words(refused)
    refused = words(form.tick(ConsentKind.ANTISOCIAL))
    assert "「反社会的勢力でない旨の表明（第1版）を読み" in refused
    assert "「個人情報の取扱い（第1版）を読み" not in refused
    form.tick()
    page = form.confirm(approver)
    paper(ConsentKind.PRIVACY, 2, date(2026, 11, 1))
    refused = form.submit(approver, page)
    assert refused.status_code == 409
    assert "個人情報の取扱い（第2版）が新しくなりました。読み直して、チェックしてください。" in words(refused)
    assert "加入を依頼する" not in words(refused)
    form.tick()
    form.submit(approver)
    version = Consent.objects.get(paper__kind=ConsentKind.PRIVACY).paper.version
    assert version == 2


def test_without_the_papers_nobody_can_enrol_and_is_told_so(quote: Quote, approver: Person):
    ConsentPaper.objects.filter(kind__in=[ConsentKind.PRIVACY, ConsentKind.ACCURACY]).delete()
    form = Form(approver, quote.number)
    refused = form.tick()
    assert refused.status_code == 422
    assert "確認書類（個人情報の取扱い、告知の正確性）がまだ登録されていない" in words(refused)


def test_the_important_paper_is_opened_by_members_only_and_that_is_recorded(
    quote: Quote, viewer: Person, agent: Person
):
    address = "/credit/papers/important/1/"
    found = viewer.get(address)
    assert (found.content, found["Content-Type"]) == (PDF, "application/pdf")
    assert Event.objects.filter(verb="credit.paper_shown", target="important-1").count() == 1
    assert viewer.get("/credit/papers/important/2/").status_code == 404
    assert viewer.get("/credit/papers/privacy/1/").status_code == 404
    assert agent.get(address).status_code == 403


def test_the_staff_hands_over_and_the_approver_gives_back_or_submits(
    quote: Quote, staff: Person, approver: Person, mailoutbox: list[Any]
):
    for person in (staff, approver):
        person.user.email = f"{person.user.login}@example.com"
        person.user.save()
    form = Form(staff, quote.number)
    form.tick()
    page = form.confirm(staff)
    assert "責任者に回付" in words(page)
    assert "保険料 240,000円）" not in words(page)
    assert form.submit(staff, approver.get(f"{form.url}confirm/")).status_code == 403
    staff.post(f"{form.url}hand-over/", {"note": "月内にお願いします"})
    assert Event.objects.filter(verb="credit.form_handed_over", target=form.number).exists()
    assert "担当 一子さんから責任者に回付されています。 内容を確認して提出する" in words(approver.get("/credit/"))
    assert "連絡事項：月内にお願いします" in words(form.confirm(approver))
    assert approver.post(f"{form.url}give-back/", {"reply": ""}).status_code == 422
    approver.post(f"{form.url}give-back/", {"reply": "従業員数を確かめてください"})
    assert "加入依頼書が差し戻されました：従業員数を確かめてください" in words(staff.get("/credit/"))
    assert staff.post(f"{form.url}give-back/", {"reply": "x"}).status_code == 403
    staff.post(f"{form.url}hand-over/", {"note": ""})
    assert HandOver.objects.get().returned_at is None
    drain()
    for letter in mailoutbox:
        assert "http" not in letter.body
        assert "円" not in letter.body
    told = {(letter.subject, *letter.to) for letter in mailoutbox}
    assert ("【貸倒補償制度】加入依頼書の回付", "a-approve@example.com") in told
    assert ("【貸倒補償制度】加入依頼書の差戻し", "a-staff@example.com") in told
    assert form.submit(approver).status_code == 303


def test_a_form_that_comes_too_late_shows_the_later_start_and_its_premium(
    quote: Quote, approver: Person, clock: time_machine.Traveller
):
    form = Form(approver, quote.number)
    form.tick()
    in_time = form.confirm(approver)
    at(clock, date(2026, 11, 18), approver)
    refused = form.submit(approver, in_time)
    assert refused.status_code == 409
    shown = words(refused)
    assert "補償の開始は2027年1月1日になります（2か月分）" in shown
    assert "加入を依頼する（保険料 160,000円）" in shown
    form.submit(approver, refused)
    agreed = Enrolment.objects.get()
    assert (agreed.starts_on, agreed.premium) == (date(2027, 1, 1), 160_000)


def test_a_missed_period_is_said_and_leads_to_a_sheet_for_the_next_one(
    quote: Quote, approver: Person, clock: time_machine.Traveller
):
    form = Form(approver, quote.number)
    form.tick()
    in_time = form.confirm(approver)
    assert approver.post(f"/credit/quotes/{quote.number}/next-period/").status_code == 404
    at(clock, date(2027, 1, 18), approver)
    refused = form.submit(approver, in_time)
    assert refused.status_code == 409
    assert "この保険期間には加入できません。2027年3月1日からの保険期間" in words(refused)
    assert not EnrolmentForm.objects.exists()
    begun = approver.post(f"/credit/quotes/{quote.number}/next-period/")
    sheet = Application.objects.get(kind="case", state="draft")
    assert begun.headers["Location"] == f"/credit/cases/{sheet.number}/steps/summary/"
    assert sheet.data["steps"]["summary"]["main-intended_start"] == ["2027-03-01"]
    assert sheet.credit_lines.count() == 12


def test_a_start_that_moved_is_agreed_to_as_shown_by_the_approver(
    quote: Quote, staff: Person, approver: Person, clock: time_machine.Traveller
):
    form = Form(approver, quote.number)
    form.tick()
    form.submit(approver)
    at(clock, date(2026, 11, 24), approver, staff)
    assert enrolment.settle_all(date(2026, 11, 24), masters.calendar())["later"] == 1
    assert "補償の開始が2027年1月1日に変わります" in words(approver.get("/credit/"))
    address = f"{form.url}start/"
    page = approver.get(address)
    assert "変更後の内容で加入する（保険料 160,000円）" in words(page)
    shown = {"start": hidden(page, "start"), "premium": hidden(page, "premium")}
    assert staff.post(address, shown).status_code == 403
    at(clock, date(2026, 12, 22), approver)
    enrolment.settle_all(date(2026, 12, 22), masters.calendar())
    changed = approver.post(address, shown)
    assert changed.status_code == 409
    assert "保険料 80,000円" in words(changed)
    shown = {"start": hidden(changed, "start"), "premium": hidden(changed, "premium")}
    assert approver.post(address, shown).status_code == 303
    agreed, invoice = Enrolment.objects.get(), Invoice.objects.get()
    assert (agreed.starts_on, agreed.proposed_start, invoice.amount) == (date(2027, 2, 1), None, 80_000)
    assert "80,000円" in words(approver.get(form.url))


def test_a_returned_form_is_corrected_in_a_copy_with_everything_typed(quote: Quote, staff: Person, approver: Person):
    form = Form(approver, quote.number)
    form.tick()
    form.submit(approver)
    returned(staff)
    assert "加入依頼書に不備があります：代表者名が違います。" in words(staff.get("/credit/"))
    assert "修正する" in words(staff.get(form.url))
    step = staff.post(f"{form.url}correct/").headers["Location"]
    copy = Application.objects.get(kind="enrolment", state="draft")
    assert step == f"/credit/enrolment/{copy.number}/steps/disclosure/"
    assert copy.copied_from.number == form.number
    assert staff.post(f"{form.url}correct/").headers["Location"] == step
    assert same_answers(staff.get(step)) == {
        name: value[0]
        for name, value in copy.data["steps"]["disclosure"].items()
        if name in same_answers(staff.get(step))
    }
    page = words(approver.get(f"/credit/enrolment/{copy.number}/confirm/"))
    assert "流用した「確認書類」の内容を確かめて" in page
    again = Form.draft(approver, copy.number)
    again.tick()
    again.submit(approver)
    assert EnrolmentForm.objects.filter(state=FormState.SUBMITTED).count() == 1
    assert f"加入依頼書 {copy.number}" in words(approver.get(form.url))


def test_of_two_drafts_for_one_offer_the_second_is_refused(quote: Quote, staff: Person, approver: Person):
    first, second = Form(staff, quote.number), Form(approver, quote.number)
    for form in (first, second):
        form.tick()
    pages = [form.confirm(approver) for form in (first, second)]
    assert first.submit(approver, pages[0]).status_code == 303
    refused = second.submit(approver, pages[1])
    assert refused.status_code == 409
    assert "加入依頼書は、すでに提出されています" in words(refused)
    assert Application.objects.get(number=second.number).is_draft
    assert EnrolmentForm.objects.count() == 1
    assert Case.objects.get().state == CaseState.FORM_SUBMITTED


def test_nobody_else_begins_or_sends_anything(quote: Quote, approver: Person, viewer: Person, stranger: Person):
    begin = f"/credit/enrolment/new/steps/disclosure/?quote={quote.number}"
    given = {"main-number": quote.number, **same_answers(approver.get(begin))}
    assert stranger.get(begin).status_code == 404
    assert stranger.post("/credit/enrolment/new/steps/disclosure/", given).status_code == 422
    assert viewer.post(begin, given).status_code == 403
    form = Form(approver, quote.number)
    form.tick()
    assert viewer.get(f"{form.url}confirm/").status_code == 403
    form.submit(approver)
    assert stranger.get(form.url).status_code == 404
    assert "払込のご案内" in words(viewer.get(form.url))


def test_the_papers_say_what_was_agreed_to_and_where_to_pay(quote: Quote, approver: Person):
    form = Form(approver, quote.number, capital="changed", capital_new="子会社が1社あります。")
    form.tick()
    form.submit(approver)
    assert approver.get(f"{form.url}paper/").status_code == 404  # a job makes it
    drain()
    agreed = text_of(approver.get(f"{form.url}paper/"))
    for said in (
        *("架空中央会御中", form.number, "★支払遅延・信用不安の有無", "☆資本関係", "子会社が1社あります。"),
        *("反社会的勢力でない旨の表明（第1版）", "240,000円", "2026年12月1日午前0時", "責任三郎"),
    ):
        assert said in agreed, said
    assert re.search("SHA-256）[0-9a-f]{64}", agreed)
    invoice = Invoice.objects.get()
    owed = text_of(approver.get(f"{form.url}invoice/"))
    for said in (
        "払込のご案内",
        invoice.number,
        "240,000円",
        "普通0000001",
        "架空中央会",
        "2026年11月17日",
        "加入者様のご負担",
    ):
        assert said in owed, said
    assert f"お振込み金額振込依頼人名の先頭に入れる番号240,000円{invoice.number}" in owed
    Invoice.objects.update(received=200_000, state="partial")
    assert "不足額40,000円" in words(approver.get(form.url)).replace(" ", "")
    assert "40,000円" in text_of(approver.get(f"{form.url}invoice/"))
    Case.objects.update(state=CaseState.EXPIRED_QUOTE)
    ended = text_of(approver.get(f"{form.url}invoice/"))
    assert "お振込みにならないでください" in ended
    assert "先頭に入れる番号" not in ended
    verbs = Event.objects.filter(target__in=[form.number, invoice.number]).values_list("verb", flat=True)
    assert {"credit.form_pdf", "credit.invoice_pdf"} <= set(verbs)
