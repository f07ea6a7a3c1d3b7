"""Anything typed or pasted into ステップ１ and the filter bars: understood, or refused with nothing lost."""

import itertools
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from nexi_quota import forms
from portal.applications.forms import FilterForm
from portal.applications.models import ApplicationVersion
from portal.common.eras import wareki
from tests.nexi_quota.driver import NEW, Exporter, Page, terms
from tests.nexi_quota.hostile import HOSTILE, STEP, check_refusal, declared, everywhere, hostile, lost, refused, stored
from tests.support import pages

pytestmark = pytest.mark.django_db
FILTERS = {
    "/nexi/applications/": FilterForm,
    "/nexi/quotas/": forms.ConfirmationFilterForm,
    "/nexi/buyers/": forms.BuyerSearchForm,
}


# --- ステップ１ --------------------------------------------------------------------


@hostile
def test_what_no_field_can_mean_is_listed_field_by_field_and_kept_as_typed(
    ana: Exporter, draft: Page, text: str
) -> None:
    before = stored()
    sent = everywhere(text)
    check_refusal(ana.post(NEW, sent), sent, refused(text), STEP)
    check_refusal(ana.post(draft.path, {**sent, "revision": draft.hidden("revision")}), sent, refused(text), STEP)
    assert stored() == before


@hostile
def test_what_no_field_can_mean_can_be_saved_for_later_and_breaks_no_page(ana: Exporter, text: str) -> None:
    sent = everywhere(text)
    saved = ana.post(NEW, {**sent, "action": "save"})
    assert saved.status == 200
    assert lost(pages.read(saved.html), sent) == {}
    number = saved.number
    for path in (
        f"{saved.path}?check",
        f"/nexi/requests/{number}/confirm/",
        f"/nexi/applications/{number}/",
        f"{NEW}?from={number}",
    ):
        page = ana.get(path)
        assert page.status == 200, path
        assert "<script>alert" not in page.html
    assert number in ana.get("/nexi/applications/").text
    assert ana.client.get("/nexi/applications/?format=csv").getvalue()
    assert ana.post(f"/nexi/requests/{number}/confirm/", {"token": text, "consent": "on"}).status == 409
    assert not ApplicationVersion.objects.exists()


SINGLE = {
    "digits": "1e3",
    "code": "-1",
    "money": "NaN",
    "integer": "1e3",
    "date": "2026-02-30",
    "mail": "@",
    "phone": "110",
}
SINGLE |= {"words": "😀", "note": "\u202e", "half": "東", "choice": "nothing of ours"}


def test_one_wrong_field_is_the_only_one_named_and_all_others_stay(ana: Exporter) -> None:
    for name, field, kind in declared(STEP):
        if kind not in SINGLE:
            continue
        sent = {**terms(), f"{name}-y" if kind == "date" else name: SINGLE[kind]}
        page = ana.post(NEW, sent)
        sheet = pages.read(page.html)
        assert page.status == 422, name
        named = [said for anchor, said in sheet.errors if anchor.startswith(f"id_{name}")]
        assert str(field.label) in " ".join(named), name
        shown = {other: text for other, text in sent.items() if other != name or kind != "choice"}
        assert {other: text for other, text in shown.items() if sheet.controls.get(other) != [text]} == {}, name
    assert stored() == []


def test_an_empty_form_asks_for_everything_at_once(ana: Exporter) -> None:
    page = ana.post(NEW, {"action": "continue"})
    asked = [said for _, said in pages.read(page.html).errors]
    assert page.status == 422
    assert len(asked) > 10
    assert all(said.endswith(("を入力してください。", "を選択してください。")) for said in asked)
    assert stored() == []


# --- What is understood -------------------------------------------------------------

CONTACT = {"phone": "０３（１２３４）５６７８", "email": "Ｈanako＠Example.ＪＰ", "fax": "+81 3 1234 5678"}


