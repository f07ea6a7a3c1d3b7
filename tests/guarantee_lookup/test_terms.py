"""利用規約: nobody of a bank looks anything up before the present version is accepted."""

from typing import Any
from urllib.parse import quote_plus

import pytest

from guarantee_lookup.models import Lookup, TermsAcceptance
from guarantee_lookup.rules import terms
from guarantee_lookup.services.people import has_accepted
from portal.audit.models import Event
from tests.guarantee_lookup.applying import listed_urls, sample_path
from tests.guarantee_lookup.driver import ACCEPTANCE, Teller

pytestmark = pytest.mark.django_db
TERMS = "/lookup/terms/"


@pytest.fixture
def newcomer(user: Teller) -> Teller:
    """A 照会者 who has not accepted anything yet."""
    TermsAcceptance.objects.all().delete()
    return user


def test_every_page_of_the_bank_leads_to_the_terms_first(master: Teller) -> None:
    TermsAcceptance.objects.all().delete()
    others = {"public", "token", "lookup.applicant"}
    for entry in listed_urls():
        path = str(entry["path"])
        is_token_page = path.startswith("/lookup/api-tokens/")
        if not path.startswith("/lookup/") or path == TERMS or is_token_page or others & set(entry["roles"]):
            continue
        answer = master.opens(sample_path(path)).response
        assert (path, answer.status_code) == (path, 302)
        assert answer["Location"] == f"{TERMS}?next={quote_plus(sample_path(path))}"


def test_nothing_is_looked_up_before(newcomer: Teller) -> None:
    page = newcomer.asks(ACCEPTANCE)
    assert (page.status, page.response["Location"]) == (302, TERMS)
    assert not Lookup.objects.exists()
    assert not has_accepted(newcomer.user)


def test_the_terms_say_their_version_and_all_their_clauses(newcomer: Teller) -> None:
    page = newcomer.opens(TERMS)
    assert f"第{terms.VERSION}版" in page.text
    for heading, sentences in terms.CLAUSES:
        assert heading in page.text
        assert all(sentence in page.text for sentence in sentences)


def test_accepting_leads_on_and_is_kept_with_version_and_time(newcomer: Teller) -> None:
    answer = newcomer.sends(TERMS, answer="accept", next="/lookup/history/").response
    assert (answer.status_code, answer["Location"]) == (303, "/lookup/history/")
    kept = TermsAcceptance.objects.get()
    assert (kept.user, kept.version) == (newcomer.user, terms.VERSION)
    assert newcomer.opens("/lookup/").status == 200
    assert has_accepted(newcomer.user)
    newcomer.sends(TERMS, answer="accept")
    assert Event.objects.filter(verb="lookup.terms_accepted", target="a-user").count() == 2
    assert TermsAcceptance.objects.count() == 1


def test_refusing_logs_out(newcomer: Teller) -> None:
    answer = newcomer.sends(TERMS, answer="refuse").response
    assert (answer.status_code, answer["Location"]) == (303, "/account/signed-out/")
    assert newcomer.opens(TERMS).status == 302
    assert Event.objects.filter(verb="lookup.terms_refused", target="a-user").count() == 1
    assert not TermsAcceptance.objects.exists()


def test_a_press_of_neither_button_decides_nothing(newcomer: Teller) -> None:
    page = newcomer.sends(TERMS, answer="perhaps")
    assert (page.status, "同意する" in page.text) == (200, True)
    assert not TermsAcceptance.objects.exists()


def test_a_new_version_is_asked_for_anew(user: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.opens("/lookup/").status == 200
    for module in ("rules.terms", "services.people"):
        monkeypatch.setattr(f"guarantee_lookup.{module}.VERSION", "2027-01")
    assert user.opens("/lookup/").status == 302
    user.sends(TERMS, answer="accept")
    assert user.opens("/lookup/").status == 200
    assert set(TermsAcceptance.objects.filter(user=user.user).values_list("version", flat=True)) == {
        "2026-04",
        "2027-01",
    }


def test_who_accepted_reads_the_terms_without_buttons(user: Teller) -> None:
    page = user.opens(TERMS)
    assert page.status == 200
    assert "同意しない" not in page.text


def test_the_association_accepts_nothing(staff: Teller) -> None:
    assert has_accepted(staff.user)
    assert staff.opens("/lookup/").status == 200


def test_who_applies_reads_the_terms_without_a_login(client: Any) -> None:
    page = client.get("/lookup/apply/terms/")
    assert page.status_code == 200
    assert terms.CLAUSES[0][1][0] in page.content.decode()


def test_an_address_of_another_site_is_not_followed(newcomer: Teller) -> None:
    answer = newcomer.sends(TERMS, answer="accept", next="https://elsewhere.example/").response
    assert answer["Location"] == "/lookup/"
