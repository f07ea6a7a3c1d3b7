"""What the judgement of a quota request is made from; everything is looked up before, nothing here reads anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nexi_quota.enums import (
    IRAN,
    IRAQ,
    Attitude,
    BuyerState,
    Guarantee,
    Need,
    Product,
    Rating,
    SettlementMethod,
    SustainableLending,
)
from nexi_quota.rules.arithmetic import to_yen

SME_CONTRACT_LIMIT_JPY = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """保険利用者: the products it may use, and whether its use is suspended."""

    permitted: frozenset[Product]
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An entry of the 海外商社名簿, here a bank; `rating` None when none is in force."""

    code: str
    country: str
    rating: Rating | None
    state: BuyerState = BuyerState.ACTIVE

    @property
    def is_registered(self) -> bool:
        """False for an entry that was deleted: it counts as none."""
        return self.state != BuyerState.DELETED


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer(Party):
    """支払人: `need` is the cell of the table rating × product, None when the table has none."""

    need: Need | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """国別引受方針 of a country for the product on the day of the application; None means no limit."""

    country: str
    name: str
    attitude: Attitude = Attitude.OPEN
    case_limit_jpy: int | None = None
    usance_months: int | None = None
    lc_required: bool = False
    sustainable_lending: SustainableLending = SustainableLending.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """個別保証枠 of the payer (its head office) in yen. Confidential: it may reach the trace, never a text."""

    limit_jpy: int
    held_jpy: int

    @property
    def balance_jpy(self) -> int:
        """What is left, in yen; negative when the limit was lowered below what is held."""
        return self.limit_jpy - self.held_jpy


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A request as understood, with everything known about it on `today` (JST).

    `rate` is yen per unit, None when none is stored; yen needs none. `payer` is None when the code is not registered.
    `policies` maps country codes to the row in force; a country without a row is open. `duplicate` is the number of a
    live confirmation of the same exporter, payer and contract, or "".
    """

    today: date
    exporter: Exporter
    product: Product
    settlement: SettlementMethod
    currency: str
    contract_amount: Decimal
    requested_amount: Decimal
    last_shipment: date
    due: date
    payment_country: str
    destination_country: str
    counterparty_country: str = ""
    special_reason: str = ""
    guarantee: Guarantee = Guarantee.NONE
    prior_consent: str = ""
    payer: Payer | None = None
    bank: Party | None = None
    confirming_bank: Party | None = None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    rate: Decimal | None = None
    quota: Quota | None = None
    duplicate: str = ""
    sme_limit_jpy: int = SME_CONTRACT_LIMIT_JPY

    @property
    def has_letter_of_credit(self) -> bool:
        """True when an L/C stands behind the payment, by the method or by 支払保証."""
        return self.settlement.is_letter_of_credit or self.guarantee == Guarantee.LETTER_OF_CREDIT

    @property
    def registered_payer(self) -> Payer | None:
        """The payer while its registration stands (D03)."""
        return self.payer if self.payer and self.payer.is_registered else None

    @property
    def credit_banks(self) -> list[Party]:
        """The banks bound by the L/C: opening, then confirming; empty without an L/C."""
        return [bank for bank in (self.bank, self.confirming_bank) if bank and self.has_letter_of_credit]

    @property
    def guarantor(self) -> Party | None:
        """Who stands in for the payer: the last bank of an L/C, the bank of an L/G, or nobody."""
        if self.credit_banks:
            return self.credit_banks[-1]
        return self.bank if self.guarantee == Guarantee.LETTER_OF_GUARANTEE else None

    @property
    def policy_country(self) -> str:
        """D05: country whose policy row applies.

        The payer's; with an L/C that of the opening bank, with a confirmed one that of the confirming bank; Iran and
        Iraq always keep their own. An unregistered payer has no country: 支払国 stands in.
        """
        own = self.payer.country if self.payer else self.payment_country
        if own in {IRAN, IRAQ} or not self.credit_banks:
            return own
        return self.credit_banks[-1].country

    @property
    def policy(self) -> Policy:
        """The policy row selected by D05."""
        return self.policy_of(self.policy_country)

    def policy_of(self, country: str) -> Policy:
        """Return the row of a country; a country without one is open, without limits."""
        return self.policies.get(country) or Policy(country=country, name=country)

    @property
    def contract_jpy(self) -> int | None:
        """The contract or bill amount in yen, None without a rate."""
        return self._in_yen(self.contract_amount)

    @property
    def hold_jpy(self) -> int | None:
        """What the request would take from the quota, in yen (5.4); None without a rate."""
        return self._in_yen(self.requested_amount)

    def _in_yen(self, amount: Decimal) -> int | None:
        rate = Decimal(1) if self.currency == "JPY" else self.rate
        return None if rate is None else to_yen(amount, rate)
