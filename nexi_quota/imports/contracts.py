"""保有契約 as the insurer records them: each on the 確認 it names, or with a quota taken automatically."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, TextChoices
from django.db.models.functions import Coalesce

from nexi_quota import services
from nexi_quota.enums import BuyerState, ConfirmationState, ContractOrigin, ContractState, Need, Origin, Product
from nexi_quota.imports import cells
from nexi_quota.imports.buyers import BUYER_UNKNOWN, Ratings, ratings_of
from nexi_quota.imports.kinds import CURRENCY_UNKNOWN, Change, Column, Conflict, Kind, Problem, Record
from nexi_quota.messages import text
from nexi_quota.models import Buyer, Confirmation, Currency, ExchangeRate, InsuranceContract, RatingRule
from nexi_quota.rules.arithmetic import to_yen
from portal.accounts.models import Organisation
from portal.common.eras import seireki

if TYPE_CHECKING:
    from portal.accounts.models import User


class Acquired(TextChoices):
    """取得の区分: what took the quota by itself; the values are those of `Origin`."""

    INSURANCE = Origin.INSURANCE.value, "新規申込み"
    AMENDMENT = Origin.AMENDMENT.value, "内容変更通知"


POLICY = Column("保険証券番号", "policy_number", cells.number(14), "12345678901234", note="14桁")
BRANCH = Column("枝番", "branch", cells.number(2), "00", note="2桁")
OPTIONAL = {"history": "00", "acquired": Acquired.INSURANCE, "contract_number": "", "reference": ""}
"""Fields that a file may leave out or leave empty, and what that means."""

MEANWHILE = "確認している間に、ほかの手続きで内容が変わりました。もう一度取り込んでください。"


def _optional(name: str, field: str, read: cells.Reader, example: str, note: str) -> Column:
    return Column(name, field, read, example, is_required=False, blank=OPTIONAL[field], note=note)


@dataclass
class _Cover:
    """A 確認 and what the rows so far leave of it, in its currency; `policies` are those that use it."""

    confirmation: Confirmation
    left: Decimal
    policies: set[str]


@dataclass(frozen=True)
class _Known:
    """What the tables say about the rows of one batch."""

    organisations: Mapping[str, Organisation]
    payers: Mapping[str, Any]
    decimals: Mapping[str, int]
    ratings: Ratings
    needs: Mapping[tuple[str, str], str]
    contracts: Mapping[tuple[str, str], InsuranceContract]


class ContractRows(Kind):
    """A contract is recorded once: a row that is there already must say the same."""

    slug = "contracts"
    title = "保有契約"
    unique = ("policy_number", "branch")
    permissions = ("nexi_quota.add_insurancecontract",)
    columns = (
        POLICY,
        BRANCH,
        _optional("履歴番号", "history", cells.number(2), "00", "2桁。空欄は00"),
        Column("保険利用者コード", "organisation", cells.number(9), "100000001", note="9桁"),
        Column("保険種", "product", cells.choice(Product), "01", note="コード（01〜04）または名称"),
        Column("申込みの方法", "origin", cells.choice(ContractOrigin), "Web", note="Web、書面、組合"),
        _optional(
            *("取得の区分", "acquired", cells.choice(Acquired), "新規申込み"),
            "自動的に取得する個別保証枠の区分：新規申込み、内容変更通知（貿易一般保険(個別)だけ）。空欄は新規申込み",
        ),
        Column(
            *("確認管理番号", "confirmation", cells.number(12, most=20), ""),
            blank="",
            note="使う個別保証枠確認。空欄は、必要なときに自動的に取得",
        ),
        Column("支払人コード", "payer", cells.buyer_code, "310-000001", note="国コード3桁と番号6桁"),
        Column("通貨", "currency", cells.currency_code, "USD", note="英字3文字"),
        Column("契約金額", "amount", cells.amount, "400,000.00", note="通貨の単位で入力"),
        Column("船積日", "shipped_on", cells.day, "2025-04-10"),
        Column("決済期限", "due_on", cells.day, "2025-07-10", note="船積日以降"),
        Column("保険契約締結日", "concluded_on", cells.day, "2025-04-03", note="この日の格付と換算率を使います"),
        _optional(
            *("輸出契約等番号", "contract_number", cells.words(30, half=True), "EX-2026-001"),
            "半角30文字以内。自動的に取得する個別保証枠に記録",
        ),
        _optional("お客様整理番号", "reference", cells.words(20, half=True), "REF-001", "半角20文字以内"),
    )

    def __init__(self) -> None:
        self._rates: dict[str, list[tuple[date, Decimal]]] = {}  # oldest first
        self._left: dict[int, int] = {}  # yen that the rows so far leave of a quota
        self._covers: dict[str, _Cover] = {}
        self._insurances: dict[tuple[str, str], services.Insurance] = {}  # of the batch just compared

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        rows = [{**OPTIONAL, **record.values} for record in records]
        self._insurances = {}
        self._read_rates({row["currency"] for row in rows} - self._rates.keys())
        self._read_covers({row["confirmation"] for row in rows} - self._covers.keys() - {""})
        known = _known(rows)
        for record, values in zip(records, rows, strict=True):
            found = known.contracts.get((values["policy_number"], values["branch"]))
            compared = self._same(record, values, found) if found else self._new(record, values, known, day)
            if isinstance(compared, Problem):
                yield compared
            else:
                after = {field: value for field, value in values.items() if field not in self.unique}
                yield Change(record, after if found else None, after)

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        try:
            with transaction.atomic():
                services.insure([self._insurance(change) for change in changes], actor)
        except (services.QuotaTaken, services.Overtaken, IntegrityError):
            self._write_singly(changes, actor)

    def _write_singly(self, changes: Sequence[Change], actor: "User | None") -> None:
        """Find the row that cannot be recorded any more, for the report."""
        for change in changes:
            try:
                services.insure([self._insurance(change)], actor)
            except services.QuotaTaken:
                raise Conflict(self.problem(change.record, "amount", text("M-Q02"))) from None
            except services.Overtaken:
                raise Conflict(self.problem(change.record, "confirmation", MEANWHILE)) from None
            except IntegrityError as error:
                raise Conflict(self.problem(change.record, "policy_number", MEANWHILE)) from error

    def _insurance(self, change: Change) -> services.Insurance:
        values = change.record.values
        return self._insurances[values["policy_number"], values["branch"]]

    # --- A row that is there already ---------------------------------------------

    def _same(self, record: Record, values: Mapping[str, Any], found: InsuranceContract) -> Problem | None:
        """Return a problem that names the columns in which the row differs from its contract."""
        stored = {
            "history": found.history,
            "organisation": found.organisation.code,
            "product": found.product,
            "origin": found.origin,
            "payer": found.payer.code,
            "currency": found.currency_id,
            "amount": found.amount,
            "shipped_on": found.shipped_on,
            "due_on": found.due_on,
            "concluded_on": found.concluded_on,
            "reference": found.reference,
            "confirmation": "",
        }
        if (used := found.confirmation) and used.origin == Origin.REQUEST:
            stored |= {"confirmation": used.number, **_of_request(values, used)}
        elif used:
            stored |= {"acquired": used.origin, "contract_number": used.contract_number}
        differing = [field for field, value in stored.items() if values[field] != value]
        if not differing:
            return None
        names = "、".join(self.column_name(field) for field in differing)
        return self.problem(
            record,
            differing[0],
            f"登録されている保有契約と異なります（{names}）。保有契約は取り込みでは変更できません。",
        )

    # --- A new row ---------------------------------------------------------------

    def _new(self, record: Record, values: Mapping[str, Any], known: _Known, day: date) -> Problem | None:
        """Return why the insurance cannot be recorded, or keep it for `write` and count what it takes."""
        organisation, payer = known.organisations.get(values["organisation"]), known.payers.get(values["payer"])
        if organisation is None:
            return self.problem(record, "organisation", "保険利用者として登録されていません。番号を確かめてください。")
        if payer is None:
            return self.problem(record, "payer", BUYER_UNKNOWN)
        if (decimals := known.decimals.get(values["currency"])) is None:
            return self.problem(record, "currency", CURRENCY_UNKNOWN)
        if values["amount"] != round(values["amount"], decimals):
            return self.problem(record, "amount", f"{text('M-V06', 通貨=values['currency'])}。")
        if values["due_on"] < values["shipped_on"]:
            return self.problem(record, "due_on", f"{text('M-V05', 日付1='決済期限', 日付2='船積日')}。")
        if values["concluded_on"] > day:
            return self.problem(record, "concluded_on", "将来の日付は指定できません。")
        if values["confirmation"]:
            taken = self._covered(record, values, organisation)
        else:
            taken = self._automatic(record, values, payer, known)
        if isinstance(taken, Problem):
            return taken
        self._insurances[values["policy_number"], values["branch"]] = services.Insurance(
            policy_number=values["policy_number"],
            branch=values["branch"],
            history=values["history"],
            organisation=organisation,
            product=values["product"],
            origin=values["origin"],
            payer=payer,
            currency=values["currency"],
            amount=values["amount"],
            shipped_on=values["shipped_on"],
            due_on=values["due_on"],
            concluded_on=values["concluded_on"],
            acquired_by=Origin(values["acquired"]),
            contract_number=values["contract_number"],
            reference=values["reference"],
            **taken,
        )
        return None

    def _covered(
        self, record: Record, values: Mapping[str, Any], organisation: Organisation
    ) -> dict[str, Any] | Problem:
        """Return the 確認 of a row, less its amount; it must fit the row in everything."""
        cover = self._covers.get(values["confirmation"])
        if cover is None or cover.confirmation.organisation_id != organisation.pk:
            return self.problem(
                record, "confirmation", "この保険利用者の個別保証枠確認ではありません。番号を確かめてください。"
            )
        found, policy = cover.confirmation, values["policy_number"]
        agreed = {
            "product": found.product,
            "payer": found.payer.code,
            "currency": found.currency_id,
            **_of_request(values, found),
        }
        if differing := [field for field, value in agreed.items() if values[field] != value]:
            return self.problem(
                record,
                differing[0],
                f"確認管理番号{found.number}の個別保証枠確認の内容と異なります。確かめてください。",
            )
        if found.state not in (ConfirmationState.VALID, ConfirmationState.INSURED):
            state = found.get_state_display()
            return self.problem(record, "confirmation", f"有効ではありません（状態：{state}）。確かめてください。")
        if cover.policies - {policy}:
            return self.problem(
                record, "confirmation", "ほかの保険証券で使われています。使えるのは、同じ保険証券番号の枝番だけです。"
            )
        if not found.confirmed_on <= values["concluded_on"] <= found.expires_on:
            period = f"{seireki(found.confirmed_on)}から{seireki(found.expires_on)}まで"
            return self.problem(record, "concluded_on", f"個別保証枠確認の有効期間（{period}）の日ではありません。")
        if values["amount"] > cover.left:
            return self.problem(
                record, "amount", "個別保証枠確認の未使用額を超えています。確認の金額とほかの枝番を確かめてください。"
            )
        cover.left -= values["amount"]
        cover.policies.add(policy)
        return {"confirmation": found, "quota_id": found.quota_id, "rating": found.rating}

    def _automatic(
        self, record: Record, values: Mapping[str, Any], payer: Any, known: _Known
    ) -> dict[str, Any] | Problem:
        """Return the quota that the row takes by itself, less its yen; nothing where the payer needs none."""
        if payer.state == BuyerState.DELETED:
            return self.problem(record, "payer", f"{text('M-B01')}。")
        since = known.ratings.get(payer.code, [])
        rating = next((rating for start, rating in since if start <= values["concluded_on"]), "")
        if not (need := known.needs.get((rating, values["product"]), "")):
            return self.problem(
                record, "payer", "保険契約締結日の格付、または格付別の扱いが登録されていません。先に登録してください。"
            )
        if need != Need.NEEDED:
            return {"quota_id": None, "rating": rating}
        product = Product(values["product"])
        if not product.is_automatic:
            return self.problem(
                record, "confirmation", f"入力してください。{product.label}では、個別保証枠を自動的に取得しません。"
            )
        if values["acquired"] == Acquired.AMENDMENT and product != Product.INDIVIDUAL:
            return self.problem(record, "acquired", f"内容変更通知で取得するのは{Product.INDIVIDUAL.label}だけです。")
        if (rate := self._rate(values["currency"], values["concluded_on"])) is None:
            return self.problem(record, "currency", f"{text('M-X01', 通貨=values['currency'])}。")
        if payer.quota_pk is None:
            return self.problem(record, "payer", f"{text('M-Q01')}。")
        amount_jpy = to_yen(values["amount"], rate[1])
        left = self._left.setdefault(payer.quota_pk, payer.room_jpy)
        if amount_jpy > left:
            return self.problem(record, "amount", f"{text('M-Q02')}。")
        self._left[payer.quota_pk] = left - amount_jpy
        return {"quota_id": payer.quota_pk, "rating": rating, "rate_date": rate[0], "rate": rate[1]}

    # --- What the tables say -------------------------------------------------------

    def _read_rates(self, currencies: set[str]) -> None:
        """Read the 換算率 of currencies that no row has named so far; one query."""
        self._rates |= {currency: [] for currency in currencies}
        if currencies:
            rows = ExchangeRate.objects.filter(currency__in=currencies).order_by("date")
            for currency, since, rate in rows.values_list("currency", "date", "jpy_per_unit"):
                self._rates[currency].append((since, rate))

    def _rate(self, currency: str, day: date) -> tuple[date, Decimal] | None:
        if currency == "JPY":
            return day, Decimal(1)
        rates = self._rates[currency]
        at = bisect_right(rates, day, key=lambda row: row[0])
        return rates[at - 1] if at else None

    def _read_covers(self, numbers: set[str]) -> None:
        """Read the 確認 that no row has named so far, with the contracts on them; two queries."""
        if not numbers:
            return
        found = Confirmation.objects.filter(number__in=numbers).select_related("payer")
        self._covers |= {row.number: _Cover(row, row.unused, set()) for row in found}
        contracts = InsuranceContract.objects.filter(confirmation__number__in=numbers)
        for number, policy, state, balance in contracts.values_list(
            "confirmation__number", "policy_number", "state", "balance"
        ):
            self._covers[number].policies.add(policy)
            if state == ContractState.OPEN:
                self._covers[number].left -= balance


def _of_request(values: Mapping[str, Any], found: Confirmation) -> dict[str, Any]:
    """Return what a row may repeat of its 確認, which keeps it, and must not contradict."""
    number = found.contract_number if values["contract_number"] else ""
    return {"acquired": Acquired.INSURANCE, "contract_number": number}


def _known(rows: Sequence[Mapping[str, Any]]) -> _Known:
    """Read what the tables say about a batch: six queries however long it is."""
    codes = {row["payer"] for row in rows}
    payers = Buyer.objects.filter(code__in=codes).annotate(
        quota_pk=Coalesce(F("head_office__quota__pk"), F("quota__pk")),
        room_jpy=Coalesce(
            F("head_office__quota__limit_jpy") - F("head_office__quota__held_jpy"),
            F("quota__limit_jpy") - F("quota__held_jpy"),
        ),
    )
    organisations = Organisation.objects.filter(portal="nexi", code__in={row["organisation"] for row in rows})
    return _Known(
        organisations={row.code: row for row in organisations},
        payers={row.code: row for row in payers},
        decimals=dict(Currency.objects.values_list("pk", "decimals")),
        ratings=ratings_of(codes),
        needs={
            (rating, product): need
            for rating, product, need in RatingRule.objects.values_list("rating", "product", "need")
        },
        contracts=contracts_of(rows),
    )


def contracts_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], InsuranceContract]:
    """Return the contracts that the rows name, by 保険証券番号 and 枝番; one query."""
    found = InsuranceContract.objects.filter(policy_number__in={row["policy_number"] for row in rows})
    found = found.select_related("organisation", "payer", "confirmation")
    return {(row.policy_number, row.branch): row for row in found}
