"""Can 電子保証 be chosen (esurety.md 6.7)? Tests 1 to 8 in their order; the first that fails is the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from esurety.enums import Medium, OnlineState, Product, StartBasis, WorkKind
from esurety.rules.facts import Works
from portal.common.eras import seireki


@dataclass(frozen=True)
class Acceptance:
    """電子保証の対応, as `esurety.models.AcceptanceRule` has it; no `departments` means all."""

    products: tuple[str, ...]
    work_kinds: tuple[str, ...]
    starts_on: date
    basis: str = StartBasis.CONTRACT
    departments: tuple[str, ...] = ()
    ends_on: date | None = None

    def covers(self, works: Works) -> bool:
        """Return True when 工事区分 and 部署 of the works are among those of the rule (test 5)."""
        in_department = not self.departments or works["department"] in self.departments
        return works["kind"] in self.work_kinds and in_department

    def in_time(self, works: Works) -> bool:
        """Return True when the basis date of the works lies in the rule's time (test 6)."""
        day = basis_date(self.basis, works)
        return bool(day) and self.starts_on.isoformat() <= day <= (self.ends_on or date.max).isoformat()


def basis_date(basis: str, works: Works) -> str:
    """Return the date of the works contract that is compared with the start, ISO text, "" where it is missing."""
    dates = {
        StartBasis.CONTRACT: works["contract_on"],
        StartBasis.NOTICE: works["notice_on"],
        StartBasis.NOMINATION: works["nomination_on"] or works["notice_on"],
        StartBasis.AWARD: works["award_on"],
    }
    return dates[StartBasis(basis)]


def why_not_electronic(
    rules: Sequence[Acceptance],
    works: Works,
    product: str,
    *,
    online: str,
    body_name: str = "発注者",
    changed_medium: str = "",
) -> str:
    """Return why 電子保証 cannot be chosen, in words, or "" when it can.

    `online` is 電子保証の利用 of the contractor (`OnlineState`); `changed_medium` the form of the guarantee that is
    changed or corrected (`Medium`), "" for a new one.
    """
    if online != OnlineState.ACTIVE:
        return "電子保証の利用登録がありません。ご利用には取扱箇所での登録が必要です。今回は証書(紙)になります。"
    if product not in Product.values:
        return "この商品は電子保証の対象ではありません。証書(紙)になります。"
    if not rules:
        return f"{body_name}は電子保証に対応していません。証書(紙)になります。対応発注者一覧で確かめられます。"
    if reason := _not_covered(rules, works, product, body_name):
        return reason
    if changed_medium == Medium.PAPER:
        return "証書(紙)で契約した保証のため、変更・訂正も証書(紙)になります。"
    if product == Product.MID and (reason := _first_advance_on_paper(rules, works)):
        return reason
    return ""


def _not_covered(rules: Sequence[Acceptance], works: Works, product: str, body_name: str) -> str:
    """Tests 4 to 6."""
    for_product = [rule for rule in rules if product in rule.products]
    if not for_product:
        return f"{body_name}は{Product(product).label}の電子保証に対応していません。証書(紙)になります。"
    covering = [rule for rule in for_product if rule.covers(works)]
    if not covering:
        return f"{body_name}の電子保証は、{_scope(for_product)}が対象です。この工事は証書(紙)になります。"
    if any(rule.in_time(works) for rule in covering):
        return ""
    return _too_early(max(covering, key=lambda rule: rule.starts_on), works, f"{body_name}の電子保証")


def _scope(rules: Sequence[Acceptance]) -> str:
    kinds = dict.fromkeys(WorkKind(kind).label for rule in rules for kind in rule.work_kinds)
    departments = dict.fromkeys(name for rule in rules for name in rule.departments)
    of = f"（{'・'.join(departments)}の契約に限ります）" if departments else ""
    return "・".join(kinds) + of


def _too_early(rule: Acceptance, works: Works, what: str) -> str:
    label, day = StartBasis(rule.basis).label, basis_date(rule.basis, works)
    if not day:
        return f"{what}は{label}で判断します。請負工事の情報に{label}を入力してください。"
    shown = seireki(date.fromisoformat(day))
    if rule.ends_on and day > rule.ends_on.isoformat():
        return (
            f"{what}は、{label}が{seireki(rule.ends_on)}までの契約が対象です（この工事は{shown}）。証書(紙)になります。"
        )
    since = seireki(rule.starts_on)
    return f"{what}は、{label}が{since}以後の契約が対象です（この工事は{shown}）。証書(紙)になります。"


def _first_advance_on_paper(rules: Sequence[Acceptance], works: Works) -> str:
    """Test 8: a works contract whose first advance had to be on paper stays on paper."""
    first = [rule for rule in rules if Product.ADV in rule.products and rule.covers(works)]
    if not first or any(rule.in_time(works) for rule in first):
        return ""
    return _too_early(max(first, key=lambda rule: rule.starts_on), works, "先行する前払金保証の電子保証")
