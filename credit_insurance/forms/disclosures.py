"""告知事項 in words, as they stand today, from 加入者情報 and the frozen ヒアリングシート (credit_insurance.md 6.9)."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from credit_insurance.enums import CapitalTie, Disclosure, PayMethod
from credit_insurance.enums.industry import INDUSTRY_CHOICES
from credit_insurance.forms.debtor import PREFECTURE_CHOICES
from credit_insurance.models import Line, Member, Quote
from credit_insurance.rules.hearing import BAD_DEBT_YEARS
from portal.applications.models import ApplicationVersion
from portal.common.money import yen
from portal.ui.forms import NOTHING

SMALL = 20
"""従業員等 up to which a 法人 is a 小規模法人 of the 補償機構."""

NAMED = 20
"""Debtors that a text names; beyond, it says how many more."""


def disclosures(quote: Quote) -> dict[Disclosure, str]:
    """Return what each 告知事項 of an offer says; three queries. The offer is one that the caller may see."""
    case = quote.case
    member = Member.objects.get(pk=case.member_id)
    sheet = _summary(case.sheet_id)
    lines = [line.values for line in Line.objects.filter(sheet=case.sheet_id).order_by("position", "pk")]
    return {
        Disclosure.MEMBER: _listed(
            member.name,
            _address(member),
            f"法人番号 {member.corporate_number}" if member.corporate_number else "法人番号なし",
        ),
        Disclosure.BUSINESS: _listed(
            f"業種：{dict(INDUSTRY_CHOICES).get(member.industry_code, NOTHING)}",
            f"取扱商品・サービス：{member.products or NOTHING}",
        ),
        Disclosure.SALES: _listed(
            f"年間売上高 {sheet('main-total_sales')}",
            f"うち掛売上 {sheet('main-credit_sales')}",
            f"売掛債権残高 {sheet('main-ar_total')}",
            f"売掛債権回転期間 {case.turnover}か月",
        ),
        Disclosure.SELECTION: _selection(sheet),
        Disclosure.DEBTORS: _listed(
            f"ヒアリングシート（受付番号 {case.sheet.number}）に記載した{len(lines)}社",
            f"年間販売高の合計 {yen(_total(lines, 'annual_sales'))}",
            f"債権残高の合計 {yen(_total(lines, 'balance_now'))}",
        ),
        Disclosure.TERMS: _terms(lines),
        Disclosure.COLLATERAL: _flagged(lines, "担保あり", "collateral_flag", "collateral_amount"),
        Disclosure.COUNTER_DEBTS: _flagged(lines, "反対債務あり", "counterdebt_flag", "counterdebt_amount"),
        Disclosure.OVERDUE: _listed(
            f"支払遅延：{_flagged(lines, 'あり', 'overdue_flag', 'overdue_amount')}",
            f"倒産等・信用不安の認識：{_flagged(lines, 'あり', 'known_adverse', '')}",
        ),
        Disclosure.CAPITAL: _capital(lines),
        Disclosure.BAD_DEBTS: _listed(*(_losses(sheet, row) for row in range(BAD_DEBT_YEARS))),
        Disclosure.OTHER_COVER: member.other_cover if member.has_other_cover else "なし",
        Disclosure.EMPLOYEES: _employees(member.employees),
    }


def _summary(sheet: int) -> Callable[[str], str]:
    """Return a reader of what the frozen summary showed, by html name."""
    version = ApplicationVersion.objects.filter(application=sheet).order_by("-sequence").first()
    shown = {
        item["name"]: item["shown"]
        for step in (version.answers if version else ())
        if step["step"] == "summary"
        for section in step["sections"]
        for item in section["items"]
    }
    return lambda name: shown.get(name, NOTHING)


def _address(member: Member) -> str:
    prefecture = dict(PREFECTURE_CHOICES).get(member.prefecture, "")
    address = member.address if member.address.startswith(prefecture) else f"{prefecture}{member.address}"
    return address or f"所在地：{NOTHING}"


def _listed(*parts: str) -> str:
    return "、".join(parts)


def _total(lines: list[dict[str, Any]], name: str) -> int:
    return sum(line.get(name) or 0 for line in lines)


def _selection(sheet: Callable[[str], str]) -> str:
    given = (sheet(f"main-selection_{name}") for name in ("amount", "count", "unit"))
    value = "、".join(text for text in given if text != NOTHING)
    method = sheet("main-selection_method")
    return f"{method}{f'（{value}）' if value else ''}。当てはまる取引先をすべて記載：{sheet('main-declares_complete')}"


def _losses(sheet: Callable[[str], str], row: int) -> str:
    year, cases, amount = (sheet(f"losses-{row}-{name}") for name in ("year", "cases", "amount"))
    return f"{year.replace(',', '')} {cases} {amount}"


def _terms(lines: list[dict[str, Any]]) -> str:
    methods = Counter(PayMethod(line["pay_method"]).label for line in lines if line.get("pay_method"))
    counted = "、".join(f"{label} {count}社" for label, count in methods.items())
    return f"{counted}。締日・支払日・サイトはヒアリングシートのとおり"


def _named(lines: list[Mapping[str, Any]]) -> str:
    names = "、".join(line.get("debtor_name", "") for line in lines[:NAMED])
    return f"{names}ほか{len(lines) - NAMED}社" if len(lines) > NAMED else names


def _flagged(lines: list[dict[str, Any]], words: str, flag: str, amount: str) -> str:
    """Return how many debtors have `flag`, who they are, and the sum of `amount` where there is one."""
    found = [line for line in lines if line.get(flag)]
    if not found:
        return "なし"
    total = f"、合計 {yen(_total(found, amount))}" if amount else ""
    return f"{words} {len(found)}社{total}（{_named([*found])}）"


def _capital(lines: list[dict[str, Any]]) -> str:
    found = [line for line in lines if line.get("capital_tie", CapitalTie.NONE) != CapitalTie.NONE]
    return "、".join(f"{line['debtor_name']}（{CapitalTie(line['capital_tie']).label}）" for line in found) or "なし"


def _employees(count: int | None) -> str:
    if count is None:
        return NOTHING
    return f"{count:,}人（20人以下）" if count <= SMALL else f"{count:,}人"
