"""The demo of the trade-credit portal: what a first look finds, and the same however often it is loaded."""

import pytest

from credit_insurance import demo
from credit_insurance.models import Case, Line, Member
from portal.accounts.models import User
from portal.applications.models import Application
from tests.conftest import Person
from tests.credit_insurance.driver import hidden, words

pytestmark = pytest.mark.django_db


def visitor(login: str) -> Person:
    person = Person()
    person.user = User.objects.get(login=login)
    person.force_login(person.user)
    return person


def test_member_a_may_hand_in_the_sheet_of_twelve_debtors_as_it_is() -> None:
    demo.load()
    before = [model.objects.count() for model in (User, Member, Application, Line)]
    demo.load()
    assert [model.objects.count() for model in (User, Member, Application, Line)] == before
    approver = visitor("credit-a-approve")
    assert "入力中" in words(approver.get("/credit/"))
    number = Application.objects.get(organisation__code=demo.MEMBER_A).number
    confirm = approver.get(f"/credit/cases/{number}/confirm/")
    assert "12社（全12社）" in words(confirm)
    assert "100,000,000円" in words(confirm)
    assert approver.post(f"/credit/cases/{number}/confirm/", {"token": hidden(confirm, "token")}).status_code == 303
    assert Case.objects.get().debtors == 12
