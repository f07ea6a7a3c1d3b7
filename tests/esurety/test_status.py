"""状況 of what was sent: the timeline, 差戻し and 取下げ, the copy, what is recommended next, the first page."""

import pytest

from esurety.enums import ItemState
from esurety.models import Guarantee, Item, Request, Submission
from esurety.services import issuing, review
from portal.applications.models import Application
from portal.audit.models import Event
from portal.outbox import drain
from tests.esurety.applying import OTHER, SHARES, Applicant, contract, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "shop")]

ADV, CTR = product("adv", "20,000,000"), product("ctr", "5,000,000")


@pytest.fixture
def applicant(user):
    return Applicant(user)


@pytest.fixture
def sent(applicant):
    """The Web申込番号 of the seed's application, 前払金保証 and 契約保証."""
    applicant.sends(applicant.applies(ADV, CTR))
    return Application.objects.get().number


def issued(shop):
    """Let the 前払金保証 that was sent be issued, as the staff's pages do; returns the guarantee."""
    Item.objects.filter(product="ADV").update(state="concluded", number="01261000001")
    issuing.issue(Item.objects.get(product="ADV"), shop.person("approver"))
    drain()
    return Guarantee.objects.get()


def timeline(page, product):
    """Return the stages of one guarantee as its drawing says them."""
    block = page.html.partition(f'id="item-{product}"')[2].partition("</section>")[0]
    return [
        part.partition("<")[0] for part in block.split("<text")[1:] for part in [part.partition(">")[2]] if "（" in part
    ]


def test_what_was_sent_is_listed_and_found(applicant, sent):
    page = applicant.get("/surety/status/")
    for said in ("A20261120-00001", "前払金保証", "契約保証", "見本道路改良工事", "架空市", "20,000,000", "申込済"):
        assert said in page.text
    assert "前払金保証" in applicant.get("/surety/status/?q=見本道路&product=ADV&state=applied").text
    assert "前払金保証" in applicant.get("/surety/status/?q=Ａ２０２６１１２０").text
    assert "条件に合うものはありません" in applicant.get("/surety/status/?q=別の工事").text
    assert applicant.client.get("/surety/status/?since-y=abc").status_code == 422
    csv = b"".join(applicant.client.get("/surety/status/?format=csv").streaming_content).decode("utf-8-sig")
    assert [line.split(",")[1] for line in csv.splitlines()[1:]] == ['"契約保証"', '"前払金保証"']
    assert Event.objects.filter(verb="surety.status_csv").count() == 1


def test_the_contractor_does_not_see_who_in_the_branch_works_on_it(applicant, sent):
    Item.objects.update(state=ItemState.CHECKED)
    page = applicant.get(f"/surety/status/{sent}/")
    assert "審査中" in page.text
    assert "決裁待ち" not in page.text
    assert "前払金保証" in applicant.get("/surety/status/?state=review").text


@pytest.mark.stores_files
def test_the_timeline_follows_the_guarantee_to_the_body(applicant, sent, shop):
    issued(shop)
    address = f"/surety/status/{sent}/"
    submission = Submission.objects.get()
    seen = []
    for state in ("open", "sent", "accepted"):
        Submission.objects.filter(pk=submission.pk).update(state=state)
        seen.append(
            [stage for stage in timeline(applicant.get(address), "ADV") if "いまここ" in stage or "受領" in stage]
        )
    assert seen == [["提出（いまここ）", "受領（まだ）"], ["受領（いまここ）"], ["受領（済み）"]]


def test_what_came_back_is_corrected_and_sent_again(applicant, sent, reviewer):
    item = Item.objects.get(product="ADV")
    review.receive(item, reviewer.user)
    review.send_back(item, reviewer.user, "工期を確かめてください。")
    page = applicant.get(f"/surety/status/{sent}/")
    assert "工期を確かめてください。" in page.text
    address = page.html.partition("修正して再度申込む")[0].rpartition('href="')[2].partition('"')[0]
    copied = applicant.get(address)
    assert copied.value("main-name") == "見本道路改良工事"
    page = applicant.fills(address, contract(ends_on="2027-03-20"))
    assert page.value("adv-amount") == "20,000,000"
    page = applicant.fills(page.path, {**SHARES, **ADV})
    page = applicant.fills(page.path, OTHER)
    applicant.sends(page)
    assert Request.objects.count() == 2
    assert Request.objects.latest("pk").works["ends_on"] == "2027-03-20"


