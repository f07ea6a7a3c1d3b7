"""The life of a quota (nexi.md 6.2): contracts and losses come by import, the night does the rest, each thing once."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ConfirmationState, ContractState, Rating
from nexi_quota.messages import text
from nexi_quota.models import Buyer, Confirmation, InsuranceContract, LedgerEntry, Quota
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.importing import CONTRACTS, LOSSES, POLICY, Loader, counts, days_ago, row
from tests.nexi_quota.notices import enters, notifies, settlement
from tests.support.checker import quota_faults

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]


@pytest.fixture
def load(tmp_path: Path, masters: None) -> Loader:
    return Loader(tmp_path)


@pytest.fixture
def night(mailoutbox: Mails) -> Callable[[date], dict[str, Any]]:
    """Return a function that runs every nightly job of a day and sends what is to be sent; what was done by job."""

    def night(day: date) -> dict[str, Any]:
        out = StringIO()
        call_command("nightly", "--date", f"{day}", stdout=out)
        drain()
        assert list(quota_faults()) == []
        return {name: job["result"] for name, job in json.loads(out.getvalue())["jobs"].items()}

    return night


Night = Callable[[date], dict[str, Any]]


@pytest.fixture
def confirmed(ana: Exporter) -> Confirmation:
    """60,000,000 yen held by Alice until 保証枠有効期限, for 設備財; its mail and its paper are not waited for."""
    ana.applies()
    Message.objects.all().delete()
    return Confirmation.objects.get()


@pytest.fixture
def unpaid(load: Loader, ana: Exporter) -> InsuranceContract:
    """A contract of Alice's whose 決済期限 was 61 days ago."""
    assert load(CONTRACTS, row(concluded=200, shipped=180, due=61))["ok"]
    return InsuranceContract.objects.get()


def today() -> date:
    return timezone.localdate()


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def uses(confirmation: Confirmation, **changes: Any) -> str:
    """Return the row of an insurance on a 確認 of 設備財."""
    return row(product="03", confirmation=confirmation.number, concluded=0, shipped=0, due=-90, **changes)


# --- 自動解放 -------------------------------------------------------------------


def test_scenario_17_61_days_after_the_due_date_the_quota_comes_back_once(
    unpaid: InsuranceContract, night: Night, mailoutbox: Mails
) -> None:
    assert held() == 60_000_000
    assert night(today())["nexi.auto_release"] == {"released": 1}
    unpaid.refresh_from_db()
    assert (held(), unpaid.state) == (0, ContractState.AUTO_RELEASED)
    assert Confirmation.objects.get().state == ConfirmationState.AUTO_RELEASED
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.kind, entry.amount_jpy, entry.contract, entry.actor) == ("auto_release", -60_000_000, unpaid, None)
    assert [mail.subject for mail in mailoutbox if "自動解放" in mail.subject] == [
        f"自動解放のお知らせ（保険証券番号 {unpaid.number}）"
    ]
    rows, sent = LedgerEntry.objects.count(), len(mailoutbox)
    for later in (0, 1, 30):
        assert night(today() + timedelta(days=later))["nexi.auto_release"] == {"released": 0}
    assert (LedgerEntry.objects.count(), len(mailoutbox)) == (rows, sent)
    assert Event.objects.filter(verb="nexi.auto_released", target=unpaid.number).count() == 1


def test_a_night_earlier_it_is_still_held(unpaid: InsuranceContract, night: Night) -> None:
    assert night(today() - timedelta(days=1))["nexi.auto_release"] == {"released": 0}
    assert held() == 60_000_000


def test_scenario_17_with_a_loss_notice_it_stays_frozen_and_takes_no_notice(
    load: Loader, unpaid: InsuranceContract, ana: Exporter, night: Night
) -> None:
    assert counts(load(LOSSES, f"{POLICY},00,{days_ago(30)}")) == (0, 1, 0, 0)
    assert night(today() + timedelta(days=400))["nexi.auto_release"] == {"released": 0}
    unpaid.refresh_from_db()
    assert (held(), unpaid.state) == (60_000_000, ContractState.LOSS)
    refused = enters(ana, settlement(unpaid))
    assert refused.status == 422
    assert text("M-N07") in refused.text
    assert held() == 60_000_000


