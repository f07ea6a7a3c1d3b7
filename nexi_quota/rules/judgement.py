"""申込みの可否: the rules D01 to D20 of nexi.md 5.2, and the judgement that collects them.

How the rules meet, where the specification leaves it open:

* Every rule is asked, every reason is listed, the worst verdict wins. So an L/C of an eligible bank (確認不要) does not
  outweigh a suspended country, a refused rating or an over-long usance (不可).
* The quota rules D17 and D18 speak only of a quota that this very request would take. They are silent when the
  insurance application takes it (D02), when an L/C or an advance payment makes it superfluous (D10), and when the
  rating needs none (D12) or is refused (D11): such buyers have no quota, and its lack is no reason of its own.
* A payer that is deleted counts as not registered: D03 speaks, and nothing else is said about its rating or quota.
  A deleted bank is no eligible one (D10); its country still counts.
* A rating that is missing, in the registry or in the table of ratings, is refused (D11) rather than let through.
* Limits entered for a country bind whatever its attitude; a suspended country is refused by D06 alone. D08 is the case
  of 貿易一般保険(個別) in an open country, D07 every other, so that no excess is reported twice.
* D15 counts from the last shipment, as the proposed due date does.
* Without a rate the amounts cannot be judged: D16 speaks and the comparisons in yen are silent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from nexi_quota.enums import Attitude, BuyerState, Need, Product, SustainableLending, Verdict
from nexi_quota.messages import text
from nexi_quota.rules.arithmetic import months_after, usance_days
from nexi_quota.rules.facts import Facts, Policy
from portal.common.money import spoken

CONSENT_LIMIT_JPY = 50_000_000_000
SME_USANCE_DAYS = 180
EQUIPMENT_USANCE_MONTHS = 12
USANCE_MONTHS = 24
PUBLIC_BUYER_MONTHS = 12

Trace = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: `text` is shown, `trace` is stored only. A warning has no verdict."""

    rule: str
    verdict: Verdict | None
    message: str
    text: str
    trace: Trace = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with everything found; `trace` may hold confidential figures and is never shown."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    trace: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """Text of 申込みの可否."""
        return self.verdict.sentence

    @property
    def reasons(self) -> list[str]:
        """Every reason once, the worst first; empty when the request is possible."""
        against = [f for f in self.findings if f.verdict and f.verdict is not Verdict.POSSIBLE]
        against.sort(key=lambda f: -f.verdict.severity if f.verdict else 0)
        return list(dict.fromkeys(f.text for f in against))

    @property
    def warnings(self) -> list[str]:
        """Hints that do not change the verdict."""
        return [f.text for f in self.findings if f.verdict is None]

    @property
    def may_submit(self) -> bool:
        """True when 「申込む」 is offered."""
        return self.verdict is Verdict.POSSIBLE


Found = Iterator[Finding]
Rule = Callable[[Facts], Found]


def d01_exporter_may_use_product(facts: Facts) -> Found:
    """保険利用者 suspended, or 保険種 not permitted."""
    if facts.exporter.suspended or facts.product not in facts.exporter.permitted:
        yield Finding("D01", Verdict.REFUSED, "M-U01", text("M-U01"))


def d02_taken_automatically(facts: Facts) -> Found:
    """The insurance application takes the quota, unless a special reason is given (seed, section 2)."""
    if facts.product.is_automatic and not facts.special_reason:
        yield Finding("D02", Verdict.NOT_NEEDED, "M-D02", text("M-D02"))


def d03_payer_registered(facts: Facts) -> Found:
    """Payer not in the 海外商社名簿, or deleted from it."""
    if not facts.registered_payer:
        yield Finding("D03", Verdict.REFUSED, "M-B01", text("M-B01"))


def d04_payer_sleeping(facts: Facts) -> Found:
    """Warning: the payer's registration is about to be dropped."""
    if facts.payer and facts.payer.state == BuyerState.SLEEPING:
        yield Finding("D04", None, "M-B02", text("M-B02"))


def d06_country_suspended(facts: Facts) -> Found:
    """支払国, 保証国 or 仕向国 suspended; so too the country of the policy (D05) and of the 契約相手方 (5.3)."""
    countries = [
        facts.payment_country,
        facts.guarantor.country if facts.guarantor else "",
        facts.destination_country,
        facts.policy_country,
        facts.counterparty_country,
    ]
    for policy in (facts.policy_of(country) for country in dict.fromkeys(countries) if country):
        if policy.attitude == Attitude.SUSPENDED:
            yield Finding("D06", Verdict.REFUSED, "M-C01", text("M-C01", 国名=policy.name), {"country": policy.country})


