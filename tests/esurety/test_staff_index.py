"""業務の選択 of the staff: one press to each queue of 電子保証."""

import re
from html import unescape

import pytest
from django.core.cache import cache

from esurety.models import Item
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
QUEUES = {"受付待ち": "applied", "審査": "review", "決裁": "checked", "発行": "concluded"}


def shortcuts(person: Person) -> dict[str, str]:
    """Return the addresses of the shortcuts by their words."""
    block = person.get("/admin/").content.decode().partition("電子保証：")[2].partition("</p>")[0]
    return {words: unescape(address) for address, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', block)}


def test_each_queue_is_one_press_away_and_shows_what_waits_there(clerk: Person, shop: Shop) -> None:
    found = shortcuts(clerk)
    assert list(found) == ["受付待ち", "審査", "決裁", "入金待ち", "発行"]
    for words, state in QUEUES.items():
        item = shop.item(work=f"{words}の工事")
        Item.objects.filter(pk=item.pk).update(state=state)
    for words in QUEUES:
        page = clerk.get(found[words]).content.decode()
        assert re.findall("<td[^>]*>([^<]+)の工事</td>", page) == [words]
    assert clerk.get(found["入金待ち"]).status_code == 200


def test_who_does_nothing_for_the_surety_company_sees_none(log_in: LogIn) -> None:
    assert shortcuts(log_in("system", "system.admin", is_staff=True)) == {}


def test_a_queue_costs_the_same_however_many_wait(clerk: Person, shop: Shop, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    address = shortcuts(clerk)["受付待ち"]
    for _ in range(5):
        shop.item()
    cache.clear()
    with django_assert_max_num_queries(14) as counted:
        clerk.get(address)
    for _ in range(5):
        shop.item()
    with django_assert_max_num_queries(len(counted)):
        clerk.get(address)
