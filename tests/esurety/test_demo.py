"""The demo of the e-surety portal: what a first look finds, and the same however often it is loaded."""

from io import StringIO

import pytest
from django.core.management import call_command

from esurety import demo
from esurety.models import Body, Certificate, Guarantee, Request
from portal.accounts.models import User
from portal.applications.models import Application
from portal.outbox import drain
from tests.conftest import Person
from tests.esurety.applying import Applicant

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Body, Application, Request, Guarantee, Certificate)]


@pytest.fixture
def loaded() -> None:
    demo.load()


def visitor(login: str) -> Applicant:
    person = Person()
    person.user = User.objects.get(login=login)
    person.force_login(person.user)
    return Applicant(person)


def test_contractor_a_may_send_the_application_of_the_seed_as_it_is(loaded):
    applicant = visitor("surety-a-user")
    listed = applicant.get("/surety/status/")
    assert "見本道路改良工事" in listed.text
    number = Application.objects.get(organisation__code=demo.CONTRACTOR_A).number
    page = applicant.get(f"/surety/applications/{number}/confirm/")
    for said in ("前払金保証 保証金額 20,000,000円（40.0%）", "契約保証 保証金額 5,000,000円（10.0%）"):
        assert said in page.verdict
    assert "受付番号" in applicant.sends(page).text


def test_contractor_b_holds_a_guarantee_with_a_change_and_a_correction(loaded):
    guarantee = Guarantee.objects.get(organisation__code=demo.CONTRACTOR_B)
    assert guarantee.work == "例示橋梁補強工事"
    rows = guarantee.certificates.order_by("sequence")
    assert [(row.target, row.get_state_display()) for row in rows] == [
        ("新規", "旧版（変更により）"),
        ("変更1", "訂正済"),
        ("変更1 訂正", "発行済"),
    ]
    drain()
    call_command("verify_keys", stdout=StringIO())
    call_command("verify_files", stdout=StringIO())


def test_body_a_has_registered_two_certificates_and_waits_for_the_key_of_a_change(loaded):
    clerk = visitor("body-a-user")
    for tab, amount in (("new", "5,000,000"), ("waiting", "20,000,000")):
        listed = clerk.get(f"/verify/certificates/?tab={tab}").text
        assert "仮設水路改修工事" in listed
        assert amount in listed
    assert "仮設水路改修工事" not in visitor("body-b-user").get("/verify/certificates/").text


def test_bodies_and_accounts_are_those_of_the_contract_and_loading_again_changes_nothing(loaded):
    rules = {body.code: body.acceptance.get() for body in Body.objects.filter(code__startswith="9999")}
    assert f"{rules['999901'].starts_on}" == "2024-08-01"
    assert rules["999901"].work_kinds == ["works", "design"]
    assert f"{rules['999902'].starts_on}" == "2024-06-01"
    assert "regional" in rules["999902"].work_kinds
    assert User.objects.get(login="body-a-user").organisation.body.code == "999901"
    roles = {account.login: account.role for account in demo.ACCOUNTS}
    assert roles == {
        "surety-a-user": "surety.user",
        "surety-a-admin": "surety.admin",
        "surety-b-user": "surety.user",
        "body-a-user": "verify.user",
        "body-a-admin": "verify.admin",
        "body-b-user": "verify.user",
        "staff-surety-clerk": "surety.clerk",
        "staff-surety-review": "surety.reviewer",
        "staff-surety-approve": "surety.approver",
        "staff-surety-fee": "surety.fee",
    }
    assert all(User.objects.get(login=login).has_role(role) for login, role in roles.items())
    before = counts()
    demo.load()
    assert counts() == before
