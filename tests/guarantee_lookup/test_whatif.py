"""試算 (S08): W1 to W6 on the acceptance customer, through the page."""

import re
from typing import Any

import pytest

from guarantee_lookup.enums import Sharing
from guarantee_lookup.models import Institution, Lookup, Snapshot
from portal.accounts.models import Organisation
from portal.audit.models import Event
from tests.guarantee_lookup.driver import ACCEPTANCE, Answer, Teller, add_customer

DEFAULTS = {
    "product": "ordinary",
    "is_secured": "False",
    "certificate": "0",
    "is_shared": "True",
    "method": "F",
}
NO_PROMISE = "※空き枠は保証承諾をお約束するものではありません。"


def trial_url(teller: Teller, number: str = ACCEPTANCE) -> str:
    """Look the customer up and press 試算."""
    page = teller.asks(number)
    found = re.search(r'href="([^"]+/whatif/)">試算<', page.html)
    assert found
    return found[1]


def tries(teller: Teller, amount: str, **fields: Any) -> Answer:
    return teller.sends(trial_url(teller), amount=amount, **{**DEFAULTS, **fields})


def verdicts(page: Answer) -> list[str]:
    assert page.status == 200, page.text
    parts = page.html.split('data-testid="verdict"')[1:]
    return [re.sub(r"<[^>]+>", "", part.partition("<h3>")[2].partition("</h3>")[0]) for part in parts]


def test_w1_an_unsecured_loan_is_short_and_fits_with_a_certificate(user: Teller) -> None:
    assert verdicts(tries(user, "30,000,000")) == ["無担保・一般：収まらない（不足額 8,646,000円）"]
    page = tries(user, "30,000,000", certificate="4")
    assert verdicts(page) == ["無担保・一般：収まらない（不足額 8,646,000円）", "無担保・SN：収まる"]
    assert "利用できる枠 66,030,000円" in page.text
    assert "市区町村の有効な認定書があるときだけ" in page.text.partition("もとにする照会結果")[0]


def test_w2_with_eighty_percent_the_largest_loan_is_said(user: Teller) -> None:
    page = tries(user, "30,000,000", method="P")
    assert verdicts(page) == ["無担保・一般：収まらない（不足額 2,646,000円）"]
    assert "この試算の保証額 24,000,000円" in page.text
    assert "借入れできる最大の額 26,692,500円" in page.text
    assert verdicts(tries(user, "26,692,500", method="P")) == ["無担保・一般：収まる"]


def test_w3_a_secured_loan_fits_or_is_cut_into_two_guarantees(user: Teller) -> None:
    page = tries(user, "3,000万", is_secured="True")
    assert verdicts(page) == ["普通・一般：収まる"]
    assert "無担保・一般に21,354,000円、普通・一般に8,646,000円の、2つの保証に分けることもできます。" in page.text


def test_w4_what_the_loan_repays_is_free_again(user: Teller) -> None:
    page = tries(user, "60,000,000", repaid_1="50,000,000")
    assert verdicts(page) == ["無担保・一般：収まる"]
    assert "利用できる枠 71,354,000円" in page.text
    assert "試算後　空き枠 11,354,000円" in page.html


def test_w5_what_is_used_elsewhere_is_taken_off(user: Teller) -> None:
    assert verdicts(tries(user, "20,000,000", elsewhere_1="5,000,000")) == [
        "無担保・一般：収まらない（不足額 3,646,000円）"
    ]
    assert verdicts(tries(user, "20,000,000", affiliates_1="5,000,000")) == [
        "無担保・一般：収まらない（不足額 3,646,000円）"
    ]
    assert verdicts(tries(user, "20,000,000", elsewhere_2="5,000,000")) == ["無担保・一般：収まる"]


def test_w6_the_micro_product_counts_every_balance(user: Teller) -> None:
    page = tries(user, "5,000,000", product="micro")
    (verdict,) = verdicts(page)
    assert verdict.startswith("小口零細企業保証：収まらない")
    assert "借入れできる最大の額 0円" in page.text


@pytest.mark.parametrize(("product", "label"), [("bond", "特定社債"), ("receivables", "流動資産担保")])
def test_the_special_products_count_eighty_percent_under_either_method(user: Teller, product: str, label: str) -> None:
    page = tries(user, "100,000,000", product=product)
    assert verdicts(page) == [f"{label}：収まる"]
    assert "この試算の保証額 80,000,000円" in page.text


def test_the_bars_show_before_and_after(user: Teller) -> None:
    page = tries(user, "20,000,000")
    assert 'aria-label="無担保・一般　いま　空き枠 21,354,000円"' in page.html
    assert 'aria-label="無担保・一般　試算後　空き枠 1,354,000円"' in page.html


