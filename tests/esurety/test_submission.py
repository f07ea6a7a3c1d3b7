"""発注者への提出: the mail with the key sheet alone, what is refused, 提出済み, reminders, 保証期限のお知らせ."""

import re
import subprocess
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from esurety.models import AuthKey, Certificate, Guarantee, Submission, SubmissionRule
from esurety.services import submissions
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.conftest import Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.issued import issued

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

PASSWORD = {"password": "test-password"}
MAIL = {
    "action": "send",
    "mail-address": "keiyaku@body.example",
    "mail-subject": "認証キーの提出",
    "mail-text": "提出いたします。",
    "mail-checked": "on",
    **PASSWORD,
}
MARK = {
    "action": "mark",
    "mark-channel": "system",
    "mark-day-y": "2026",
    "mark-day-m": "11",
    "mark-day-d": "20",
    "mark-note": "受付番号 12345",
}


def words(page: HttpResponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def address(guarantee: Guarantee, sequence: int = 1) -> str:
    return f"/surety/guarantees/{guarantee}/submit/{sequence}/"


def state(guarantee: Guarantee, sequence: int = 1) -> str:
    return Submission.objects.get(certificate__guarantee=guarantee, certificate__sequence=sequence).state


def pdf_text(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "read.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


# --- What the 発注者 wants ------------------------------------------------------------


def test_the_page_says_what_the_body_wants_and_warns_of_what_is_missing(clock, shop: Shop, user: Person):
    SubmissionRule.objects.update(
        subject="{受注者} {保証種類} 認証キー {入札日} {契約番号}", side_documents="前払金請求書", calls=True
    )
    text = words(user.get(address(issued(shop, work_number=""))))
    for said in ("keiyaku@body.example", "契約課", "電子メール", "前払金請求書", "電話で到着を確認"):
        assert said in text
    assert "架空建設株式会社 前払金保証 認証キー" in text
    assert "件名：この発注者が求める「入札日」「契約番号」がありません。送信する前に書き加えてください。" in text


def test_where_a_template_wants_the_key_itself_it_says_that_it_is_attached(clock, shop: Shop, user: Person):
    SubmissionRule.objects.update(subject="{保証種類} {認証キー}")
    guarantee = issued(shop)
    page = user.get(address(guarantee))
    assert "前払金保証 （認証キーは添付の「認証キーのお知らせ」に記載）" in words(page)
    assert key_of(guarantee.current) not in page.content.decode()


# --- 送信する -------------------------------------------------------------------------


def test_the_mail_has_the_key_sheet_attached_and_nothing_else(clock, shop: Shop, user: Person, tmp_path: Path):
    guarantee = issued(shop)
    user.user.email = "haruko@a.example"
    user.user.save()
    mail.outbox.clear()
    answer = user.post(address(guarantee), MAIL)
    assert answer.status_code == 303
    drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["keiyaku@body.example"], "認証キーの提出", "提出いたします。")
    assert sent.reply_to == ["haruko@a.example"]
    ((name, content, kind),) = sent.attachments
    assert (name, kind) == ("認証キー_01261-000001_新規.pdf", "application/pdf")
    text = pdf_text(content, tmp_path)
    key = key_of(guarantee.current)
    assert key in re.sub(r"\s", "", text)
    assert "01261-000001" in text
    assert state(guarantee) == "sent"
    shown = words(user.get(address(guarantee)))
    for said in ("提出済", "申込 春子", "2026/11/20 10:00", "keiyaku@body.example", "認証キーの提出"):
        assert said in shown
    (message,) = Message.objects.filter(topic=submissions.HAND_IN)
    assert set(message.payload) == {"certificate", "at"}
    assert Event.objects.filter(verb="surety.key_shown", detail__how="mail").exists()


def test_a_mail_needs_the_password_and_the_tick(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    mail.outbox.clear()
    assert user.post(address(guarantee), {**MAIL, "password": "wrong"}).status_code == 422
    assert user.post(address(guarantee), {**MAIL, "mail-checked": ""}).status_code == 422
    drain()
    assert mail.outbox == []
    assert state(guarantee) == "open"


def test_a_second_press_sends_no_second_mail_and_a_repeated_job_has_the_same_id(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    mail.outbox.clear()
    assert user.post(address(guarantee), MAIL).status_code == 303
    assert user.post(address(guarantee), MAIL).status_code == 409
    drain()
    assert len(mail.outbox) == 1
    Message.objects.filter(topic=submissions.HAND_IN).update(state="waiting", done_at=None)
    drain()
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_what_was_taken_back_before_the_job_ran_is_not_sent(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    mail.outbox.clear()
    user.post(address(guarantee), MAIL)
    assert user.post(address(guarantee), {"action": "reopen"}).status_code == 303
    drain()
    assert mail.outbox == []
    assert state(guarantee) == "open"


def test_the_key_cannot_be_written_into_what_is_stored(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    key = key_of(guarantee.current)
    spaced = f"{key[:4]} {key[4:8]}－{key[8:]}"
    for posted in ({**MAIL, "mail-text": f"キーは{spaced}です"}, {**MARK, "mark-note": spaced}):
        answer = user.post(address(guarantee), posted)
        assert answer.status_code == 409
        assert "認証キーは、件名・本文・メモに書かないでください" in words(answer)
    assert state(guarantee) == "open"


def test_only_the_certificate_in_force_with_a_living_key_is_handed_in(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    shop.revise(guarantee, "change", amount=19_000_000)
    assert user.post(address(guarantee, 1), MAIL).status_code == 409
    assert "最新の証書の認証キーを提出してください" in words(user.get(address(guarantee, 1)))
    AuthKey.objects.filter(certificate__sequence=2).update(state="frozen")
    assert user.post(address(guarantee, 2), MAIL).status_code == 409
    assert "誤った入力が続いたため停止しています" in words(user.get(address(guarantee, 2)))
    assert (state(guarantee, 1), state(guarantee, 2)) == ("open", "open")


# --- 提出済みにする -------------------------------------------------------------------


def upload(content: bytes, name: str) -> dict[str, object]:
    return {**MARK, "mark-file": SimpleUploadedFile(name, content, "application/pdf")}


def test_handing_in_by_another_way_is_recorded_with_day_and_note(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    for day, status in (("19", 422), ("21", 422), ("20", 303)):
        assert user.post(address(guarantee), {**MARK, "mark-day-d": day}).status_code == status
    shown = words(user.get(address(guarantee)))
    for said in ("電子契約システム", "受付番号 12345", "提出済"):
        assert said in shown
    drain()
    assert "認証キーのお知らせ" not in "".join(one.subject for one in mail.outbox)


def test_the_certificate_is_refused_by_name_unless_the_body_wants_its_print(clock, shop: Shop, user: Person):
    guarantee = shop.guarantee()
    certificate = Path(Certificate.objects.get().file.path).read_bytes()
    changed = certificate.replace(b"/Producer", b"/Producor", 1)
    for content, name in ((certificate, "証書.pdf"), (changed, "別名.pdf")):
        answer = user.post(address(guarantee), upload(content, name))
        assert answer.status_code == 422
        assert f"「{name}」は保証証書（確認用）です。" in words(answer)
    assert state(guarantee) == "open"
    SubmissionRule.objects.update(wants_print=True)
    assert user.post(address(guarantee), upload(certificate, "証書.pdf")).status_code == 303


def test_the_sheet_of_this_key_is_taken_and_that_of_another_version_is_not(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    old = user.post(f"/surety/guarantees/{guarantee}/key/1/sheet/", PASSWORD).content
    shop.revise(guarantee, "change", amount=19_000_000)
    new = user.post(f"/surety/guarantees/{guarantee}/key/2/sheet/", PASSWORD).content
    answer = user.post(address(guarantee, 2), upload(old, "old.pdf"))
    assert answer.status_code == 422
    assert "「old.pdf」は、別の保証契約・別の版・再発行前の「認証キーのお知らせ」です。" in words(answer)
    assert user.post(address(guarantee, 2), upload(new, "new.pdf")).status_code == 303
    files = [path for path in (Path(Certificate.objects.first().file.path).parent).rglob("*") if path.is_file()]
    assert len(files) == 2


def test_any_other_file_is_no_obstacle(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    assert user.post(address(guarantee), upload(b"%PDF-1.7 receipt of a portal", "受付.pdf")).status_code == 303


# --- States ---------------------------------------------------------------------------


def test_what_the_body_has_registered_cannot_be_opened_again_and_what_it_returned_can(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    row = Submission.objects.filter(certificate=guarantee.current)
    for before, after, status in (
        ("registered", "registered", 409),
        ("accepted", "accepted", 409),
        ("returned", "open", 303),
    ):
        row.update(state=before)
        assert user.post(address(guarantee), {"action": "reopen"}).status_code == status
        assert state(guarantee) == after
    row.update(state="returned")
    assert user.post(address(guarantee), MARK).status_code == 303
    assert state(guarantee) == "sent"


# --- Nights ---------------------------------------------------------------------------


def told() -> list[str]:
    drain()
    found = [one.subject for one in mail.outbox]
    mail.outbox.clear()
    return found


def test_who_has_not_handed_in_after_two_business_days_is_asked_once(clock, shop: Shop, user: Person):
    SubmissionRule.objects.update(subject="【電子保証】{案件名}")
    guarantee = issued(shop)  # Friday 20; Monday 23 is a holiday: the second business day is Wednesday 25
    told()
    assert submissions.remind(date(2026, 11, 24)) == 0
    assert submissions.remind(date(2026, 11, 25)) == 1
    assert submissions.remind(date(2026, 11, 25)) == submissions.remind(date(2026, 11, 26)) == 0
    drain()
    (sent,) = mail.outbox
    assert sent.subject == f"認証キー提出のお願い（保証契約番号 {guarantee}）"
    assert "件名の例：【電子保証】見本道路改良工事" in sent.body
    assert key_of(guarantee.current) not in sent.body
    assert "http" not in sent.body


def test_who_has_handed_in_is_not_asked(clock, shop: Shop, user: Person):
    user.post(address(issued(shop)), MARK)
    shop.revise(Guarantee.objects.get(), "cancellation")
    assert submissions.remind(date(2026, 12, 10)) == 0


def test_the_end_of_a_guarantee_is_told_four_times_and_never_silently(clock, shop: Shop):
    guarantee = issued(shop)  # 保証期限 2027-03-31
    subject = f"保証期限のお知らせ（保証契約番号 {guarantee}）"
    told()
    days = [(1, 29), (1, 30), (1, 31), (3, 1), (3, 2), (3, 24), (3, 25), (3, 31), (4, 1), (4, 2)]
    counts = [submissions.tell_due(date(2027, month, day)) for month, day in days]
    assert counts == [0, 1, 0, 1, 0, 1, 0, 0, 1, 0]
    clock.move_to(datetime(2027, 4, 2, tzinfo=UTC))
    drain()
    assert [one.subject for one in mail.outbox] == [subject] * 4
    assert "期限の経過だけで終了することはありません" in mail.outbox[-1].body


def test_nights_without_a_run_leave_one_notice_and_a_changed_day_counts_anew(clock, shop: Shop):
    guarantee = issued(shop)
    assert submissions.tell_due(date(2027, 3, 26)) == 1
    shop.revise(guarantee, "change", due_on="2027-05-31", ends_on="2027-05-31")
    assert submissions.tell_due(date(2027, 3, 27)) == 0
    assert submissions.tell_due(date(2027, 4, 1)) == 1