def test_a_loss_of_one_branch_freezes_the_quota_that_the_others_use(
    load: Loader, ana: Exporter, confirmed: Confirmation, night: Night, mailoutbox: Mails
) -> None:
    both = [uses(confirmed, branch=branch, amount="200000") for branch in ("00", "01")]
    assert counts(load(CONTRACTS, *both)) == (2, 0, 0, 0)
    assert counts(load(LOSSES, f"{POLICY},00,{today()}")) == (0, 1, 0, 0)
    other = InsuranceContract.objects.get(branch="01")
    refused = enters(ana, settlement(other))
    assert (refused.status, text("M-N07") in refused.text) == (422, True)
    assert night(today() + timedelta(days=400))["nexi.auto_release"] == {"released": 0}
    other.refresh_from_db()
    assert (held(), other.state) == (60_000_000, ContractState.OPEN)
    Message.objects.all().delete()
    night(other.due_on + timedelta(days=1))
    (mail,) = (mail for mail in mailoutbox if other.number in mail.subject)
    assert "この保険契約の決済通知は行えません" in mail.body
    assert "早く解放されます" not in mail.body
    # Its own loss is a duty of its own.
    assert counts(load(LOSSES, f"{POLICY},01,{today()}")) == (0, 1, 0, 0)
    other.refresh_from_db()
    assert (held(), other.state) == (60_000_000, ContractState.LOSS)


def test_what_was_settled_in_part_gives_back_exactly_the_rest(
    unpaid: InsuranceContract, ana: Exporter, night: Night
) -> None:
    notifies(ana, settlement(unpaid, extent="part", settled_amount="123,456.78", manner="04"))
    assert held() == 60_000_000 - 18_518_517
    Message.objects.all().delete()
    night(today())
    assert held() == 0
    assert list(LedgerEntry.objects.order_by("pk").values_list("amount_jpy", flat=True))[2:] == [
        -18_518_517,
        -41_481_483,
    ]


def test_a_contract_without_a_quota_ends_without_touching_any(load: Loader, ana: Exporter, night: Night) -> None:
    load(CONTRACTS, row(payer="304-000006", concluded=200, shipped=180, due=61))
    assert night(today())["nexi.auto_release"] == {"released": 1}
    assert InsuranceContract.objects.get().state == ContractState.AUTO_RELEASED
    assert not LedgerEntry.objects.exists()


def test_while_one_branch_is_open_the_others_free_their_own_part_only(
    load: Loader, confirmed: Confirmation, night: Night
) -> None:
    assert load(CONTRACTS, uses(confirmed, amount="300000"), uses(confirmed, branch="01", amount="100000"))["ok"]
    due = today() + timedelta(days=90)
    InsuranceContract.objects.filter(branch="01").update(due_on=due + timedelta(days=10))
    assert night(due + timedelta(days=61))["nexi.auto_release"] == {"released": 1}
    assert held() == 15_000_000
    assert night(due + timedelta(days=71))["nexi.auto_release"] == {"released": 1}
    assert held() == 0
    confirmed.refresh_from_db()
    assert confirmed.state == ConfirmationState.AUTO_RELEASED


# --- 失効 ----------------------------------------------------------------------


def test_an_insured_confirmation_outlives_its_validity(load: Loader, confirmed: Confirmation, night: Night) -> None:
    assert load(CONTRACTS, uses(confirmed))["ok"]
    done = night(confirmed.expires_on + timedelta(days=1))
    assert done["nexi.expire"] == {"expired": 0}
    confirmed.refresh_from_db()
    assert (confirmed.state, held()) == (ConfirmationState.INSURED, 60_000_000)