def test_a_cooperative_is_tried_with_its_own_figure(user: Teller, snapshot: Snapshot) -> None:
    add_customer(snapshot, "900000004", {"FUTSU_G": 310_000_000, "MUTAN_G": 80_000_000}, entity="4", has_addition=True)
    url = trial_url(user, "900000004")
    page = user.sends(url, amount="90,000,000", **{**DEFAULTS, "is_secured": "True"})
    assert verdicts(page) == ["普通・一般：収まる"]
    assert "「組合の場合」の額で計算しています" in page.text


@pytest.mark.parametrize("method", list(Sharing))
def test_the_method_of_the_bank_is_chosen_already(user: Teller, bank_a: Organisation, method: Sharing) -> None:
    Institution.objects.filter(organisation=bank_a).update(sharing=method)
    page = user.opens(trial_url(user))
    chosen = re.findall(r'<input[^>]*name="method"[^>]*>', page.html)
    assert [f'value="{method.value}"' in box for box in chosen if "checked" in box] == [True]
    assert "試算です。" in page.text
    assert "保存されません" in page.text
    assert NO_PROMISE in page.text


def test_amounts_by_row_are_folded_away_until_one_is_filled_in_or_wrong(user: Teller) -> None:
    assert "<details open>" not in user.opens(trial_url(user)).html
    assert tries(user, "1", elsewhere_2="5").html.count("<details open>") == 1
    assert tries(user, "1", repaid_1="x").html.count("<details open>") == 1


def test_no_promise_is_said_with_every_result(user: Teller) -> None:
    page = tries(user, "1")
    assert NO_PROMISE in page.text
    assert page.text.count(NO_PROMISE) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": ""}, "借入希望額"),
        ({"amount": "0"}, "借入希望額"),
        ({"amount": "1,000,000,000,000"}, "借入希望額"),
        ({"amount": "-1"}, "借入希望額"),
        ({"amount": "1.5"}, "借入希望額"),
        ({"certificate": "9"}, "認定書"),
        ({"product": "x"}, "保証の種類"),
        ({"method": ""}, "責任共有方式"),
        ({"repaid_3": "x"}, "返済額（無担保・SN）"),
        ({"elsewhere_5": "1,000,000,000,000"}, "他協会の利用額（その他）"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(user: Teller, fields: dict[str, str], wrong: str) -> None:
    page = user.sends(trial_url(user), **{"amount": "12,345,678", **DEFAULTS, **fields})
    assert page.status == 422
    assert wrong in page.text
    assert ("12,345,678" in page.html) is ("amount" not in fields)


def test_the_largest_amounts_are_computed_to_the_yen(user: Teller) -> None:
    page = tries(user, "999,999,999,999", method="P", elsewhere_1="999,999,999,999")
    assert "この試算の保証額 800,000,000,000円" in page.text


def test_a_trial_is_recorded_without_a_figure_and_leaves_nothing_behind(user: Teller) -> None:
    url = trial_url(user)
    before = [*Lookup.objects.values()]
    user.opens(url)
    assert not Event.objects.filter(verb="lookup.whatif").exists()
    user.sends(url, amount="30,000,000", **DEFAULTS)
    event = Event.objects.get(verb="lookup.whatif")
    assert (event.target, event.actor_login, event.detail) == (before[0]["receipt"], "a-user", {})
    assert [*Lookup.objects.values()] == before
    assert ACCEPTANCE not in url


def test_an_earlier_result_is_tried_from_the_history_with_its_figures_of_then(
    user: Teller, colleague: Teller, master: Teller, snapshot: Snapshot
) -> None:
    user.asks()
    receipt = Lookup.objects.get().receipt
    again = user.opens(f"/lookup/history/{receipt}/")
    url = f"/lookup/history/{receipt}/whatif/"
    assert f'href="{url}"' in again.html
    for person, status in ((user, 200), (master, 200), (colleague, 404)):
        assert person.sends(url, amount="30,000,000", **DEFAULTS).status == status
    assert "不足額 8,646,000円" in user.sends(url, amount="30,000,000", **DEFAULTS).text
    assert user.sends("/lookup/history/9202603190000017/whatif/", amount="1", **DEFAULTS).status == 404


def test_a_token_of_somebody_else_is_not_found_and_a_dead_one_says_so(user: Teller, other: Teller) -> None:
    url = trial_url(user)
    assert other.opens(url).status == 404
    assert other.sends(url, amount="1", **DEFAULTS).status == 404
    user.logs_in_again()
    answer = user.client.post(url, {"amount": "1", **DEFAULTS}, follow=True)
    assert "照会結果の表示期限（30分）を過ぎました。" in answer.content.decode()
