"""Who gets what at every address of the exporter portal and of the account, and what every answer carries."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from nexi_quota.models import Confirmation, InsuredParty
from portal.accounts.management.commands.list_urls import routes
from portal.accounts.models import Organisation
from portal.applications.models import Application, Attachment, State
from portal.common.checkdigit import damm
from tests.conftest import LogIn, Person
from tests.nexi_quota.bulk_files import as_csv, chooses, part
from tests.nexi_quota.driver import NEW, Exporter, terms
from tests.nexi_quota.holdings import insure
from tests.nexi_quota.holdings_api import program_of
from tests.nexi_quota.notices import enters, notifies, release

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

PAGES = [route for route in routes() if not re.match("/nexi/api/v1/.", route["path"])]  # programs: see test_api.py
ROUTES = {route["name"]: route for route in PAGES if route["portal"] in {"nexi", "account"}}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
RANKS = ["", "nexi.view", "nexi.input", "nexi.apply", "nexi.admin"]
"""Rights from nothing to all; each includes those before it."""

STRICTER = {("nexi:application-withdraw", "GET"): "nexi.input", ("nexi:application-withdraw", "POST"): "nexi.input"}
FOR_APPLICANTS = ("nexi:quota-confirmation-confirm", "nexi:notice-confirm", "nexi:bulk-file")
STRICTER |= {(name, "POST"): "nexi.apply" for name in FOR_APPLICANTS}
"""What a view asks beyond its declaration."""

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'"
POLICY += "; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

Arguments = dict[str, list[str]]


@pytest.fixture
def arguments(ana: Exporter) -> Arguments:
    """One address of Alice's for every route that names an object; a new route without an entry fails these tests."""
    done = ana.applies().number
    filled = terms(contract_number="EX-2", contract_amount="1,000")
    draft = ana.post(NEW, {**filled, "main-attachments": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    held = Confirmation.objects.get()
    confirmation = held.number
    notified = notifies(ana, release(held, extent="part", returned_amount="1")).number
    notice = enters(ana, release(held), action="save").number
    attachment = Attachment.objects.get()
    contract = insure(ana.user.organisation, "310-000002", "1000")
    return {
        "nexi:bulk-file": [chooses(ana, as_csv([part(contract, "1")])).number],
        "nexi:quota-confirmation-first": ["terms"],
        "nexi:quota-confirmation-step": [draft.number, "terms"],
        "nexi:quota-confirmation-confirm": [draft.number],
        "nexi:quota-confirmation-receipt": [done],
        "nexi:receipt-pdf": [done],
        "nexi:notice-first": ["entry"],
        "nexi:notice-step": [notice, "entry"],
        "nexi:notice-confirm": [notice],
        "nexi:notice-receipt": [notified],
        "nexi:notice-receipt-pdf": [notified],
        "nexi:application": [draft.number],
        "nexi:application-withdraw": [draft.number],
        "nexi:attachment": [str(attachment.pk)],
        "nexi:quota": [confirmation],
        "nexi:certificate": [confirmation],
        "nexi:api-token-revoke": [program_of(ana).token.prefix],
        "nexi:contract": [contract.number],
    }


def addresses(arguments: Arguments) -> Iterator[tuple[str, str]]:
    """Yield the name and an address of every route."""
    for name, route in ROUTES.items():
        assert ("<" in route["path"]) == (name in arguments), f"{name}: which object?"
        yield name, reverse(name, args=arguments.get(name))


def send(client: Client, method: str, path: str, **headers: str) -> HttpResponse:
    """Send an empty request; what was typed wrongly is no matter here."""
    answer: Any = client.generic(method, path, "", content_type="application/x-www-form-urlencoded", headers=headers)
    if answer.streaming:
        answer.getvalue()  # an attachment is closed when it has been read
    return answer  # type: ignore[no-any-return]


def body(response: HttpResponse) -> str:
    """Return the page without what differs from answer to answer: the masked token."""
    return re.sub(r"[0-9A-Za-z]{64}", "token", response.content.decode())


def untouched() -> list[tuple[object, ...]]:
    return list(Application.objects.order_by("pk").values_list("number", "state", "revision", "data"))


# --- Without a login ---------------------------------------------------------------------


def test_whoever_is_not_logged_in_is_sent_to_the_login(client: Client, arguments: Arguments) -> None:
    closed = [(name, path) for name, path in addresses(arguments) if ROUTES[name]["roles"] != ["public"]]
    assert len(closed) > 15
    before = untouched()
    for name, path in closed:
        for method in ROUTES[name]["methods"]:
            answer = send(client, method, path)
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/"), (
                method,
                path,
            )
            if method == "GET":
                assert answer["Location"].endswith(path.replace("/", "%2F"))
            swapped = send(client, method, path, HX_Request="true")
            assert swapped["HX-Redirect"].startswith("/account/login/"), (method, path)
            assert "no-store" in answer["Cache-Control"]
    assert untouched() == before


def test_a_session_that_nobody_has_is_no_login(client: Client, masters: None) -> None:
    for cookie in ("x", "x" * 5_000, "' OR 1=1", "a:b:c", "../../etc/passwd", "0" * 32):
        client.cookies["sessionid"] = cookie
        assert client.get("/nexi/").status_code == 302, cookie


# --- Methods -----------------------------------------------------------------------------


def test_a_method_that_a_page_does_not_have_is_answered_with_those_it_has(ana: Exporter, arguments: Arguments) -> None:
    before = untouched()
    for name, path in addresses(arguments):
        allowed = ROUTES[name]["methods"]
        for method in set(METHODS) - set(allowed):
            answer = send(ana.client, method, path)
            assert answer.status_code == 405, (method, path)
            possible = set(allowed) if method in {"GET", "HEAD", "POST"} else {"GET", "HEAD", "POST"}
            assert set(answer["Allow"].split(", ")) == possible
    assert untouched() == before


# --- Rights ------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", RANKS)
def test_every_right_opens_its_own_pages_and_the_others_say_who_can(
    ana: Exporter, arguments: Arguments, log_in: LogIn, exporter_a: Organisation, rank: str
) -> None:
    person = log_in("somebody", *filter(None, [rank]), organisation=exporter_a, name="誰か")
    before = untouched()
    for name, path in addresses(arguments):
        route = ROUTES[name]
        if route["portal"] != "nexi" or route["roles"] == ["public"]:
            continue
        for method in {"GET", "POST"} & set(route["methods"]):
            needed = STRICTER.get((name, method), route["roles"][0])
            may = RANKS.index(rank) >= RANKS.index(needed)
            if may and (name, method) == ("nexi:application-withdraw", "POST"):
                continue  # the only empty form that does something
            answer = send(person, method, path)
            assert (answer.status_code != 403) == may, (method, path, answer.status_code)
            assert answer.status_code < 500
            if not may:
                page = answer.content.decode()
                assert "この操作ができる方" in page
                assert needed == "nexi.admin" or ana.user.name in page
    assert untouched() == before


def test_the_account_is_for_everybody_who_is_logged_in(log_in: LogIn, masters: None) -> None:
    person = log_in("somebody")
    for name in ("account:profile", "account:password"):
        assert person.get(reverse(name)).status_code == 200


def test_who_belongs_to_no_exporter_or_to_one_without_terms_gets_an_answer_not_an_error(
    ana: Exporter, arguments: Arguments, log_in: LogIn
) -> None:
    other = Organisation.objects.create(portal="nexi", code="100000009", name="契約のない会社")
    assert not InsuredParty.objects.filter(organisation=other).exists()
    people = [log_in("no-company", "nexi.apply"), log_in("no-terms", "nexi.apply", organisation=other)]
    for person in people:
        for name, path in addresses(arguments):
            for method in {"GET", "POST"} & set(ROUTES[name]["methods"]):
                if name != "account:logout":
                    assert send(person, method, path).status_code < 500, (person.user.login, method, path)


# --- Another exporter's --------------------------------------------------------------------


def unknown(arguments: Arguments) -> Arguments:
    """Return arguments of the same shape that nobody has: numbers with a right check digit, ids that are free."""
    free = {
        "nexi:attachment": ["00000000-0000-4000-8000-000000000000"],
        "nexi:contract": ["99999999999999-00"],
    }
    for name, given in arguments.items():
        if given[0].isdigit():
            stem = given[0][:-1]
            other = f"{int(stem) + 900:0{len(stem)}d}"
            free[name] = [other + damm(other), *given[1:]]
    return free


def test_another_exporters_objects_are_answered_like_unknown_ones(cho: Exporter, arguments: Arguments) -> None:
    before = untouched()
    free = unknown(arguments)
    assert free.keys() == arguments.keys() - {
        "nexi:quota-confirmation-first",
        "nexi:notice-first",
        "nexi:api-token-revoke",
    }
    for name, nobodys in free.items():
        for method in {"GET", "POST"} & set(ROUTES[name]["methods"]):
            theirs = send(cho.client, method, reverse(name, args=arguments[name]))
            none = send(cho.client, method, reverse(name, args=nobodys))
            assert theirs.status_code == none.status_code == 404, (method, name)
            assert body(theirs) == body(none), (method, name)
    assert cho.get(f"{NEW}?from={arguments['nexi:application'][0]}").status == 404
    assert cho.get(f"/nexi/notices/new/steps/entry/?from={arguments['nexi:notice-step'][0]}").status == 404
    assert untouched() == before


def test_nothing_of_another_exporter_is_on_any_list(ana: Exporter, cho: Exporter, arguments: Arguments) -> None:
    secrets = [arguments[name][0] for name in ("nexi:application", "nexi:receipt-pdf", "nexi:quota", "nexi:contract")]
    secrets += [ana.user.name, "産業用ポンプ", "EX-2"]
    for path in (
        "/nexi/",
        "/nexi/applications/",
        "/nexi/quotas/",
        "/nexi/contracts/",
        "/nexi/applications/?format=csv",
        "/nexi/quotas/?format=csv",
        "/nexi/contracts/?format=csv",
    ):
        answer = cho.client.get(path)
        shown = (answer.getvalue() if answer.streaming else answer.content).decode()
        assert [secret for secret in secrets if secret in shown] == [], path


NO_NUMBERS = ["abc", "-1", "0", "%00", "%ff", "%252e%252e", "１２３", "12345678%20", "'--", "9" * 20, "9" * 5_000]
NUMBERED = ["requests/{}/", "requests/{}/confirm/", "requests/{}/steps/terms/", "applications/{}/"]
NUMBERED += ["notices/{}/", "notices/{}/confirm/", "notices/{}/steps/entry/", "notices/{}/receipt.pdf"]
NUMBERED += ["applications/attachments/{}/", "quotas/{}/", "quotas/{}/certificate.pdf", "contracts/{}/"]


def test_a_number_that_is_none_is_not_found(ana: Exporter) -> None:
    for number in NO_NUMBERS:
        for path in NUMBERED:
            assert ana.client.get(f"/nexi/{path.format(number)}").status_code in {400, 404}, (path, number)
        assert ana.get(f"{NEW}?from={number}").status in {400, 404}, number


# --- What every answer carries ---------------------------------------------------------------


def answers(ana: Exporter, arguments: Arguments) -> Iterator[tuple[str, Any]]:
    """Yield an answer of every page and of every kind of error."""
    for name, path in addresses(arguments):
        yield path, send(ana.client, "GET", path)
        if name != "account:logout" and not name.endswith("withdraw"):
            yield path, send(ana.client, "POST", path)
    for path in (
        "/nexi/applications/?format=csv",
        "/nexi/quotas/?format=csv",
        "/nexi/quotas/?since-y=x",
        "/nexi/?q=%00",
        "/nowhere/",
    ):
        yield path, ana.client.get(path)
    confirm = reverse("nexi:quota-confirmation-confirm", args=arguments["nexi:quota-confirmation-confirm"])
    yield "409", ana.client.post(confirm, {"token": "forged", "consent": "on"})
    yield "413", send_much(ana.client)
    yield "TRACE", send(ana.client, "TRACE", "/nexi/")
    yield "CSRF", refused_by_token(ana.client)


def send_much(client: Person) -> Any:
    return client.post(NEW, b"x" * 3_000_000, content_type="application/x-www-form-urlencoded")


def refused_by_token(client: Person) -> Any:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(client.user)
    return strict.post(NEW)


def test_every_answer_forbids_storing_foreign_scripts_and_frames(ana: Exporter, arguments: Arguments) -> None:
    seen = set()
    for path, answer in answers(ana, arguments):
        seen.add(answer.status_code)
        assert answer["Cache-Control"] == "no-store", path
        policy = answer["Content-Security-Policy"]
        if answer.status_code == 200 and answer["Content-Type"] == "application/pdf":
            assert policy.startswith("default-src 'none'"), path
        else:
            assert sorted(policy.split("; ")) == sorted(POLICY.split("; ")), path
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["Referrer-Policy"] == "same-origin", path
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert len(answer["X-Request-Id"]) == 12, path
    assert seen >= {200, 302, 400, 403, 404, 405, 409, 413, 422}


def test_no_page_names_another_host(ana: Exporter, arguments: Arguments) -> None:
    pages = [
        (path, answer) for path, answer in answers(ana, arguments) if answer["Content-Type"].startswith("text/html")
    ]
    assert len(pages) > 20
    for path, answer in pages:
        found = re.findall(r"(?:[a-z]+:)?//[^\s\"'<>]*", answer.content.decode())
        assert [address for address in found if not address.startswith("http://testserver/")] == [], path


def test_a_paper_is_a_download_that_no_browser_runs_or_keeps(ana: Exporter, arguments: Arguments) -> None:
    for name in ("nexi:certificate", "nexi:attachment"):
        answer = send(ana.client, "GET", reverse(name, args=arguments[name]))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Cache-Control"] == "no-store"


def test_a_right_that_ends_ends_at_once(
    ana: Exporter, arguments: Arguments, take_away: Callable[[Person], None]
) -> None:
    confirm = ana.get(f"/nexi/requests/{arguments['nexi:application'][0]}/confirm/")
    take_away(ana.client)
    assert ana.presses_apply(confirm).status == 403
    assert Application.objects.get(number=confirm.number).state == State.DRAFT


@pytest.fixture
def take_away() -> Callable[[Person], None]:
    """Return a function that ends every grant of a person."""
    from portal.accounts.models import Grant

    def take_away(person: Person) -> None:
        Grant.objects.filter(user=person.user).delete()

    return take_away
