"""保証契約一覧, 保証工事一覧, 電子保証履歴一覧 and the certificate on screen, as the contractor sees them."""

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest

from esurety.models import Certificate
from portal.audit.models import Event
from tests.conftest import Person
from tests.esurety.driver import Shop
from tests.esurety.issued import issued

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


def text_of(page) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def rows_of(page) -> list[list[str]]:
    """Return the cells of the first table, row by row."""
    body = re.search(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", " ", cell)).strip() for cell in row] for row in cells]


def test_the_list_has_the_columns_tabs_and_paging_line_of_the_seed(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    issued(shop, "CTR", 5_000_000)
    paper = issued(shop, medium="paper")
    page = user.get("/surety/guarantees/?tab=keys")
    text = text_of(page)
    for word in ("保証申込", "電子保証（認証キー）", "契約保証予約（入札ボンド）", "契約者", "すべての保証", "工事名"):
        assert word in text
    assert "全1ページ(2件)中の1ページ目を表示しています" in text
    first, second = rows_of(page)
    assert [first[0], first[1], first[2]] == ["1", "契約保証", "01263-000001"]
    assert [second[0], second[1], second[2]] == ["2", "前払", str(guarantee)]
    assert "架空市長" in second[3]
    assert "見本道路改良工事" in second[3]
    assert second[4] == "50,000,000円"
    assert second[6] == "未提出"
    everything = rows_of(user.get("/surety/guarantees/"))
    assert sorted(row[2] for row in everything) == ["01261-000001", "01261-000002", "01263-000001"]
    assert everything[0][2] == str(paper)
    assert "書面（紙）のみ" in text_of(user.get("/surety/guarantees/?tab=bonds"))


def test_the_search_finds_by_kind_party_period_and_work(clock, shop: Shop, user: Person):
    issued(shop)
    member = {"name": "架空建設株式会社", "is_representative": True, "share": 6000}
    other = {"name": "例示工業株式会社", "is_representative": False, "share": 4000}
    joint = issued(shop, jv_name="見本・例示JV", members=[member, other], work="橋りょう補修工事")

    def found(**asked: str) -> list[str]:
        return [row[2] for row in rows_of(user.get("/surety/guarantees/", {"tab": "keys", **asked}))]

    assert found(party="jv") == found(work="橋りょう") == [str(joint)]
    assert found(party="single") == ["01261-000001"]
    assert found(product="MID") == found(handed="sent") == []
    assert len(found(handed="open")) == 2
    day = {"since-y": "2026", "since-m": "11", "since-d": "21"}
    assert found(**day) == []
    assert len(found(**{name.replace("since", "until"): value for name, value in day.items()})) == 2
    bad = user.get("/surety/guarantees/", {"since-y": "2026", "since-m": "13", "since-d": "1"})
    assert bad.status_code == 422


def test_the_download_has_the_columns_of_the_specification_and_no_key(clock, shop: Shop, user: Person):
    issued(shop, work="=HYPERLINK(髙𠮷)")
    answer = user.get("/surety/guarantees/?format=csv")
    content = b"".join(answer.streaming_content)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert ",".join(rows[0][:20]) == (
        "保証契約番号,保証種類,対象,発行日時,発注者,工事番号,工事名,JV名,請負金額,今年度対象額,保証金額,割合,"
        "保証期限,工期自,工期至,請負契約日,預託金融機関,保証料,状態,提出状況"
    )
    said = dict(zip(rows[0], rows[1], strict=True))
    assert said["工事名"] == "'=HYPERLINK(髙𠮷)"
    assert (said["割合"], said["保証期限"], said["提出状況"]) == ("40.0%", "2027-03-31", "未提出")
    old = b"".join(user.get("/surety/guarantees/?format=csv&encoding=cp932").streaming_content).decode("cp932")
    assert "髙〓" in old
    assert Event.objects.filter(verb="surety.list_csv").count() == 2


def test_the_history_hides_what_was_corrected_or_withdrawn(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    shop.revise(guarantee, "change", amount=19_000_000)
    shop.revise(guarantee, "correction", amount=18_000_000)
    shop.revise(guarantee, "change", amount=17_000_000)
    shop.revise(guarantee, "withdrawal")
    page = user.get(f"/surety/guarantees/{guarantee}/")
    assert [row[:3] for row in rows_of(page)] == [
        ["1", "2026/11/20 10:00", "新規"],
        ["2", "2026/11/20 10:00", "変更1 訂正"],
    ]
    text = text_of(page)
    assert "18,000,000円" in text
    assert "※訂正、変更取消された履歴は表示されません。" in text
    assert "旧版（最新の証書は開けません）" in text
    assert Certificate.objects.filter(guarantee=guarantee).count() == 4
    for hidden in (2, 4):
        assert user.get(f"/surety/guarantees/{guarantee}/certificate/{hidden}/").status_code == 404
        assert user.get(f"/surety/guarantees/{guarantee}/key/{hidden}/").status_code == 404
    listed = [(row[1], row[3], row[7]) for row in rows_of(user.get("/surety/works/"))]
    assert sorted(listed) == [
        (str(guarantee), "", "20,000,000円"),
        (str(guarantee), "変更1 訂正", "18,000,000円"),
    ]


def test_the_west_list_opens_certificate_and_key_from_each_row(clock, shop: Shop, user: Person):
    guarantee = issued(shop, base_amount=45_000_000, fiscal_year=2026)
    page = user.get("/surety/works/", {"number": "01261-0000"})
    (row,) = rows_of(page)
    assert row[0] == "2026/11/20"
    assert re.sub(r"\s+", " ", row[6]) == "50,000,000円 45,000,000円"
    assert row[8] == "44.4%"
    assert f'href="/surety/guarantees/{guarantee}/certificate/1/"' in page.content.decode()
    assert f'href="/surety/guarantees/{guarantee}/key/1/"' in page.content.decode()
    assert not rows_of(user.get("/surety/works/", {"number": "99"}))


def test_the_certificate_is_shown_as_the_paper_says_it_and_is_not_for_handing_in(clock, shop: Shop, user: Person):
    guarantee = shop.guarantee()
    address = f"/surety/guarantees/{guarantee}/certificate/1/"
    text = text_of(user.get(address))
    assert "この証書は提出用ではありません。提出するのは認証キーのお知らせです。" in text
    for said in ("保証証書(前払金保証)", "01261-000001", "20,000,000円（総額）", "令和9年3月31日", "見本支店"):
        assert said in text
    answer = user.get(f"{address}pdf/")
    assert answer.content == Path(Certificate.objects.get().file.path).read_bytes()
    assert "%E7%A2%BA%E8%AA%8D%E7%94%A8" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    verbs = list(Event.objects.filter(actor=user.user).order_by("at").values_list("verb", flat=True))
    assert verbs == ["surety.certificate_shown", "surety.certificate_pdf"]
    Certificate.objects.update(sha256="0" * 64)
    with pytest.raises(ValueError, match="not the one that was issued"):
        user.get(f"{address}pdf/")


def test_one_step_is_next_at_a_time(clock, shop: Shop, user: Person):
    guarantee = issued(shop)
    address = f"/surety/guarantees/{guarantee}/"

    def step() -> str:
        page = user.get(address).content.decode()
        (found,) = re.findall(r'class="button button--primary" href="([^"]+)"', page)
        return found

    assert step() == f"{address}certificate/1/"
    user.get(step())
    assert step() == f"{address}key/1/"
    user.post(f"{address}key/1/sheet/", {"password": "test-password"})
    assert step() == f"{address}submit/1/"


def test_strangers_get_the_same_404_as_for_a_number_that_nobody_has(clock, shop: Shop, user: Person, rival: Person):
    guarantee = issued(shop)
    for path in ("", "certificate/1/", "certificate/1/pdf/", "key/1/", "submit/1/"):
        foreign = rival.get(f"/surety/guarantees/{guarantee}/{path}")
        unknown = rival.get(f"/surety/guarantees/99999-999999/{path}")
        assert foreign.status_code == unknown.status_code == 404
        assert user.get(f"/surety/guarantees/{guarantee}/{path}").status_code == 200
    assert rival.post(f"/surety/guarantees/{guarantee}/key/1/sheet/").status_code == 404
    assert not rows_of(rival.get("/surety/guarantees/"))
    assert not rows_of(rival.get("/surety/works/"))


def test_a_paper_guarantee_has_a_certificate_but_neither_key_nor_hand_in(clock, shop: Shop, user: Person):
    guarantee = issued(shop, medium="paper")
    text = text_of(user.get(f"/surety/guarantees/{guarantee.number}/"))
    assert "証書(紙)の保証契約です" in text
    assert "認証キーはありません" in text
    assert "発注者への提出まで" not in text
    assert user.post(f"/surety/guarantees/{guarantee}/key/1/", {"password": "test-password"}).status_code == 200
    assert user.get(f"/surety/guarantees/{guarantee}/submit/1/").status_code == 200
