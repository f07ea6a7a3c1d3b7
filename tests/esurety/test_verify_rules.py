"""電子保証対応設定: a body's administrator keeps its own rules, and contractors see them at once (esurety.md 10.1)."""

import re
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse

from esurety.models import AcceptanceRule, Body, Registration, Request, SubmissionRule
from esurety.services import bodies
from portal.audit.models import Event
from portal.outbox import drain
from tests.conftest import LogIn, Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.issued import issued
from tests.esurety.test_bodies import table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
RULES = "/verify/rules/"
ACCEPTANCE, SUBMISSION = f"{RULES}acceptance/", f"{RULES}submission/"


def words(response: HttpResponse) -> str:
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def dated(**fields: str) -> dict[str, str]:
    """Spread days in ISO text over the three boxes of a date."""
    return {
        f"{name}-{part}": number
        for name, day in fields.items()
        for part, number in zip("ymd", day.split("-"), strict=True)
    }


ACCEPTS = {"adv": "on", "works": "on", "basis": "notice", **dated(starts_on="2027-04-01")}
TAKES = {
    "adv": "on",
    "channel_1": "mail",
    "address": "shin@body.example",
    "subject": "【電子保証】{仕様書番号} {案件名}",
}


@pytest.fixture
def mayor(log_in: LogIn, body_a: Body) -> Person:
    """The 発注者管理者 of body A."""
    return log_in("body-a-admin", "verify.admin", organisation=body_a.organisation, name="管理 冬子")


def sends(person: Person, path: str, data: dict[str, Any]) -> HttpResponse:
    """Send a form of the settings as the page shows it: with the mark of what is being changed."""
    seen = re.search(r'name="seen" value="([^"]*)"', person.get(path).content.decode())
    assert seen
    answer: HttpResponse = person.post(path, {"seen": seen[1], **data})
    return answer


# --- What contractors see -------------------------------------------------------------


def test_what_a_body_changes_is_in_the_contractors_list_at_once(mayor: Person, user: Person, shop: Shop) -> None:
    rule = AcceptanceRule.objects.get()
    changed = {**ACCEPTS, "ctr": "on", "departments": "契約課\n\n建設課\n", "remark": "電話でご確認ください"}
    assert sends(mayor, f"{ACCEPTANCE}{rule.pk}/", changed).status_code == 303
    page = words(user.get("/surety/bodies/?q=架空市"))
    line = "2027/04/01 入札公告日 前払・契約 建設工事（契約課・建設課の契約） 電子メール 電話でご確認ください"
    assert line in page
    assert "2024/08/01" not in page


