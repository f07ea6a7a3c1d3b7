"""What one company has is shown to nobody who may not see it, at any address of the portal and in any of its files."""

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdf
import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credit_insurance.models import (
    Case,
    CoveredDebtor,
    Deposit,
    Enrolment,
    EnrolmentForm,
    Invoice,
    LimitDecision,
    Line,
    MasterPolicy,
    Questionnaire,
    Quote,
    SheetFile,
)
from credit_insurance.selectors import masters
from credit_insurance.services import certificates, deposits, enrolment, quotes
from portal.accounts.management.commands.list_urls import routes
from portal.accounts.models import User
from portal.applications.models import Application
from portal.common.checkdigit import damm
from tests.conftest import LogIn, Person
from tests.credit_insurance import builder
from tests.credit_insurance.driver import Sheet
from tests.credit_insurance.sheet_files import as_csv, chooses, row, table

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files, pytest.mark.usefixtures("clock")]

ROUTES = {route["name"]: route for route in routes() if route["portal"] == "credit"}
PUBLIC = {name for name, route in ROUTES.items() if route["roles"] == ["public"]}
HIDDEN = {302, 403, 404, 405}

# Both companies sell to the same debtors; these figures and words only one of them has.
AMOUNTS = ("7,300,000", "87,600,000", "219,000", "31,415,926", "7,654,321", "412,345", "29,876,543")
WORDS = ("乙社だけの取引先", "乙社だけの代表者", "架空商事B", "他社 五郎", "乙社だけのメモ")
TOGETHER = ("15,300,000", "183,600,000")
"""Limits of both companies on one debtor and on all: what the insurer adds up."""

THEIRS = {"requested_limit": "7,300,000", "annual_sales": "31,415,926", "rep_name": "乙社だけの代表者"}
THEIRS |= {"balance_now": "7,654,321", "balance_max12": "7,654,321"}


@dataclass
class Company:
    """One company with a 加入者証, and with a draft, a file of debtors and an アンケート for what comes next."""

    person: Person
    member: str
    sheet: str
    quote: str
    form: str
    certificate: str
    covered: int
    draft: str
    file: uuid.UUID
    nonce: str

    @property
    def numbers(self) -> set[str]:
        """What nobody else has to know, not even as a number."""
        return {self.sheet, self.quote, self.form, self.certificate, self.draft, self.nonce}

    def addresses(self) -> dict[str, list[list[Any]]]:
        """Return, by the name of the page, what its address says: here belongs every page that names an object."""
        draft, sheet, quote, form = self.draft, self.sheet, [[self.quote]], [[self.form]]
        lines = dict(Line.objects.filter(sheet__number__in=[draft, sheet]).values_list("sheet__number", "pk"))
        of_draft, of_sheet = lines[draft], lines[sheet]
        both = [[draft], [sheet]]
        return {
            "questionnaire-result": [[self.nonce]],
            "questionnaire-paper": [[self.nonce]],
            "member": [[self.member]],
            "member-confirm": [[self.member]],
            "member-deny": [[self.member]],
            "debtors": both,
            "debtor-new": both,
            "debtor": [[draft, of_draft], [sheet, of_sheet]],
            "debtor-remove": [[draft, of_draft], [sheet, of_sheet]],
            "debtors-template": [[draft, "xlsx"], [draft, "csv"]],
            "debtors-export": [[draft, "xlsx"], [draft, "csv"], [sheet, "xlsx"]],
            "debtors-import": both,
            "debtors-preview": [[draft, self.file]],
            "debtors-errors": [[draft, self.file]],
            "debtors-copy": both,
            "case-answer": both,
            "case-correct": both,
            "case-paper": both,
            **dict.fromkeys(("quote", "quote-paper", "quote-refuse", "quote-again", "enrol", "next-period"), quote),
            **dict.fromkeys(("enrolment-state", "enrolment-receipt", "enrolment-confirm", "enrolment-correct"), form),
            **dict.fromkeys(("hand-over", "give-back", "later-start", "enrolment-pdf", "invoice-pdf"), form),
            "payment-receipt": [[Invoice.objects.get(case__forms__application__number=self.form).number]],
            "enrolment-first": [["disclosure"]],
            "enrolment-step": [[self.form, "disclosure"], [self.form, "papers"]],
            "consent-paper": [["none", 1]],
            "certificate-paper": [[self.certificate, 1]],
            "cover-debtor": [[self.covered]],
            "cover-balance": [[self.covered]],
            "case-first": [["summary"]],
            "case-step": [[draft, "summary"], [sheet, "summary"]],
            "case-confirm": both,
            "case-receipt": both,
            "application": [*both, *form],
            "application-withdraw": [*both, *form],
            "attachment": [["0"]],
        }

    def elsewhere(self, part: Any) -> Any:
        """Return what nothing has in place of a part of an address, in the same form."""
        if isinstance(part, int):
            return 10**8 + part
        if isinstance(part, uuid.UUID):
            return uuid.UUID(int=part.int ^ 1)
        if part in {self.draft, self.sheet, self.form}:
            return f"99{part[2:-1]}{damm(f'99{part[2:-1]}')}"
        if part in self.numbers | {self.member}:
            return f"{part[:-2]}{'99' if part[-2:] != '99' else '88'}"
        return part


