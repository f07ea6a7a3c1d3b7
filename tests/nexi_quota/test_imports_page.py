"""CSV取り込み in the admin: preview with row errors, then apply."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from nexi_quota import imports
from nexi_quota.models import Buyer
from portal.accounts import roles
from portal.audit.models import Event
from tests.conftest import LogIn, Person

pytestmark = pytest.mark.django_db
PAGE = "/admin/nexi_quota/buyer/import/"
GOOD = "海外商社コード,名称,国コード\n310-000008,NEW S.A.,310\n"


@pytest.fixture
def staff(log_in: LogIn, masters: None) -> Person:
    return log_in("staff-nexi", "nexi.staff", is_staff=True, name="事務 正")


def upload(person: Person, content: str | bytes, name: str = "名簿.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return person.post(PAGE, {"file": SimpleUploadedFile(name, data)})


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def token(response: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    return unescape(found[1]) if found else ""


def test_a_file_is_shown_first_and_taken_over_by_the_second_press(staff: Person) -> None:
    assert "CSV取り込み" in words(staff.get("/admin/nexi_quota/buyer/"))
    preview = upload(staff, GOOD)
    assert "追加1件、変更0件、変更なし0件です。まだ取り込んでいません。" in words(preview)
    assert not Buyer.objects.filter(code="310-000008").exists()
    done = staff.post(PAGE, {"token": token(preview)}, follow=True)
    assert "海外商社名簿（名簿.csv）：追加1件、変更0件、変更なし0件を取り込みました。" in words(done)
    assert Buyer.objects.get(code="310-000008").name == "NEW S.A."
    assert Event.objects.get(verb="nexi.imported").actor_login == "staff-nexi"
    assert list((settings.DATA_DIR / "imports").iterdir()) == []


def test_a_second_press_changes_nothing_more(staff: Person) -> None:
    sent = {"token": token(upload(staff, GOOD))}
    staff.post(PAGE, sent)
    assert "もう一度ファイルを選んでください" in words(staff.post(PAGE, sent, follow=True))
    assert Event.objects.filter(verb="nexi.imported").count() == 1


def test_row_errors_are_listed_and_there_is_nothing_to_press(staff: Person) -> None:
    preview = upload(staff, GOOD + "x,<b>X</b>,310\n")
    assert preview.status_code == 422
    assert "3行目・海外商社コード：国コード3桁と番号6桁の数字で入力してください" in words(preview)
    assert token(preview) == ""


def test_an_unchanged_file_says_so(staff: Person) -> None:
    staff.post(PAGE, {"token": token(upload(staff, GOOD))})
    preview = upload(staff, GOOD)
    assert "変更なし（1行）" in words(preview)
    assert token(preview) == ""


def test_what_is_no_csv_or_no_file_is_refused(staff: Person) -> None:
    assert staff.post(PAGE, {}).status_code == 422
    assert "文字コードを読み取れません" in words(upload(staff, b"%PDF-1.7\0\0"))
    assert "空" in words(upload(staff, b""))


def test_the_press_of_somebody_else_or_an_altered_one_takes_nothing_over(staff: Person, log_in: LogIn) -> None:
    sent = token(upload(staff, GOOD))
    other = log_in("staff-nexi-2", "nexi.staff", is_staff=True)
    for person, text in ((other, sent), (staff, sent + "x"), (staff, "")):
        assert "もう一度ファイルを選んでください" in words(person.post(PAGE, {"token": text}, follow=True))
    assert not Buyer.objects.filter(code="310-000008").exists()


def test_a_file_changed_between_the_presses_is_not_taken_over(staff: Person) -> None:
    sent = token(upload(staff, GOOD))
    (kept,) = (settings.DATA_DIR / "imports").iterdir()
    kept.write_text(GOOD.replace("NEW", "OLD"), encoding="utf-8")
    staff.post(PAGE, {"token": sent})
    assert not Buyer.objects.filter(code="310-000008").exists()


def test_the_facts_may_have_changed_between_the_presses(staff: Person) -> None:
    preview = upload(
        staff, "海外商社コード,名称,国コード,本支店区分,本店コード\n310-000008,NEW S.A.,310,支店,310-000002\n"
    )
    head = Buyer.objects.get(code="310-000001")
    Buyer.objects.filter(code="310-000002").update(branch_kind="branch", head_office=head)
    response = staff.post(PAGE, {"token": token(preview)})
    assert response.status_code == 409
    assert "支店が指定されています" in words(response)
    assert not Buyer.objects.filter(code="310-000008").exists()


def test_a_right_that_ended_between_the_presses_counts(staff: Person) -> None:
    sent = token(upload(staff, GOOD))
    staff.user.grants.all().delete()
    assert staff.post(PAGE, {"token": sent}).status_code == 403


def test_who_lacks_the_right_for_a_kind_sees_the_report_only(log_in: LogIn, masters: None) -> None:
    roles.register(roles.Role("test.buyers", "名簿だけ", "nexi", permissions=("nexi_quota.change_buyer",)))
    person = log_in("clerk", "test.buyers", is_staff=True)
    preview = upload(person, GOOD)
    assert "取り込む権限がありません" in words(preview)
    assert token(preview) == ""


@pytest.mark.parametrize("kind", imports.KINDS)
def test_the_template_of_each_kind_is_offered(staff: Person, kind: Any) -> None:
    path = f"{PAGE}template/{kind.slug}.csv"
    assert path in staff.get(PAGE).content.decode()
    answer = staff.get(path)
    assert answer.content == imports.template(kind)
    assert answer["Content-Type"].startswith("text/csv")


def test_an_unknown_template_is_not_found(staff: Person) -> None:
    assert staff.get(f"{PAGE}template/none.csv").status_code == 404