def test_one_guarantee_is_withdrawn_after_a_question(applicant, sent):
    address = f"/surety/status/{sent}/withdraw/CTR/"
    assert "この申込みを取り下げますか" in applicant.get(address).text
    assert "契約保証の申込みを取り下げました" in applicant.post(address, {}).text
    assert dict(Item.objects.values_list("product", "state")) == {"ADV": "applied", "CTR": "withdrawn"}
    assert "取り下げられません" in applicant.post(address, {}).text
    assert Event.objects.filter(verb="surety.withdrawn").count() == 1


def test_nobody_else_withdraws_it(rival, applicant, sent, log_in, contractor):
    address = f"/surety/status/{sent}/withdraw/CTR/"
    assert rival.post(address).status_code == 404
    assert rival.post("/surety/status/999999999999/withdraw/CTR/").content == rival.post(address).content
    viewer = log_in("a-view", "surety.view", organisation=contractor.organisation)
    assert viewer.post(address).status_code == 403
    assert set(Item.objects.values_list("state", flat=True)) == {"applied"}


def test_a_draft_is_deleted_after_a_question(applicant):
    applicant.describes()
    number = Application.objects.get().number
    address = f"/surety/status/{number}/withdraw/"
    assert "削除しますか" in applicant.get(address).text
    assert "削除しました" in applicant.post(address, {}).text
    assert applicant.get(f"/surety/status/{number}/").status == 200
    assert number not in applicant.get("/surety/status/").text


@pytest.mark.stores_files
def test_the_first_page_says_what_waits(applicant, shop):
    assert "認証キー未提出" not in applicant.get("/surety/").text
    shop.guarantee()
    page = applicant.get("/surety/")
    assert page.text.index("認証キー未提出 1件") < page.text.index("作成する") < page.text.index("確認する")
    Submission.objects.update(state="sent")
    assert "認証キー未提出" not in applicant.get("/surety/").text


@pytest.mark.stores_files
def test_the_intermediate_advance_is_recommended_once_half_of_the_time_has_passed(applicant, sent, shop, clock):
    guarantee = issued(shop)
    assert "いまお勧めする保証申込はありません" in applicant.get("/surety/recommendations/").text
    clock.move_to("2027-01-21T10:00:00+09:00")
    applicant.client.force_login(applicant.client.user)
    assert "中間前払金保証 見本道路改良工事" in applicant.get("/surety/").text
    page = applicant.get("/surety/recommendations/")
    assert "中間前払金保証 見本道路改良工事" in page.text
    page = applicant.post("/surety/recommendations/", {"number": guarantee.number, "product": "MID"})
    assert page.value("main-name") == "見本道路改良工事"
    draft = page.path.split("/")[3]
    assert "流用した" in applicant.get(f"/surety/applications/{draft}/confirm/").text
    second = applicant.get(f"/surety/applications/{draft}/steps/guarantee/")
    assert second.value("mid-advance_number") == "01261-000001"
    assert second.value("mid-bank") == "架空銀行 見本支店"
    assert second.value("adv-amount") == ""


@pytest.mark.stores_files
def test_the_advance_of_the_next_year_is_recommended_in_that_year(applicant, shop, clock):
    plan = (("2026", "45,000,000"), ("2027", "75,000,000"))
    rows = {
        f"years__{row}__{name}": value
        for row, values in enumerate(plan)
        for name, value in zip(("year", "plan"), values, strict=True)
    }
    page = applicant.applies(
        product("adv", "18,000,000", base_amount="45,000,000"),
        is_multi_year="yes",
        price="120,000,000",
        ends_on="2028-03-20",
        **rows,
    )
    applicant.sends(page)
    guarantee = issued(shop)
    clock.move_to("2027-04-02T10:00:00+09:00")
    applicant.client.force_login(applicant.client.user)
    page = applicant.get("/surety/recommendations/")
    assert "2027年度の前払金保証" in page.text
    assert "75,000,000円" in page.text
    page = applicant.post("/surety/recommendations/", {"number": guarantee.number, "product": "ADV"})
    second = applicant.get(page.path.replace("contract", "guarantee"))
    assert second.value("adv-base_amount") == "75000000"


@pytest.mark.stores_files
def test_recommendations_are_those_of_the_own_organisation(applicant, sent, shop, rival, clock):
    guarantee = issued(shop)
    clock.move_to("2027-01-21T10:00:00+09:00")
    rival.force_login(rival.user)
    assert "いまお勧めする保証申込はありません" in rival.get("/surety/recommendations/").content.decode()
    answer = rival.post("/surety/recommendations/", {"number": guarantee.number, "product": "MID"})
    assert answer.status_code == 404
