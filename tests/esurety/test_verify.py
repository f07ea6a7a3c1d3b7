"""発注者確認: a body enters a key, reads the certificate, compares it, accepts or returns it."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from esurety.documents import code_text, key_sheet, rows
from esurety.models import Certificate, Guarantee, Registration, Submission
from esurety.services.issuing import payload_of
from portal.audit.models import Event
from portal.outbox import drain
from portal.outbox.nightly import run_all
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop, key_of

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


def words(response: HttpResponse) -> str:
    """Return the words of the main column, without tags."""
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def enters(person: Person, number: str, key: str, **fields: Any) -> HttpResponse:
    return person.post("/verify/", {"number": number, "key": key, **fields})


def file_of(made: Certificate) -> bytes:
    with made.file.open("rb") as file:
        content: bytes = file.read()
    return content


def registers(person: Person, made: Certificate) -> str:
    """Enter number and key of a version; return the address of its page."""
    response = enters(person, f"{made.guarantee}", key_of(made))
    assert response.status_code == 303, words(response)
    return response["Location"]


@pytest.fixture
def guarantee(clock: time_machine.Traveller, shop: Shop) -> Guarantee:
    return shop.guarantee()


FIGURES = {
    "price": "50,000,000",
    "starts_on": "2026-11-11",
    "ends_on": "2027-03-31",
    "contract_on": "2026-11-10",
    "amount": "20,000,000",
}


def dated(figures: dict[str, str]) -> dict[str, str]:
    """Spread dates over the three controls of a date."""
    found = {}
    for name, value in figures.items():
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            found |= dict(zip((f"{name}-y", f"{name}-m", f"{name}-d"), value.split("-"), strict=True))
        else:
            found[name] = value
    return found


def test_a_body_enters_a_key_and_reads_every_line_of_the_certificate(city: Person, guarantee: Guarantee) -> None:
    made = guarantee.current
    path = registers(city, made)
    assert key_of(made) not in path
    assert guarantee.number not in path
    page = words(city.get(path))
    assert "有効・改ざんなし・架空建設業保証株式会社" in page
    for label, text in rows(payload_of(made)):
        assert label in page
        assert " ".join(text.split()) in page
    assert made.serial in page
    assert made.payload_sha256 in page
    assert Submission.objects.get().state == "registered"
    shown = Event.objects.get(verb="verify.shown")
    assert (shown.target, shown.detail["sha256"]) == (guarantee.number, made.payload_sha256)


def test_f16_number_and_key_are_taken_in_any_width_with_spaces_and_hyphens(city: Person, guarantee: Guarantee) -> None:
    key = key_of(guarantee.current)
    wide = key.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    grouped = f" {wide[:4]}　{wide[4:8]} {wide[8:]} "
    assert enters(city, "０１２６１－０００００１", grouped).status_code == 303
    assert enters(city, guarantee.number, key.swapcase()).status_code == 422


def test_the_text_of_the_code_is_read_from_whichever_field_a_reader_types_it_into(
    city: Person, guarantee: Guarantee
) -> None:
    text = code_text(f"{guarantee}", key_of(guarantee.current))
    assert enters(city, "", "", code=text).status_code == 303
    assert Registration.objects.get().source == "code"
    assert enters(city, text, "").status_code == 303
    assert "QRコードの内容を読み取れません" in words(enters(city, "", "", code="01261-000001"))


def test_the_key_sheet_registers_and_the_certificate_is_called_what_it_is(
    city: Person, guarantee: Guarantee, shop: Shop
) -> None:
    made = guarantee.current
    wrong = SimpleUploadedFile("証書.pdf", file_of(made))
    refused = enters(city, "", "", sheet=wrong)
    assert refused.status_code == 422
    assert "これは保証証書（確認用）です。登録に必要なのは「認証キーのお知らせ」です。" in words(refused)
    broken = enters(city, "", "", sheet=SimpleUploadedFile("x.pdf", b"%PDF-1.7 nothing"))
    assert "読み取れませんでした" in words(broken)
    name, content = key_sheet(made, shop.person("a-user"), "sheet")
    assert enters(city, "", "", sheet=SimpleUploadedFile(name, content)).status_code == 303
    assert Registration.objects.get().source == "sheet"


def test_nothing_entered_is_said_field_by_field_and_counts_as_nothing(city: Person, guarantee: Guarantee) -> None:
    page = words(enters(city, "", ""))
    assert "保証契約番号を入力してください。" in page
    assert "認証キーを入力してください。" in page
    assert not Event.objects.filter(verb="verify.tried").exists()


def test_who_may_only_look_enters_no_key(log_in: LogIn, guarantee: Guarantee) -> None:
    viewer = log_in("auditor", "verify.view", organisation=guarantee.body.organisation)
    assert "契約担当の権限を持つ方ができます" in words(viewer.get("/verify/"))
    assert enters(viewer, f"{guarantee}", key_of(guarantee.current)).status_code == 403
    assert not Registration.objects.exists()


def test_the_page_of_another_body_is_not_there(city: Person, prefecture: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    for address in (path, f"{path}print/", f"{path}log/", f"{path}certificate.pdf", f"{path}certificate.json"):
        assert prefecture.get(address).status_code == 404
    for action in ("accept", "return", "compare", "verification"):
        assert prefecture.post(f"{path}{action}/").status_code == 404
    assert prefecture.get("/verify/certificates/999999/").status_code == 404


# --- What became of a version -------------------------------------------------------


def test_f15_an_old_key_opens_its_own_version_and_says_what_became_of_it(
    city: Person, guarantee: Guarantee, shop: Shop
) -> None:
    changed = shop.revise(guarantee, "change", amount=19_000_000)
    assert changed
    path = registers(city, changed)
    shop.revise(guarantee, "correction", amount=18_000_000)
    page = words(city.get(path))
    assert "訂正済（2026/11/20）・改ざんなし" in page
    assert "訂正後の証書が未提出" in page
    assert "19,000,000円" in page
    assert "18,000,000円" not in page
    assert registers(city, changed) == path
    newest = registers(city, guarantee.current)
    assert newest != path
    assert "訂正後の証書があります" in words(city.get(path))
    assert "18,000,000円" in words(city.get(newest))


def test_a_change_waits_in_the_list_without_its_contents_until_its_key_comes(
    city: Person, guarantee: Guarantee, shop: Shop
) -> None:
    path = registers(city, guarantee.current)
    city.post(f"{path}accept/")
    shop.revise(guarantee, "change", amount=12_345_000, work="変更後の工事名")
    waiting = city.get("/verify/certificates/?tab=waiting")
    assert "旧版（変更後の証書あり）" in words(waiting)
    for page in (words(waiting), words(city.get(path))):
        assert "12,345,000" not in page
        assert "変更後の工事名" not in page
    assert "01261-000001" not in words(city.get("/verify/certificates/?tab=waiting&words=変更後の工事名"))
    assert "変更後の証書が未提出" in words(city.get(path))
    registers(city, guarantee.current)
    assert "この状況の証書はありません" in words(city.get("/verify/certificates/?tab=waiting"))
    assert "旧版" in words(city.get("/verify/certificates/?tab=ended"))
    assert "12,345,000" in words(city.get("/verify/certificates/"))


def test_a_withdrawn_change_and_a_cancelled_guarantee_stay_readable_with_the_date(
    city: Person, guarantee: Guarantee, shop: Shop
) -> None:
    first = registers(city, guarantee.current)
    changed = shop.revise(guarantee, "change", amount=19_000_000)
    assert changed
    second = registers(city, changed)
    shop.revise(guarantee, "withdrawal")
    assert "変更取消（2026/11/20）" in words(city.get(second))
    assert "有効・改ざんなし" in words(city.get(first))
    shop.revise(guarantee, "cancellation")
    assert "失効（2026/11/20）" in words(city.get(first))
    assert registers(city, changed) == second


def test_a_certificate_past_its_term_is_still_in_force_and_says_so(
    city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    path = registers(city, guarantee.current)
    clock.move_to(datetime(2027, 4, 1, tzinfo=UTC))
    city.force_login(city.user)
    assert "有効（期限経過）・改ざんなし" in words(city.get(path))


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"payload_sha256": "0" * 64}, "証書の内容のハッシュ値が一致しません"),
        ({"signature": "AAAA"}, "証書の内容の電子署名が一致しません"),
        ({"previous_sha256": "0" * 64}, "前の版とのつながりが一致しません"),
        ({"sha256": "0" * 64}, "PDFのハッシュ値が一致しません"),
    ],
)
def test_the_verdict_names_the_step_that_failed(
    city: Person, guarantee: Guarantee, changed: dict[str, str], step: str
) -> None:
    path = registers(city, guarantee.current)
    Certificate.objects.update(**changed)
    page = words(city.get(path))
    assert "改ざんの疑いがあります" in page
    assert step in page
    assert "不一致" in words(city.post(f"{path}verification/"))


def test_contents_that_were_altered_in_the_database_are_found(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    made = guarantee.current
    altered = made.payload.replace("20000000", "90000000")
    assert altered != made.payload
    Certificate.objects.update(payload=altered)
    page = words(city.get(path))
    assert "証書の内容のハッシュ値が一致しません" in page
    assert "証書の内容の電子署名が一致しません" in page


# --- 照合, 受領, 差戻し ---------------------------------------------------------------


def test_the_contracts_own_figures_are_compared_with_certificate_and_limits(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    assert city.post(f"{path}compare/", dated(FIGURES)).status_code == 303
    page = words(city.get(path))
    assert "照合の結果：適" in page
    assert "限度額20,000,000円" in page
    assert "保証期限2027年3月31日は、工期の終わり2027年3月31日以後です。" in page
    assert Registration.objects.get().agreed["price"] == 50_000_000
    again = city.get(f"{path}compare/").content.decode()
    assert 'value="50,000,000"' in again
    assert 'name="ends_on-y"' in again
    city.post(f"{path}compare/", dated(FIGURES | {"price": "40000000", "ends_on": "2027-05-31"}))
    page = words(city.get(path))
    assert "照合の結果：不適" in page
    assert "40,000,000円 50,000,000円 相違" in page
    assert "限度額16,000,000円" in page
    assert "4,000,000円超えています" in page
    assert "工期が保証期限を過ぎます" in page
    assert Event.objects.filter(verb="verify.compared").count() == 2


def test_figures_that_cannot_be_read_are_given_back(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    response = city.post(f"{path}compare/", dated(FIGURES | {"price": "たくさん"}))
    assert response.status_code == 422
    assert "請負金額を読み取れませんでした" in words(response)
    assert Registration.objects.get().agreed == {}


def test_a_body_accepts_once_and_both_sides_are_told_without_the_key(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    assert city.post(f"{path}accept/").status_code == 302
    assert city.post(f"{path}accept/").status_code == 409
    assert city.get(f"{path}return/").status_code == 409
    assert city.post(f"{path}return/", {"reason": "遅い"}).status_code == 409
    assert Submission.objects.get().state == "accepted"
    assert "受領" in words(city.get(path))
    mail.outbox.clear()
    drain()
    assert {message.to[0] for message in mail.outbox} == {"contractor@a.example", "office@surety.example"}
    for message in mail.outbox:
        assert message.subject == "認証キー受領のお知らせ"
        assert "契約 秋子" in message.body
        assert key_of(guarantee.current) not in message.body
        assert "http" not in message.body


def test_a_returned_certificate_comes_back_to_life_with_its_key(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    assert city.get(f"{path}return/").status_code == 200
    assert city.post(f"{path}return/", {"reason": ""}).status_code == 422
    city.post(f"{path}return/", {"reason": "工事名が違います"})
    assert Submission.objects.get().state == "returned"
    assert "工事名が違います" in words(city.get(path))
    assert "差戻し" in words(city.get("/verify/certificates/?tab=waiting"))
    mail.outbox.clear()
    drain()
    assert all("理由：工事名が違います" in message.body for message in mail.outbox)
    assert registers(city, guarantee.current) == path
    assert Submission.objects.get().state == "registered"
    city.post(f"{path}accept/")
    assert Registration.objects.get().state == "accepted"


def test_who_may_only_look_decides_nothing(log_in: LogIn, city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    viewer = log_in("auditor", "verify.view", organisation=guarantee.body.organisation)
    page = viewer.get(path)
    assert page.status_code == 200
    assert "受領する" not in words(page)
    for action in ("accept", "return", "compare"):
        assert viewer.post(f"{path}{action}/").status_code == 403


# --- Lists, files, alerts -----------------------------------------------------------


def test_the_list_has_the_columns_of_the_specification_and_so_has_its_csv(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    page = city.get("/verify/certificates/")
    line = "2026/11/20 前払 新規 01261-000001 見本道路改良工事 架空建設株式会社 20,000,000 2027/03/31 未確認"
    assert line in words(page)
    assert path in page.content.decode()
    csv = b"".join(city.get("/verify/certificates/?format=csv").streaming_content).decode()
    assert line.replace(" ", '","') in csv
    assert "01261-000001" in words(city.get("/verify/certificates/?number=01261-00&words=架空建設 道路"))
    assert "01261-000001" not in words(city.get("/verify/certificates/?product=CTR"))
    assert "01261-000001" not in words(city.get("/verify/certificates/?until-y=2026&until-m=11&until-d=19"))
    city.post(f"{path}accept/")
    assert "01261-000001" in words(city.get("/verify/certificates/?tab=accepted"))
    assert "01261-000001" not in words(city.get("/verify/certificates/?tab=soon"))


def test_the_print_carries_serial_hash_and_time(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    page = words(city.get(f"{path}print/"))
    made = guarantee.current
    assert f"発行通番 {made.serial} SHA-256 {made.payload_sha256}" in page
    assert "印刷日時 2026年11月20日 10:00" in page
    assert Event.objects.filter(verb="verify.shown", detail__how="print").exists()


def test_pdf_and_json_are_the_ones_that_were_issued_and_an_altered_pdf_stays_here(
    city: Person, guarantee: Guarantee
) -> None:
    path = registers(city, guarantee.current)
    made = guarantee.current
    pdf = city.get(f"{path}certificate.pdf")
    assert pdf.content == file_of(made)
    assert "%E7%A2%BA%E8%AA%8D%E7%94%A8" in pdf["Content-Disposition"]
    assert json.loads(city.get(f"{path}certificate.json").content)["payload"] == made.payload
    made.file.storage.delete(made.file.name)
    assert city.get(f"{path}certificate.pdf").status_code == 409
    assert Event.objects.filter(verb="verify.pdf").values_list("outcome", flat=True).order_by("at")[1] == "failed"


def test_the_log_shows_what_people_of_this_body_did(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    city.get(f"{path}certificate.json")
    page = words(city.get(path))
    for done in ("電子証書の登録", "電子証書のデータの出力", "電子証書の表示", "契約 秋子"):
        assert done in page
    whole = words(city.get(f"{path}log/"))
    assert "2026/11/20 10:00:00 契約 秋子 電子証書の登録 版 1" in whole
    assert "電子証書の発行" not in whole


def test_the_body_is_told_of_the_term_once_at_each_stage(
    city: Person, guarantee: Guarantee, clock: time_machine.Traveller
) -> None:
    city.user.email = "keiyaku@body.example"
    city.user.save()
    told = []
    for day in (
        datetime(2027, 1, 30, tzinfo=UTC),
        datetime(2027, 1, 31, tzinfo=UTC),
        datetime(2027, 3, 24, tzinfo=UTC),
    ):
        if not Registration.objects.exists():
            registers(city, guarantee.current)
        clock.move_to(day)
        mail.outbox.clear()
        run_all(day.date())
        drain()
        sent = [m.subject for m in mail.outbox if m.to == ["keiyaku@body.example"]]
        told.append([subject for subject in sent if "保証期限" in subject])
    assert told == [
        ["保証期限のお知らせ（保証契約番号 01261-000001）"],
        [],
        ["保証期限のお知らせ（保証契約番号 01261-000001）"],
    ]
