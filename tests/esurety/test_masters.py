"""Masters that the staff keep one by one, and what an installation begins with."""

import json

import pytest
from django.core.management import call_command

from esurety.models import BankBranch, Body, Contractor, FeeTable, Office, Surety
from portal.accounts.models import Organisation
from portal.audit.models import Event


@pytest.fixture
def clerk(log_in):
    return log_in("surety-clerk", "surety.clerk", is_staff=True)


def errors(answer):
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


def test_codes_are_read_in_any_width_and_stored_in_half_width(clerk):
    fields = {
        "bank_code": "０００１",
        "branch_code": "101",
        "bank_name": "架空銀行",
        "branch_name": "本店",
        "has_agency": "on",
    }
    assert clerk.post("/admin/esurety/bankbranch/add/", fields).status_code == 302
    assert BankBranch.objects.get().code == "0001-101"
    wrong = clerk.post("/admin/esurety/bankbranch/add/", {**fields, "bank_code": "1"})
    assert errors(wrong) == {"bank_code": ["4桁の数字で入力してください。"]}


def test_an_office_keeps_the_code_that_begins_its_numbers(clerk):
    fields = {
        **{"code": "01", "name": "見本支店", "phone": "０２９（０００）０００１", "fax": "029-000-0002"},
        **{"email": "office@surety.example", "hours": "平日 9:00〜17:00"},
    }
    assert errors(clerk.post("/admin/esurety/office/add/", {**fields, "code": "1"})) == {
        "code": ["2桁の数字で入力してください。"]
    }
    assert clerk.post("/admin/esurety/office/add/", fields).status_code == 302
    office = Office.objects.get()
    assert office.phone == "029-000-0001"
    assert (
        clerk.post(f"/admin/esurety/office/{office.pk}/change/", {**fields, "code": "02", "name": "新"}).status_code
        == 302
    )
    office.refresh_from_db()
    assert (office.code, office.name) == ("01", "新")
    assert Event.objects.filter(verb="admin.changed", actor_login="surety-clerk").exists()


def test_a_contractor_belongs_to_one_organisation_and_is_never_deleted(clerk):
    company = Organisation.objects.create(portal="surety", code="1000000001", name="架空建設株式会社")
    stranger = Organisation.objects.create(portal="verify", code="999901", name="架空市")
    office = Office.objects.create(
        code="01", name="見本支店", phone="029-000-0001", fax="029-000-0002", email="office@surety.example"
    )
    fields = {
        **{"organisation": company.pk, "kana": "かくう", "address": "茨城県架空市1-2", "phone": "029-000-0003"},
        **{"representative": "代表取締役 架空 太郎", "licence": "08-123456", "exposure_limit": "1000000000"},
        **{"office": office.pk, "online": "active", "licence_until": "", "statements_on": ""},
    }
    where = "/admin/esurety/contractor/add/"
    assert set(errors(clerk.post(where, {**fields, "organisation": stranger.pk, "licence": "1"}))) == {
        "organisation",
        "licence",
    }
    assert clerk.post(where, fields).status_code == 302
    made = Contractor.objects.get()
    assert (made.organisation, made.kana, made.licence) == (company, "カクウ", "08123456")
    assert clerk.get(f"/admin/esurety/contractor/{made.pk}/delete/").status_code == 403


def test_the_company_on_the_certificates_is_one_row_that_the_approver_keeps(clerk, log_in):
    approver = log_in("surety-approve", "surety.approver", is_staff=True)
    fields = {"name": "架空保証", "address": "架空市1", "president_title": "取締役社長", "president": "保証 一郎"}
    assert clerk.get("/admin/esurety/surety/add/").status_code == 403
    assert approver.post("/admin/esurety/surety/add/", fields).status_code == 302
    assert approver.get("/admin/esurety/surety/add/").status_code == 403
    assert Surety.objects.get().name == "架空保証"


def test_an_installation_begins_with_tables_and_if_wanted_with_the_observed_bodies(db, capsys):
    call_command("load_surety_masters")
    assert json.loads(capsys.readouterr().out) == {"added": {"fee_tables": 3}}
    call_command("load_surety_masters", "--bodies")
    assert json.loads(capsys.readouterr().out) == {"added": {"fee_tables": 0, "bodies": 21}}
    assert (FeeTable.objects.count(), Body.objects.count()) == (3, 21)