def open_pages() -> Iterator[tuple[str, str]]:
    """Yield name and address of the pages that name nothing, the lists also as CSV."""
    for name, route in ROUTES.items():
        if "<" not in route["path"]:
            yield name, reverse(name)
            if "GET" in route["methods"]:
                yield name, f"{reverse(name)}?format=csv"


def named_pages(company: Company) -> Iterator[tuple[str, str, str]]:
    """Yield the name of every page with its address for a company, and the same address with what nothing has."""
    known = company.addresses()
    for name, route in ROUTES.items():
        if "<" in route["path"]:
            short = name.partition(":")[2]
            assert short in known, f"{name}: add to Company.addresses() of this test which objects its address names"
            for given in known[short]:
                yield name, reverse(name, args=given), reverse(name, args=map(company.elsewhere, given))


def pages(company: Company, *, files: bool = True) -> list[tuple[str, str]]:
    """Return name and address of every page of a company; without `files` only what takes no time to make."""
    found = [*open_pages(), *((name, address) for name, address, _ in named_pages(company))]
    dear = () if files else ("paper", "pdf", "payment-receipt", "export", "format=csv")
    return [place for place in found if not any(place[0].endswith(end) or place[1].endswith(end) for end in dear)]


def read(client: Client, address: str) -> tuple[int, str]:
    """Return status and all text of an answer, whatever it is written in."""
    answer: Any = client.get(address)
    content = answer.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    elif content.startswith(b"%PDF"):
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return answer.status_code, "\n".join(page.extract_text() for page in pages)
    return answer.status_code, content.decode()


def told(text: str, *secrets: str) -> set[str]:
    """Return the secrets that a text tells, an amount also without its commas."""
    wanted = "|".join(f"{re.escape(one)}|(?<![0-9]){re.escape(one.replace(',', ''))}(?![0-9])" for one in secrets)
    bare = {one.replace(",", ""): one for one in secrets}
    return {bare[found.replace(",", "")] for found in re.findall(wanted, text)}


def plain(text: str) -> str:
    """Return a page without what differs from answer to answer: its token, its number, the address that it repeats."""
    return re.sub(r"[0-9A-Za-z]{64}|(?<=request-id\">)[0-9a-f]+|/credit/[^\s\"'<>]+", "…", text)


@pytest.fixture
def companies(log_in: LogIn, approver: Person, stranger: Person, policy: MasterPolicy) -> tuple[Company, Company]:
    """Company A and company B."""
    people = [log_in(role, f"credit.{role}", is_staff=True).user for role in ("uw", "uw_manager", "fed")]
    return company(approver, people, {}), company(stranger, people, THEIRS)


