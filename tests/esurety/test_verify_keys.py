"""認証キー: one answer to whatever is wrong, pauses, the stop of a key, and no key anywhere it could be found."""

import json
import re
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from esurety.enums import KeyState
from esurety.models import AuthKey, Body, Guarantee, Registration
from esurety.services import issuing, keys
from esurety.services.registering import ADDRESS, ADDRESS_HOUR, FREEZE_AFTER, ORGANISATION_DAY, SYSTEM, SYSTEM_HOUR
from esurety.views import verify
from portal.accounts import limiter
from portal.accounts.models import Limit
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.models import Message
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.test_verify import enters, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

NEUTRAL = "保証契約番号または認証キーが正しくありません。お手元の「認証キーのお知らせ」をご確認ください。"
WRONG = "Zz23456789ab"
TOKENS = re.compile(rb'name="csrf-?(?:middleware)?token" (?:value|content)="[^"]+"')


def anonymous(response: HttpResponse, *typed: str) -> bytes:
    """Return the page without what differs for the same reason: the token of the form, and what was typed."""
    content = TOKENS.sub(b"", response.content)
    for text in typed:
        content = content.replace(f'value="{text}"'.encode(), b"")
    return content


def outcomes() -> Counter[str]:
    """Count what the log says of the refusals."""
    events = Event.objects.filter(verb__in=["verify.tried", "verify.foreign"]).order_by("pk")
    return Counter(events.values_list("outcome", flat=True))


@pytest.fixture
def guarantee(clock: time_machine.Traveller, shop: Shop) -> Guarantee:
    return shop.guarantee()


@pytest.fixture
def colleague(log_in: LogIn, body_a: Body) -> Person:
    return log_in("body-a-2", "verify.user", organisation=body_a.organisation)


def test_every_refusal_has_one_answer_of_equal_bytes_by_the_same_statements(
    city: Person, prefecture: Person, colleague: Person, guarantee: Guarantee, shop: Shop
) -> None:
    """Wrong number, wrong key, another body's, a locked pair, a frozen key, a void one, one on its way, nonsense."""
    number, key = f"{guarantee}", key_of(guarantee.current)
    second = shop.guarantee("MID", 10_000_000)
    void = key_of(second.current)
    keys.reissue(second.current, shop.person("a-admin"), "漏えい")
    third = shop.guarantee("ADV", 1_000_000)
    AuthKey.objects.filter(certificate=third.current).update(state=KeyState.FROZEN)
    issuing.issue(shop.concluded("CTR", 5_000_000), shop.person("approver"))
    pending = Guarantee.objects.get(product="CTR")
    pending_key = key_of(pending.certificates.get())
    for _ in range(5):
        enters(colleague, number, WRONG)

    tries = {
        "unknown number": (city, "01261-999999", WRONG),
        "wrong key": (city, number, WRONG),
        "another body's": (prefecture, number, key),
        "locked": (colleague, number, key),
        "on its way": (city, f"{pending}", pending_key),
        "void": (city, f"{second}", void),
        "frozen": (city, f"{third}", key_of(third.current)),
        "nonsense": (city, "x" * 12, "y" * 12),
    }
    found, statements = {}, {}
    for name, (person, typed_number, typed_key) in tries.items():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = enters(person, typed_number, typed_key)
        assert response.status_code == 422
        assert NEUTRAL in words(response)
        names = (person.user.name.encode(), person.user.organisation.name.encode())
        found[name] = anonymous(response, typed_number, typed_key)
        for private in names:
            found[name] = found[name].replace(private, b"")
        statements[name] = [re.sub(r"'[^']*'|\d+", "", query["sql"])[:60] for query in captured]
    assert set(found.values()) == {found["wrong key"]}
    assert {name: len(each) for name, each in statements.items()} == dict.fromkeys(tries, len(statements["wrong key"]))
    assert outcomes() == {"wrong": 5 + 4, "foreign": 1, "locked": 1, "void": 1, "frozen": 1}
    assert not Registration.objects.exists()


