"""A new 格付 shows what it would do before it does it, and does only what was shown."""

import re
from datetime import timedelta
from typing import Any

import pytest

from nexi_quota import services, tasks
from nexi_quota.enums import Product, Rating
from nexi_quota.models import Buyer, Confirmation, LedgerEntry, Quota
from portal.accounts.models import Organisation
from portal.audit.models import Event
from portal.outbox.models import Message
from tests.conftest import LogIn, Person
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.staff import ADMIN, buyer, today, words

pytestmark = pytest.mark.django_db
ADD = f"{ADMIN}/buyerrating/add/"


@pytest.fixture
def staff(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


def sends(staff: Person, rating: str, **more: Any) -> Any:
    return staff.post(ADD, {"buyer": buyer().pk, "rating": rating, "effective_from": today(), **more})


def shown(response: Any) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', response.content.decode())
    assert found, words(response)
    return found[1]


def rating_now() -> str:
    rated: Any = Buyer.objects.rated(today()).get(code="310-000001")
    return str(rated.rating_now)


def held() -> int:
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def test_the_effects_are_shown_before_anything_happens(
    staff: Person, ana: Exporter, cho: Exporter, exporter_b: Organisation
) -> None:
    ana.applies(contract_amount="200,000")
    first = Confirmation.objects.get()
    insured = insure(exporter_b, amount="100000", product=Product.INDIVIDUAL)
    page = words(sends(staff, "ER"))
    assert "新しい格付 ER" in page
    assert "使用不可になる確認 1件 個別保証枠に戻る額 30,000,000円" in page
    assert "残る確認 1件（15,000,000円）" in page
    assert f"{first.number} 株式会社輸出者Ａ" in page
    assert "株式会社輸出者Ａ（1件）" in page
    assert insured.confirmation
    assert f"{insured.confirmation.number} 株式会社輸出者Ｂ 保険引受済 15,000,000円" in page
    assert (rating_now(), held()) == ("EF", 45_000_000)
    assert not Event.objects.filter(verb="nexi.rating_set", actor_login="staff-nexi").exists()


def test_what_was_shown_is_done_and_the_insured_stay(staff: Person, ana: Exporter, exporter_b: Organisation) -> None:
    ana.applies(contract_amount="200,000")
    first = Confirmation.objects.get()
    insure(exporter_b, amount="100000")
    assert sends(staff, "ER", shown=shown(sends(staff, "ER"))).status_code == 302
    first.refresh_from_db()
    assert (rating_now(), first.state, held()) == ("ER", "unusable", 15_000_000)
    assert Message.objects.filter(topic="nexi.disabled", key=first.number).count() == 1


def test_a_confirmation_that_came_meanwhile_is_shown_first(staff: Person, ana: Exporter) -> None:
    digest = shown(sends(staff, "EB"))
    ana.applies()
    answer = sends(staff, "EB", shown=digest)
    assert answer.status_code == 409
    assert "確認または保険の状況が変わりました。まだ設定していません" in words(answer)
    assert "使用不可になる確認 1件" in words(answer)
    assert (rating_now(), held()) == ("EF", 60_000_000)
    assert sends(staff, "EB", shown=shown(answer)).status_code == 302
    assert (rating_now(), held()) == ("EB", 0)


def test_a_part_that_came_back_meanwhile_changes_what_was_shown(staff: Person, ana: Exporter) -> None:
    ana.applies()
    digest = shown(sends(staff, "ER"))
    Confirmation.objects.update(unused_jpy=59_000_000)
    assert sends(staff, "ER", shown=digest).status_code == 409
    assert rating_now() == "EF"


def test_another_rating_than_the_one_shown_is_not_set(staff: Person, ana: Exporter) -> None:
    ana.applies()
    harmless = shown(sends(staff, "EM"))
    assert sends(staff, "ER", shown=harmless).status_code == 409
    assert sends(staff, "ER", shown="").status_code == 409
    assert (rating_now(), held()) == ("EF", 60_000_000)


def test_a_rating_that_is_no_accident_ends_nothing(staff: Person, ana: Exporter) -> None:
    ana.applies()
    page = sends(staff, "EC")
    assert "使用不可になる確認はありません" in words(page)
    sends(staff, "EC", shown=shown(page))
    assert (rating_now(), held(), Confirmation.objects.get().state) == ("EC", 60_000_000, "valid")


def test_a_rating_of_a_later_day_shows_what_is_to_be_expected(staff: Person, ana: Exporter) -> None:
    ana.applies()
    day = today() + timedelta(days=2)
    page = sends(staff, "ER", effective_from=day)
    assert "適用日より前には何も変わりません" in words(page)
    assert "使用不可になる確認 1件" in words(page)
    assert sends(staff, "ER", effective_from=day, shown=shown(page)).status_code == 302
    assert (rating_now(), held()) == ("EF", 60_000_000)
    assert tasks.disable(day) == {"disabled": 1}
    assert held() == 0


def test_a_rating_that_a_later_one_has_overtaken_ends_nothing(staff: Person, ana: Exporter) -> None:
    ana.applies()
    services.set_rating(buyer(), Rating.EM, None, today() - timedelta(days=1))
    page = sends(staff, "ER", effective_from=today() - timedelta(days=10))
    assert "使用不可になる確認はありません" in words(page)
    sends(staff, "ER", effective_from=today() - timedelta(days=10), shown=shown(page))
    assert (rating_now(), held()) == ("EM", 60_000_000)


def test_a_form_with_errors_shows_them_and_no_effects(staff: Person) -> None:
    answer = sends(staff, "XX")
    assert answer.status_code == 200
    assert "格付の設定の確認" not in words(answer)


def test_who_may_not_set_a_rating_sees_no_effects(ana: Exporter, log_in: LogIn) -> None:
    operator = log_in("sysadmin", "system.admin", is_staff=True)
    assert sends(operator, "ER").status_code == 403
    assert rating_now() == "EF"


def test_the_ledger_of_a_rating_adds_up(staff: Person, ana: Exporter) -> None:
    ana.applies()
    sends(staff, "ER", shown=shown(sends(staff, "ER")))
    assert sum(LedgerEntry.objects.values_list("amount_jpy", flat=True)) == held() == 0