def company(person: Person, people: list[User], changes: dict[str, str]) -> Company:
    underwriter, manager, clerk = people
    today, calendar = timezone.localdate(), masters.calendar()
    start = masters.starts(today)[0]
    quote = builder.quoted(builder.submitted(person.user, start, **changes), underwriter, manager)
    case = quote.case
    quotes.accept(quote, person.user, today)
    form = builder.form_in(quote, person.user)
    enrolment.accept_form(EnrolmentForm.objects.get(application=form), clerk, calendar)
    invoice = Invoice.objects.get(case=case)
    money = {"amount": invoice.amount, "open_amount": invoice.amount, "payer": invoice.number}
    Deposit.objects.create(booked_on=today, value_on=today, entered_at=timezone.now(), **money)
    deposits.settle_certain()
    enrolment.settle(case, today, calendar)
    agreed = Enrolment.objects.get(case=case)
    certificates.issue(agreed, underwriter)
    agreed.refresh_from_db()

    draft = Sheet(person, intended_start=start.isoformat(), total_sales="412,345" if changes else "412,000")
    draft.add(1, **changes)
    if changes:
        draft.add(20, **changes, debtor_name="乙社だけの取引先株式会社", note="乙社だけのメモ")
    biggest = {"balance_max12": "29,876,543"} if changes else {}
    chooses(draft, as_csv(table([row(3, **biggest)])))
    asked = Questionnaire.objects.create(
        nonce=uuid.uuid4().hex, member=case.member, answers={"Q1": "yes"}, result="R1", answered_at=timezone.now()
    )
    return Company(
        person,
        case.member.number,
        case.number,
        quote.number,
        form.number,
        agreed.certificate_number,
        CoveredDebtor.objects.filter(enrolment=agreed).earliest("pk").pk,
        draft.number,
        SheetFile.objects.get(sheet__number=draft.number).pk,
        asked.nonce,
    )


def everything() -> list[Any]:
    tables: tuple[type[models.Model], ...] = (Application, Case, Line, LimitDecision, Quote, SheetFile, EnrolmentForm)
    tables += (Enrolment, CoveredDebtor, Invoice)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def test_no_page_and_no_file_tells_another_company_what_this_one_has(
    companies: tuple[Company, Company], viewer: Person, staff: Person, approver: Person
) -> None:
    ours, theirs = companies
    shown: set[str] = set()
    for _, address in pages(theirs, files=False):
        shown |= told(read(theirs.person, address)[1], *AMOUNTS, *WORDS, *theirs.numbers)
    assert shown == {
        *AMOUNTS,
        *WORDS,
        *theirs.numbers,
    }  # the owner sees all of it somewhere, or what follows would say nothing
    for person in (viewer, staff, approver):
        # Files are the same for all three, so one of them opens them.
        seen = [address for _, address in pages(ours, files=person is approver)]
        answers = {address: read(person, address) for address in seen}
        assert sum(status == 200 for status, _ in answers.values()) > 15
        secrets = (*AMOUNTS, *WORDS, *TOGETHER, *theirs.numbers)
        leaks = {address: told(text, *secrets) for address, (_, text) in answers.items()}
        assert not {address: found for address, found in leaks.items() if found}


def test_an_address_with_the_numbers_of_another_company_is_that_of_nobody(
    companies: tuple[Company, Company], viewer: Person, staff: Person, approver: Person
) -> None:
    _, theirs = companies
    foreign = [place for place in named_pages(theirs) if place[1] != place[2]]
    assert len(foreign) > 25
    before = everything()
    for name, address, nowhere in foreign:
        for person in (viewer, staff, approver):
            status, text = read(person, address)
            assert status in HIDDEN, (person.user, address)
            assert not told(text, *AMOUNTS, *WORDS), (person.user, address)
        other, nothing = read(approver, nowhere)
        assert (status, plain(text)) == (other, plain(nothing)), address
        if "POST" in ROUTES[name]["methods"]:
            assert approver.post(address).status_code in HIDDEN, address
    assert everything() == before


def test_union_and_agent_see_no_figure_of_any_company_and_a_guest_sees_the_login(
    companies: tuple[Company, Company], union_clerk: Person, agent: Person
) -> None:
    figures = (*AMOUNTS, *TOGETHER, "8,000,000", "96,000,000", "240,000", "32,000,000", "乙社だけの取引先")
    guest = Client()
    for name, address in pages(companies[1]):
        for person in (union_clerk, agent):
            assert not told(read(person, address)[1], *figures), (person.user, address)
        if name not in PUBLIC:
            assert guest.get(address).status_code in {302, 405}, address
    members = read(union_clerk, reverse("credit:members"))[1]
    assert all(one.person.user.organisation.name in members for one in companies)
