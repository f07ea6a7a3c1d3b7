"""保証の申込内容: the second tab of a 保証申込, one form for each product (esurety.md 3.4)."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.urls import reverse

from esurety.enums import AccountKind, BillTo, Medium, Payment, Product
from esurety.forms.works import ECHO, HELP_URL, Members, Rows, WorksForm, Years, works_of, year_choices
from esurety.rules.facts import Works
from esurety.rules.limits import ratio_text
from esurety.rules.media import why_not_electronic
from esurety.selectors import requests as find
from esurety.selectors.bodies import acceptance
from portal.applications.models import Application
from portal.ui.fields import (
    AttachmentField,
    CheckField,
    ChoiceField,
    CodeField,
    DateField,
    KatakanaField,
    MoneyField,
    TextField,
)
from portal.ui.forms import Answer, Form, as_typed

Found = TypeVar("Found")

KEEP, PASS_ON = "no", "yes"
WANTED, NOT_WANTED = "yes", "no"
WISHES = ((WANTED, "希望する"), (NOT_WANTED, "希望しない"))
REDEPOSIT = ((KEEP, "再預託を利用しない"), (PASS_ON, "再預託を利用する"))
SHARES = 6
MEGABYTE = 1024 * 1024

MEDIUM_HELP = (
    "「電子保証」では、発行のお知らせのあとに「認証キーのお知らせ」を発注者へ提出します。"
    "「証書(紙)」では、紙の保証証書を発注者へ提出します。前払金保証、契約保証ごとに選べます。"
)
AMOUNT_HELP = (
    "発注者の規定による限度額は、申込確認の画面で確かめます。割合は、前払金保証・中間前払金保証では今年度対象額"
    "（入力がないときは請負金額）、契約保証では請負金額に対する割合です。"
)
BILL_HELP = (
    "保証料の請求書をお送りする先です。JVで代表者以外へ請求するときは「その他」を選び、連絡事項に入力してください。"
)

STATEMENT_NOTE = "※保証料計算書は弊社手続き完了後、保証料計算書一覧メニューからご確認いただけます。"
MEDIUM_NOTE = "※電子保証を希望される場合は、発注者が電子保証に対応していることを確認してください。"


def _medium() -> ChoiceField:
    return ChoiceField(
        label="保証証書の形式について", hint=MEDIUM_NOTE, help=MEDIUM_HELP, choices=Medium.choices, conditional=True
    )


def _statement() -> ChoiceField:
    return ChoiceField(label="保証料計算書(紙)について", hint=STATEMENT_NOTE, choices=WISHES, conditional=True)


def _base_amount() -> MoneyField:
    return MoneyField(
        label="今年度対象額",
        help="複数年度契約の、申し込む年度の出来高予定額または支払限度額です。どちらかは発注者の規定によります。",
        hint="(出来高予定額または支払限度額)　複数年度契約では必ず入力してください。",
        max_digits=12,
        min_value=1,
        conditional=True,
    )


def _bank() -> TextField:
    return TextField(
        label="預託金融機関(全角)",
        help="前払金専用口座を開く金融機関です。保証会社と委託契約のある金融機関だけを選べます。",
        hint="金融機関名と支店名を入力するか、検索して選んでください。委託契約のある金融機関に限ります。",
        max_length=90,
        lookup="surety:bank-search",
        conditional=True,
    )


def _once(case: Any, name: str, look_up: Callable[[], Found]) -> Found:
    """Return what `look_up` finds, asked once for all forms of a page: they share the case, which lives as long."""
    known: dict[str, Any] = case.__dict__
    if name not in known:
        known[name] = look_up()
    return cast(Found, known[name])


class ProductForm(Form):
    """What one guarantee is applied for with. Nothing is asked of a product that is not applied for."""

    help_url = HELP_URL
    product: ClassVar[Product]
    required_if_applied: ClassVar[tuple[str, ...]] = ("medium", "amount", "payment", "bill_to", "statement")

    apply = CheckField(label="申し込む")
    medium = _medium()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.echo_url = reverse(ECHO)
        contractor = _once(self.case, "surety_contractor", lambda: find.contractor_of(self.case.organisation))
        if not (contractor and contractor.pays_monthly):
            self.offer("payment", [choice for choice in Payment.choices if choice[0] != Payment.MONTHLY])
        works = self.works
        body = _once(self.case, "surety_body", lambda: find.body_of(works["body"]) if works and works["body"] else None)
        if works and body:
            online = contractor.online if contractor else ""
            reason = why_not_electronic(acceptance(body), works, self.product, online=online, body_name=body.name)
            if reason:
                # Only this way is left, and why stands beside it.
                self.offer("medium", [(Medium.PAPER.value, Medium.PAPER.label)])
                self.field("medium").hint = f"電子保証は選べません。{reason}"

    @property
    def works(self) -> Works | None:
        """The first tab as far as it is valid; None before it was saved."""
        return _once(self.case, "surety_works", lambda: _saved_works(self.case))

    def echo(self, name: str) -> str:
        understood = super().echo(name)
        if name == "amount" and (ratio := self.ratio()):
            return f"{understood}　{ratio}".strip()
        return understood

    def ratio(self) -> str:
        """Return 保証割合 in words for the line below the amount, "" while something is missing."""
        amount, base = self._read("amount"), self._read("base_amount") or (self.works["price"] if self.works else 0)
        return f"割合 {ratio_text(amount, base)}" if amount and base else ""

    def _read(self, name: str) -> Any:
        if name not in self.fields:
            return None
        field = self.field(name)
        try:
            return field.to_python(field.collect(self, self.add_prefix(name)))
        except ValidationError:
            return None

    def clean(self) -> None:
        if self.cleaned_data.get("apply"):
            self.require(*self.required_if_applied)
        else:
            self.errors.clear()  # what is not applied for is not judged

    def answers_by_section(self) -> list[tuple[str, list[Answer]]]:
        found = super().answers_by_section()
        if self.is_bound and not self.cleaned_data.get("apply"):
            return [(self.product.label, [self._answer("apply")])]
        return [(title or self.product.label, answers) for title, answers in found]


class AdvanceForm(ProductForm):
    """前払金保証: paid into an account of the 預託金融機関."""

    product = Product.ADV
    required_if_applied = (*ProductForm.required_if_applied, "bank", "redeposit")
    field_order = (
        *("apply", "advance_number", "is_paid", "certified_on", "certificate"),
        *("medium", "base_amount", "fiscal_year", "amount"),
        *("bank", "account_kind", "account_number", "account_kana", "redeposit", "payment", "bill_to", "statement"),
    )

    apply = CheckField(label="前払金保証を申し込む")
    base_amount = _base_amount()
    fiscal_year = ChoiceField(label="対象年度", hint="選ばないときは今年度です。", control="select", required=False)
    amount = MoneyField(
        label="前払金保証金額",
        help=AMOUNT_HELP,
        hint="割合は、請負金額もしくは今年度対象額に対する前払金保証金額の割合です。",
        max_digits=12,
        min_value=1,
        conditional=True,
        refresh=True,
    )
    bank = _bank()
    account_kind = ChoiceField(
        label="口座種別", choices=AccountKind.choices, control="select", required=False, empty_label="未定"
    )
    account_number = CodeField(label="口座番号", digits=7, required=False)
    account_kana = KatakanaField(label="口座名義カナ", max_length=48, required=False)
    redeposit = ChoiceField(
        label="再預託利用区分",
        help="JVの代表者の口座に入った前払金を、構成員の前払金専用口座へ分けて預けることです。",
        choices=REDEPOSIT,
        conditional=True,
    )
    payment = ChoiceField(label="前払金保証料支払方法", choices=Payment.choices, control="select", conditional=True)
    bill_to = ChoiceField(
        label="前払金保証料請求先", help=BILL_HELP, choices=BillTo.choices, control="select", conditional=True
    )
    statement = _statement()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("fiscal_year", year_choices(self.case.today))

    def clean_bank(self) -> str:
        return bank_named(self, "bank")

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        is_joint = bool(self.works and self.works["members"])
        if given.get("apply") and given.get("redeposit") == PASS_ON and not is_joint:
            self.add_error("redeposit", "再預託を利用できるのは、受注形態がJVの工事だけです。")


class MidForm(AdvanceForm):
    """中間前払金保証: after the first advance, with the 認定調書 of the 発注者."""

    product = Product.MID
    required_if_applied = (
        *AdvanceForm.required_if_applied,
        *("advance_number", "is_paid", "certified_on", "certificate"),
    )

    apply = CheckField(label="中間前払金保証を申し込む")
    advance_number = TextField(
        label="先行する前払金保証",
        hint="保証契約番号を入力してください。例：00261-000001",
        max_length=20,
        conditional=True,
    )
    is_paid = CheckField(label="前払金を受領済み")
    certified_on = DateField(label="認定調書の日付", conditional=True)
    certificate = AttachmentField(
        label="認定調書", types=("pdf",), max_count=1, max_bytes=20 * MEGABYTE, conditional=True
    )
    amount = MoneyField(
        label="中間前払金保証金額",
        help=AMOUNT_HELP,
        hint="割合は、請負金額もしくは今年度対象額に対する中間前払金保証金額の割合です。",
        max_digits=12,
        min_value=1,
        conditional=True,
        refresh=True,
    )
    payment = ChoiceField(label="中間前払金保証料支払方法", choices=Payment.choices, control="select", conditional=True)
    bill_to = ChoiceField(
        label="中間前払金保証料請求先", help=BILL_HELP, choices=BillTo.choices, control="select", conditional=True
    )


class ContractForm(ProductForm):
    """契約保証: a rider of the advance, without account."""

    product = Product.CTR

    apply = CheckField(label="契約保証を申し込む")
    amount = MoneyField(
        label="契約保証金額",
        help=AMOUNT_HELP,
        hint="割合は、請負金額に対する契約保証金額の割合です。",
        max_digits=12,
        min_value=1,
        conditional=True,
        refresh=True,
    )
    payment = ChoiceField(label="契約保証料支払方法", choices=Payment.choices, control="select", conditional=True)
    bill_to = ChoiceField(
        label="契約保証料請求先", help=BILL_HELP, choices=BillTo.choices, control="select", conditional=True
    )
    statement = _statement()


class ShareForm(Form):
    """What one JV構成員 gets of the advance (再預託)."""

    member = TextField(label="構成員の名称", kind="name", max_length=80)
    bank = TextField(label="再預託先の金融機関(全角)", hint="金融機関名と支店名を入力してください。", max_length=90)
    amount = MoneyField(label="再預託金額", max_digits=12, min_value=1)

    def clean_bank(self) -> str:
        return bank_named(self, "bank")


Shares = cast(type[Rows], formset_factory(ShareForm, formset=Rows, extra=SHARES, max_num=SHARES, validate_max=True))


def bank_named(form: Form, name: str) -> str:
    """Return 金融機関名 and 支店名 of what was typed in a field; raises ValidationError for one without 委託契約."""
    typed = form.cleaned_data[name]
    branch = find.branch_of(typed) if typed else None
    field = form.field(name)
    if typed and branch is None:
        field.refuse(f"{field.label}が見つかりません。金融機関名と支店名を検索して選んでください。")
    if branch and not branch.has_agency:
        field.refuse(f"{branch}は委託契約がないため選べません。ほかの金融機関を選んでください。")
    return str(branch) if branch else ""


def _saved_works(case: Any) -> Works | None:
    """Return the works of the first tab as it is saved, its wrong answers left out."""
    if not case.number:
        return None
    draft = Application.objects.visible_to(case.actor).filter(number=case.number).first()
    stored = draft.data["steps"].get("contract") if draft else None
    if stored is None:
        return None
    form = WorksForm(as_typed(stored), prefix="main", case=case)
    form.is_valid()
    main = form.cleaned_data
    members = Members(as_typed(stored), prefix="jv", case=case)
    years = Years(as_typed(stored), prefix="years", case=case)
    return works_of(main, members.rows() if members.is_valid() else [], years.rows() if years.is_valid() else [])
