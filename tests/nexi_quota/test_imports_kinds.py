"""CSV import of ratings, quotas, policies, rates and rating rules, each in a file of its own."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from nexi_quota.enums import BranchKind, Rating
from nexi_quota.models import Buyer, CountryPolicy, ExchangeRate, Quota, RatingRule
from tests.nexi_quota.importing import Loader, counts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("masters")]
POLICIES = "国コード,保険種,引受態度,案件枠（円）,ユーザンス（月数）,L/C条件,基準適用日"
RATES = "通貨コード,適用日,換算率（円）"


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def today() -> date:
    return timezone.localdate()


# --- The other files -------------------------------------------------------------


def test_ratings_alone_take_effect_on_their_day(load: Loader) -> None:
    tomorrow = today() + timedelta(days=1)
    lines = ("海外商社コード,格付,格付適用日", f"310-000001,EE,{tomorrow}", "310-000002,EE,2010-01-01")
    assert counts(load(*lines)) == (1, 0, 1, 0)
    assert Buyer.objects.rated(today()).get(code="310-000001").rating_now == "EF"
    assert Buyer.objects.rated(tomorrow).get(code="310-000001").rating_now == "EE"
    assert counts(load(lines[0], f"310-000001,EC,{tomorrow}")) == (0, 1, 0, 0)
    report = load(lines[0], "310-000002,EC,2010-01-01", "310-000999,EC,2010-01-01")
    assert [problem.split("：")[0] for problem in report["problems"]] == ["2行目・格付適用日", "3行目・海外商社コード"]


def test_limits_alone_refuse_branches_and_unknown_buyers(load: Loader) -> None:
    head = Buyer.objects.get(code="310-000001")
    Buyer.objects.create(code="310-000031", name="B", country_id="310", branch_kind=BranchKind.BRANCH, head_office=head)
    report = load("海外商社コード,個別保証枠（円）", "310-000031,5", "310-000999,5", "123-000002,70000000")
    assert [problem[:15] for problem in report["problems"]] == [
        "2行目・海外商社コード：支店に",
        "3行目・海外商社コード：海外商",
    ]
    assert not Quota.objects.filter(buyer__code="123-000002").exists()


def test_a_policy_is_a_new_row_and_one_in_force_stays(load: Loader) -> None:
    old = CountryPolicy.objects.get(country="310", product="04", effective_from=date(2017, 11, 6))
    row = f"310,輸出手形保険,条件付引受,1億,6か月,有,{today()}"
    assert counts(load(POLICIES, row)) == (1, 0, 0, 0)
    new = CountryPolicy.objects.get(country="310", product="04", effective_from=today())
    assert (new.case_limit_jpy, new.usance_months, new.lc_required) == (100_000_000, 6, True)
    assert counts(load(POLICIES, row)) == (0, 0, 1, 0)
    report = load(POLICIES, "310,04,引受停止,,,,2017-11-06")
    assert "適用済みの内容は変更できません" in report["problems"][0]
    old.refresh_from_db()
    assert old.attitude == "conditional"


def test_a_policy_without_limits_and_one_that_still_can_be_put_right(load: Loader) -> None:
    assert counts(load(POLICIES, f"304,01,引受停止,,,,{today()}")) == (1, 0, 0, 0)
    assert counts(load(POLICIES, f"304,01,引受可能,,,,{today()}")) == (0, 1, 0, 0)
    found = CountryPolicy.objects.get(country="304", product="01")
    assert (found.attitude, found.case_limit_jpy, found.usance_months, found.lc_required) == ("open", None, None, False)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("310,05,引受可能,,,,2030-01-01", "2行目・保険種：次のどれかを入力してください：01、02、03、輸出手形保険"),
        (
            "310,04,たぶん,,,,2030-01-01",
            "2行目・引受態度：次のどれかを入力してください：引受可能、条件付引受、引受停止",
        ),
        ("310,04,条件付引受,0,,,2030-01-01", "2行目・案件枠（円）：1円以上"),
        ("310,04,条件付引受,,0,,2030-01-01", "2行目・ユーザンス（月数）：月数を1から"),
        ("310,04,条件付引受,,,たぶん,2030-01-01", "2行目・L/C条件：「有」か「無」"),
        ("310,04,条件付引受,,,,", "2行目・基準適用日：入力してください"),
        ("998,04,条件付引受,,,,2030-01-01", "2行目・国コード：国マスタ"),
    ],
)
def test_a_wrong_policy_is_named(load: Loader, row: str, problem: str) -> None:
    report = load(POLICIES, row)
    assert report["problems"][0].startswith(problem), report["problems"]


def test_rates_apply_from_their_day(load: Loader) -> None:
    lines = (RATES, f"USD,{today()},151.25", "eur,2010-01-01,160.000")
    assert counts(load(*lines)) == (1, 0, 1, 0)
    assert ExchangeRate.objects.get(currency="USD", date=today()).jpy_per_unit == Decimal("151.25")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("US,2030-01-01,1", "2行目・通貨コード：英字3文字"),
        ("ZZZ,2030-01-01,1", "2行目・通貨コード：通貨マスタ"),
        ("USD,2030-01-01,0", "2行目・換算率（円）：0より大きく"),
        ("USD,2030-01-01,1000000", "2行目・換算率（円）：0より大きく"),
        ("USD,2030-01-01,1.1234567", "2行目・換算率（円）：小数は6桁まで"),
        ("USD,2010-01-01,151", "2行目・適用日：2010年1月1日から適用されている"),
    ],
)
def test_a_wrong_rate_is_named(load: Loader, row: str, problem: str) -> None:
    assert load(RATES, row)["problems"][0].startswith(problem)


def test_rating_rules_are_corrected(load: Loader) -> None:
    assert counts(load("格付,保険種,扱い", "SC,01,確認不要", "EE,01,個別保証枠が必要")) == (0, 1, 1, 0)
    assert RatingRule.objects.get(rating=Rating.SC, product="01").need == "not_needed"
