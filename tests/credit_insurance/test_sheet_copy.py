"""前年から複写: the debtors of an earlier sheet, without what has to be stated anew."""

import pytest

from credit_insurance.models import Line
from portal.audit.models import Event
from tests.conftest import Person
from tests.credit_insurance.driver import Sheet, hidden, words
from tests.credit_insurance.sheet_files import lines, names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "policy")]


def copies(sheet: Sheet, source: str) -> object:
    page = sheet.person.get(f"{sheet.url}copy/")
    return sheet.person.post(f"{sheet.url}copy/", {"source": source, "revision": hidden(page, "revision")})


def test_debtors_are_copied_and_what_must_be_stated_anew_is_empty(staff: Person):
    earlier = Sheet(staff).fill(3)
    now = Sheet(staff)
    assert now.add(2, requested_limit="7,000,000").status_code == 303
    offered = words(staff.get(f"{now.url}copy/"))
    assert f"3社 2026年11月10日作成 {earlier.number}" in offered
    assert now.number not in offered.partition("複写元")[2]
    assert copies(now, earlier.number).status_code == 303
    page = words(staff.get(now.url))
    assert "2社を複写しました" in page
    assert "すでに入力されている1社は複写していません" in page
    assert names(now) == ["架空取引先2株式会社", "架空取引先1株式会社", "架空取引先3株式会社"]
    kept, copied, _ = lines(now)
    assert kept.values["requested_limit"] == 7_000_000
    assert copied.values["closing_day"] == 99
    assert {
        "annual_sales",
        "balance_now",
        "balance_date",
        "balance_max12",
        "overdue_flag",
    } & copied.values.keys() == set()
    assert not [name for name in copied.typed if name.startswith("balance_")]
    assert "債権残高を入力してください" in page
    assert Event.objects.get(verb="credit.lines_imported").detail["source"] == earlier.number
    assert len(lines(earlier)) == 3


def test_only_sheets_of_the_own_company_can_be_copied(staff: Person, stranger: Person):
    theirs = Sheet(stranger).fill(1)
    own = Sheet(staff)
    assert "複写できるヒアリングシートがありません" in words(staff.get(f"{own.url}copy/"))
    Sheet(staff).fill(1)
    page = copies(own, theirs.number)
    assert page.status_code == 422
    assert theirs.number not in words(page)
    assert not Line.objects.filter(sheet__number=own.number).exists()


def test_a_copy_onto_a_sheet_that_changed_meanwhile_is_not_made(staff: Person, colleague: Person):
    earlier, now = Sheet(staff).fill(1), Sheet(staff)
    page = staff.get(f"{now.url}copy/")
    assert colleague.post(f"{now.url}new/", {"debtor_name": "同僚の取引先", "action": "save"}).status_code == 303
    sent = {"source": earlier.number, "revision": hidden(page, "revision")}
    conflict = staff.post(f"{now.url}copy/", sent)
    assert "ほかの方がこのヒアリングシートを変更したため、複写していません" in words(conflict)
    assert names(now) == ["同僚の取引先"]
    assert staff.post(f"{now.url}copy/", {**sent, "revision": hidden(conflict, "revision")}).status_code == 303
    assert len(names(now)) == 2
