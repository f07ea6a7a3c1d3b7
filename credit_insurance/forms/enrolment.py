"""加入依頼書: 告知事項 with their marks, and what is read and agreed to (credit_insurance.md 5.8, 6.9)."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils import timezone

from credit_insurance.enums import CaseState, ConsentKind, Disclosure, Membership
from credit_insurance.forms.disclosures import disclosures
from credit_insurance.models import ConsentPaper, Quote
from credit_insurance.selectors.enrolment import accepted_quote, papers
from portal.ui.fields import CheckField, ChoiceField, TextField
from portal.ui.forms import NOTHING, Answer, Form, Section

CHANGED = "changed"
NEW = "_new"
"""Ending of the field that takes what holds instead."""

GONE = "もとになるお引受条件が見つかりません。「加入依頼書」の一覧から作成し直してください。"
SENT = "このお引受条件の加入依頼書は、すでに提出されています。"
ENDED = "この加入手続（{state}）では、加入依頼書を提出できません。"
NO_MEMBER = "所属組合の会員であることを確認できないため、加入を依頼できません。所属組合へお問い合わせください。"


class CarryingForm(Form):
    """A form with texts that its page carries in hidden fields: kept with the answers, never shown."""

    carried: ClassVar[Sequence[str]] = ()

    def parts(self) -> Iterator[tuple[Section | None, list[str]]]:
        for section, names in super().parts():
            if left := [name for name in names if name not in self.carried]:
                yield section, left

    def carries(self, name: str) -> str:
        """Return what came in the hidden field `name`."""
        return "".join(self.typed_value(self.add_prefix(name))[-1:])


def _item(item: Disclosure) -> ChoiceField:
    return ChoiceField(label=f"{item.mark} {item.label}")


def _instead(item: Disclosure) -> TextField:
    return TextField(label=f"{item.label}の正しい内容", max_length=400, conditional=True)


def _pairs(*items: Disclosure) -> tuple[str, ...]:
    return tuple(name for item in items for name in (item.name.lower(), item.name.lower() + NEW))


class DisclosureForm(CarryingForm):
    """告知事項: each is answered; `quote` is the offer that the hidden 見積番号 leads to, None for none of ours.

    The value of "as it stands" is made of the text it stands for: when that has changed, it is to be answered anew.
    """

    carried = ("number",)
    sections = (
        Section(
            "会社・売上・取引先の選定",
            _pairs(Disclosure.MEMBER, Disclosure.BUSINESS, Disclosure.SALES, Disclosure.SELECTION),
        ),
        Section(
            "取引先",
            _pairs(
                *(Disclosure.DEBTORS, Disclosure.TERMS, Disclosure.COLLATERAL),
                *(Disclosure.COUNTER_DEBTS, Disclosure.OVERDUE, Disclosure.CAPITAL),
            ),
        ),
        Section(
            "貸倒・他の保険・従業員",
            _pairs(Disclosure.BAD_DEBTS, Disclosure.OTHER_COVER, Disclosure.EMPLOYEES),
        ),
    )

    number = TextField(label="見積番号", kind="half", max_length=14, required=False)
    member = _item(Disclosure.MEMBER)
    member_new = _instead(Disclosure.MEMBER)
    business = _item(Disclosure.BUSINESS)
    business_new = _instead(Disclosure.BUSINESS)
    sales = _item(Disclosure.SALES)
    sales_new = _instead(Disclosure.SALES)
    selection = _item(Disclosure.SELECTION)
    selection_new = _instead(Disclosure.SELECTION)
    debtors = _item(Disclosure.DEBTORS)
    debtors_new = _instead(Disclosure.DEBTORS)
    terms = _item(Disclosure.TERMS)
    terms_new = _instead(Disclosure.TERMS)
    collateral = _item(Disclosure.COLLATERAL)
    collateral_new = _instead(Disclosure.COLLATERAL)
    counter_debts = _item(Disclosure.COUNTER_DEBTS)
    counter_debts_new = _instead(Disclosure.COUNTER_DEBTS)
    overdue = _item(Disclosure.OVERDUE)
    overdue_new = _instead(Disclosure.OVERDUE)
    capital = _item(Disclosure.CAPITAL)
    capital_new = _instead(Disclosure.CAPITAL)
    bad_debts = _item(Disclosure.BAD_DEBTS)
    bad_debts_new = _instead(Disclosure.BAD_DEBTS)
    other_cover = _item(Disclosure.OTHER_COVER)
    other_cover_new = _instead(Disclosure.OTHER_COVER)
    employees = _item(Disclosure.EMPLOYEES)
    employees_new = _instead(Disclosure.EMPLOYEES)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        number = self.carries("number")
        self.quote: Quote | None = accepted_quote(self.case.actor, number) if number and self.case else None
        self.quote_number = self.quote.number if self.quote else ""
        said = disclosures(self.quote) if self.quote else {}
        for item in Disclosure:
            text = said.get(item, NOTHING)
            same = f"same-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
            self.offer(
                item.name.lower(), [(same, f"次のとおりです：{text}"), (CHANGED, "異なります（正しい内容を入力）")]
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if obstacle := self._obstacle():
            self.add_error(None, obstacle)
        for item in Disclosure:
            name = item.name.lower()
            if values.get(name) == CHANGED:
                self.require(name + NEW)
            elif values.get(name) and values.get(name + NEW):
                self.add_error(
                    name + NEW, f"{item.label}は「次のとおりです」を選んでいます。選び直すか、入力を消してください。"
                )
        return values

    def _obstacle(self) -> str:
        """Return why no form can be handed in for the offer, "" when one can."""
        if self.quote is None:
            return GONE
        case = self.quote.case
        if case.state in {CaseState.FORM_SUBMITTED, CaseState.FORM_ACCEPTED}:
            return SENT
        if case.state != CaseState.ACCEPTED:
            return ENDED.format(state=case.get_state_display())
        return "" if Membership(case.member.membership).allows_case else NO_MEMBER

    def answers_by_section(self) -> list[tuple[str, list[Answer]]]:
        """Return the answers, without the corrections that nobody had to make."""
        return [
            (title, [answer for answer in found if not (answer["name"].endswith(NEW) and answer["shown"] == NOTHING)])
            for title, found in super().answers_by_section()
        ]


AGREED = {
    ConsentKind.IMPORTANT: "{paper}を読み、内容を理解しました",
    ConsentKind.PRIVACY: "{paper}を読み、同意します",
    ConsentKind.ELECTRONIC: "{paper}を読み、同意します",
    ConsentKind.ANTISOCIAL: "{paper}を読み、当社とその役員が反社会的勢力ではないことを表明します",
    ConsentKind.ACCURACY: "{paper}を読み、告知した内容が事実であることを確認しました",
}
"""What a tick says, by kind of paper; `paper` is its name with its version."""

NO_PAPERS = (
    "加入時の確認書類（{kinds}）がまだ登録されていないため、加入を依頼できません。取扱代理店へお問い合わせください。"
)
RENEWED = "{paper}が新しくなりました。読み直して、チェックしてください。"


class PapersForm(CarryingForm):
    """確認書類: a tick for each of the five papers; `seen` says which versions the page showed.

    A tick counts for the version that was shown with it: a newer one is to be read and ticked anew. A valid form holds
    the `papers` that were agreed to.
    """

    carried = ("seen",)
    sections = (Section("確認・同意", tuple(kind.value for kind in ConsentKind)),)

    seen = TextField(label="表示した版", kind="half", max_length=200, required=False)
    important = CheckField(label=ConsentKind.IMPORTANT.label, required=True)
    privacy = CheckField(label=ConsentKind.PRIVACY.label, required=True)
    electronic = CheckField(label=ConsentKind.ELECTRONIC.label, required=True)
    antisocial = CheckField(label=ConsentKind.ANTISOCIAL.label, required=True)
    accuracy = CheckField(label=ConsentKind.ACCURACY.label, required=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.renewed: frozenset[str] = frozenset()
        self.papers = papers(self.case.today if self.case else timezone.localdate())
        self.shown = " ".join(self._mark(paper) for paper in self.papers.values())
        for kind in ConsentKind:
            if paper := self.papers.get(kind):
                self.fields[kind.value].label = AGREED[kind].format(paper=_named(paper))
            else:
                del self.fields[kind.value]
        before = set(self.carries("seen").split())
        self.renewed = frozenset(
            self.add_prefix(kind.value)
            for kind, paper in self.papers.items()
            if any(self.typed_value(self.add_prefix(kind.value))) and self._mark(paper) not in before
        )

    @staticmethod
    def _mark(paper: ConsentPaper) -> str:
        return f"{paper.kind}-{paper.version}"

    def typed_value(self, html_name: str) -> list[str]:
        """Return nothing for a tick that was given to an older version."""
        return [] if html_name in self.renewed else super().typed_value(html_name)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if missing := [kind.label for kind in ConsentKind if kind not in self.papers]:
            self.add_error(None, NO_PAPERS.format(kinds="、".join(missing)))
        for kind, paper in self.papers.items():
            if self.add_prefix(kind.value) in self.renewed:
                self.errors.pop(kind.value, None)
                self.add_error(kind.value, RENEWED.format(paper=_named(paper)))
        return {**values, "papers": list(self.papers.values())}


def _named(paper: ConsentPaper) -> str:
    return f"{paper.get_kind_display()}（第{paper.version}版）"


class HandOverForm(Form):
    """責任者に回付: a word to who submits."""

    note = TextField(label="連絡事項", max_length=200, required=False)


class GiveBackForm(Form):
    """差戻し to the 担当者: what is to be put right."""

    reply = TextField(label="差し戻す理由", max_length=200)
