"""照会: the seed's screen, its evidence, and what is asked before."""

import io
import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pypdf import PdfReader

from guarantee_lookup.models import Lookup, Snapshot
from guarantee_lookup.rules.result import canonical_hash
from portal.audit.models import Event
from tests.guarantee_lookup.driver import ACCEPTANCE, GUARANTEE, Teller, add_customer, quarantine

SCREEN = (
    "2026/03/18 時点",
    "照会番号 *****9816",
    "直近決算・区分 2025/03・5",
    "前期決算・区分 2024/03・5",
    "直近保証日 2024/12/25",
    "保険 利用残高 空き枠",
    "無担保・一般 58,646,000 21,354,000",
    "普通・一般 0 200,000,000",
    "無担保・SN 13,970,000 66,030,000",
    "普通・SN 0 200,000,000",
    "その他 32,578,000 —",
    "合計 105,194,000 —",
    "※区分は、保証申込後の審査において、決算内容以外の要因により変動する可能性があります。",
    "※直近決算とは、当協会に登録されている決算情報のうち、最も新しい決算期を指します。",
    "※直近保証日とは、当協会では保証決定した案件（未実行の案件を含みます）の中で、最も新しい保証日を指します。",
    "※空き枠は保証承諾をお約束するものではありません。他協会や関連会社の利用等による減少や保証審査により取扱いができない場合があります。",
    "※利用残高には、保証決定中（未実行）の案件を含みますが、保証申込中の案件は含みません。",
    "※保険の「その他」とは、一般関係保険（一般）および経営安定関連特例（SN）以外の保険となります（例：社債、危機関連特例等）。",
    "※被保証人が組合の場合、「普通・一般」および「普通・SN」の空き枠は、表示された金額に2億円を加えた金額となります。",
)


def test_t1_the_acceptance_customer_gives_the_screen_of_the_seed_to_the_letter(user: Teller) -> None:
    page = user.asks()
    position = 0
    for line in SCREEN:
        assert line in page.text[position:], line
        position = page.text.index(line, position)
    assert "組合の場合 " not in page.text
    assert "超" not in page.text


def test_a_guarantee_number_leads_to_the_same_figures_under_its_own_mask(user: Teller) -> None:
    page = user.asks(GUARANTEE, kind="guarantee")
    assert "照会番号 *****7890" in page.text
    assert "無担保・一般 58,646,000 21,354,000" in page.text


def test_numbers_are_taken_as_they_are_typed(user: Teller) -> None:
    assert "照会番号 *****9816" in user.asks("１２３-４５９ ８１６").text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"number": "12345"}, "番号の桁数または形式が正しくありません。"),
        ({"number": "1234567890"}, "番号の桁数または形式が正しくありません。"),
        ({"number": ""}, "番号"),
        ({"basis": ""}, "照会の根拠を選択してください。"),
        ({"basis": "3"}, "照会の根拠"),
        ({"basis": "2"}, "本人から同意を得たことを確かめ"),
    ],
)
def test_a_question_that_is_not_complete_is_given_back_and_counts_as_nothing(
    user: Teller, fields: dict[str, str], message: str
) -> None:
    page = user.asks(**fields)
    assert page.status == 422
    assert message in page.text
    assert not Lookup.objects.exists()


def test_what_was_typed_stays_on_the_page(user: Teller) -> None:
    assert 'value="12345"' in user.asks("12345", memo="").html


def test_the_consent_of_the_applicant_is_kept_with_the_look_up(user: Teller) -> None:
    user.asks(basis="2", consent="on", memo="電話相談")
    lookup = Lookup.objects.get()
    assert (lookup.basis, lookup.consent, lookup.memo) == ("2", True, "電話相談")


def test_every_look_up_has_a_number_a_frozen_result_and_an_event_before_it_is_shown(user: Teller) -> None:
    page = user.asks()
    lookup = Lookup.objects.get()
    assert lookup.receipt in page.text
    assert lookup.sha256 in page.text
    event = Event.objects.get(verb="lookup.made")
    assert (event.target, event.outcome, event.actor_login) == (lookup.receipt, "ok", "a-user")
    assert lookup.is_related is True
    assert lookup.sha256 == canonical_hash(
        lookup.receipt, timezone.localtime(lookup.at).isoformat(), "a-user", "9997", lookup.result
    )