def test_any_width_and_era_is_understood_shown_back_and_kept_as_typed(ana: Exporter, in_days: Any) -> None:
    shipment: date = in_days(30)
    typed = {
        "department": "ｅｘ０１",
        "reference": "ｒｅｆ−７",
        "contract_number": "ＥＸ−２０２６−００１",
        "contract_date": None,
        "goods": "ﾎﾟﾝﾌﾟ（髙﨑・𠮷）①",
        "counterparty_code": "３１０－０００００１",
        "payer_code": "310 000 001",
        "usance_days": "９０日",
        "contract_amount": "４００，０００．５０",
        "advance_amount": "1万",
        "shipment": None,
        "consent_number": "Ｎ−１",
        **{f"contact_{name}": text for name, text in CONTACT.items()},
    }
    dates = {
        "main-contract_date-y": "平成31年5月1日",
        "main-first_shipment-y": wareki(shipment),
        "main-last_shipment-y": f"Ｒ{shipment.year - 2018}",
        "main-last_shipment-m": f"０{shipment.month}"[-2:] + "月",
        "main-last_shipment-d": f"{shipment.day}日",
        "main-consent_date-y": "２０２６０４０１",
    }
    sent = {**terms(**typed), **dates}
    confirm = ana.post(NEW, sent)
    assert confirm.status == 200
    day = f"{shipment.year}年{shipment.month}月{shipment.day}日（{wareki(shipment)}）"
    understood = ["ex01", "ref-7", "EX-2026-001", "ﾎﾟﾝﾌﾟ（髙﨑・𠮷）①", "310-000001", "90日", "400,000.50", "10,000.00"]
    understood += ["2019年5月1日（令和元年5月1日）", day, "2026年4月1日（令和8年4月1日）", "N-1"]
    understood += ["03-1234-5678", "Hanako@example.jp", "+81-3-1234-5678"]
    assert [words for words in understood if words not in confirm.text] == []
    back = ana.get(f"/nexi/requests/{confirm.number}/steps/terms/")
    assert lost(pages.read(back.html), sent) == {}
    echoed = ["EX-2026-001", "90日", "400,000.50", "2019年5月1日（令和元年5月1日）", day, "03-1234-5678"]
    assert [words for words in echoed if f"{words}と読み取りました" not in back.text] == []


def test_marks_that_nobody_sees_are_dropped_from_pasted_codes_amounts_and_dates(ana: Exporter, in_days: Any) -> None:
    shipment: date = in_days(30)
    pasted = terms(
        payer_code="\u202a310-\u200b000001\u202c",
        contract_amount="\ufeff400,000",
        usance_days="90\u200e",
        shipment=None,
    )
    for name in ("first_shipment", "last_shipment"):
        pasted[f"main-{name}-y"] = f"\u2068{shipment:%Y-%m-%d}\u2069"
    confirm = ana.post(NEW, pasted)
    assert confirm.status == 200
    assert [words for words in ("310-000001", "400,000.00", "90日") if words not in confirm.text] == []


@pytest.mark.parametrize("amount", ["1,000万円", "¥1,000", "￥１，０００", "1,000円"])
def test_yen_in_an_amount_of_dollars_are_refused_not_read_as_dollars(ana: Exporter, amount: str) -> None:
    page = ana.fills_in(currency="USD", contract_amount=amount, advance_amount=amount, requested_amount=amount)
    wrong = pages.read(page.html).errors
    assert page.status == 422
    assert [anchor for anchor, _ in wrong] == [f"id_main-{name}" for name in forms.AMOUNTS]
    assert all("通貨は円ではありません" in said for _, said in wrong)
    assert page.value("main-contract_amount") == amount
    assert stored() == []


def test_the_same_words_are_an_amount_of_yen(ana: Exporter) -> None:
    assert "10,000,000" in ana.fills_in(currency="JPY", contract_amount="1,000万円").text


def test_of_a_field_that_comes_twice_the_last_counts_and_is_shown(ana: Exporter) -> None:
    wrong = {name: [text, "NaN"] for name, text in terms().items() if name == "main-contract_amount"}
    refused_page = ana.post(NEW, {**terms(), **wrong})
    assert refused_page.status == 422
    assert refused_page.value("main-contract_amount") == "NaN"
    assert "400,000" in ana.post(NEW, {**terms(), "main-contract_amount": ["NaN", "400,000"]}).text


# --- Filter bars and searches ---------------------------------------------------------


def test_a_filter_that_means_nothing_is_named_and_kept(ana: Exporter) -> None:
    for text, (path, form) in itertools.product(HOSTILE, FILTERS.items()):
        step = {"": form}
        sent = everywhere(text, step)
        page = ana.get(f"{path}?{urlencode(sent)}")
        if expected := refused(text, step):
            check_refusal(page, sent, expected, step)
        else:
            assert page.status == 200, (path, text)
            assert lost(pages.read(page.html), sent, step) == {}
        assert "<script>alert" not in page.html
