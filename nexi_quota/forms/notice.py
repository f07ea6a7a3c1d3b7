"""ステップ１ of 決済通知 and 枠戻通知 (nexi.md 3.2): its fields, and which of them the kind and the way ask for."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, cast

from django.core.exceptions import ValidationError

from nexi_quota import selectors, services
from nexi_quota.enums import Extent, NoticeKind, Product, ReleaseReason, Route, SettlementManner
from nexi_quota.forms.confirmation import HELP_URL
from nexi_quota.forms.parts import code_field
from nexi_quota.forms.targets import (
    Bar,
    Facts,
    Found,
    bar_of,
    identity_of,
    kind_of,
    open_amount,
    overdue_warning,
    registered_of,
)
from nexi_quota.messages import text
from nexi_quota.models import InsuranceContract
from nexi_quota.rules.notices import Fault, NoticeFacts, amount_of, faults_of
from portal.common.money import money
from portal.ui.fields import ChoiceField, CodeField, DateField, MoneyField, NoteField, TextField
from portal.ui.forms import Answer, Form, Section


class Asked(NamedTuple):
    """The fields of one kind of notice, by what the rules call them."""

    number: tuple[str, ...]
    day: str
    amount: str
    why: str


ASKED = {
    NoticeKind.SETTLEMENT: Asked(("policy_number", "branch"), "settled_on", "settled_amount", "manner"),
    NoticeKind.RELEASE: Asked(("confirmation_number",), "returned_on", "returned_amount", "reason"),
}
CHOSEN = {"contract": (Route.CONTRACTS, NoticeKind.SETTLEMENT), "quota": (Route.QUOTAS, NoticeKind.RELEASE)}
"""The hidden fields that carry what was chosen from a list; the query of the first page has the same names."""

TYPED = ("kind", "product", "policy_number", "branch", "confirmation_number", "payer")
"""What only 直接入力 asks: from a list it is known."""

SMALLEST = Decimal("0.01")
"""The rest of a contract in dollars may be a cent."""


def obstacle(found: Found | None, route: Route, today: date) -> str:
    """Return why an object cannot be notified of by way of its list, empty when it can."""
    if found is None:
        return text("M-N01")
    kind, product = kind_of(found), Product(found.product)
    target = selectors.target_of(found, today)
    faults = faults_of(NoticeFacts(today, kind, route, product, target, "", Extent.PART, None, None))
    if faults:
        return faults[0].message
    if not selectors.is_chosen_from_list(found):
        return text("M-N10", 保険種=product.label, 通知=kind.label, 方法=f"「{Route.DIRECT.label}」")
    return ""


class NoticeForm(Form):
    """申込内容 of a notice. `case` is the wizard's Case.

    With an object from a list in `contract` or `quota` the fields of that kind alone are left; else both kinds can be
    filled in, and what the chosen kind does not ask is kept as typed and means nothing. A valid form holds the
    `line` to notify; `target` and `amount` are there as soon as they are known.
    """

    help_url = HELP_URL
    sections = (
        Section("通知の種類", ("kind", "product")),
        Section("対象の保険契約（決済通知のとき）", ("policy_number", "branch")),
        Section(
            "対象の個別保証枠",
            ("confirmation_number",),
            intro="枠戻通知では必須です。決済通知では、入力すると保険契約との組み合わせを確かめます。",
        ),
        Section("支払人", ("payer",)),
        Section("全部・一部の別", ("extent",)),
        Section("決済通知の内容", ("settled_on", "settled_amount", "manner")),
        Section("枠戻通知の内容", ("returned_on", "returned_amount", "reason")),
        Section("備考", ("note",)),
    )

    contract = TextField(label="保有契約", kind="half", max_length=20, required=False)
    quota = TextField(label="個別保証枠", kind="half", max_length=20, required=False)

    kind = ChoiceField(
        label="通知の種類",
        choices=NoticeKind.choices,
        help="支払人から代金が支払われたときは「決済通知」、個別保証枠が要らなくなったときや減らすときは「枠戻通知」です。"
        "どちらも、個別保証枠を次の契約のために空けます。",
    )
    product = ChoiceField(
        label="保険種", choices=Product.choices, hint="輸出手形保険についての決済通知は、Webでは行えません。"
    )
    policy_number = CodeField(
        label="保険証券番号", digits=14, conditional=True, help="保険証券に記載された14桁の番号です。"
    )
    branch = CodeField(
        label="枝番", digits=2, conditional=True, hint="保険証券番号に続く2桁です。枝番のない契約は 00 です。"
    )
    confirmation_number = CodeField(
        label="確認管理番号",
        digits=12,
        conditional=True,
        help="個別保証枠確認証や個別保証枠一覧に記載された12桁の番号です。",
    )
    payer = code_field(
        "支払人 海外商社コード",
        help="保険契約または個別保証枠に登録されている支払人のコードです。番号の入力誤りを防ぐために確かめます。",
    )
    extent = ChoiceField(
        label="全部・一部の別",
        choices=Extent.choices,
        help="残っている額のすべてについて通知するときは「全額」、その一部のときは「一部」です。一部の通知は、残りがなくなるまで何度でも行えます。",
    )
    settled_on = DateField(label="決済日", conditional=True)
    settled_amount = MoneyField(
        label="決済金額", decimals=2, unit="", min_value=SMALLEST, conditional=True,
        hint="契約の通貨で入力します。全額のときは空欄にできます（決済残高とします）。",
    )  # fmt: skip
    manner = ChoiceField(
        label="決済の態様",
        choices=[(manner.value, f"{manner.value} {manner.label}") for manner in SettlementManner],
        control="select",
        conditional=True,
        help="決済期限の当日に支払われたときは「期日決済」です。分割払いの1回分は「分割の一部」を選んでください。",
    )
    returned_on = DateField(label="枠戻日", conditional=True)
    returned_amount = MoneyField(
        label="枠戻金額", decimals=2, unit="", min_value=SMALLEST, conditional=True,
        hint="確認の通貨で入力します。全額のときは空欄にできます（未使用額とします）。",
    )  # fmt: skip
    reason = ChoiceField(
        label="枠戻理由",
        choices=[(reason.value, f"{reason.value} {reason.label}") for reason in ReleaseReason],
        control="select",
        conditional=True,
        help="「その他」を選んだときは、備考に理由を入力してください。",
    )
    note = NoteField(label="備考", max_length=200, conditional=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.route, self.chosen = Route.DIRECT, ("", "")
        for name, (route, kind) in CHOSEN.items():
            html_name = self.add_prefix(name)
            if self.route is Route.DIRECT and (raw := "".join(self.typed_value(html_name)[-1:])):
                self.route, self.chosen = route, (html_name, raw)
                self._ask_only(kind)
        if self.found:
            for asked in ASKED.values():
                if asked.amount in self.fields:
                    amount = cast(MoneyField, self.field(asked.amount))
                    amount.unit, amount.in_yen = self.found.currency_id, self.found.currency_id == "JPY"

    def _ask_only(self, kind: NoticeKind) -> None:
        """Leave the fields of one kind: the object is known, and nothing depends on an answer any more."""
        (other,) = (one for one in NoticeKind if one is not kind)
        for name in (*TYPED, ASKED[other].day, ASKED[other].amount, ASKED[other].why):
            del self.fields[name]
        for name in (ASKED[kind].day, ASKED[kind].why):
            self.field(name).required, self.field(name).conditional = True, False
        self.field("note").conditional = kind is NoticeKind.RELEASE

    # --- What is known -------------------------------------------------------

    def _understood(self, name: str) -> str:
        """Return what was typed into a field, empty while it cannot be read."""
        field = self.field(name)
        try:
            return str(field.clean(field.collect(self, self.add_prefix(name))))
        except ValidationError:
            return ""

    @cached_property
    def kind_now(self) -> NoticeKind | None:
        """The kind of the notice: of the list it comes from, or as chosen."""
        if self.route is not Route.DIRECT:
            return next(kind for route, kind in CHOSEN.values() if route is self.route)
        typed = self._understood("kind")
        return NoticeKind(typed) if typed else None

    @cached_property
    def found(self) -> Found | None:
        """The organisation's object that the number leads to; None for an unknown one and while there is none."""
        kind, branch = self.kind_now, ""
        if kind is None:
            return None
        if self.route is Route.DIRECT:
            number, *more = (self._understood(name) for name in ASKED[kind].number)
            branch = "".join(more)
        elif kind is NoticeKind.SETTLEMENT:
            number, _, branch = self._understood("contract").partition("-")
        else:
            number = self._understood("quota")
        return selectors.notice_target(self.case.actor, kind, number, branch) if number else None

    # --- The page -------------------------------------------------------------

    def parts(self) -> Iterator[tuple[Section | None, list[str]]]:
        """Leave out what has no section: the page carries the chosen object without showing a field."""
        return ((section, names) for section, names in super().parts() if section)

    @property
    def facts(self) -> Facts:
        """What is registered about the object; of a chosen one also what nobody types."""
        if self.found is None:
            return []
        if self.route is Route.DIRECT:
            return registered_of(self.found)
        way = {"label": "入力の方法", "shown": self.route.label}
        return [*identity_of(self.found), way, *registered_of(self.found)]

    @property
    def bar(self) -> Bar | None:
        """The bar of what is open, for an object that was chosen."""
        return bar_of(self.found) if self.found else None

    @property
    def warning(self) -> str:
        """M-N09 for an overdue contract."""
        return overdue_warning(self.found, self.case.today)

    def echo(self, name: str) -> str:
        """Show below the number what it leads to, so that a slip is seen before the confirmation."""
        kind = self.kind_now
        if self.found and kind and name == ASKED[kind].number[-1]:
            now = money(open_amount(self.found), self.found.currency_id)
            return f"{self.found.payer.name}　残っている額 {now}"
        return super().echo(name)

    def answers_by_section(self) -> list[tuple[str, list[Answer]]]:
        """Put first what is registered about the object; leave out what the kind does not ask."""
        idle = {self.add_prefix(name) for name in self._idle()}
        given = [
            (title, [answer for answer in answers if answer["name"] not in idle])
            for title, answers in super().answers_by_section()
        ]
        facts: list[Answer] = [
            {"name": f"target-{at}", "label": row["label"], "raw": [], "shown": row["shown"]}
            for at, row in enumerate(self.facts if self.is_bound else ())
        ]
        return [("登録内容" if self.route is Route.DIRECT else "通知の対象", facts), *given]

    def _idle(self) -> set[str]:
        """Return the fields that mean nothing for the chosen kind."""
        if self.kind_now is None:
            return set()
        asked = ASKED[self.kind_now]
        others = {name for one in ASKED.values() for name in (*one.number, one.day, one.amount, one.why)}
        return others - {*asked.number, asked.day, asked.amount, asked.why, "confirmation_number"}

    # --- Judging ----------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = self.cleaned_data
        kind = self.kind_now
        if kind is None:
            return answers
        for name in self._idle():
            self.errors.pop(name, None)
            answers[name] = None
        asked = ASKED[kind]
        if self.route is Route.DIRECT:
            self.require(*asked.number)
        self.require(asked.day, asked.why)
        if answers.get("extent") == Extent.PART:
            self.require(asked.amount)
        if answers.get("reason") == ReleaseReason.OTHER:
            self.require("note")
        answers["target"] = self.found
        self._judge(answers, kind, asked)
        return answers

    def _judge(self, answers: dict[str, Any], kind: NoticeKind, asked: Asked) -> None:
        """Add every fault at its field, those of a chosen object to the whole page; else make the line."""
        found, today, product = self.found, self.case.today, answers.get("product")
        if self.route is not Route.DIRECT:
            if reason := obstacle(found, self.route, today):
                self.add_error(None, f"{reason}。")
                return
            product = found.product if found else ""
        if not product:
            return
        facts = NoticeFacts(
            today=today,
            kind=kind,
            route=self.route,
            product=Product(product),
            target=selectors.target_of(found, today) if found else None,
            payer=answers.get("payer") or "",
            extent=Extent(answers.get("extent") or Extent.PART),
            day=answers.get(asked.day),
            amount=answers.get(asked.amount),
        )
        for fault in faults_of(facts):
            self._show(fault, asked)
        if found:
            self._check_amount(facts, found, asked.amount)
            self._check_number(answers, found)
        answers["amount"] = amount_of(facts)
        if found and answers["amount"] and not self.errors:
            answers[asked.amount] = answers["amount"]
            answers["line"] = services.Line(
                kind=kind,
                route=self.route,
                target=found,
                day=answers[asked.day],
                amount=answers["amount"],
                manner=answers.get("manner") or "",
                reason=answers.get("reason") or "",
                note=answers["note"],
            )

    def _show(self, fault: Fault, asked: Asked) -> None:
        fields = {"number": asked.number, "day": (asked.day,), "amount": (asked.amount,)}
        names = fields.get(fault.field, (fault.field,))
        if not any(name in self.errors for name in names):
            self.add_error(names[0], f"{fault.message}。")

    def _check_amount(self, facts: NoticeFacts, found: Found, name: str) -> None:
        decimals = found.currency.decimals
        if facts.amount is not None and not decimals and facts.amount != int(facts.amount):
            self.add_error(name, f"{text('M-V06', 通貨=found.currency_id)}。整数で入力してください。")
        # The amount was read with cents, so that a fraction of yen is named as such; it is shown as the currency is.
        cast(MoneyField, self.field(name)).decimals = decimals

    def _check_number(self, answers: dict[str, Any], found: Found) -> None:
        """A 確認管理番号 beside a 保険証券番号 must be that of the contract (nexi.md 3.2, 4)."""
        typed = answers.get("confirmation_number")
        if typed and isinstance(found, InsuranceContract) and typed != getattr(found.confirmation, "number", ""):
            self.add_error("confirmation_number", f"{text('M-N01')}。")