def d07_country_limits(facts: Facts) -> Found:
    """Limits of the country exceeded: 内諾 is needed; for a bill they are the most there is."""
    if not _exceeds_policy(facts) or _is_open_individual(facts):
        return
    policy = facts.policy
    if facts.product == Product.BILL:
        message, shown = _bill_limit(policy)
        yield Finding("D07", Verdict.REFUSED, message, shown, _limits(policy))
    elif not facts.prior_consent:
        yield Finding("D07", Verdict.CONSULT, "M-C02", text("M-C02"), _limits(policy))


def d08_individual_limits(facts: Facts) -> Found:
    """貿易一般保険(個別) in an open country, above the amount or the months of its row, without 内諾."""
    if _exceeds_policy(facts) and _is_open_individual(facts) and not facts.prior_consent:
        yield Finding("D08", Verdict.CONSULT, "M-C02", text("M-C02"), _limits(facts.policy))


def d09_letter_of_credit_required(facts: Facts) -> Found:
    """The country takes L/C business only."""
    if facts.policy.lc_required and not facts.has_letter_of_credit:
        shown = text("M-C04", 国名=facts.policy.name)
        yield Finding("D09", Verdict.REFUSED, "M-C04", shown, {"country": facts.policy_country})


def d10_no_credit_risk(facts: Facts) -> Found:
    """L/C of an eligible bank (opening or confirming), or everything paid in advance."""
    eligible = [b for b in facts.credit_banks if b.is_registered and b.rating and b.rating.is_eligible_bank]
    if eligible:
        yield Finding("D10", Verdict.NOT_NEEDED, "M-L01", text("M-L01"), {"bank": eligible[0].code})
    if facts.settlement.is_full_advance:
        yield Finding("D10", Verdict.NOT_NEEDED, "M-L02", text("M-L02"))


def d11_rating_refused(facts: Facts) -> Found:
    """The payer's rating does not allow credit risk (4.2)."""
    payer = facts.registered_payer
    if not payer or (payer.rating and payer.need in {Need.NEEDED, Need.NOT_NEEDED}):
        return
    if payer.rating and payer.rating.is_in_default:
        yield Finding("D11", Verdict.REFUSED, "M-R02", text("M-R02"), {"rating": payer.rating})
    elif payer.rating and payer.rating.is_bankrupt:
        yield Finding("D11", Verdict.REFUSED, "M-R03", text("M-R03"), {"rating": payer.rating})
    else:
        shown = text("M-R01", 格付=payer.rating or "未設定")
        yield Finding("D11", Verdict.REFUSED, "M-R01", shown, {"rating": payer.rating})


def d12_rating_needs_none(facts: Facts) -> Found:
    """The payer's rating needs no quota (4.2)."""
    payer = facts.registered_payer
    if payer and payer.rating and payer.need == Need.NOT_NEEDED:
        shown = text("M-R04", 格付=payer.rating)
        yield Finding("D12", Verdict.NOT_NEEDED, "M-R04", shown, {"rating": payer.rating})


def d13_usance(facts: Facts) -> Found:
    """Too long a credit: 180 days for SMEs, 1 year for 設備財, and 2 years or more for everybody."""
    days = usance_days(facts.last_shipment, facts.due)
    if facts.product == Product.SME and days > SME_USANCE_DAYS:
        limit = f"{SME_USANCE_DAYS}日"
    elif facts.product == Product.EQUIPMENT and facts.due > months_after(facts.last_shipment, EQUIPMENT_USANCE_MONTHS):
        limit = "1年"
    elif facts.due >= months_after(facts.last_shipment, USANCE_MONTHS):
        limit = "2年未満"
    else:
        return
    yield Finding("D13", Verdict.REFUSED, "M-T01", text("M-T01", 上限=limit), {"usance_days": days})


def d14_amount(facts: Facts) -> Found:
    """A contract too large for the SME product; 500億円 and more need 内諾 for every product."""
    amount = facts.contract_jpy
    if amount is None:
        return
    if facts.product == Product.SME and amount > facts.sme_limit_jpy:
        shown = text("M-A01", 上限=spoken(facts.sme_limit_jpy))
        yield Finding("D14", Verdict.REFUSED, "M-A01", shown, {"contract_jpy": amount})
    if amount > CONSENT_LIMIT_JPY and not facts.prior_consent:
        yield Finding("D14", Verdict.CONSULT, "M-C02", text("M-C02"), {"contract_jpy": amount})


def d15_long_public_business(facts: Facts) -> Found:
    """A year or more for a public payer or guarantor of a country on the OECD sustainable-lending list."""
    if facts.due < months_after(facts.last_shipment, PUBLIC_BUYER_MONTHS):
        return
    parties = [party for party in (facts.registered_payer, facts.guarantor) if party]
    for country in dict.fromkeys(party.country for party in parties if party.rating and party.rating.is_public):
        policy = facts.policy_of(country)
        if policy.sustainable_lending != SustainableLending.NONE:
            refused = policy.sustainable_lending == SustainableLending.REFUSE
            yield Finding(
                "D15",
                Verdict.REFUSED if refused else Verdict.CONSULT,
                "M-C05",
                text("M-C05", 国名=policy.name),
                {"country": country},
            )


