"""保証料: the tables of every installation, the page 保証料計算, and new tables by 経理."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine

from esurety.models import FeeBand, FeeTable
from esurety.rules.fees import quote
from esurety.selectors.fees import table_on
from esurety.services.fees import load_fee_tables
from portal.accounts.models import Organisation

NOW = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tables(db):
    assert load_fee_tables() == 3


@pytest.fixture
def contractor(log_in):
    company = Organisation.objects.create(portal="surety", code="2000000001", name="株式会社架空建設")
    return log_in("surety-user", "surety.view", organisation=company)


@pytest.fixture
def accountant(log_in):
    return log_in("surety-fee", "surety.fee", is_staff=True)


def words(response):
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def calculated(person, **asked):
    return person.get("/surety/fees/simulate/", {"amount": "20,000,000", "product": "ADV", "online": "yes", **asked})


def test_f21_the_stored_tables_give_the_worked_examples(tables):
    assert quote(table_on("ADV", TODAY), 20_000_000, online=True).net == 63_700
    assert quote(table_on("CTR", TODAY), 24_000_000, online=True).net == 66_400
    assert quote(table_on("MID", TODAY), 9_700_000, online=True).net == 6_305
    assert load_fee_tables() == 0


def test_the_table_of_a_day_is_the_newest_that_applies(tables):
    new = FeeTable.objects.create(product="MID", valid_from=date(2026, 5, 12))
    FeeBand.objects.create(table=new, upper=None, ppm=700)
    assert quote(table_on("MID", TODAY), 10_000_000).gross == 6_500
    assert quote(table_on("MID", date(2026, 5, 12)), 10_000_000).gross == 7_000
    with pytest.raises(FeeTable.DoesNotExist):
        table_on("MID", date(2022, 5, 8))


def test_the_page_shows_band_lines_result_and_chart(tables, contractor):
    said = words(calculated(contractor))
    for expected in (
        "お支払額 63,700円",
        "インターネット割引 △200円",
        "3,000,000円を超え10,000,000円までの部分",
        "23,100",
    ):
        assert expected in said
    page = calculated(contractor).content.decode()
    assert page.count("<circle") == 6
    assert 'aria-label="保証金額とお支払額。2,000万円のとき63,700円、6,000万円のとき179,700円。"' in page
    assert "60,000,000 179,700" in said


def test_paper_has_no_discount_and_small_amounts_have_a_minimum(tables, contractor):
    assert "お支払額 63,900円" in words(calculated(contractor, online="no"))
    assert "1,000円（最低保証料）" in words(calculated(contractor, amount="25万"))
    assert "全額" in words(calculated(contractor, product="MID"))


def test_what_is_not_an_amount_is_said_and_kept(tables, contractor):
    answer = calculated(contractor, amount="約2000万")
    assert answer.status_code == 422
    assert 'value="約2000万"' in answer.content.decode()
    assert calculated(contractor, amount="0").status_code == 422


def test_without_a_table_the_page_says_whom_to_ask(db, contractor):
    assert "取扱箇所にお問い合わせください" in words(calculated(contractor))


def new_table(*bands, **changes):
    fields = {
        "product": "ADV",
        "valid_from": "2026-06-01",
        "minimum": "1000",
        "discount": "200",
        "discount_from": "3000000",
        "bands-TOTAL_FORMS": str(len(bands)),
        "bands-INITIAL_FORMS": "0",
    }
    for at, (upper, ppm) in enumerate(bands):
        fields |= {f"bands-{at}-upper": upper, f"bands-{at}-ppm": ppm}
    return {**fields, **changes}


def test_accountants_enter_a_table_for_days_to_come(tables, accountant):
    where = "/admin/esurety/feetable/add/"
    assert accountant.post(where, new_table(("10000000", "3500"), ("", "2500"))).status_code == 302
    assert quote(table_on("ADV", date(2026, 6, 1)), 20_000_000).gross == 60_000
    table = FeeTable.objects.get(valid_from=date(2026, 6, 1))
    kept = table.bands.order_by("pk")
    change = new_table(("10000000", "3500"), ("", "2500"), **{"bands-INITIAL_FORMS": "2"})
    change |= {"bands-0-id": kept[0].pk, "bands-1-id": kept[1].pk, "bands-0-table": table.pk, "bands-1-table": table.pk}
    change["bands-0-DELETE"] = "on"
    assert accountant.post(f"/admin/esurety/feetable/{table.pk}/change/", change).status_code == 302
    assert quote(table_on("ADV", date(2026, 6, 1)), 20_000_000).gross == 50_000


@pytest.mark.parametrize(
    ("bands", "changes", "words_of_it"),
    [
        ([("10000000", "3500")], {}, "上限のない区分"),
        ([("", "3500"), ("", "2500")], {}, "上限のない区分"),
        ([("10000000", "3500"), ("10000000", "3000"), ("", "2500")], {}, "重な"),
        ([("0", "3500"), ("", "2500")], {}, "1円以上"),
        ([], {}, "上限のない区分"),
        ([("", "2500")], {"valid_from": "2026-05-10"}, "適用開始日は今日以後"),
    ],
)
def test_gaps_overlaps_and_two_open_bands_are_refused(tables, accountant, bands, changes, words_of_it):
    answer = accountant.post("/admin/esurety/feetable/add/", new_table(*bands, **changes))
    assert answer.status_code == 200
    assert FeeTable.objects.count() == 3
    errors = [*answer.context["errors"]]
    assert any(words_of_it in str(error) for error in errors), errors


def test_a_table_in_force_stays_as_it_is(tables, accountant):
    table = FeeTable.objects.get(product="MID")
    where = f"/admin/esurety/feetable/{table.pk}/change/"
    assert accountant.get(where).status_code == 200
    assert accountant.post(where, new_table(("", "1"))).status_code == 403
    assert accountant.get(f"/admin/esurety/feetable/{table.pk}/delete/").status_code == 403


def test_the_list_of_tables_says_the_bands(tables, accountant):
    said = accountant.get("/admin/esurety/feetable/").content.decode()
    assert "全額 0.065%" in said
    assert "10,000,000円まで 0.30%" in said
