"""申込み前の確認: the rules of the 確認申込み asked of fewer answers; nothing is stored, so it is no procedure."""

from dataclasses import dataclass, replace

from nexi_quota import forms
from nexi_quota.enums import Product
from nexi_quota.rules.facts import Facts
from nexi_quota.wizards.confirmation import QUOTA_CONFIRMATION, find_buyers, request_of
from portal.common.money import spoken, yen
from portal.wizard.declaration import Step
from portal.wizard.reading import Answers

CHECK_STEP = Step(
    "terms",
    "確かめる内容の入力",
    {"main": forms.CheckForm},
    lookups={f"main-{name}": find_buyers for name in forms.PARTIES},
)

# Not registered: the engine reads and judges it, but gives it no pages and no drafts.
CHECK = replace(QUOTA_CONFIRMATION, slug="check", title="申込み前の確認", steps=[CHECK_STEP])


@dataclass(frozen=True)
class Gauge:
    """What `svg_bar` draws, in whole yen: the contract with what is asked for, the lowest public limit as a mark."""

    label: str
    parts: list[tuple[str, int, str]]
    total: int
    mark: int | None = None
    mark_label: str = ""


def gauge_of(answers: Answers) -> Gauge | None:
    """Return the drawing of a judged request, None without an exchange rate; no figure of a buyer's quota is in it."""
    facts: Facts = request_of(answers).facts
    contract, asked = facts.contract_jpy, facts.hold_jpy
    if contract is None or asked is None:
        return None
    limit = _public_limit(facts)
    label = f"契約金額 {yen(contract)}のうち、個別保証枠確認希望額は {yen(asked)}です。"
    parts = [("個別保証枠確認希望額（円）", asked, "used"), ("そのほかの契約金額（円）", contract - asked, "free")]
    if limit is None:
        return Gauge(label, parts, contract)
    label += f"引受けの上限は {spoken(limit)}です。"
    return Gauge(label, parts, contract, mark=limit, mark_label=f"引受けの上限 {spoken(limit)}")


def _public_limit(facts: Facts) -> int | None:
    """Return the lowest limit that everybody may know: 案件枠 of the country, the ceiling of the SME product."""
    limits = [facts.policy.case_limit_jpy, facts.sme_limit_jpy if facts.product == Product.SME else None]
    return min((limit for limit in limits if limit is not None), default=None)
