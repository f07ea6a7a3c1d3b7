"""The public pages: what the scheme is, 保険料の目安, and the アンケート with its leads (credit_insurance.md 6.1)."""

import re
from datetime import date
from html import unescape

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from credit_insurance.models import MasterPolicy, Member, Questionnaire
from credit_insurance.services.questionnaires import GUEST_CONTACTS_PER_HOUR, GUEST_RESULTS_PER_HOUR
from portal.accounts.models import User
from portal.audit.models import Event
from portal.outbox.nightly import run_job
from tests.conftest import LogIn, Person
from tests.credit_insurance.driver import hidden, words
from tests.support import pages

START = "/credit/questionnaire/"
SIMULATOR = "/credit/simulator/"
CONTACT = {"company": "架空食品株式会社", "person": "見本 花子", "phone": "03-0000-0001", "agrees": "on"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def answers(person: Client, *given: str, **measures: str) -> str:
    """Answer question by question from the start; return the address of the result."""
    page = person.get(START)
    for answer in given:
        sent = person.post(START, {"answers": hidden(page, "answers"), "answer": answer})
        assert sent.status_code == 303
        if "?" not in sent["Location"]:
            return str(sent["Location"])
        page = person.get(sent["Location"])
    sent = person.post(START, {"answers": hidden(page, "answers"), **measures})
    assert sent.status_code == 303, words(sent)
    return str(sent["Location"])


# --- 保険料の目安 ------------------------------------------------------------------


def test_the_simulator_opens_with_the_example_of_the_seed(client: Client, policy: MasterPolicy) -> None:
    page = client.get(SIMULATOR)
    for said in (
        "400,000,000円",
        "3か月",
        "売掛債権額 100,000,000円",
        "約1,000,000円",
        "対売上コスト 0.25 %",
        "縮小率 95 %",
    ):
        assert said in words(page)
    for label in ("年間売上高", "売掛債権回転期間", "適用料率"):
        assert re.search(rf"<label[^>]*>{label}", page.content.decode())


def test_the_simulator_answers_by_its_address_and_stores_nothing(client: Client, policy: MasterPolicy) -> None:
    page = client.get(f"{SIMULATOR}?sales=8億円&months=2.5&rate=0.8")
    for said in ("売掛債権額 166,666,666円", "約1,333,330円", "対売上コスト 0.17 %", "この条件で見積りへ"):
        assert said in words(page)
    page = client.get(f"{SIMULATOR}?sales=0&months=99&rate=x")
    assert page.status_code == 422
    assert "年間売上高は0より大きい金額を入力してください。" in words(page)
    assert 'value="99"' in page.content.decode()
    assert not Event.objects.exists()


@pytest.mark.usefixtures("policy")
def test_the_estimate_goes_along_to_the_sheet(staff: Person) -> None:
    def follow(page: HttpResponse, words: str) -> HttpResponse:
        link = re.search(rf'href="([^"]+)">{words}', page.content.decode())
        assert link, words
        return staff.get(unescape(link[1]))

    asked = staff.get(f"{SIMULATOR}?sales=8億円&months=2.5&rate=0.8")
    sheet = pages.read(follow(follow(asked, "この条件で見積りへ"), "入力へ").content.decode()).controls
    assert (sheet["main-total_sales"], sheet["main-ar_total"]) == (["800,000"], ["166,666"])
    assert sheet["main-credit_sales"] == [""]  # how much of it is on credit, only the company knows
    other = staff.get("/credit/cases/new/steps/summary/?sales=x&months=2.5&rate=0.8")
    assert pages.read(other.content.decode()).controls["main-total_sales"] == [""]


@pytest.mark.usefixtures("policy")
def test_guests_and_members_read_what_the_scheme_is_and_how_one_joins(client: Client, staff: Person) -> None:
    for person in (client, staff):
        page = person.get("/credit/about/")
        for said in ("10社以上", "2026年12月1日からの補償", "2026年11月17日", "プラスチック部品"):
            assert said in words(page)


# --- アンケート --------------------------------------------------------------------


def test_every_way_through_the_questions_ends_in_its_result(client: Client) -> None:
    ways = {
        ("no",): "今回は取引信用保険のご加入は不要ですが",
        ("yes", "no"): "債権管理についてご説明をさせていただきます",
        ("yes", "yes", "no"): "ご提案させていただきます",
    }
    for given, said in ways.items():
        assert said in words(client.get(answers(client, *given)))
    page = client.get(answers(client, "yes", "yes", "yes", measure_m4="on", measure_m9="on", measure_note="前金"))
    assert "補償内容のご提案やお見積り" in words(page)
    assert "取引信用保険の加入、その他（前金）" in words(page)
    assert [one.result for one in Questionnaire.objects.order_by("pk")] == ["R1", "R2", "R3", "R4"]


def test_nothing_is_stored_before_the_end_and_back_shows_the_question_before(client: Client) -> None:
    page = client.get(START)
    page = client.get(client.post(START, {"answers": hidden(page, "answers"), "answer": "yes"})["Location"])
    assert "売掛債権の管理にご関心がありますか?" in words(page)
    back = re.search(r'href="([^"]*)">戻る', page.content.decode())
    assert back
    assert "代金後払いの取引き" in words(client.get(back[1]))
    assert client.post(START, {"answers": hidden(page, "answers")}).status_code == 422
    assert not Questionnaire.objects.exists()


def test_a_changed_or_old_token_begins_anew(client: Client, clock: time_machine.Traveller) -> None:
    page = client.get(START)
    token = hidden(page, "answers")
    assert client.post(START, {"answers": f"{token}x", "answer": "no"})["Location"] == START
    clock.shift(86_401)
    assert client.post(START, {"answers": token, "answer": "no"})["Location"] == START
    assert not Questionnaire.objects.exists()


def test_the_last_question_wants_a_measure_and_other_in_words(client: Client) -> None:
    page = client.get(START)
    for _ in range(3):
        page = client.get(client.post(START, {"answers": hidden(page, "answers"), "answer": "yes"})["Location"])
    sent = client.post(START, {"answers": hidden(page, "answers")})
    assert (sent.status_code, "1つ以上選択" in words(sent)) == (422, True)
    sent = client.post(START, {"answers": hidden(page, "answers"), "measure_m9": "on"})
    assert (sent.status_code, "1文字以上100文字以内" in words(sent)) == (422, True)


def test_the_same_answers_sent_twice_are_one_row(client: Client) -> None:
    token = hidden(client.get(START), "answers")
    places = {client.post(START, {"answers": token, "answer": "no"})["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Questionnaire.objects.count() == 1


def test_a_member_answers_for_the_company_and_goes_on_to_a_quote(
    staff: Person, viewer: Person, stranger: Person, member: Member
) -> None:
    place = answers(staff, "yes", "yes", "no")
    page = staff.get(place)
    assert 'href="/credit/cases/new/"' in page.content.decode()
    for said in ("架空商事A株式会社", "担当 一子", "2026年11月10日 12:00"):
        assert said in words(page)
    assert Questionnaire.objects.get().member == member
    assert viewer.get(place).status_code == 200
    assert stranger.get(place).status_code == Client().get(place).status_code == 404


def test_a_member_asks_for_an_explanation_with_one_press(staff: Person, agent: Person) -> None:
    place = answers(staff, "yes", "no")
    for _ in range(2):
        assert staff.post(place).status_code == 303
    assert "ご連絡をお待ちください" in words(staff.get(place))
    assert Event.objects.filter(verb="credit.contact_asked").count() == 1
    assert "架空商事A株式会社" in words(agent.get("/credit/leads/"))


# --- Leads -------------------------------------------------------------------------


def test_a_guest_says_who_wants_to_be_called_and_the_agent_settles_it(client: Client, agent: Person) -> None:
    place = answers(client, "yes", "no")
    for wrong, said in (({"agrees": ""}, "チェックしてください"), ({"phone": ""}, "電話番号かメールのどちらか")):
        sent = client.post(place, {**CONTACT, **wrong})
        assert (sent.status_code, said in words(sent)) == (422, True)
    assert client.post(place, CONTACT)["Location"] == place
    assert "見本" not in place
    assert "見本 花子" in words(client.get(place))
    assert Client().get(place).status_code == 404
    page = agent.get("/credit/leads/")
    assert "見本 花子" in words(page)
    assert Event.objects.filter(verb="credit.leads_shown", actor_login="agent").count() == 1
    lead = Questionnaire.objects.get()
    assert "対応済みにしました" in words(agent.post("/credit/leads/", {"lead": lead.pk}, follow=True))
    assert "すでに対応済みか" in words(agent.post("/credit/leads/", {"lead": lead.pk}, follow=True))
    lead.refresh_from_db()
    assert lead.handled_by == agent.user
    assert "見本 花子" not in words(agent.get("/credit/leads/"))


def test_leads_are_for_the_agent(staff: Person, union_clerk: Person) -> None:
    assert staff.get("/credit/leads/").status_code == union_clerk.get("/credit/leads/").status_code == 403


@pytest.mark.parametrize("role", ["credit.fed", "credit.uw", "credit.claim"])
def test_federation_and_insurer_see_leads_and_settle_them(log_in: LogIn, client: Client, role: str) -> None:
    client.post(answers(client, "yes", "no"), CONTACT)
    clerk = log_in("staff-one", role, is_staff=True)
    place = "/admin/credit_insurance/questionnaire/"
    page = clerk.get(f"{place}?standing=open").content.decode()
    assert "見本 花子" in page
    lead = Questionnaire.objects.get()
    assert "代金後払いの取引き" in clerk.get(f"{place}{lead.pk}/change/").content.decode()
    assert Event.objects.filter(verb="credit.leads_shown", actor_login="staff-one").count() == 2
    clerk.post(place, {"action": "handle", "_selected_action": [lead.pk]})
    lead.refresh_from_db()
    assert (lead.handled_by is not None) is (role != "credit.claim")


def test_a_guest_who_sends_too_much_waits(client: Client) -> None:
    places = [answers(client, "yes", "no") for _ in range(GUEST_CONTACTS_PER_HOUR + 1)]
    sent = [client.post(place, CONTACT).status_code for place in places]
    assert sent == [303] * GUEST_CONTACTS_PER_HOUR + [429]
    for _ in range(GUEST_RESULTS_PER_HOUR - len(places)):
        answers(client, "no")
    last = client.post(START, {"answers": hidden(client.get(START), "answers"), "answer": "no"})
    assert (last.status_code, bool(last["Retry-After"])) == (429, True)
    assert Questionnaire.objects.count() == GUEST_RESULTS_PER_HOUR
    assert not User.objects.exists()


def test_answers_of_guests_go_after_a_year_and_whoever_waits_for_a_call_stays(
    client: Client, staff: Person, agent: Person, clock: time_machine.Traveller
) -> None:
    answers(client, "no")
    answers(staff, "no")
    for _ in range(2):
        assert client.post(answers(client, "yes", "no"), CONTACT).status_code == 303
    waiting, handled = Questionnaire.objects.filter(wants_contact=True).order_by("pk")
    clock.shift(86_400)
    agent.logout()
    agent.force_login(agent.user)
    assert agent.post("/credit/leads/", {"lead": handled.pk}).status_code == 303
    assert run_job("credit.leads", date(2027, 11, 10)) == {"discarded": 0}
    assert run_job("credit.leads", date(2027, 11, 11)) == {"discarded": 1}
    assert run_job("credit.leads", date(2027, 11, 12)) == {"discarded": 1}
    kept = Questionnaire.objects.order_by("pk")
    assert [one.member is not None or one.pk == waiting.pk for one in kept] == [True, True]
