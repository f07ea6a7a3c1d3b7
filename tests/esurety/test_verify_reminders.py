"""受領・差戻しのお願い: a body is asked once a version after three business days, and its list says so (8.6)."""

from datetime import date

import pytest
import time_machine
from django.core import mail

from esurety.models import Certificate, Guarantee, Registration
from esurety.services import receiving
from portal.outbox import drain
from portal.outbox.nightly import run_job
from tests.conftest import Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.issued import issued
from tests.esurety.test_verify import registers, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]
LIST = "/verify/certificates/"


@pytest.fixture
def guarantee(clock: time_machine.Traveller, shop: Shop, city: Person) -> Guarantee:
    """A guarantee of Friday 20 November 2026; Monday 23 is a holiday."""
    city.user.email = "keiyaku@body.example"
    city.user.save()
    return issued(shop)


def comes_back(*people: Person) -> None:
    """Log in again after days, when the sessions have ended."""
    for person in people:
        person.logout()
        person.force_login(person.user)


def asked() -> list[str]:
    drain()
    found = [one.subject for one in mail.outbox if one.to == ["keiyaku@body.example"]]
    mail.outbox.clear()
    return found


def test_what_waits_for_three_business_days_is_asked_for_once(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    asked()
    assert run_job("esurety.receive", date(2026, 11, 25)) == {"reminded": 0}
    assert run_job("esurety.receive", date(2026, 11, 26)) == {"reminded": 1}
    assert receiving.remind(date(2026, 11, 26)) == receiving.remind(date(2026, 12, 10)) == 0
    drain()
    (sent,) = (one for one in mail.outbox if one.to == ["keiyaku@body.example"])
    assert sent.subject == f"電子証書の受領・差戻しのお願い（保証契約番号 {guarantee}）"
    assert "登録日：2026/11/20" in sent.body
    assert key_of(guarantee.current) not in sent.body
    assert "http" not in sent.body
    # Returned and registered again: the same version is not asked for a second time.
    city.post(f"{path}return/", {"reason": "工事名が違います"})
    registers(city, guarantee.current)
    assert receiving.remind(date(2026, 12, 10)) == 0


def test_what_was_registered_on_a_day_off_counts_from_the_next_business_day(
    city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    clock.move_to("2026-11-22T10:00:00+09:00")
    comes_back(city)
    registers(city, guarantee.current)
    assert receiving.remind(date(2026, 11, 25)) == 0
    assert receiving.remind(date(2026, 11, 26)) == 1


def test_what_was_decided_or_replaced_is_not_asked_for(
    city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    path = registers(city, guarantee.current)
    for state in ("superseded", "corrected", "withdrawn", "cancelled"):
        Certificate.objects.update(state=state)
        assert receiving.remind(date(2026, 12, 1)) == 0
    Certificate.objects.update(state="issued")
    clock.move_to("2026-12-01T10:00:00+09:00")
    assert receiving.remind(date(2026, 12, 1)) == 1
    comes_back(city)
    city.post(f"{path}accept/")  # before the job runs
    assert asked() == []


def test_the_list_says_what_is_late_and_only_to_its_own_body(
    city: Person, prefecture: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    path = registers(city, guarantee.current)
    late = "登録から3営業日が過ぎ、受領・差戻しがまだの証書が1件あります"
    assert late not in words(city.get(LIST))
    clock.move_to("2026-11-26T10:00:00+09:00")
    comes_back(city, prefecture)
    assert late in words(city.get(LIST))
    assert "未確認（3営業日経過）" in words(city.get(LIST))
    assert late not in words(prefecture.get(LIST))
    city.post(f"{path}accept/")
    assert late not in words(city.get(LIST))
    assert Registration.objects.get().reminded_at is None