def test_t24_nothing_is_shown_when_the_event_cannot_be_written(user: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr("portal.audit.record", refuse)
    with pytest.raises(OSError, match="the log is full"):
        user.asks()
    assert not Lookup.objects.exists()


def test_t27_the_number_is_in_no_address_no_title_no_event_and_no_column(
    user: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    page = user.asks()
    assert ACCEPTANCE not in page.path
    assert ACCEPTANCE not in page.html
    row = Lookup.objects.values().get()
    assert ACCEPTANCE not in json.dumps(row, default=str)
    assert not [event for event in Event.objects.values() if ACCEPTANCE in json.dumps(event, default=str)]
    sheet = user.opens(re.search(r'href="([^"]+sheet\.pdf)"', page.html)[1])  # type: ignore[index]
    assert ACCEPTANCE not in sheet.response["Content-Disposition"]
    assert ACCEPTANCE not in caplog.text


def test_the_sheet_is_one_page_with_everything_the_screen_says_and_the_record(user: Teller) -> None:
    page = user.asks()
    path = re.search(r'href="([^"]+sheet\.pdf)"', page.html)[1]  # type: ignore[index]
    sheet = user.opens(path)
    (only,) = PdfReader(io.BytesIO(sheet.response.content)).pages
    text = re.sub(r"\s+", "", only.extract_text())
    for line in SCREEN:
        assert re.sub(r"\s+", "", line) in text, line
    lookup = Lookup.objects.get()
    for said in (lookup.receipt, lookup.sha256, "20260318-01", "架空銀行Ａ", "101本店", "a-user"):
        assert said in text
    assert Event.objects.filter(verb="lookup.sheet", target=lookup.receipt).exists()


def test_a_result_is_for_its_session_for_half_an_hour(user: Teller, clock: time_machine.Traveller) -> None:
    path = user.asks().path
    clock.shift(timedelta(minutes=14))
    assert user.opens(path).status == 200
    clock.shift(timedelta(minutes=14))
    assert user.opens(path).status == 200
    clock.shift(timedelta(minutes=3))
    page = user.opens(path)
    assert page.response["Location"] == "/lookup/"
    assert "照会結果の表示期限（30分）を過ぎました" in user.opens("/lookup/").text


def test_t23_the_result_of_another_bank_is_not_there_and_the_request_is_recorded(user: Teller, other: Teller) -> None:
    path = user.asks().path
    page = other.opens(path)
    unknown = other.opens("/lookup/result/ffffff-000000000000000000000000/")
    assert (page.status, unknown.status) == (404, 404)
    assert Event.objects.filter(verb="lookup.foreign", actor_login="b-user", outcome="denied").count() == 2


def test_a_token_that_was_altered_shows_nothing(user: Teller) -> None:
    path = user.asks().path
    altered = path[:-2] + ("0" if path[-2] != "0" else "1") + "/"
    assert user.opens(altered).status == 302


def test_t18_a_customer_with_a_doubtful_line_is_not_shown_at_all(user: Teller, snapshot: Snapshot) -> None:
    quarantine(snapshot, ACCEPTANCE)
    page = user.asks()
    assert page.status == 409
    assert "当該先のデータを確認中のため表示できません。協会窓口へお問い合わせください。" in page.text
    assert "58,646,000" not in page.text
    assert Lookup.objects.get().result is None


def test_t22_a_customer_without_settlements_shows_dashes(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000002", {}, settlements=())
    page = user.asks("900000002")
    assert "直近決算・区分 — 前期決算・区分 — 直近保証日 —" in page.text
    assert "無担保・一般 0 80,000,000" in page.text


def test_t21_two_models_are_said(user: Teller, snapshot: Snapshot) -> None:
    add_customer(
        snapshot, "900000003", {}, settlements=[("2026-04", "5", "2026-07-01"), ("2025-04", "4", "2025-07-01")]
    )
    assert "※前期と直近では判定モデルが異なります。" in user.asks("900000003").text
    assert "判定モデル" not in user.asks().text


def test_a_cooperative_has_a_column_of_its_own_and_its_negative_figure(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000004", {"FUTSU_G": 310_000_000, "MUTAN_G": 80_000_000}, entity="4", has_addition=True)
    page = user.asks("900000004")
    assert "普通・一般 310,000,000 △110,000,000 90,000,000" in page.text
    assert "組合の場合" in page.text


def test_t26_a_cooperative_without_the_addition_has_no_such_column(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000005", {"FUTSU_G": 1}, entity="4")
    assert "組合の場合 " not in user.asks("900000005").text


def test_what_is_over_or_reduced_is_marked_and_explained(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000006", {"MUTAN_G": 82_500_000})
    add_customer(snapshot, "900000007", {"MUTAN_G": 50_000_000, "SOGYO": 15_000_000})
    over, reduced = user.asks("900000006").text, user.asks("900000007").text
    assert "無担保・一般 82,500,000 0 超" in over
    assert "※利用残高が上限額を超えています。" in over
    assert "2,500,000 " not in over.replace("82,500,000", "")
    assert "無担保・一般 50,000,000 15,000,000 ※" in reduced
    assert "他の保険の利用により" in reduced


def test_t28_a_limit_that_changes_on_a_day_leaves_older_data_as_they_were(user: Teller, snapshot: Snapshot) -> None:
    from guarantee_lookup.models import CapacityPool

    CapacityPool.objects.create(code="MG", name="引き上げ", limit=100_000_000, valid_from="2026-03-19")
    assert "無担保・一般 58,646,000 21,354,000" in user.asks().text
    Snapshot.objects.filter(pk=snapshot.pk).update(as_of="2026-03-19")
    assert "無担保・一般 58,646,000 41,354,000" in user.asks().text


def test_the_association_looks_up_for_its_own_work(staff: Teller) -> None:
    page = staff.asks(basis="3")
    assert "無担保・一般 58,646,000 21,354,000" in page.text
    lookup = Lookup.objects.get()
    assert (lookup.organisation, lookup.is_related) == (None, False)


def test_a_page_that_was_looked_up_is_kept_by_nobody(user: Teller) -> None:
    assert "no-store" in user.asks().response["Cache-Control"]