def test_f17_five_wrong_keys_pause_the_pair_and_longer_each_time(
    city: Person, colleague: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    number, key = f"{guarantee}", key_of(guarantee.current)
    for _ in range(5):
        enters(city, number, WRONG)
    assert enters(city, number, key).status_code == 422
    assert outcomes() == {"wrong": 5, "locked": 1}
    clock.shift(timedelta(minutes=15, seconds=1))
    for _ in range(5):
        enters(city, number, WRONG)
    clock.shift(timedelta(minutes=15, seconds=1))
    assert enters(city, number, key).status_code == 422
    clock.shift(timedelta(minutes=15))
    city.force_login(city.user)
    assert enters(city, number, key).status_code == 303


def test_one_persons_pause_is_nobody_elses(city: Person, colleague: Person, guarantee: Guarantee) -> None:
    for _ in range(6):
        enters(colleague, f"{guarantee}", WRONG)
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303


def test_keys_that_fit_do_not_count(city: Person, guarantee: Guarantee) -> None:
    for _ in range(ORGANISATION_DAY + 1):
        assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303
    assert Registration.objects.count() == 1


def test_an_organisation_has_thirty_failures_a_day(
    city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    for place in range(ORGANISATION_DAY):
        enters(city, f"0126100{place:04d}", WRONG)
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 422
    assert outcomes()["locked"] == 1
    clock.shift(timedelta(days=1, seconds=1))
    city.force_login(city.user)
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303


@pytest.mark.parametrize(("name", "key", "most"), [(ADDRESS, "127.0.0.1", ADDRESS_HOUR), (SYSTEM, "", SYSTEM_HOUR)])
def test_too_many_failures_of_an_address_or_of_all_slow_the_refusals_down(
    city: Person, guarantee: Guarantee, monkeypatch: pytest.MonkeyPatch, name: str, key: str, most: int
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    key = limiter.network(key) if key else key
    limiter.take(name, key, most, 3600)
    Limit.objects.filter(name=name).update(tries=most - 1)
    enters(city, "01261-999999", WRONG)
    assert waited == []
    enters(city, "01261-999998", WRONG)
    assert waited == [verify.SLOW_SECONDS]
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303
    assert len(waited) == 1


def test_when_everybody_fails_too_often_the_clerks_are_told_once(
    city: Person, clerk: Person, guarantee: Guarantee, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.user.email = "clerk@surety.example"
    clerk.user.save()
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    limiter.take(SYSTEM, "", SYSTEM_HOUR, 3600)
    Limit.objects.filter(name=SYSTEM).update(tries=SYSTEM_HOUR - 2)
    mail.outbox.clear()
    for place in range(4):
        enters(city, f"0126100{place:04d}", WRONG)
    drain()
    assert [message.to for message in mail.outbox] == [["clerk@surety.example"]]
    assert "認証キーの誤りが600回" in mail.outbox[0].body


def test_f18_a_key_of_another_bodys_certificate_is_refused_and_the_office_is_told(
    prefecture: Person, guarantee: Guarantee
) -> None:
    mail.outbox.clear()
    assert NEUTRAL in words(enters(prefecture, f"{guarantee}", key_of(guarantee.current)))
    drain()
    (message,) = mail.outbox
    assert message.to == ["office@surety.example"]
    assert "ほかの発注者あての電子証書の認証キーが入力されました" in message.body
    assert "例示県" in message.body
    event = Event.objects.get(verb="verify.foreign")
    assert (event.target, event.actor_login) == (guarantee.number, "body-b")


def fails(person: Person, guarantee: Guarantee, times: int, clock: time_machine.Traveller) -> None:
    """Fail as often as that at one number."""
    for _ in range(times):
        enters(person, f"{guarantee}", WRONG)
    drain()


def test_twenty_failures_of_the_bodys_own_people_stop_the_key_until_a_clerk_lifts_it(
    city: Person, clerk: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    key = AuthKey.objects.get()
    mail.outbox.clear()
    fails(city, guarantee, FREEZE_AFTER - 1, clock)
    assert not AuthKey.objects.filter(state=KeyState.FROZEN).exists()
    fails(city, guarantee, 2, clock)
    assert AuthKey.objects.get().state == KeyState.FROZEN
    assert {message.to[0] for message in mail.outbox} == {"contractor@a.example", "office@surety.example"}
    assert Event.objects.filter(verb="verify.frozen", target=guarantee.number).count() == 1

    address = f"/admin/esurety/authkey/{key.pk}/change/"
    page = clerk.get(address).content.decode()
    assert "停止" in page
    assert key_of(guarantee.current) not in page
    assert clerk.post(address, {"reason": ""}).status_code == 200
    assert AuthKey.objects.get().state == KeyState.FROZEN
    assert clerk.post(address, {"reason": "契約課に電話で確認"}).status_code == 302
    assert AuthKey.objects.get().state == KeyState.VALID
    assert Event.objects.get(verb="verify.unlocked").detail["reason"] == "契約課に電話で確認"
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303


def test_c2_strangers_cannot_stop_a_key(
    prefecture: Person, city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    fails(prefecture, guarantee, FREEZE_AFTER + 5, clock)
    assert AuthKey.objects.get().state == KeyState.VALID
    assert enters(city, f"{guarantee}", key_of(guarantee.current)).status_code == 303


def test_a_reissued_key_replaces_the_old_one_and_what_was_registered_stays(
    city: Person, guarantee: Guarantee, shop: Shop
) -> None:
    made = guarantee.current
    old = key_of(made)
    path = enters(city, f"{guarantee}", old)["Location"]
    keys.reissue(made, shop.person("a-admin"), "漏えい")
    assert enters(city, f"{guarantee}", old).status_code == 422
    assert city.get(path).status_code == 200
    assert enters(city, f"{guarantee}", key_of(made))["Location"] == path


def test_a_key_is_found_nowhere_after_it_was_entered_right_wrong_and_in_the_wrong_field(
    city: Person, prefecture: Person, guarantee: Guarantee, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_of(guarantee.current)
    path = enters(city, f"{guarantee}", key)["Location"]
    enters(prefecture, f"{guarantee}", key)
    enters(city, key, f"{guarantee}")
    city.get(path)
    drain()
    stores = [json.dumps(list(model.objects.values()), default=str) for model in (Event, Message, Registration, Limit)]
    stores += [path, caplog.text, *(message.subject + message.body for message in mail.outbox)]
    for store in stores:
        assert key not in store
        assert key[::-1] not in store
