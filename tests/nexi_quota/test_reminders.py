"""Mails of the night: what expires, what is overdue, what was released by itself; each once, whatever was missed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ContractOrigin, ContractState, Product
from nexi_quota.messages import text
from nexi_quota.models import Confirmation, InsuranceContract
from portal.accounts.models import Organisation
from portal.common.eras import seireki
from portal.outbox import drain, nightly
from portal.outbox.models import Message, State
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.notices import chosen, from_list, notifies

pytestmark = pytest.mark.django_db
LABELS = ("確認管理番号", "保険証券番号")
Mails = list[EmailMessage]
Night = Callable[[date], Mails]


@pytest.fixture
def night(mailoutbox: Mails) -> Night:
    """Return a function that runs the reminders of a day and gives the mails that this has sent."""

    def night(day: date) -> Mails:
        sent = len(mailoutbox)
        nightly.run_job("nexi.remind", day)
        drain()
        return mailoutbox[sent:]

    return night


@pytest.fixture
def confirmed(ana: Exporter, mailoutbox: Mails) -> Confirmation:
    """A 確認 of today; the mail about it and its paper are none of these tests' business."""
    ana.applies(reference="ref-7")
    Message.objects.all().delete()
    return Confirmation.objects.get()


def overdue_on(contract: InsuranceContract, days: int) -> date:
    return contract.due_on + timedelta(days=days)


# --- 保証枠有効期限 -----------------------------------------------------------------------------


def test_14_and_3_days_before_expiry_the_contact_gets_a_mail(night: Night, confirmed: Confirmation) -> None:
    sent = {days: night(confirmed.expires_on - timedelta(days=days)) for days in range(20, -2, -1)}
    assert [days for days, mails in sent.items() if mails] == [14, 3]
    (mail,) = sent[14]
    assert mail.to == ["alice@a.example"]
    assert "有栖川花子 様" in mail.body
    assert confirmed.number in mail.subject
    assert "あと14日" in mail.subject
    assert seireki(confirmed.expires_on) in mail.body
    assert "ref-7" in mail.body
    assert "枠戻通知" in mail.body
    assert "あと3日" in sent[3][0].subject


def test_no_mail_has_a_link_or_figures(night: Night, confirmed: Confirmation, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, "310-000002")
    mails = night(confirmed.expires_on - timedelta(days=14)) + night(overdue_on(contract, 1))
    assert set(LABELS) == {label for mail in mails for label in LABELS if f"{label}：" in mail.body}
    for mail in mails:
        for forbidden in ("http", "/nexi/", "USD", "400,000", "60,000,000"):
            assert forbidden not in mail.body


def test_the_same_night_twice_and_the_nights_between_send_nothing_more(night: Night, confirmed: Confirmation) -> None:
    first = confirmed.expires_on - timedelta(days=14)
    assert len(night(first)) == 1
    assert night(first) == night(first + timedelta(days=1)) == night(first + timedelta(days=10)) == []


def test_a_missed_night_is_caught_up_with_the_days_that_are_left(night: Night, confirmed: Confirmation) -> None:
    assert "あと11日" in night(confirmed.expires_on - timedelta(days=11))[0].subject
    assert "あと1日" in night(confirmed.expires_on - timedelta(days=1))[0].subject
    assert night(confirmed.expires_on) == []


def test_after_long_silence_only_the_nearer_reminder_is_sent(night: Night, confirmed: Confirmation) -> None:
    (mail,) = night(confirmed.expires_on)
    assert "今日まで" in mail.subject
    assert night(confirmed.expires_on) == []
    assert night(confirmed.expires_on + timedelta(days=1)) == []


def test_quota_that_was_returned_is_not_reminded_of(ana: Exporter, night: Night, confirmed: Confirmation) -> None:
    notifies(ana, chosen(confirmed), from_list(confirmed))
    Message.objects.all().delete()
    assert night(confirmed.expires_on - timedelta(days=14)) == []


def test_quota_returned_between_the_night_and_the_mail_is_not_reminded_of(
    ana: Exporter, confirmed: Confirmation, mailoutbox: Mails
) -> None:
    nightly.run_job("nexi.remind", confirmed.expires_on - timedelta(days=14))
    notifies(ana, chosen(confirmed), from_list(confirmed))
    Message.objects.filter(topic="nexi.notified").delete()
    drain()
    assert mailoutbox == []


