"""The staff pages for masters and quotas, through their addresses."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import BranchKind, Rating
from nexi_quota.models import (
    Buyer,
    BuyerRating,
    Confirmation,
    Country,
    CountryPolicy,
    Currency,
    ExchangeRate,
    InsuredParty,
    LedgerEntry,
    Quota,
    RatingRule,
)
from portal.audit.models import Event
from tests.conftest import LogIn, Person
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.fixtures import add_buyer

pytestmark = pytest.mark.django_db
ADMIN = "/admin/nexi_quota"
NO_INLINES = {"ratings-TOTAL_FORMS": 0, "ratings-INITIAL_FORMS": 0}


@pytest.fixture
def staff(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


def words(response: Any) -> str:
    html = response.content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def buyer(code: str = "310-000001") -> Buyer:
    return Buyer.objects.get(code=code)


def today() -> date:
    return timezone.localdate()


# --- Who sees what ------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        *("buyer", "buyerrating", "confirmation", "country", "countrypolicy", "currency", "exchangerate"),
        *("insuredparty", "ledgerentry", "quota", "ratingrule", "insurancecontract", "notice"),
        *("limitproposal", "fileproposal"),
    ],
)
def test_staff_open_every_list_and_the_operator_none(staff: Person, log_in: LogIn, ana: Exporter, model: str) -> None:
    ana.applies()
    assert staff.get(f"{ADMIN}/{model}/").status_code == 200
    assert staff.get(f"{ADMIN}/{model}/?q=310").status_code == 200
    operator = log_in("sysadmin", "system.admin", is_staff=True)
    assert operator.get(f"{ADMIN}/{model}/").status_code == 403
    assert ADMIN not in operator.get("/admin/").content.decode()


def test_an_exporter_sees_no_staff_page(ana: Exporter) -> None:
    for path in ("quota/", "quota/of/1/limit/", "buyer/import/", "buyer/1/ledger/", "limitproposal/waiting/"):
        response = ana.client.get(f"{ADMIN}/{path}", follow=True)
        assert response.status_code == 403


@pytest.mark.parametrize(
    "model", [Buyer, Quota, CountryPolicy, ExchangeRate, RatingRule, Country, Confirmation, LedgerEntry]
)
def test_nothing_is_deleted_alone_or_in_bulk(staff: Person, ana: Exporter, model: Any) -> None:
    ana.applies()
    row = model.objects.order_by("pk").first()
    path = f"{ADMIN}/{model._meta.model_name}"
    assert staff.post(f"{path}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post(f"{path}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()
    assert 'name="action"' not in staff.get(f"{path}/").content.decode()


# --- 海外商社名簿 ---------------------------------------------------------------


def test_the_list_of_buyers_shows_rating_and_quota_of_today(staff: Person) -> None:
    services.set_rating(buyer("304-000001"), Rating.EC, None, today() + timedelta(days=1))
    found = words(staff.get(f"{ADMIN}/buyer/?q=304-0000"))
    assert "304-000001 BUYER 304-000001 LTD. 304 アメリカ合衆国 EA" in found
    assert "310-000001" not in found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=310", 2),
        ("q=buyer+304", 6),
        ("rating=EF", 2),
        ("state=sleeping", 1),
        ("quota=0", 6),
        ("country__code__exact=123", 2),
    ],
)
def test_buyers_are_found_by_code_name_rating_state_quota_and_country(staff: Person, query: str, count: int) -> None:
    assert f" {count} 海外商社名簿" in words(staff.get(f"{ADMIN}/buyer/?{query}"))


def test_a_branch_counts_as_having_the_quota_of_its_head_office(staff: Person) -> None:
    add_buyer("310-000009", Rating.EF, branch_kind=BranchKind.BRANCH, head_office=buyer())
    assert "310-000009" in words(staff.get(f"{ADMIN}/buyer/?quota=1"))


def buyer_data(**changes: Any) -> dict[str, Any]:
    data = {
        "code": "３１０−０００００８",
        "name": "ＮＥＷ Buyer S.A.",
        "country": "310",
        "branch_kind": "head",
        "state": "active",
    }
    return {**data, **NO_INLINES, **changes}


def test_a_buyer_is_registered_with_its_code_in_one_form(staff: Person) -> None:
    assert staff.post(f"{ADMIN}/buyer/add/", buyer_data()).status_code == 302
    assert buyer("310-000008").name == "NEW Buyer S.A."
    assert Event.objects.get(verb="admin.added").actor_login == "staff-nexi"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "310-12"}, "国コード3桁と番号6桁"),
        ({"country": "304"}, "海外商社コードの先頭3桁（310）"),
        ({"name": "株式会社"}, "英数字と記号（半角）"),
        ({"branch_kind": "branch"}, "本店コードを入力してください"),
        ({"code": "310-000001"}, "既に存在"),
    ],
)
def test_a_wrong_buyer_is_refused_in_words(staff: Person, changes: dict[str, str], message: str) -> None:
    response = staff.post(f"{ADMIN}/buyer/add/", buyer_data(**changes))
    assert message in words(response)
    assert not Buyer.objects.filter(code="310-000008").exists()


def test_a_head_office_with_a_quota_cannot_become_a_branch(staff: Person) -> None:
    other = buyer("310-000002")
    data = buyer_data(branch_kind="branch", head_office=other.pk)
    response = staff.post(f"{ADMIN}/buyer/{buyer().pk}/change/", data)
    assert "支店に変更できません" in words(response)
    assert buyer().branch_kind == BranchKind.HEAD_OFFICE


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_head_office_that_waits_for_a_quota_cannot_become_a_branch(
    staff: Person, log_in: LogIn, is_decided: bool
) -> None:
    waits, head = buyer("123-000002"), buyer("123-000001")
    proposal = services.propose_limit(waits, 1, today() + timedelta(days=3), "新規", staff.user)
    if is_decided:
        services.approve_limit(proposal, log_in("staff-nexi-2", "nexi.staff", is_staff=True).user)
    data = buyer_data(branch_kind="branch", head_office=head.pk)
    pages = [
        staff.post(f"{ADMIN}/buyer/{waits.pk}/change/", data),
        staff.post(
            f"{ADMIN}/buyer/import/",
            {
                "file": SimpleUploadedFile(
                    "b.csv",
                    f"海外商社コード,名称,国コード,本支店区分,本店コード\n{waits.code},X,123,支店,{head.code}".encode(),
                )
            },
        ),
    ]
    for page in pages:
        assert "申請中のものを含みます）または支店のある本店は、支店に変更できません" in words(page)
    assert buyer("123-000002").branch_kind == BranchKind.HEAD_OFFICE
    assert services.apply_due_limits(today() + timedelta(days=3)) == is_decided


def test_a_changed_buyer_keeps_its_code_and_the_log_keeps_old_and_new_values(staff: Person) -> None:
    old = buyer()
    data = buyer_data(code="310-999999", country="304", name="RENAMED S.A.", address="Managua")
    assert staff.post(f"{ADMIN}/buyer/{old.pk}/change/", data).status_code == 302
    found = buyer()
    assert (found.pk, found.name, found.country_id) == (old.pk, "RENAMED S.A.", "310")
    detail = Event.objects.get(verb="admin.changed").detail
    assert detail["changes"][0]["changed"]["values"]["name"] == [old.name, "RENAMED S.A."]


def confirmed(staff: Person, path: str, data: dict[str, Any]) -> Any:
    """Send a rating, and then what its page of effects sends."""
    shown = re.search(r'name="shown" value="([^"]+)"', staff.post(path, data).content.decode())
    assert shown
    return staff.post(path, {**data, "shown": shown[1]})


def test_a_rating_is_set_from_a_day_on_by_the_service(staff: Person) -> None:
    data = {"buyer": buyer().pk, "rating": "EC", "effective_from": today()}
    assert confirmed(staff, f"{ADMIN}/buyerrating/add/", data).status_code == 302
    assert Buyer.objects.rated(today()).get(code="310-000001").rating_now == "EC"
    assert Event.objects.get(verb="nexi.rating_set", actor_login="staff-nexi").target == "310-000001"
    page = words(staff.get(f"{ADMIN}/buyer/{buyer().pk}/change/"))
    assert "格付の履歴" in page
    assert "信用危険を引き受けない企業" in page


def test_a_second_rating_for_the_same_day_and_an_old_one_are_refused(staff: Person) -> None:
    data = {"buyer": buyer().pk, "rating": "EC", "effective_from": "2010-01-01"}
    assert staff.post(f"{ADMIN}/buyerrating/add/", data).status_code == 200
    old = BuyerRating.objects.get(buyer=buyer())
    assert staff.post(f"{ADMIN}/buyerrating/{old.pk}/change/", {"rating": "EC"}).status_code == 403
    assert BuyerRating.objects.get(buyer=buyer()).rating == "EF"


def test_a_rating_of_today_can_be_put_right_today(staff: Person) -> None:
    services.set_rating(buyer(), Rating.ER, None, today())
    wrong = BuyerRating.objects.get(buyer=buyer(), rating="ER")
    assert confirmed(staff, f"{ADMIN}/buyerrating/{wrong.pk}/change/", {"rating": "EM"}).status_code == 302
    assert Buyer.objects.rated(today()).get(code="310-000001").rating_now == "EM"


# --- Policies and rates ---------------------------------------------------------


def test_a_policy_in_force_is_history_and_a_change_is_a_new_row(staff: Person) -> None:
    old = CountryPolicy.objects.get(country="310", product="04", effective_from=date(2017, 11, 6))
    path = f"{ADMIN}/countrypolicy"
    data = {"country": "310", "product": "04", "attitude": "suspended", "effective_from": today(), "note": ""}
    assert staff.post(f"{path}/{old.pk}/change/", data).status_code == 403
    assert staff.post(f"{path}/add/", data).status_code == 302
    old.refresh_from_db()
    assert old.attitude == "conditional"
    rows = words(staff.get(f"{path}/?country__code__exact=310&product__exact=04&applies=now"))
    assert "引受停止" in rows
    assert "2010年" not in rows
    new = CountryPolicy.objects.get(country="310", product="04", effective_from=today())
    assert "2017-11-06 条件付引受 案件枠 200,000,000円 ユーザンス 12か月" in words(
        staff.get(f"{path}/{new.pk}/change/")
    )


def test_a_policy_of_today_can_be_put_right_but_not_moved_into_the_past(staff: Person) -> None:
    policy = CountryPolicy.objects.create(country_id="304", product="01", attitude="suspended", effective_from=today())
    path = f"{ADMIN}/countrypolicy/{policy.pk}/change/"
    data = {"country": "304", "product": "01", "attitude": "open", "effective_from": "2020-01-01", "note": ""}
    assert "適用済みの内容は変更できません" in words(staff.post(path, data))
    assert staff.post(path, {**data, "effective_from": today()}).status_code == 302
    policy.refresh_from_db()
    assert (policy.attitude, policy.effective_from) == ("open", today())


@pytest.mark.parametrize(("applies", "count"), [("now", 1), ("future", 1), ("past", 1)])
def test_rates_are_listed_by_whether_they_apply(staff: Person, applies: str, count: int) -> None:
    for days, rate in ((-1, "151"), (5, "152")):
        ExchangeRate.objects.create(currency_id="USD", date=today() + timedelta(days=days), jpy_per_unit=Decimal(rate))
    assert f" {count} 換算率" in words(staff.get(f"{ADMIN}/exchangerate/?q=USD&applies={applies}"))


def test_a_rate_is_a_new_row_with_a_new_day(staff: Person) -> None:
    path = f"{ADMIN}/exchangerate"
    assert staff.post(f"{path}/add/", {"currency": "USD", "date": today(), "jpy_per_unit": "155.5"}).status_code == 302
    old = ExchangeRate.objects.get(currency="USD", date=date(2010, 1, 1))
    assert staff.post(f"{path}/{old.pk}/change/", {"jpy_per_unit": "1"}).status_code == 403
    same_day = staff.post(f"{path}/add/", {"currency": "USD", "date": today(), "jpy_per_unit": "1"})
    assert same_day.status_code == 200
    zero = staff.post(f"{path}/add/", {"currency": "EUR", "date": today(), "jpy_per_unit": "0"})
    assert zero.status_code == 200
    assert list(
        ExchangeRate.objects.filter(currency="USD").order_by("date").values_list("jpy_per_unit", flat=True)
    ) == [
        150,
        Decimal("155.5"),
    ]


def test_rating_rules_countries_and_currencies_keep_their_keys(staff: Person) -> None:
    rule = RatingRule.objects.get(rating="SC", product="01")
    data = {"rating": "EE", "product": "02", "need": "not_needed"}
    assert staff.post(f"{ADMIN}/ratingrule/{rule.pk}/change/", data).status_code == 302
    rule.refresh_from_db()
    assert (rule.rating, rule.product, rule.need) == ("SC", "01", "not_needed")
    data = {"code": "999", "name": "ニカラグア共和国", "sustainable_lending": "consult"}
    assert staff.post(f"{ADMIN}/country/310/change/", data).status_code == 302
    assert Country.objects.get(code="310").name == "ニカラグア共和国"
    assert staff.post(f"{ADMIN}/currency/JPY/change/", {"name": "円", "decimals": 2, "position": 1}).status_code == 302
    assert Currency.objects.get(code="JPY").decimals == 0


def test_an_exporter_gets_its_products_as_ticked(staff: Person, exporter_a: Any) -> None:
    data = {"organisation": exporter_a.pk, "products": ["04", "01"], "department": ""}
    assert staff.post(f"{ADMIN}/insuredparty/add/", data).status_code == 302
    assert InsuredParty.objects.get().products == "01 04"
    page = staff.get(f"{ADMIN}/insuredparty/{exporter_a.pk}/change/").content.decode()
    assert page.count("checked") == 2
    assert "輸出手形保険" in words(staff.get(f"{ADMIN}/insuredparty/?q=100000001"))


# --- 個別保証枠 -----------------------------------------------------------------


def test_a_quota_shows_its_ledger_with_the_application_behind_each_entry(staff: Person, ana: Exporter) -> None:
    number = ana.applies().number
    confirmation = Confirmation.objects.get()
    for path in (f"quota/{confirmation.quota_id}/change/", f"confirmation/{confirmation.pk}/change/", "ledgerentry/"):
        page = words(staff.get(f"{ADMIN}/{path}"))
        assert number in page
        assert confirmation.number in page
        assert "60,000,000円" in page


@pytest.mark.parametrize("model", ["quota", "confirmation", "ledgerentry"])
def test_records_are_read_only_and_every_reading_is_recorded(staff: Person, ana: Exporter, model: str) -> None:
    ana.applies()
    row = {
        "quota": Quota.objects.get(held_jpy__gt=0),
        "confirmation": Confirmation.objects.get(),
        "ledgerentry": LedgerEntry.objects.get(),
    }[model]
    path = f"{ADMIN}/{model}"
    before = vars(type(row).objects.get(pk=row.pk))
    assert staff.get(f"{path}/add/").status_code == 403
    data = {"limit_jpy": 1, "held_jpy": 0, "state": "expired", "unused_jpy": 0, "amount_jpy": 1}
    assert staff.post(f"{path}/{row.pk}/change/", data).status_code == 403
    after = vars(type(row).objects.get(pk=row.pk))
    assert {k: v for k, v in after.items() if k != "_state"} == {k: v for k, v in before.items() if k != "_state"}
    assert staff.get(f"{path}/{row.pk}/change/").status_code == 200
    assert staff.get(f"{path}/").status_code == 200
    targets = set(Event.objects.filter(verb="nexi.records_viewed").values_list("target", flat=True))
    assert targets == {f"nexi_quota.{model}:{row.pk}", row._meta.verbose_name}


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        ("ledgerentry", "q=60,000,000", True),
        ("ledgerentry", "q=6千万円", True),
        ("ledgerentry", "q=6000", False),
        ("ledgerentry", "q=100000001", True),
        ("ledgerentry", "q=310-000001", True),
        ("ledgerentry", "from=2020-01-01&to=2020-12-31", False),
        ("ledgerentry", "kind__exact=hold", True),
        ("ledgerentry", "kind__exact=expire", False),
        ("confirmation", "q=60000000", True),
        ("confirmation", "q=EX-2026-001", True),
        ("confirmation", "q=charlie", False),
        ("quota", "q=100000000", True),
        ("quota", "use=over", False),
    ],
)
def test_records_are_found_by_party_amount_and_day(
    staff: Person, ana: Exporter, model: str, query: str, found: bool
) -> None:
    ana.applies()
    response = staff.get(f"{ADMIN}/{model}/?{query}")
    assert response.status_code == 200
    assert ("/change/" in response.content.decode().partition("result_list")[2]) is found