def d16_rate_known(facts: Facts) -> Found:
    """No exchange rate on or before the day."""
    if facts.contract_jpy is None:
        shown = text("M-X01", 通貨=facts.currency)
        yield Finding("D16", Verdict.CONSULT, "M-X01", shown, {"currency": facts.currency})


def d17_quota_set(facts: Facts) -> Found:
    """The payer has no 個別保証枠."""
    if takes_quota(facts) and facts.quota is None:
        yield Finding("D17", Verdict.REFUSED, "M-Q01", text("M-Q01"))


def d18_within_balance(facts: Facts) -> Found:
    """The amount asked for exceeds what is left of the quota; no figure is told."""
    if not takes_quota(facts) or facts.quota is None or facts.hold_jpy is None:
        return
    if facts.hold_jpy > facts.quota.balance_jpy:
        trace = {"hold_jpy": facts.hold_jpy, "balance_jpy": facts.quota.balance_jpy}
        yield Finding("D18", Verdict.REFUSED, "M-Q02", text("M-Q02"), trace)


def d19_duplicate(facts: Facts) -> Found:
    """Warning: the exporter already has a live confirmation for this payer and contract."""
    if facts.duplicate:
        yield Finding("D19", None, "M-Q03", text("M-Q03", 番号=facts.duplicate), {"duplicate": facts.duplicate})


# D05 selects the policy row (Facts.policy_country); D20 is the answer when nothing speaks against the request.
RULES: tuple[Rule, ...] = (
    d01_exporter_may_use_product,
    d02_taken_automatically,
    d03_payer_registered,
    d04_payer_sleeping,
    d06_country_suspended,
    d07_country_limits,
    d08_individual_limits,
    d09_letter_of_credit_required,
    d10_no_credit_risk,
    d11_rating_refused,
    d12_rating_needs_none,
    d13_usance,
    d14_amount,
    d15_long_public_business,
    d16_rate_known,
    d17_quota_set,
    d18_within_balance,
    d19_duplicate,
)


def judge(facts: Facts) -> Judgement:
    """Return the verdict on a request with every reason; never raises, the same facts give the same judgement."""
    findings = tuple(finding for rule in RULES for finding in rule(facts))
    verdict = max((f.verdict for f in findings if f.verdict), key=lambda v: v.severity, default=Verdict.POSSIBLE)
    if verdict is Verdict.POSSIBLE:
        findings += (Finding("D20", verdict, "M-OK", text("M-OK")),)
    return Judgement(verdict, findings, _trace(facts, findings))


def takes_quota(facts: Facts) -> bool:
    """True when this request itself would take quota of the payer: see the module's text."""
    payer = facts.registered_payer
    elsewhere = any(d02_taken_automatically(facts)) or any(d10_no_credit_risk(facts))
    return bool(payer and payer.rating and payer.need == Need.NEEDED) and not elsewhere


def _is_open_individual(facts: Facts) -> bool:
    return facts.product == Product.INDIVIDUAL and facts.policy.attitude == Attitude.OPEN


def _exceeds_policy(facts: Facts) -> bool:
    """True when the amount or the due date passes a limit of a country that is not suspended."""
    policy, amount = facts.policy, facts.contract_jpy
    if policy.attitude == Attitude.SUSPENDED:
        return False
    too_much = policy.case_limit_jpy is not None and amount is not None and amount > policy.case_limit_jpy
    too_long = policy.usance_months is not None and facts.due > months_after(facts.last_shipment, policy.usance_months)
    return too_much or too_long


def _bill_limit(policy: Policy) -> tuple[str, str]:
    """Return message and text for a bill above the limits, which are public."""
    amount = None if policy.case_limit_jpy is None else spoken(policy.case_limit_jpy)
    months = policy.usance_months
    if amount is not None and months is not None:
        return "M-C03", text("M-C03", 国名=policy.name, 金額=amount, 月数=months)
    return "M-C03A", text("M-C03A", 国名=policy.name, 上限=amount or f"{months}か月")


def _limits(policy: Policy) -> Trace:
    return {
        "country": policy.country,
        "case_limit_jpy": policy.case_limit_jpy,
        "usance_months": policy.usance_months,
    }


def _trace(facts: Facts, findings: tuple[Finding, ...]) -> Mapping[str, object]:
    """Return what the judgement was made from, fit for JSON; confidential."""
    return {
        "today": facts.today.isoformat(),
        "policy_country": facts.policy_country,
        "rate": None if facts.rate is None else str(facts.rate),
        "contract_jpy": facts.contract_jpy,
        "hold_jpy": facts.hold_jpy,
        "limit_jpy": facts.quota and facts.quota.limit_jpy,
        "held_jpy": facts.quota and facts.quota.held_jpy,
        "findings": [{"rule": f.rule, "message": f.message, **f.trace} for f in findings],
    }
