"""ステップ１ of the 確認申込み (nexi.md 3.1): its fields, what depends on what."""

from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import ValidationError

from nexi_quota import selectors
from nexi_quota.enums import (
    SETTLEMENT_METHODS,
    ContractForm,
    Guarantee,
    Product,
    SpecialReason,
    allowed_methods,
)
from nexi_quota.forms.parts import code_field
from nexi_quota.messages import text
from nexi_quota.rules.arithmetic import months_after, proposed_due
from portal.ui.fields import (
    AttachmentField,
    CheckField,
    ChoiceField,
    CodeField,
    DateField,
    IntegerField,
    MoneyField,
    NoteField,
    TextField,
)
from portal.ui.forms import Form, Section

HELP_URL = "/help/nexi/{field}/"
AMOUNTS = ("contract_amount", "advance_amount", "requested_amount")
"""Fields in the currency of the request."""

BOOKING_MONTHS = 3
"""契約締結(予定)日 and 買取予定日 lie at most this many months ahead (nexi.md 3.1, 8 and 27)."""

PARTIES = ("counterparty_code", "payer_code", "bank_code", "confirming_code")
"""The fields that hold a 海外商社コード."""


class TermsForm(Form):
    """申込内容: product, parties, contract, money, dates. `case` is the wizard's Case."""

    help_url = HELP_URL
    sections = (
        Section("保険種", ("product", "special_reason", "other_reason")),
        Section("保険利用者", ("department", "reference")),
        Section("契約", ("contract_form", "contract_number", "contract_date", "goods")),
        Section("契約相手方と支払人", ("counterparty_code", "same_payer", "payer_code")),
        Section("国", ("payment_country", "destination_country", "shipping_country")),
        Section(
            "決済",
            ("settlement", "usance_days", "guarantee", "bank_code", "is_confirmed", "confirming_code"),
        ),
        Section("金額", ("currency", "contract_amount", "advance_amount", "requested_amount")),
        Section("期間", ("first_shipment", "last_shipment", "due")),
        Section("手形の買取り（輸出手形保険）", ("purchase_date", "purchase_bank", "purchase_branch", "purchase_name")),
        Section("内諾", ("consent_number", "consent_date")),
        Section("備考・添付書類", ("remarks", "attachments")),
    )

    product = ChoiceField(
        label="保険種",
        help="個別保証枠確認を申込む保険の種類です。貿易一般保険包括保険(設備財)の保険申込みの前、輸出手形保険の買取りの前に"
        "この手続きが必要です。貿易一般保険(個別)と中小企業・農林水産業輸出代金保険は、保険申込時に個別保証枠が自動的に取得"
        "されるため、特殊なケースを除きこの手続きは不要です。",
    )
    special_reason = ChoiceField(
        label="特殊ケースの理由",
        choices=SpecialReason.choices,
        control="select",
        conditional=True,
        hint="貿易一般保険(個別)、中小企業・農林水産業輸出代金保険は、保険申込時に自動取得されます。それでも申込む理由を選んでください。",
    )
    other_reason = TextField(label="特殊ケースの理由（その他の内容）", max_length=40, conditional=True)
    department = CodeField(label="部門", pattern="[0-9A-Za-z]{1,6}", example="EX01", required=False)
    reference = TextField(
        label="お客様整理番号",
        kind="half",
        max_length=20,
        required=False,
        hint="一覧に表示される、貴社での管理番号です。",
    )
    contract_form = ChoiceField(
        label="契約形態",
        choices=[(form.value, f"{form.value} {form.label}") for form in ContractForm],
        help="貨物の輸出が主な契約は「輸出契約」、仲介の部分が最も大きい契約は「仲介貿易契約」です。仲介貿易契約では船積国の入力が必要です。",
    )
    contract_number = TextField(label="輸出契約等番号", kind="half", max_length=30, conditional=True)
    contract_date = DateField(
        label="契約締結(予定)日",
        conditional=True,
        help="これから締結する契約は予定日を入力してください。3か月先まで入力できます。",
    )
    goods = TextField(label="貨物名", kind="name", max_length=40)
    counterparty_code = code_field("契約相手方 海外商社コード", conditional=True)
    same_payer = CheckField(label="支払人は契約相手方と同じ")
    payer_code = code_field(
        "支払人(手形支払人) 海外商社コード",
        conditional=True,
        help="代金を支払う海外商社のコードです。個別保証枠は、この支払人（支店の場合は本店）に設定された枠から確保します。"
        "コードが分からないときは、名称や国名から検索できます。登録のない海外商社は、先に海外商社登録の手続きが必要です。",
    )
    payment_country = ChoiceField(
        label="支払国",
        control="select",
        required=False,
        hint="選択しないときは、支払人の国（海外商社コードの先頭3桁）とします。",
    )
    destination_country = ChoiceField(
        label="仕向国", control="select", help="貨物が最終的に消費・使用される国です。中継する国ではありません。"
    )
    shipping_country = ChoiceField(
        label="船積国", control="select", conditional=True, hint="仲介貿易契約のときに選択します。"
    )
    settlement = ChoiceField(
        label="決済方法",
        control="select",
        choices=[(method.code, method.label) for method in SETTLEMENT_METHODS.values()],
        help="決済方法表示コードから選びます。輸出手形保険では D/A・D/P（20〜39）だけを選べます。",
    )
    usance_days = IntegerField(
        label="ユーザンス日数", unit="日", min_value=1, max_value=720, conditional=True,
        hint="決済方法に「xxx days」とあるときに入力します。",
    )  # fmt: skip
    guarantee = ChoiceField(label="支払保証", choices=Guarantee.choices)
    bank_code = code_field("保証銀行 海外商社コード", conditional=True)
    is_confirmed = CheckField(label="確認(Confirm)の有無")
    confirming_code = code_field("確認銀行 海外商社コード", conditional=True)
    currency = ChoiceField(label="通貨", control="select")
    contract_amount = MoneyField(
        label="契約金額 / 手形金額",
        decimals=2,
        unit="",
        min_value=1,
        help="輸出契約等の金額です。輸出手形保険では手形金額を入力してください。",
    )
    advance_amount = MoneyField(label="うち前受金額", decimals=2, unit="", required=False)
    requested_amount = MoneyField(
        label="個別保証枠確認希望額", decimals=2, unit="", min_value=1, required=False,
        hint="入力しないときは、契約金額 / 手形金額から前受金額を除いた額とします。",
        help="確保したい個別保証枠の額です。契約金額 / 手形金額から前受金額を除いた額まで入力できます。",
    )  # fmt: skip
    first_shipment = DateField(label="初回船積予定日")
    last_shipment = DateField(label="最終船積予定日")
    due = DateField(
        label="最終決済予定日", conditional=True,
        hint="入力しないときは、最終船積予定日と決済方法から計算します（計算できない決済方法では入力が必要です）。例：2026年11月20日、令和8年11月20日",
    )  # fmt: skip
    purchase_date = DateField(label="買取予定日", conditional=True)
    purchase_bank = CodeField(label="買取銀行コード", digits=4, conditional=True)
    purchase_branch = CodeField(label="買取支店コード", digits=3, conditional=True)
    purchase_name = TextField(label="買取銀行・支店", kind="name", max_length=60, conditional=True)
    consent_number = TextField(
        label="内諾番号",
        kind="half",
        max_length=20,
        required=False,
        hint="引受基準を超える案件で、事前に内諾を得ているときに入力します。",
    )
    consent_date = DateField(label="内諾日", conditional=True)
    remarks = NoteField(label="備考", max_length=200, required=False)
    attachments = AttachmentField(label="添付書類", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = selectors.choices()
        for name in ("payment_country", "destination_country", "shipping_country"):
            self.offer(name, offered.countries)
        self.offer("currency", offered.currencies)
        permitted = selectors.permitted_products(self.case.organisation)
        self._names: dict[str, str] | None = None
        self.offer("product", [(product.value, product.label) for product in permitted])

    def echo(self, name: str) -> str:
        """Show the registered name below the code of a 海外商社 (nexi.md 3.1, 10); one query for all of them."""
        if name not in PARTIES:
            return super().echo(name)
        code = self._code(name)
        if not code:
            return ""
        if self._names is None:
            self._names = selectors.buyer_names([self._code(party) for party in PARTIES])
        return self._names.get(code, "この番号は海外商社名簿に見つかりません。番号を確かめてください。")

    def _code(self, name: str) -> str:
        """Return the code typed into a field, empty while it cannot be read."""
        field = self.field(name)
        try:
            return str(field.clean(field.collect(self, self.add_prefix(name))))
        except ValidationError:
            return ""

    def clean_currency(self) -> str:
        """Refuse 1,000万円 as an amount of dollars: the amounts are cleaned after their currency."""
        currency: str = self.cleaned_data["currency"]
        if currency != "JPY":
            for name in AMOUNTS:
                cast(MoneyField, self.fields[name]).in_yen = False
        return currency

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = self.cleaned_data
        product = Product(answers["product"]) if answers.get("product") else None
        self._parties(answers)
        self._product(answers, product)
        self._settlement(answers, product)
        self._amounts(answers)
        self._dates(answers, product)
        return answers

    def _parties(self, answers: dict[str, Any]) -> None:
        if answers.get("same_payer") and not answers.get("payer_code") and "payer_code" not in self.errors:
            answers["payer_code"] = answers.get("counterparty_code")
        self.require("payer_code")
        if not answers.get("payment_country") and "payment_country" not in self.errors and answers.get("payer_code"):
            country = answers["payer_code"][:3]
            if country in dict(selectors.choices().countries):
                answers["payment_country"] = country
            else:
                self.require("payment_country")
        if answers.get("contract_form") == ContractForm.INTERMEDIARY:
            self.require("shipping_country")

    def _product(self, answers: dict[str, Any], product: Product | None) -> None:
        # P1/P2 without a reason is no mistake of the form: the verdict says 確認不要 (D02).
        if answers.get("special_reason") == SpecialReason.OTHER:
            self.require("other_reason")
        if product is Product.BILL:
            self.require("purchase_date", "purchase_bank", "purchase_branch", "purchase_name")
        elif product:
            self.require("contract_number", "contract_date", "counterparty_code")
        if answers.get("consent_number"):
            self.require("consent_date")

    def _settlement(self, answers: dict[str, Any], product: Product | None) -> None:
        method = SETTLEMENT_METHODS.get(answers.get("settlement") or "")
        if method is None:
            return
        if product and method not in allowed_methods(product):
            self.add_error("settlement", f"{product.label}では、D/A・D/P（20〜39）の決済方法を選択してください。")
        if method.days.asks_usance:
            self.require("usance_days")
        if method.is_letter_of_credit and answers.get("guarantee") not in {None, "", Guarantee.LETTER_OF_CREDIT}:
            self.add_error("guarantee", "決済方法がL/Cのときは、支払保証に「L/C」を選択してください。")
        if answers.get("guarantee") == Guarantee.LETTER_OF_CREDIT:
            self.require("bank_code")
            if answers.get("is_confirmed"):
                self.require("confirming_code")

    def _amounts(self, answers: dict[str, Any]) -> None:
        decimals = selectors.choices().decimals.get(answers.get("currency") or "", 2)
        if decimals == 0:
            for name in AMOUNTS:
                amount = answers.get(name)
                if amount is not None and amount != int(amount):
                    self.add_error(name, f"{text('M-V06', 通貨=answers['currency'])}。整数で入力してください。")
        contract, advance = answers.get("contract_amount"), answers.get("advance_amount") or Decimal(0)
        if contract is None:
            return
        if advance >= contract:
            self.add_error("advance_amount", "うち前受金額は、契約金額 / 手形金額より小さい額を入力してください。")
            return
        if answers.get("requested_amount") is None:
            if "requested_amount" not in self.errors:
                answers["requested_amount"] = contract - advance
        elif answers["requested_amount"] > contract - advance:
            self.add_error(
                "requested_amount",
                "個別保証枠確認希望額は、契約金額 / 手形金額から前受金額を除いた額までで入力してください。",
            )

    def _dates(self, answers: dict[str, Any], product: Product | None) -> None:
        today = self.case.today
        latest = months_after(today, BOOKING_MONTHS)
        if product is not Product.BILL and answers.get("contract_date") and answers["contract_date"] > latest:
            self.add_error("contract_date", "契約締結(予定)日は、今日から3か月以内の日付を入力してください。")
        if product is Product.BILL and answers.get("purchase_date") and not today <= answers["purchase_date"] <= latest:
            self.add_error("purchase_date", "買取予定日は、今日から3か月以内の日付を入力してください。")
        for name in ("first_shipment", "last_shipment"):
            if answers.get(name) and answers[name] < today:
                self.add_error(
                    name,
                    f"{self.field(name).label}は今日以後の日付を入力してください。過ぎた日付は入力し直してください。",
                )
        self.require_order("first_shipment", "last_shipment")
        if answers.get("due") is None and "due" not in self.errors:
            method = SETTLEMENT_METHODS.get(answers.get("settlement") or "")
            if method and answers.get("last_shipment"):
                answers["due"] = proposed_due(answers["last_shipment"], method, answers.get("usance_days"))
            if answers.get("last_shipment"):
                self.require("due")
        self.require_order("last_shipment", "due")


class ConsentForm(Form):
    """The tick above 申込む (seed, section 2 ④)."""

    consent = CheckField(label="個別保証枠確認であることを了解して申込みます", required=True)