def test_an_unused_one_expires_once_and_tells_its_contact(
    confirmed: Confirmation, night: Night, mailoutbox: Mails
) -> None:
    day = confirmed.expires_on + timedelta(days=1)
    assert [night(day)["nexi.expire"], night(day)["nexi.expire"]] == [{"expired": 1}, {"expired": 0}]
    assert held() == 0
    assert [mail.subject for mail in mailoutbox] == [
        f"個別保証枠確認の有効期限の経過（確認管理番号 {confirmed.number}）"
    ]
    assert Event.objects.filter(verb="nexi.expired", target=confirmed.number).count() == 1


# --- Ratings --------------------------------------------------------------------


@pytest.mark.parametrize("rating", [Rating.ER, Rating.EB])
def test_an_accident_rating_ends_what_is_unused_and_leaves_what_is_insured(
    load: Loader, ana: Exporter, confirmed: Confirmation, night: Night, mailoutbox: Mails, rating: Rating
) -> None:
    load(CONTRACTS, row(amount="100000"))
    insured = Confirmation.objects.exclude(pk=confirmed.pk).get()
    tomorrow = today() + timedelta(days=1)
    rated = load("海外商社コード,格付,格付適用日", f"310-000001,{rating.value},{tomorrow}")
    assert counts(rated) == (1, 0, 0, 0)
    assert (night(today())["nexi.disable"], held()) == ({"disabled": 0}, 75_000_000)
    assert (night(tomorrow)["nexi.disable"], held()) == ({"disabled": 1}, 15_000_000)
    assert night(tomorrow)["nexi.disable"] == {"disabled": 0}
    confirmed.refresh_from_db()
    insured.refresh_from_db()
    assert (confirmed.state, insured.state) == (ConfirmationState.UNUSABLE, ConfirmationState.INSURED)
    (mail,) = [mail for mail in mailoutbox if "使用不可" in mail.subject]
    assert mail.to == ["alice@a.example"]
    assert f"確認管理番号{confirmed.number}の個別保証枠は使用できなくなりました" in mail.body
    assert Event.objects.filter(verb="nexi.disabled").count() == 1


def test_the_mail_names_the_new_rating(confirmed: Confirmation, night: Night, mailoutbox: Mails) -> None:
    services.set_rating(Buyer.objects.get(code="310-000001"), Rating.ER, None, today())
    night(today())
    (mail,) = [mail for mail in mailoutbox if "使用不可" in mail.subject]
    assert text("M-R05", 格付="ER", 番号=confirmed.number) in mail.body


def test_a_rating_of_ec_leaves_everything_usable(confirmed: Confirmation, night: Night) -> None:
    services.set_rating(Buyer.objects.get(code="310-000001"), Rating.EC, None, today())
    assert night(today())["nexi.disable"] == {"disabled": 0}
    confirmed.refresh_from_db()
    assert (confirmed.state, held()) == (ConfirmationState.VALID, 60_000_000)


# --- All of it in one night -----------------------------------------------------------


def test_one_night_does_everything_that_some_nights_without_a_run_have_left(
    load: Loader, ana: Exporter, confirmed: Confirmation, night: Night
) -> None:
    load(CONTRACTS, row(amount="100000", concluded=30, shipped=20, due=10))
    services.set_rating(Buyer.objects.get(code="310-000002"), Rating.EB, None, today() + timedelta(days=20))
    ana.applies(payer_code="310-000002", counterparty_code="310-000002", product="01", special_reason="01")
    Message.objects.all().delete()
    assert Quota.objects.get(buyer__code="310-000002").held_jpy == 60_000_000
    day = confirmed.expires_on + timedelta(days=30)
    done = night(day)
    # What has expired needs no other reason to end.
    assert (done["nexi.expire"], done["nexi.auto_release"]) == ({"expired": 2}, {"released": 1})
    assert sum(Quota.objects.values_list("held_jpy", flat=True)) == 0
    before = list(LedgerEntry.objects.order_by("pk").values())
    again = night(day)
    assert [again[name] for name in ("nexi.expire", "nexi.auto_release", "nexi.disable")] == [
        {"expired": 0},
        {"released": 0},
        {"disabled": 0},
    ]
    assert list(LedgerEntry.objects.order_by("pk").values()) == before
