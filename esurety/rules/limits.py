"""How much may be guaranteed (esurety.md 6.1 to 6.6): limits of the 発注者, 契約保証 as a rider, several years, JV."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from esurety.enums import Light, OrderForm, PlanBase, Product, WorkKind
from esurety.rules.facts import Works, Year
from esurety.rules.periods import earliest_mid, period_of
from portal.common.calendar import fiscal_year as fiscal_year_of
from portal.common.eras import seireki
from portal.common.money import yen
from portal.common.text import search_key

WHOLE_SHARE = 10_000
"""100.00 % in the unit of `Member.share`."""


@dataclass(frozen=True)
class MoneyRules:
    """前払金の規定 of a 発注者, with the names of `esurety.models.Body`: rates in whole per cent, amounts in yen."""

    rate_works: int = 40
    rate_design: int = 30
    rate_low_bid: int = 20
    rate_mid: int = 20
    rate_total: int = 60
    rate_contract: int = 10
    rate_contract_low_bid: int = 30
    unit: int = 10_000
    cap: int | None = None
    mid_cap: int | None = None
    least_price: int | None = None
    mid_least_price: int | None = None
    mid_least_days: int | None = None
    plan_base: str = PlanBase.PLAN
    refund_rate: int = 40
    raise_percent: int = 125
    is_confirmed: bool = False
    takes_overheads: bool = True


@dataclass(frozen=True)
class Finding:
    """Result of one check; `code` names the check, `message` says value and limit in words."""

    code: str
    light: Light
    message: str


@dataclass(frozen=True)
class Advance:
    """先行する前払金保証 of a 中間前払金保証: 保証金額, and whether it is in force and the advance was paid."""

    amount: int
    is_active: bool = True
    is_paid: bool = True


def worst(findings: Iterable[Finding]) -> Light:
    """Return the worst light of all, GREEN without any."""
    return max((finding.light for finding in findings), default=Light.GREEN)


def problems(findings: Iterable[Finding]) -> list[Finding]:
    """Return what is not green."""
    return [finding for finding in findings if finding.light != Light.GREEN]


def ratio_text(amount: int, base: int) -> str:
    """Return 保証割合 for show only: one decimal, half up, "40.0%"; 「―」 without a base."""
    if base <= 0:
        return "―"
    tenths = (2000 * amount + base) // (2 * base)
    return f"{tenths // 10:,}.{tenths % 10}%"


def _share(amount: int, rate: int) -> int:
    return amount * rate // 100


def _to_unit(amount: int, rules: MoneyRules) -> int:
    return amount // rules.unit * rules.unit


def _capped(amount: int, cap: int | None) -> int:
    return amount if cap is None else min(amount, cap)


def advance_rate(rules: MoneyRules, kind: str, *, is_low_bid: bool) -> int:
    """Return 前払金の率 in per cent for a 工事区分 (`WorkKind`)."""
    rate = rules.rate_design if kind == WorkKind.DESIGN else rules.rate_works
    return min(rate, rules.rate_low_bid) if is_low_bid else rate


def advance_limit(rules: MoneyRules, base: int, kind: str, *, is_low_bid: bool = False) -> int:
    """Return the most 前払金 in yen; `base` is 今年度対象額 if given, else 請負金額 (6.1)."""
    rate = advance_rate(rules, kind, is_low_bid=is_low_bid)
    return _capped(_to_unit(_share(base, rate), rules), rules.cap)


def mid_limit(rules: MoneyRules, base: int) -> int:
    """Return the most 中間前払金 in yen by itself (6.2, conditions 7 and 10)."""
    return _capped(_to_unit(_share(base, rules.rate_mid), rules), rules.mid_cap)


def total_limit(rules: MoneyRules, base: int) -> int:
    """Return the most 前払金 and 中間前払金 together in yen (6.2, condition 8)."""
    return _share(base, rules.rate_total)


def least_contract_guarantee(rules: MoneyRules, price: int, *, is_low_bid: bool = False) -> int:
    """Return the least 契約保証 in yen: never rounded down below its share (6.3)."""
    rate = rules.rate_contract_low_bid if is_low_bid else rules.rate_contract
    return -(-price * rate // 100)


# --- Findings ------------------------------------------------------------------


def _over(rules: MoneyRules) -> Light:
    return Light.RED if rules.is_confirmed else Light.YELLOW


def _at_most(rules: MoneyRules, code: str, label: str, amount: int, limit: int, reason: str) -> Finding:
    if amount <= limit:
        return Finding(code, Light.GREEN, f"{label}{yen(amount)}は限度額{yen(limit)}（{reason}）の範囲内です。")
    unconfirmed = "" if rules.is_confirmed else "発注者の規定は未確認のため、発注者に確かめてください。"
    words = f"{label}{yen(amount)}が限度額{yen(limit)}（{reason}）を{yen(amount - limit)}超えています。{unconfirmed}"
    return Finding(code, _over(rules), words)


def _at_least_price(rules: MoneyRules, code: str, label: str, price: int, least: int | None) -> list[Finding]:
    if least is None:
        return []
    if price >= least:
        return [Finding(code, Light.GREEN, f"請負金額{yen(price)}は{label}の対象（{yen(least)}以上）です。")]
    words = f"請負金額{yen(price)}は、{label}の対象となる{yen(least)}に達していません。"
    return [Finding(code, _over(rules), words)]


def _reason(rate: int, rules: MoneyRules, cap: int | None) -> str:
    unit = f"{rules.unit:,}円未満切捨て" if rules.unit > 1 else ""
    top = f"上限{yen(cap)}" if cap is not None else ""
    return "、".join(part for part in (f"{rate}%", unit, top) if part)


def check_advance(rules: MoneyRules, works: Works, amount: int, base_amount: int | None = None) -> list[Finding]:
    """Return the findings on a 前払金保証 (6.1)."""
    kind, low = works["kind"], works["is_low_bid"]
    base = works["price"] if base_amount is None else base_amount
    rate = advance_rate(rules, kind, is_low_bid=low)
    limit = advance_limit(rules, base, kind, is_low_bid=low)
    reason = _reason(rate, rules, rules.cap) + ("、低入札" if low else "")
    found = [
        _at_most(rules, "advance.limit", "前払金の保証金額", amount, limit, reason),
        *_at_least_price(rules, "advance.least_price", "前払金", works["price"], rules.least_price),
    ]
    if not works["has_advance"]:
        found.append(Finding("advance.planned", Light.RED, "「前払金の有無」が「無」です。「有」にしてください。"))
    return found


def check_mid(
    rules: MoneyRules,
    works: Works,
    amount: int,
    base_amount: int | None = None,
    *,
    advance: Advance | None,
    certified_on: date | None,
    fiscal_year: int | None = None,
) -> list[Finding]:
    """Return the findings on a 中間前払金保証 (6.2).

    `certified_on` is the day of the 認定調書, with which the 発注者 vouches for conditions 3 to 5 (progress, 部分払).
    """
    base = works["price"] if base_amount is None else base_amount
    reason = _reason(rules.rate_mid, rules, rules.mid_cap)
    return [
        _first_advance(advance),
        *_half_period(works, certified_on, fiscal_year),
        _at_most(rules, "mid.limit", "中間前払金の保証金額", amount, mid_limit(rules, base), reason),
        *_sum_of_both(rules, base, amount, advance),
        *_at_least_price(rules, "mid.least_price", "中間前払金", works["price"], rules.mid_least_price),
        *_least_days(rules, works, fiscal_year),
    ]


def _first_advance(advance: Advance | None) -> Finding:
    code = "mid.advance"
    if advance is None:
        return Finding(code, Light.RED, "先行する前払金保証がありません。前払金保証の保証契約番号を入力してください。")
    if not advance.is_active:
        return Finding(code, Light.RED, "先行する前払金保証が有効ではありません。保証契約番号を確かめてください。")
    if not advance.is_paid:
        return Finding(code, Light.RED, "前払金をまだ受領していません。中間前払金は前払金の受領後に申し込めます。")
    return Finding(code, Light.GREEN, f"先行する前払金保証{yen(advance.amount)}は有効です。")


def _half_period(works: Works, certified_on: date | None, fiscal_year: int | None) -> list[Finding]:
    if certified_on is None:
        words = "認定調書がありません。発注者の認定を受け、認定調書の日付とファイルを入力してください。"
        return [Finding("mid.certificate", Light.RED, words)]
    earliest = earliest_mid(works, fiscal_year)
    if certified_on < earliest:
        words = f"認定調書の日付{seireki(certified_on)}は、工期の2分の1を経過する{seireki(earliest)}より前です。"
        return [Finding("mid.half_period", Light.RED, words)]
    words = f"認定調書の日付{seireki(certified_on)}は、工期の2分の1を経過する{seireki(earliest)}以後です。"
    return [Finding("mid.half_period", Light.GREEN, words)]


def _sum_of_both(rules: MoneyRules, base: int, amount: int, advance: Advance | None) -> list[Finding]:
    if advance is None:
        return []
    label, reason = "前払金と中間前払金の合計", f"{rules.rate_total}%"
    return [_at_most(rules, "mid.total", label, advance.amount + amount, total_limit(rules, base), reason)]


def _least_days(rules: MoneyRules, works: Works, fiscal_year: int | None) -> list[Finding]:
    if rules.mid_least_days is None:
        return []
    starts, ends = period_of(works, fiscal_year)
    days, least = (ends - starts).days + 1, rules.mid_least_days
    if days >= least:
        return [Finding("mid.least_days", Light.GREEN, f"工期{days}日は中間前払金の対象（{least}日以上）です。")]
    words = f"工期{days}日は、中間前払金の対象となる{least}日に達していません。"
    return [Finding("mid.least_days", _over(rules), words)]


def check_contract(rules: MoneyRules, works: Works, amount: int) -> list[Finding]:
    """Return the findings on a 契約保証: a rider of the advance (F9), at least its share of the price (6.3)."""
    price, low = works["price"], works["is_low_bid"]
    rate = rules.rate_contract_low_bid if low else rules.rate_contract
    least = least_contract_guarantee(rules, price, is_low_bid=low)
    reason = f"請負金額の{rate}%{'、低入札' if low else ''}"
    found = []
    if not works["has_advance"]:
        words = "契約保証は前払金保証の特約のため、前払金の予定がない工事では申し込めません。"
        found.append(Finding("contract.rider", Light.RED, words))
    if amount < least:
        words = (
            f"契約保証の保証金額{yen(amount)}が必要な額{yen(least)}（{reason}以上）に{yen(least - amount)}足りません。"
        )
        found.append(Finding("contract.least", Light.RED, words))
    elif amount > price:
        words = f"契約保証の保証金額{yen(amount)}が請負金額{yen(price)}を超えています。"
        found.append(Finding("contract.least", Light.RED, words))
    else:
        words = f"契約保証の保証金額{yen(amount)}は必要な額{yen(least)}（{reason}）以上です。"
        found.append(Finding("contract.least", Light.GREEN, words))
    return found


# --- Several years (6.5) ---------------------------------------------------------


def year_row(works: Works, fiscal_year: int | None) -> Year | None:
    """Return the row of a 会計年度, None where there is none."""
    return next((year for year in works["years"] if year["year"] == fiscal_year), None)


def year_base(rules: MoneyRules, works: Works, fiscal_year: int) -> int | None:
    """Return 今年度対象額 in yen: 出来高予定額 or 支払限度額, as the 発注者 has it; None for a year without a row."""
    row = year_row(works, fiscal_year)
    if row is None:
        return None
    return row["limit"] if rules.plan_base == PlanBase.LIMIT else row["plan"]


def check_base(
    rules: MoneyRules, works: Works, base_amount: int | None, fiscal_year: int | None, today: date
) -> list[Finding]:
    """Return the findings on 今年度対象額 of a 前払金保証 or 中間前払金保証; none for works of one year without it."""
    if not works["years"] and base_amount is None:
        return []
    if base_amount is None or fiscal_year is None:
        words = "複数年度契約では、会計年度と今年度対象額を入力してください。"
        return [Finding("base.missing", Light.RED, words)]
    found = []
    if base_amount > works["price"]:
        words = f"今年度対象額{yen(base_amount)}が請負金額{yen(works['price'])}を超えています。"
        found.append(Finding("base.price", Light.RED, words))
    label, row = PlanBase(rules.plan_base).label, year_base(rules, works, fiscal_year)
    if row is not None and row != base_amount:
        words = f"今年度対象額{yen(base_amount)}が{fiscal_year}年度の{label}{yen(row)}と異なります。"
        found.append(Finding("base.plan", Light.YELLOW, words))
    if fiscal_year > fiscal_year_of(today):
        words = f"{fiscal_year}年度の前払金は、予算の執行が可能になる{fiscal_year}年4月1日から請求できます。"
        found.append(Finding("base.budget", Light.YELLOW, words))
    return found or [Finding("base.plan", Light.GREEN, f"今年度対象額は{yen(base_amount)}です。")]


def check_years(works: Works) -> list[Finding]:
    """Return the findings on the yearly table; none for works of one year."""
    rows = works["years"]
    if not rows:
        return []
    found = [
        Finding(
            "years.limit",
            Light.RED,
            f"{row['year']}年度の支払限度額{yen(row['limit'])}が出来高予定額{yen(row['plan'])}を超えています。",
        )
        for row in rows
        if row["limit"] > row["plan"]
    ]
    if len({row["year"] for row in rows}) < len(rows):
        found.append(Finding("years.twice", Light.RED, "同じ会計年度が2回あります。1行にまとめてください。"))
    if (total := sum(row["plan"] for row in rows)) != works["price"]:
        words = f"出来高予定額の合計{yen(total)}が請負金額{yen(works['price'])}と異なります。"
        found.append(Finding("years.total", Light.YELLOW, words))
    return found or [Finding("years.total", Light.GREEN, "出来高予定額の合計は請負金額と同じです。")]


# --- JV (6.6) --------------------------------------------------------------------


def check_members(works: Works, applicant: str = "") -> list[Finding]:
    """Return the findings on a JV and its shares; none for 単体. `applicant` must be the representative's name."""
    if works["order_form"] == OrderForm.SINGLE:
        return []
    members = works["members"]
    heads = [member["name"] for member in members if member["is_representative"]]
    found = []
    if not works["jv_name"]:
        found.append(Finding("jv.name", Light.RED, "JV名を入力してください。"))
    if len(members) < 2:
        found.append(Finding("jv.members", Light.RED, "JV構成員を2社以上入力してください。"))
    if len(heads) != 1:
        found.append(Finding("jv.head", Light.RED, f"代表者を1社だけ選んでください（いま{len(heads)}社です）。"))
    elif applicant and search_key(heads[0]) != search_key(applicant):
        words = f"申し込めるのはJVの代表者です。代表者は{heads[0]}、申込者は{applicant}です。"
        found.append(Finding("jv.applicant", Light.RED, words))
    if works["order_form"] == OrderForm.JV_A:
        total = sum(member["share"] for member in members)
        if total != WHOLE_SHARE or any(member["share"] <= 0 for member in members):
            words = f"出資比率の合計が{total / 100:.2f}%です。各社0%より大きく、合計を100.00%にしてください。"
            found.append(Finding("jv.shares", Light.RED, words))
    return found or [Finding("jv.shares", Light.GREEN, "JVの代表者と構成員はそろっています。")]


def check_amount(
    product: str,
    rules: MoneyRules,
    works: Works,
    amount: int,
    base_amount: int | None = None,
    *,
    advance: Advance | None = None,
    certified_on: date | None = None,
    fiscal_year: int | None = None,
) -> list[Finding]:
    """Return the findings on the 保証金額 of any product; the named arguments only matter for 中間前払金保証."""
    if product == Product.CTR:
        return check_contract(rules, works, amount)
    if product == Product.ADV:
        return check_advance(rules, works, amount, base_amount)
    return check_mid(
        rules,
        works,
        amount,
        base_amount,
        advance=advance,
        certified_on=certified_on,
        fiscal_year=fiscal_year,
    )