# --- 決済期限 -----------------------------------------------------------------------------------


def test_the_day_after_the_due_date_the_duty_is_named_once(
    ana: Exporter, night: Night, exporter_a: Organisation
) -> None:
    contract = insure(exporter_a, reference="ref-8")
    sent = {days: night(overdue_on(contract, days)) for days in range(-3, 60)}
    assert [days for days, mails in sent.items() if mails] == [1]
    (mail,) = sent[1]
    assert contract.number in mail.subject
    for words in (text("M-N09"), seireki(contract.due_on), seireki(overdue_on(contract, 45)), "ref-8"):
        assert words in mail.body


def test_a_missed_night_after_the_due_date_is_caught_up(ana: Exporter, night: Night, exporter_a: Organisation) -> None:
    contract = insure(exporter_a)
    assert len(night(overdue_on(contract, 4))) == 1
    assert night(overdue_on(contract, 5)) == []


def test_paper_contracts_are_reminded_of_too(ana: Exporter, night: Night, exporter_a: Organisation) -> None:
    contract = insure(exporter_a, product=Product.EQUIPMENT, origin=ContractOrigin.PAPER)
    assert len(night(overdue_on(contract, 1))) == 1


def test_what_is_settled_in_time_is_not_reminded_of(ana: Exporter, night: Night, exporter_a: Organisation) -> None:
    contract = insure(exporter_a)
    notifies(ana, chosen(contract), from_list(contract))
    Message.objects.all().delete()
    assert night(overdue_on(contract, 1)) == []


def test_a_due_date_that_was_moved_is_reminded_of_anew(ana: Exporter, night: Night, exporter_a: Organisation) -> None:
    contract = insure(exporter_a)
    assert len(night(overdue_on(contract, 1))) == 1
    InsuranceContract.objects.update(due_on=overdue_on(contract, 30))
    assert night(overdue_on(contract, 10)) == []
    assert len(night(overdue_on(contract, 31))) == 1


# --- Who gets it --------------------------------------------------------------------------------


def test_a_contract_on_a_confirmation_goes_to_the_contact_of_its_application(
    night: Night, confirmed: Confirmation, exporter_a: Organisation, log_in: LogIn
) -> None:
    log_in("boss", "nexi.admin", organisation=exporter_a, email="boss@a.example")
    Confirmation.objects.update(expires_on=timezone.localdate() + timedelta(days=200))
    contract = insure(exporter_a, product=Product.EQUIPMENT, confirmation=confirmed)
    (mail,) = night(overdue_on(contract, 1))
    assert mail.to == ["alice@a.example"]


def test_automatic_quota_goes_to_everybody_who_may_apply_and_has_an_address(
    ana: Exporter, ben: Exporter, cho: Exporter, night: Night, exporter_a: Organisation, log_in: LogIn
) -> None:
    log_in("boss", "nexi.admin", organisation=exporter_a, name="役員", email="boss@a.example")
    log_in("silent", "nexi.apply", organisation=exporter_a)
    log_in("viewer", "nexi.view", organisation=exporter_a, email="viewer@a.example")
    left = log_in("left", "nexi.apply", organisation=exporter_a, email="left@a.example")
    left.user.is_active = False
    left.user.save()
    contract = insure(exporter_a)
    mails = night(overdue_on(contract, 1))
    assert sorted(mail.to[0] for mail in mails) == ["alice@a.example", "boss@a.example"]
    assert night(overdue_on(contract, 1)) == []


# --- 自動解放 -----------------------------------------------------------------------------------


def test_an_automatic_release_is_told_once(ana: Exporter, exporter_a: Organisation, mailoutbox: Mails) -> None:
    today = timezone.localdate()
    contract = insure(
        exporter_a, shipped_on=today - timedelta(days=200), due_on=today - timedelta(days=61), reference="ref-9"
    )
    for _ in range(2):
        services.auto_release(today)
        drain()
    contract.refresh_from_db()
    assert contract.state == ContractState.AUTO_RELEASED
    (mail,) = [mail for mail in mailoutbox if "自動解放" in mail.subject]
    assert mail.to == ["alice@a.example"]
    for words in (contract.number, "60日", "自動的に解放", seireki(contract.due_on), "ref-9"):
        assert words in mail.body
    assert "http" not in mail.body
    assert not Message.objects.exclude(state=State.DONE).exists()
