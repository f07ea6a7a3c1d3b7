"""CSV import of 海外商社名簿, through the command: good rows, wrong rows, repeats."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from nexi_quota import services
from nexi_quota.models import Buyer, BuyerRating, Quota, QuotaLimit
from portal.audit.models import Event
from tests.nexi_quota.importing import BUYERS, FULL, Loader, counts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("masters")]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def today() -> date:
    return timezone.localdate()


# --- 海外商社名簿 ---------------------------------------------------------------


def test_a_buyer_comes_with_rating_and_quota(load: Loader) -> None:
    report = load(FULL, '310-000008,NEW S.A.,310,Managua,本店,,有効,2026-03-31,EF,2026-04-01,"20,000,000"')
    assert counts(report) == (1, 0, 0, 0)
    assert (report["ok"], report["applied"], report["title"]) == (True, True, "海外商社名簿")
    found = Buyer.objects.rated(today()).get(code="310-000008")
    assert (found.name, found.address, found.country_id, found.reviewed_on) == (
        "NEW S.A.",
        "Managua",
        "310",
        date(2026, 3, 31),
    )
    assert found.rating_now == "EF"
    assert BuyerRating.objects.get(buyer=found).effective_from == date(2026, 4, 1)
    assert (found.quota.limit_jpy, found.quota.held_jpy) == (20_000_000, 0)
    assert QuotaLimit.objects.get(quota=found.quota).effective_from == today()


def test_the_same_file_twice_changes_nothing_and_says_so(load: Loader) -> None:
    lines = (
        FULL,
        "310-000008,NEW S.A.,310,Managua,本店,,有効,2026-03-31,EF,,20000000",
        "304-000003,EC INC.,304,,,,,,EC,,",
    )
    assert counts(load(*lines)) == (1, 1, 0, 0)
    tables_before = [list(model.objects.order_by("pk").values()) for model in (Buyer, BuyerRating, Quota, QuotaLimit)]
    again = load(*lines)
    assert counts(again) == (0, 0, 2, 0)
    assert again["message"].startswith("変更なし")
    assert again["applied"] is False
    assert tables_before == [list(m.objects.order_by("pk").values()) for m in (Buyer, BuyerRating, Quota, QuotaLimit)]
    assert Event.objects.filter(verb="nexi.imported").count() == 1


def test_codes_names_and_dates_are_read_as_people_write_them(load: Loader) -> None:
    report = load(FULL, "３１０ー０００００８,ＮＥＷ　Ｓ．Ａ．,３１０,,,,,令和8年3月31日,ｅｆ,2026/4/1,2千万円")
    assert report["errors"] == 0, report["problems"]
    found = Buyer.objects.get(code="310-000008")
    assert (found.name, found.reviewed_on, found.quota.limit_jpy) == ("NEW S.A.", date(2026, 3, 31), 20_000_000)


def test_an_empty_cell_leaves_what_is_registered(load: Loader) -> None:
    Buyer.objects.filter(code="105-000001").update(address="Shanghai", reviewed_on=date(2026, 1, 1))
    assert counts(load(FULL, "105-000001,RENAMED LTD.,105,,,,,,,,")) == (0, 1, 0, 0)
    found = Buyer.objects.rated(today()).get(code="105-000001")
    assert (found.name, found.address, found.state, found.reviewed_on) == (
        "RENAMED LTD.",
        "Shanghai",
        "sleeping",
        date(2026, 1, 1),
    )
    assert (found.rating_now, found.quota.limit_jpy) == ("EF", 80_000_000)


def test_a_new_limit_leaves_what_is_held(load: Loader) -> None:
    quota = Quota.objects.get(buyer__code="310-000001")
    services.hold(quota.pk, 60_000_000)
    assert counts(load("海外商社コード,個別保証枠（円）", "310-000001,1")) == (0, 1, 0, 0)
    quota.refresh_from_db()
    assert (quota.limit_jpy, quota.held_jpy) == (1, 60_000_000)


def test_a_branch_may_stand_below_its_new_head_office(load: Loader) -> None:
    report = load(
        FULL,
        "310-000020,HEAD S.A.,310,,本店,,,,EF,,1000000",
        "310-000021,BRANCH S.A.,310,,支店,310-000020,,,EF,,",
        "310-000022,BRANCH TWO S.A.,310,,,310-000020,,,EF,,",
    )
    assert counts(report) == (3, 0, 0, 0), report["problems"]
    assert set(Buyer.objects.filter(head_office__code="310-000020").values_list("code", flat=True)) == {
        "310-000021",
        "310-000022",
    }
    assert counts(load(FULL, "310-000021,BRANCH S.A.,310,,,,,,,,")) == (0, 0, 1, 0)
    assert counts(load(FULL, "310-000021,BRANCH S.A.,310,,本店,,,,,,")) == (0, 1, 0, 0)
    assert Buyer.objects.get(code="310-000021").head_office is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("310-00001,X,310,,,,,,,,", "2行目・海外商社コード：国コード3桁と番号6桁"),
        ("310-000008,,310,,,,,,,,", "2行目・名称：入力してください"),
        ("310-000008,株式会社,310,,,,,,,,", "2行目・名称：使えない文字（株式会社）"),
        (f"310-000008,{'X' * 101},310,,,,,,,,", "2行目・名称：100文字以内"),
        ("310-000008,X,304,,,,,,,,", "2行目・国コード：海外商社コードの先頭3桁（310）"),
        ("999-000008,X,999,,,,,,,,", "2行目・国コード：国マスタに登録されていない国"),
        ("310-000008,X,310,,本社,,,,,,", "2行目・本支店区分：次のどれかを入力してください：本店、支店"),
        ("310-000008,X,310,,支店,,,,,,", "2行目・本店コード：支店には本店コード"),
        ("310-000008,X,310,,本店,310-000001,,,,,", "2行目・本店コード：本店には本店コードを入力しません"),
        ("310-000008,X,310,,支店,310-000999,,,,,", "2行目・本店コード：海外商社名簿に登録されていません"),
        ("310-000008,X,310,,支店,310-000008,,,,,", "2行目・本店コード：海外商社名簿に登録されていません"),
        ("310-000008,X,310,,支店,310-000001,,,,,5", "2行目・個別保証枠（円）：支店には設定できません"),
        (
            "310-000001,X,310,,支店,310-000002,,,,,",
            "2行目・本支店区分：個別保証枠（申請中のものを含みます）または支店の",
        ),
        ("310-000008,X,310,,,,休止,,,,", "2行目・登録状態：次のどれかを入力してください：有効、スリーピング候補、削除"),
        ("310-000008,X,310,,,,,2026-02-30,,,", "2行目・最終審査日：2月30日はありません"),
        ("310-000008,X,310,,,,,8/3/31,,,", "2行目・最終審査日：年を西暦4桁か元号つき"),
        ("310-000008,X,310,,,,,,EX,,", "2行目・格付：次のどれかを入力してください：GS、GA"),
        ("310-000001,X,310,,,,,,EC,2010-01-01,", "2行目・格付適用日：2010年1月1日から適用されている内容と異なります"),
        ("310-000008,X,310,,,,,,,,-1", "2行目・個別保証枠（円）：0以上の数字"),
        ("310-000008,X,310,,,,,,,,1e3", "2行目・個別保証枠（円）：数字で入力"),
        ("310-000008,X,310,,,,,,,,1.5", "2行目・個別保証枠（円）：小数は使えません"),
        ("310-000008,X,310,,,,,,,,1000000000000000", "2行目・個別保証枠（円）：15桁以内"),
        ("310-000008,X\u202eY,310,,,,,,,,", "2行目・名称：使えない文字（U+202E）"),
        ("310-000008,X,310,😀,,,,,,,", "2行目・住所：使えない文字（😀）"),
        ("310-000008,X,310,,,,,,,,,surplus", "2行目：列が見出しより多くあります"),
        (f'310-000008,X,310,"{"x" * 2001}",,,,,,,', "2行目：1つの欄に2,000文字を超える"),
    ],
)
def test_a_wrong_row_is_named_with_line_and_column_and_nothing_is_taken(load: Loader, row: str, problem: str) -> None:
    before = Buyer.objects.count()
    report = load(FULL, row, "310-000077,GOOD S.A.,310,,,,,,,,")
    assert report["ok"] is False
    assert report["errors"] == 1
    assert report["problems"][0].startswith(problem), report["problems"]
    assert report["added"] == 1
    assert Buyer.objects.count() == before


def test_every_wrong_cell_of_every_row_is_listed(load: Loader) -> None:
    report = load(FULL, "1,,,,,,,,,,", "310-000077,GOOD S.A.,310,,,,,,,,", "310-000078,X,310,,,,,,,,x")
    lines = [problem.split("：")[0] for problem in report["problems"]]
    assert lines == ["2行目・海外商社コード", "2行目・名称", "2行目・国コード", "4行目・個別保証枠（円）"]


def test_rows_are_counted_as_a_spreadsheet_counts_them(load: Loader) -> None:
    report = load(FULL, "", '310-000077,GOOD S.A.,310,"line one\r\nline two",,,,,,,', "x,X,310,,,,,,,,")
    assert report["problems"][0].startswith("4行目・海外商社コード")


def test_the_same_buyer_twice_in_a_file_is_an_error(load: Loader) -> None:
    report = load(BUYERS, "310-000008,A,310", "304-000009,B,304", "310000008,C,310")
    assert report["problems"] == ["4行目・海外商社コード：2行目と重複しています。どちらかの行を消してください。"]
    assert not Buyer.objects.filter(code="304-000009").exists()


def test_a_formula_is_a_text_and_our_own_mark_before_one_is_taken_back(load: Loader) -> None:
    lines = (f"{BUYERS},住所", '310-000008,=1+1,310,"\'=HYPERLINK(1)"', "310-000009,@SUM,310,'plain")
    assert load(*lines)["errors"] == 0
    found = dict(Buyer.objects.filter(code__startswith="310-00000").values_list("name", "address"))
    assert found["=1+1"] == "=HYPERLINK(1)"
    assert found["@SUM"] == "'plain"


def test_the_log_keeps_what_was_there_before(load: Loader) -> None:
    old = Buyer.objects.get(code="310-000001").name
    load(FULL, "310-000001,RENAMED S.A.,310,,,,,,EM,,5")
    event = Event.objects.get(verb="nexi.imported")
    assert event.target == "海外商社名簿"
    assert event.detail["rows"] == [
        {
            "line": 2,
            "key": ["310-000001"],
            "before": {"name": old, "rating": "EF", "limit_jpy": 100_000_000},
            "after": {"name": "RENAMED S.A.", "rating": "EM", "limit_jpy": 5},
        }
    ]
    assert len(event.detail["sha256"]) == 64


def test_checking_alone_says_what_would_change_and_changes_nothing(load: Loader) -> None:
    report = load(FULL, "310-000008,NEW S.A.,310,,,,,,EF,,1", check=True)
    assert counts(report) == (1, 0, 0, 0)
    assert (report["applied"], "まだ取り込んでいません" in report["message"]) == (False, True)
    assert not Buyer.objects.filter(code="310-000008").exists()
