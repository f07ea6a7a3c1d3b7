"""認証キー: shown after the password, on the sheet, issued anew, kept nowhere in clear, moved to new outside keys."""

import json
import os
import re
import subprocess
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from pytest_django.fixtures import Settings

from esurety import vault
from esurety.models import AuthKey, Certificate, Contractor, Guarantee, Registration, Submission
from esurety.rules.numbers import grouped
from esurety.services import keys, submissions
from portal.accounts.models import Session
from portal.audit.models import Event
from portal.outbox import drain
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.issued import issued

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

KEYS = int(os.environ.get("KEYS", "50"))
"""How many keys are shown before they are looked for; the issue asks for 10,000."""

PASSWORD = {"password": "test-password"}


def words(page: HttpResponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def address(guarantee: Guarantee, sequence: int = 1, more: str = "") -> str:
    return f"/surety/guarantees/{guarantee}/key/{sequence}/{more}"


def shown(page: HttpResponse) -> str:
    """Return the key that a page shows, as its copy button copies it; "" while it is hidden."""
    found = re.search(r'data-testid="auth-key" data-value="([^"]+)"[^>]*>([^<]+)<', page.content.decode())
    if found is None:
        return ""
    assert found[2] == grouped(found[1])
    return found[1]


# --- Showing --------------------------------------------------------------------------


def test_the_key_is_hidden_until_the_password_is_given_and_recorded_before(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    key = key_of(guarantee.current)
    page = user.get(address(guarantee))
    assert shown(page) == ""
    assert key not in page.content.decode()
    page = user.post(address(guarantee), PASSWORD)
    assert shown(page) == key
    assert page["Cache-Control"] == "no-store"
    assert "契約課" in words(page)
    (event,) = Event.objects.filter(verb="surety.key_shown")
    assert (event.actor, event.target, event.detail["how"]) == (user.user, guarantee.number, "screen")
    assert shown(user.get(address(guarantee))) == ""


def test_the_password_counts_for_five_minutes_and_for_this_session_only(clock, shop: Shop, user: Person, admin: Person):
    guarantee = issued(shop)
    user.post(address(guarantee), PASSWORD)
    assert shown(user.post(address(guarantee)))
    assert user.post(address(guarantee, more="sheet/")).status_code == 200
    assert admin.post(address(guarantee)).status_code == 422
    clock.shift(timedelta(minutes=5))
    page = user.post(address(guarantee))
    assert (page.status_code, shown(page)) == (422, "")
    assert user.post(address(guarantee, more="sheet/")).status_code == 422


def test_wrong_passwords_show_nothing_are_recorded_and_limited(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    statuses = [user.post(address(guarantee), {"password": "wrong"}).status_code for _ in range(5)]
    assert statuses == [422] * 5
    page = user.post(address(guarantee), PASSWORD)
    assert (page.status_code, shown(page)) == (429, "")
    assert int(page["Retry-After"]) > 0
    assert user.post(address(guarantee, more="sheet/"), PASSWORD).status_code == 429
    assert Event.objects.filter(verb="surety.key_refused", outcome="denied").count() == 7
    assert not Event.objects.filter(verb="surety.key_shown").exists()


def test_without_a_record_no_key(clock, shop: Shop, user: Person, monkeypatch: pytest.MonkeyPatch):
    guarantee = issued(shop)

    def broken(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("portal.audit.log.insert", broken)
    with pytest.raises(OSError, match="no space"):
        user.post(address(guarantee), PASSWORD)


def test_who_may_only_look_sees_no_key(clock, shop: Shop, contractor: Contractor, log_in: LogIn):
    guarantee = issued(shop)
    viewer = log_in("a-viewer", "surety.view", organisation=contractor.organisation)
    assert viewer.get(f"/surety/guarantees/{guarantee}/").status_code == 200
    for more in ("", "sheet/", "reissue/"):
        assert viewer.post(address(guarantee, more=more), PASSWORD).status_code == 403


def test_the_sheet_says_what_the_seed_has_and_is_stored_nowhere(clock, shop: Shop, user: Person, tmp_path: Path):
    guarantee = issued(shop)
    before = sorted(path.name for path in tmp_path.rglob("*.pdf"))
    answer = user.post(address(guarantee, more="sheet/"), PASSWORD)
    assert "%E8%AA%8D%E8%A8%BC%E3%82%AD%E3%83%BC_01261-000001" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    assert sorted(path.name for path in tmp_path.rglob("*.pdf")) == before
    (tmp_path / "sheet.pdf").write_bytes(answer.content)
    read = subprocess.run(["pdftotext", str(tmp_path / "sheet.pdf"), "-"], capture_output=True, text=True, check=True)
    text = re.sub(r"\s", "", read.stdout)
    for said in ("電子保証にかかる「認証キー」のお知らせ", "見本道路改良工事", "前払金保証", "01261-000001", "契約課"):
        assert said in text
    assert key_of(guarantee.current) in text
    (event,) = Event.objects.filter(verb="surety.key_sheet")
    assert event.detail == {"sequence": 1}
    assert Submission.objects.get().sheet_at == timezone.now()
    assert user.get(address(guarantee, more="sheet/")).status_code == 405


def test_the_key_of_an_older_version_is_marked_and_not_for_handing_in(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    shop.revise(guarantee, "change", amount=19_000_000)
    old, new = (user.post(address(guarantee, sequence), PASSWORD) for sequence in (1, 2))
    assert shown(old) != shown(new)
    assert "最新の証書は開けません" in words(old)
    assert "認証キーのお知らせ（PDF）をダウンロード" not in words(old)
    assert "認証キーのお知らせ（PDF）をダウンロード" in words(new)


# --- 再発行 ---------------------------------------------------------------------------


def opens(certificate: Certificate, text: str) -> bool:
    """Return True when a key opens the version now, as the body's page asks it."""
    alive = keys.alive(certificate)
    assert alive
    return vault.fits(bytes(alive.mac), alive.mac_by, text, keys.binding_of(alive))


def test_a_reissued_key_replaces_the_old_one_and_the_registration_stays(
    clock, shop: Shop, user: Person, admin: Person, city: Person
):
    guarantee = issued(shop)
    made = guarantee.current
    old = key_of(made)
    assert user.post(address(guarantee, more="reissue/"), {"reason": "漏えい", **PASSWORD}).status_code == 403
    assert admin.post(address(guarantee, more="reissue/"), {"reason": "", **PASSWORD}).status_code == 422
    assert admin.post(address(guarantee, more="reissue/"), {"reason": "漏えい"}).status_code == 422
    assert opens(made, old)
    Registration.objects.create(
        body=guarantee.body, certificate=made, registered_by=city.user, registered_at=timezone.now()
    )
    Submission.objects.update(state="registered")
    mail.outbox.clear()
    answer = admin.post(address(guarantee, more="reissue/"), {"reason": "漏えい", **PASSWORD})
    assert answer.status_code == 303
    new = shown(admin.post(address(guarantee)))
    assert (opens(made, old), opens(made, new)) == (False, True)
    assert [key.state for key in made.keys.order_by("generation")] == ["void", "valid"]
    assert Registration.objects.get().state == Submission.objects.get().state == "registered"
    drain()
    assert sorted(one.to[0] for one in mail.outbox) == ["contractor@a.example", "office@surety.example"]
    for one in mail.outbox:
        assert one.subject == f"認証キーの再発行（保証契約番号 {guarantee}）"
        assert not any(secret in one.body for secret in (old, new, grouped(new), "http"))


def test_what_was_sent_with_the_old_key_has_to_be_sent_again(clock, shop: Shop, admin: Person):
    guarantee = issued(shop)
    Submission.objects.update(state="sent", sent_at=timezone.now(), sheet_at=timezone.now())
    admin.post(address(guarantee, more="reissue/"), {"reason": "宛先の誤り", **PASSWORD})
    row = Submission.objects.get()
    assert (row.state, row.sent_at, row.sheet_at) == ("open", None, None)


def test_a_frozen_key_says_why_and_a_reissue_frees_it(clock, shop: Shop, user: Person, admin: Person):
    guarantee = issued(shop)
    AuthKey.objects.update(state="frozen")
    assert "誤った入力が続いたため停止しています" in words(user.get(address(guarantee)))
    admin.post(address(guarantee, more="reissue/"), {"reason": "停止", **PASSWORD})
    assert "停止しています" not in words(user.get(address(guarantee)))


def test_only_the_version_in_force_gets_a_new_key(clock, shop: Shop, admin: Person):
    guarantee = issued(shop)
    shop.revise(guarantee, "change", amount=19_000_000)
    assert admin.post(address(guarantee, more="reissue/"), {"reason": "漏えい", **PASSWORD}).status_code == 409
    assert AuthKey.objects.count() == 2


# --- In clear nowhere -----------------------------------------------------------------


def stored() -> str:
    """Return every value of every table as text, sessions opened."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else None
                    found.append(raw.decode("latin-1") if raw is not None else str(value))
    sessions = [str(row.get_decoded()) for row in Session.objects.order_by("pk")]
    return "\n".join([*found, *sessions])


def in_clear(secrets: list[str], text: str) -> set[str]:
    """Return those of the keys, bare or as shown, that stand in the text: one look at every place, however many."""
    wanted = {*secrets, *map(grouped, secrets)}
    windows = (text[place : place + length] for length in {*map(len, wanted)} for place in range(len(text)))
    return {window for window in windows if window in wanted}


def test_keys_that_were_shown_or_sent_are_in_clear_nowhere(
    clock, shop: Shop, user: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    guarantee = issued(shop)
    posted = {
        "action": "send",
        "mail-address": "keiyaku@body.example",
        "mail-subject": "認証キー",
        "mail-text": "添付のとおりです。",
        "mail-checked": "on",
        **PASSWORD,
    }
    secrets = []
    for place in range(KEYS):
        secrets.append(shown(user.post(address(guarantee), PASSWORD)))
        if place % (KEYS // 2) == 0:
            assert user.post(address(guarantee, more="sheet/"), PASSWORD).status_code == 200
            assert user.post(f"/surety/guarantees/{guarantee}/submit/1/", posted).status_code == 303
            drain()
        submissions.renew_key(Certificate.objects.get(), user.user, "試験")
    drain()
    assert len(set(secrets)) == KEYS
    assert sum(len(one.attachments) for one in mail.outbox) == 2
    mails = "\n".join(f"{one.subject}\n{one.body}\n{one.extra_headers}" for one in mail.outbox)
    logs = caplog.text + "".join(capfd.readouterr())
    files = "\n".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    names = "\n".join(str(path) for path in tmp_path.rglob("*"))
    everything = "\n".join([stored(), mails, logs, files, names])
    assert in_clear(secrets, everything) == set()
    Submission.objects.update(note=f"…{secrets[7]} {grouped(secrets[8])}")
    assert in_clear(secrets, stored()) == {secrets[7], grouped(secrets[8])}


# --- Outside keys ---------------------------------------------------------------------


def verified(capsys: pytest.CaptureFixture[str]) -> tuple[bool, int]:
    """Return what `verify_keys` answers: ok and how many faults; its exit status must say the same."""
    capsys.readouterr()
    status = 0
    try:
        call_command("verify_keys")
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = json.loads(capsys.readouterr().out)
    assert (status == 0) is said["ok"]
    return said["ok"], len(said["faults"])


def test_a_rotation_that_is_cut_short_leaves_every_key_readable_and_can_be_finished(
    clock, shop: Shop, user: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys
):
    guarantee = issued(shop)
    for _ in range(4):
        submissions.renew_key(Certificate.objects.get(), user.user, "試験")
    clear = key_of(guarantee.current)
    old = (settings.CERTIFICATE_KEY, settings.CERTIFICATE_PEPPER)
    settings.CERTIFICATE_KEY, settings.CERTIFICATE_PEPPER = "n" * 40, "p" * 40
    assert verified(capsys) == (False, 5)
    settings.CERTIFICATE_KEY_FALLBACKS, settings.CERTIFICATE_PEPPER_FALLBACKS = [old[0]], [old[1]]
    assert verified(capsys) == (True, 0)
    monkeypatch.setattr(keys, "BATCH", 2)
    rotation = keys.rotate()
    assert next(rotation) == (2, 3)
    rotation.close()
    assert verified(capsys) == (True, 0)
    assert shown(user.post(address(guarantee), PASSWORD)) == clear
    settings.CERTIFICATE_KEY_FALLBACKS, settings.CERTIFICATE_PEPPER_FALLBACKS = [], []
    assert verified(capsys) == (False, 3)
    settings.CERTIFICATE_KEY_FALLBACKS, settings.CERTIFICATE_PEPPER_FALLBACKS = [old[0]], [old[1]]
    call_command("rotate_keys")
    assert "done: 3 moved" in capsys.readouterr().out
    settings.CERTIFICATE_KEY_FALLBACKS, settings.CERTIFICATE_PEPPER_FALLBACKS = [], []
    assert verified(capsys) == (True, 0)
    assert opens(guarantee.current, clear)
    assert shown(user.post(address(guarantee), PASSWORD)) == clear


def test_a_key_moved_to_another_row_or_changed_is_found(clock, shop: Shop, capsys):
    issued(shop)
    issued(shop, "CTR", 5_000_000)
    first, second = AuthKey.objects.order_by("pk")
    AuthKey.objects.filter(pk=first.pk).update(sealed=second.sealed, wrapped=second.wrapped)
    assert verified(capsys) == (False, 1)
    AuthKey.objects.filter(pk=second.pk).update(mac=first.mac)
    assert verified(capsys) == (False, 2)
