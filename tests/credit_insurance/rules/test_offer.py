"""Decisions and offers: 5.5, 6.6, 6.12 of credit_insurance.md, and ten debtors at the quote (8.2)."""

from dataclasses import replace

import pytest

from credit_insurance.enums import Decision, Exclusion, Reason
from credit_insurance.rules.offer import Ruling, offer_faults, ruling_faults

MILLION = 1_000_000
APPROVED = Ruling(Decision.APPROVED, 5 * MILLION, 5 * MILLION, 30 * MILLION)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"limit": 4 * MILLION}, [("limit", "D-APPROVED")]),
        ({"ceiling": 3 * MILLION}, [("limit", "D-CEILING")]),
        ({"decision": Decision.PENDING, "limit": 0}, []),
        ({"decision": Decision.PARTIAL, "limit": 3 * MILLION}, [("reasons", "D-REASON")]),
        ({"decision": Decision.PARTIAL, "limit": 3 * MILLION, "reasons": [Reason.UNDISCLOSED]}, []),
        ({"decision": Decision.PARTIAL, "limit": 5 * MILLION, "reasons": [Reason.OTHER]}, [("limit", "D-PARTIAL")]),
        ({"decision": Decision.CONDITIONAL, "reasons": [Reason.OTHER]}, [("conditions", "D-CONDITIONS")]),
        ({"decision": Decision.CONDITIONAL, "reasons": [Reason.OTHER], "conditions": "保証人"}, []),
        (
            {"decision": Decision.CONDITIONAL, "limit": 0, "reasons": [Reason.OTHER], "conditions": "保証人"},
            [("limit", "D-PARTIAL")],
        ),
        ({"decision": Decision.DECLINED, "reasons": [Reason.OTHER]}, [("limit", "D-DECLINED")]),
        ({"decision": Decision.DECLINED, "limit": 0, "excluded": [Exclusion.OVERDUE]}, []),
        ({"excluded": [Exclusion.OVERSEAS]}, [("special_reason", "D-SPECIAL")]),
        ({"excluded": [Exclusion.OVERSEAS], "special_reason": "本社が国内にある"}, []),
        (
            {"excluded": [Exclusion.OVERSEAS, Exclusion.OVERDUE], "special_reason": "本社が国内にある"},
            [("limit", "D-EXCLUDED")],
        ),
    ],
)
def test_a_decision_fits_its_limit_its_reasons_and_its_exclusions(changes, expected):
    assert [(found.field, found.code) for found in ruling_faults(replace(APPROVED, **changes))] == expected


def offered(limits, period_limit, last=Decision.APPROVED, **options):
    decided = [(Decision.APPROVED, limit) for limit in limits[:-1]] + [(last, limits[-1])]
    return [found.code for found in offer_faults(decided, period_limit, **options)]


def test_an_offer_has_ten_debtors_with_a_limit_or_a_special_reason():
    ten, nine = [5 * MILLION] * 10, [5 * MILLION] * 9 + [0]
    assert offered(ten, 15 * MILLION) == []
    assert offered(nine, 15 * MILLION, Decision.DECLINED) == ["Q-TOO-FEW"]
    assert offered(nine, 15 * MILLION, Decision.DECLINED, special_reason="増加の見込み") == []
    assert offered([*ten, 0], 15 * MILLION, Decision.INFO) == ["Q-UNDECIDED"]


@pytest.mark.parametrize(
    ("period_limit", "expected"), [(5, []), (50, []), (4, ["Q-PERIOD-LIMIT"]), (51, ["Q-PERIOD-LIMIT"])]
)
def test_the_limit_of_the_period_lies_between_the_largest_limit_and_their_sum(period_limit, expected):
    assert offered([5 * MILLION] * 10, period_limit * MILLION) == expected
