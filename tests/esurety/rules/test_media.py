"""Can 電子保証 be chosen: the tests of esurety.md 6.7 in their order, F10 and F11."""

from dataclasses import replace
from datetime import date

import pytest

from esurety.rules.media import Acceptance, why_not_electronic
from tests.esurety.rules.examples import works

ALL = ("ADV", "MID", "CTR")
RULE = Acceptance(ALL, ("works",), date(2024, 6, 1))


def why(*rules, product="ADV", online="active", changed="", **changes):
    return why_not_electronic(
        rules, works(**changes), product, online=online, body_name="架空市", changed_medium=changed
    )


def test_electronic_can_be_chosen_from_the_first_day_on():
    assert why(RULE, contract_on="2024-06-01") == ""


@pytest.mark.parametrize(
    ("number", "options", "reason"),
    [
        (1, {"online": "none"}, "電子保証の利用登録がありません"),
        (1, {"online": "stopped"}, "電子保証の利用登録がありません"),
        (2, {"product": "RSV"}, "この商品は電子保証の対象ではありません"),
        (4, {"product": "CTR"}, "架空市は契約保証の電子保証に対応していません"),
        (5, {"kind": "design"}, "架空市の電子保証は、建設工事（契約課の契約に限ります）が対象です"),
        (5, {"department": "水道課"}, "架空市の電子保証は、建設工事（契約課の契約に限ります）が対象です"),
        (6, {"contract_on": "2024-05-31"}, "契約締結日が2024年6月1日以後の契約が対象です（この工事は2024年5月31日）"),
        (6, {"contract_on": ""}, "契約締結日を入力してください"),
        (6, {"contract_on": "2025-04-01"}, "契約締結日が2025年3月31日までの契約が対象です"),
        (7, {"changed": "paper"}, "証書(紙)で契約した保証のため、変更・訂正も証書(紙)になります"),
    ],
)
def test_each_test_says_its_reason(number, options, reason):
    rule = replace(RULE, products=("ADV", "MID"), departments=("契約課",), ends_on=date(2025, 3, 31))
    assert reason in why(rule, **options)


def test_a_body_without_a_rule_takes_paper_only():
    assert "架空市は電子保証に対応していません" in why()


def test_the_tests_are_made_in_their_order():
    assert "利用登録がありません" in why(online="none", product="RSV")
    assert "2024年6月1日以後" in why(RULE, contract_on="2024-05-31", changed="paper")


def test_f10_a_contract_of_the_day_before_stays_on_paper_with_its_changes_and_its_intermediate_advance():
    for options in ({}, {"product": "MID"}, {"changed": "paper"}, {"changed": "electronic"}):
        assert "2024年6月1日以後" in why(RULE, contract_on="2024-05-31", **options)


def test_an_intermediate_advance_follows_the_start_of_its_first_advance():
    early = replace(RULE, products=("MID", "CTR"))
    late = replace(RULE, products=("ADV",), starts_on=date(2024, 9, 1))
    assert "先行する前払金保証の電子保証は、契約締結日が2024年9月1日以後" in why(early, late, product="MID")
    assert why(early, late, product="MID", contract_on="2024-09-01") == ""
    assert why(early, late, product="CTR") == ""


def test_f11_the_basis_may_be_the_public_notice():
    notice = replace(RULE, basis="notice", starts_on=date(2025, 10, 1))
    refused = why(notice, notice_on="2025-09-20", contract_on="2025-10-15")
    assert "入札公告日が2025年10月1日以後の契約が対象です（この工事は2025年9月20日）" in refused
    assert why(notice, notice_on="2025-10-01", contract_on="2025-10-15") == ""


@pytest.mark.parametrize(
    ("basis", "dates"),
    [
        ("nomination", {"nomination_on": "2024-06-01", "notice_on": "2024-01-01"}),
        ("nomination", {"notice_on": "2024-06-01"}),
        ("award", {"award_on": "2024-06-01"}),
    ],
)
def test_other_bases(basis, dates):
    rule = replace(RULE, basis=basis)
    assert why(rule, contract_on="2020-01-01", **dates) == ""


def test_services_may_begin_later_than_works():
    later = Acceptance(ALL, ("design",), date(2025, 4, 1))
    assert why(RULE, later, contract_on="2024-10-01") == ""
    assert "2025年4月1日以後" in why(RULE, later, kind="design", contract_on="2024-10-01")