@pytest.mark.stores_files
def test_the_helper_of_the_contractor_uses_the_rule_that_began_last(
    mayor: Person, user: Person, shop: Shop, clock: Any
) -> None:
    guarantee = issued(shop)
    Request.objects.update(works={**guarantee.item.request.works, "spec_number": "S-7", "bid_on": "2026-10-30"})
    helper = f"/surety/guarantees/{guarantee}/submit/1/"
    products = {"adv": "on", "mid": "on", "ctr": "on"}
    later = {**TAKES, **products, "subject": "{入札日} {仕様書番号}", **dated(starts_on="2026-11-24")}
    assert sends(mayor, f"{SUBMISSION}new/", later).status_code == 303
    assert "keiyaku@body.example" in words(user.get(helper))
    assert "適用前" in words(mayor.get(RULES))
    clock.move_to("2026-11-24T10:00:00+09:00")
    for person in (user, mayor):
        person.logout()
        person.force_login(person.user)
    page = words(user.get(helper))
    assert "shin@body.example" in page
    assert "2026年10月30日 S-7" in page
    assert "以前の設定" in words(mayor.get(RULES))


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "changes", "message"),
    [
        (ACCEPTANCE, {"adv": ""}, "保証種類を1つ以上選んでください"),
        (ACCEPTANCE, {"works": ""}, "工事区分を1つ以上選んでください"),
        (ACCEPTANCE, dated(ends_on="2027-03-31"), "適用終了日は適用開始日（2027年4月1日）以後の日にしてください"),
        (SUBMISSION, {"subject": "{工事番号} {金額}"}, "使えない項目（{金額}）があります。使えるのは{工事番号}、"),
        (SUBMISSION, {"subject": "{工事番号"}, "「{」と「}」の組み合わせを確かめてください"),
        (SUBMISSION, {"text": "{{案件名}}"}, "「{」と「}」の組み合わせを確かめてください"),
        (SUBMISSION, {"address": "契約課"}, "メールアドレスを入力してください"),
        (SUBMISSION, {"channel_1": "form"}, "https:// で始まるアドレスを入力してください"),
        (SUBMISSION, {"channel_1": ""}, "提出方法（第1希望）を選択してください"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    mayor: Person, path: str, changes: dict[str, str], message: str
) -> None:
    answer = sends(mayor, f"{path}new/", {**(ACCEPTS if path == ACCEPTANCE else TAKES), **changes})
    assert answer.status_code == 422
    assert message in words(answer)
    assert (AcceptanceRule.objects.count(), SubmissionRule.objects.count()) == (1, 1)


def test_a_rule_that_meets_another_or_was_changed_meanwhile_is_refused(mayor: Person) -> None:
    again = sends(mayor, f"{ACCEPTANCE}new/", ACCEPTS)
    assert (again.status_code, "同じ保証種類・工事区分・部署・期間の対応" in words(again)) == (409, True)
    page = f"{SUBMISSION}{SubmissionRule.objects.get().pk}/"
    assert sends(mayor, page, {**TAKES, "mid": "on", "ctr": "on"}).status_code == 303
    stale = mayor.post(page, {**TAKES, "seen": "0123456789abcdef", "department": "財政課"})
    assert (stale.status_code, "ほかの方がこの設定を変更しました" in words(stale)) == (409, True)
    assert SubmissionRule.objects.get().department == ""


def test_a_rule_that_has_not_begun_is_taken_back_and_any_other_is_not(mayor: Person) -> None:
    begun = AcceptanceRule.objects.get()
    new = {"regional": "on", "adv": "on", "basis": "contract", **dated(starts_on="2027-04-01")}
    sends(mayor, f"{ACCEPTANCE}new/", new)
    waiting = AcceptanceRule.objects.latest("pk")
    assert "この設定を削除しますか" in words(mayor.get(f"{ACCEPTANCE}{waiting.pk}/remove/"))
    assert "削除" not in words(mayor.get(f"{ACCEPTANCE}{begun.pk}/"))
    for rule in (begun, waiting):
        mayor.post(f"{ACCEPTANCE}{rule.pk}/remove/")
    assert list(AcceptanceRule.objects.all()) == [begun]


# --- The subject line -------------------------------------------------------------------


@pytest.mark.stores_files
def test_the_subject_line_is_shown_for_a_certificate_of_the_body_before_it_is_kept(
    mayor: Person, city: Person, shop: Shop
) -> None:
    new = f"{SUBMISSION}new/"
    shown = words(sends(mayor, new, {**TAKES, "action": "preview"}))
    assert "件名の例（見本の値）： 【電子保証】S-12 見本道路改良工事" in shown
    guarantee = issued(shop, work="架空橋りょう補修工事")
    assert "架空橋りょう" not in words(mayor.get(RULES))  # not handed in: not the body's to see
    assert city.post("/verify/", {"number": f"{guarantee}", "key": key_of(guarantee.current)}).status_code == 303
    sample = Registration.objects.get()
    shown = words(sends(mayor, new, {**TAKES, "action": "preview", "sample": str(sample.pk)}))
    assert f"件名の例（{guarantee} 前払 架空橋りょう補修工事）： 【電子保証】 架空橋りょう補修工事" in shown
    assert "※この契約では「仕様書番号」が入力されていません" in shown
    assert SubmissionRule.objects.count() == 1
    assert "件名の例 電子保証の認証キーの提出（前払金保証） 2026-101 架空橋りょう補修工事" in words(mayor.get(RULES))
    drain()


# --- History and people -----------------------------------------------------------------


def test_every_change_is_in_the_history_whoever_made_it(mayor: Person, clerk: Person, body_a: Body) -> None:
    rule = AcceptanceRule.objects.get()
    sends(mayor, f"{ACCEPTANCE}{rule.pk}/", {**ACCEPTS, "mid": "on", "ctr": "on", "design": "on", "basis": "contract"})
    staff = {"body": body_a.pk, "products": ["ADV"], "work_kinds": ["works"], "basis": "contract", "remark": "協議済み"}
    where = f"/admin/esurety/acceptancerule/{rule.pk}/change/"
    assert clerk.post(where, {**staff, "starts_on": "2027-04-01"}).status_code == 302
    file = {"団体コード": body_a.code, "名称": "架空市", "宛名": "架空市長", "提出する保証種類": "契約"}
    assert bodies.load(table({**file, "提出チャネル": "FAX"}), "bodies.csv", actor=clerk.user).applied
    page = words(mayor.get(f"{RULES}history/"))
    for said in (
        "管理 冬子 電子保証の対応の変更 適用開始日：2024/08/01 → 2027/04/01",
        "保証会社 電子保証の対応の変更 保証種類：前払金保証、中間前払金保証、契約保証 → 前払金保証",
        "備考：なし → 協議済み",
        "保証会社 認証キーの提出方法の削除",
        "保証会社 認証キーの提出方法の追加 保証種類：契約保証 適用開始日：以前から 提出チャネル：FAX",
    ):
        assert said in page
    assert clerk.user.name not in page
    event = Event.objects.filter(verb="verify.rule_changed", actor=mayor.user).get()
    assert event.organisation_id == body_a.organisation_id


def test_the_settings_of_another_body_are_not_there(mayor: Person, body_b: Body) -> None:
    foreign = {"acceptance": AcceptanceRule.objects.get(body=body_b), "submission": body_b.submission_rules.get()}
    for kind, rule in foreign.items():
        for path in (f"{RULES}{kind}/{rule.pk}/", f"{RULES}{kind}/{rule.pk}/remove/"):
            assert mayor.get(path).status_code == mayor.post(path, {**ACCEPTS, **TAKES}).status_code == 404
    assert body_b.name not in words(mayor.get(RULES))
    assert mayor.get(f"{RULES}prices/new/").status_code == 404
