"""One debtor of the ヒアリングシート as a form; the same fields read the cells of an uploaded file (5.4)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from credit_insurance.enums import (
    CapitalTie,
    CollateralKind,
    ContractType,
    CounterDebtKind,
    DebtorKind,
    PayMethod,
    Trend,
)
from credit_insurance.rules.exclusions import identity
from credit_insurance.rules.facts import LABELS, Debtor
from credit_insurance.services.sheets import Entry
from portal.common import eras, text
from portal.ui.fields import (
    ChoiceField,
    CodeField,
    CorporateNumberField,
    DateField,
    Field,
    IntegerField,
    KatakanaField,
    MoneyField,
    NoteField,
    PostalField,
    TextField,
)
from portal.ui.forms import Form, Section, as_typed

YES, NO = "yes", "no"

PREFECTURES = (
    *("北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県"),
    *("千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県"),
    *("愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県"),
    *("広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県"),
    *("宮崎県", "鹿児島県", "沖縄県"),
)
"""都道府県 in the order of their codes, 01 to 47 (JIS X 0401)."""

PREFECTURE_CHOICES = tuple((f"{place:02}", name) for place, name in enumerate(PREFECTURES, start=1))


class MonthField(TextField):
    """A month: 2015年4月, 平成27年4月, 2015-04 or 201504; the value is its first day."""

    drops_invisible: ClassVar[bool] = True
    echoes: ClassVar[bool] = True

    def blank(self) -> Any:
        return None

    def parse(self, typed: str) -> Any:
        plain = text.code(typed)
        if re.fullmatch("[0-9]{6}", plain):
            plain = f"{plain[:4]}-{plain[4:]}"
        whole = f"{plain}1日" if plain.endswith("月") else f"{plain}{re.sub('[^-/.]', '', plain)[:1] or '-'}1"
        for candidate in (whole, plain):
            try:
                return eras.parse_date(candidate).replace(day=1)
            except eras.Unreadable:
                continue
        self.refuse(f"{self.label}を読み取れませんでした。例：2015年4月、平成27年4月")

    def show(self, value: Any) -> str:
        return f"{value.year}年{value.month}月" if isinstance(value, date) else ""

    def spread(self, value: Any) -> dict[str, str]:
        return {"": self.show(value)}


def _label(name: str) -> str:
    return LABELS[name]


def _choice(name: str, choices: type[TextChoices], **options: Any) -> ChoiceField:
    return ChoiceField(label=_label(name), choices=choices.choices, required=False, **options)


def _flag(name: str, yes: str = "あり", no: str = "なし", **options: Any) -> ChoiceField:
    return ChoiceField(label=_label(name), choices=[(YES, yes), (NO, no)], required=False, **options)


def _money(name: str, **options: Any) -> MoneyField:
    return MoneyField(label=_label(name), required=False, max_digits=13, **options)


def _name(name: str, limit: int) -> TextField:
    return TextField(label=_label(name), kind="name", max_length=limit, required=False, autocomplete="off")


class DebtorForm(Form):
    """取引先: nothing is required here, so that an unfinished line can be kept; the rules say what is missing."""

    help_url = "/help/credit/{field}/"
    sections = (
        Section("企業", (
            "debtor_name", "debtor_kana", "kind", "corporate_number", "trade_name", "owner_name", "postal_code",
            "pref_code", "address", "rep_name", "country", "industry_code",
        )),
        Section("取引", ("trade_since", "contract_type", "continuous", "annual_sales", "trend")),
        Section("債権残高", ("balance_now", "balance_date", "balance_max12", "balance_forecast")),
        Section("決済条件", ("closing_day", "pay_month_offset", "pay_day", "pay_method", "bill_days")),
        Section("担保・反対債務・資本関係", (
            "collateral_flag", "collateral_kind", "collateral_amount", "counterdebt_flag", "counterdebt_kind",
            "counterdebt_amount", "capital_tie", "public_body",
        )),
        Section("支払遅延・信用不安", (
            "overdue_flag", "overdue_amount", "oldest_due", "known_adverse", "known_adverse_note",
        )),
        Section("希望限度額", ("requested_limit", "note")),
    )  # fmt: skip

    debtor_name = _name("debtor_name", 60)
    debtor_kana = KatakanaField(label=_label("debtor_kana"), max_length=60, required=False)
    kind = _choice("kind", DebtorKind)
    corporate_number = CorporateNumberField(
        label=_label("corporate_number"),
        required=False,
        hint="法人のときだけ入力します。13桁の数字",
        help="国税庁の法人番号公表サイトで、名称と登記住所から調べられます。12桁の会社法人等番号を入力すると、13桁の番号をお知らせします。",
    )
    trade_name = _name("trade_name", 60)
    owner_name = _name("owner_name", 40)
    postal_code = PostalField(label=_label("postal_code"), required=False, autocomplete="off")
    pref_code = ChoiceField(label=_label("pref_code"), choices=PREFECTURE_CHOICES, control="select", required=False)
    address = TextField(
        label=_label("address"), max_length=120, required=False, hint="登記簿の本店所在地。都道府県は除きます"
    )
    rep_name = _name("rep_name", 40)
    country = CodeField(
        label=_label("country"), pattern="[A-Za-z]{2}", max_length=2, example="JP", required=False, hint="日本は JP"
    )
    industry_code = CodeField(
        label=_label("industry_code"), digits=2, required=False, hint="日本標準産業分類の中分類。2桁の数字（任意）"
    )
    trade_since = MonthField(label=_label("trade_since"), max_length=20, required=False, hint="例：2015年4月（任意）")
    contract_type = _choice("contract_type", ContractType, control="select")
    continuous = _flag("continuous", "継続している", "継続していない（スポット取引）")
    annual_sales = _money("annual_sales", hint="この取引先への1年間の販売高")
    trend = _choice("trend", Trend)
    balance_now = _money("balance_now", hint="基準日現在の売掛金・受取手形・割引手形・裏書手形の合計")
    balance_date = DateField(label=_label("balance_date"), required=False, hint="3か月以内の日。例：2026年10月31日")
    balance_max12 = _money("balance_max12", hint="直近12か月の最大")
    balance_forecast = _money("balance_forecast", conditional=True, hint="取引動向が横ばい以外のときに入力します")
    closing_day = IntegerField(
        label=_label("closing_day"), unit="日", min_value=1, max_value=99, required=False, hint="末日は99"
    )
    pay_month_offset = IntegerField(
        label=_label("pay_month_offset"),
        unit="か月後",
        max_value=99,
        required=False,
        hint="翌月は1",
    )
    pay_day = IntegerField(
        label=_label("pay_day"), unit="日", min_value=1, max_value=99, required=False, hint="末日は99"
    )
    pay_method = _choice("pay_method", PayMethod, control="select")
    bill_days = IntegerField(
        label=_label("bill_days"),
        unit="日",
        max_value=9999,
        conditional=True,
        hint="約束手形・でんさいのとき",
    )
    collateral_flag = _flag("collateral_flag")
    collateral_kind = _choice("collateral_kind", CollateralKind, control="select")
    collateral_amount = _money("collateral_amount", hint="担保ありのときに入力します")
    counterdebt_flag = _flag("counterdebt_flag")
    counterdebt_kind = _choice("counterdebt_kind", CounterDebtKind, control="select")
    counterdebt_amount = _money("counterdebt_amount", hint="反対債務ありのときに入力します")
    capital_tie = _choice("capital_tie", CapitalTie, control="select")
    public_body = _flag("public_body", "はい", "いいえ")
    overdue_flag = _flag("overdue_flag")
    overdue_amount = _money("overdue_amount", hint="支払遅延ありのときに入力します")
    oldest_due = DateField(label=_label("oldest_due"), required=False, hint="支払遅延ありのときに入力します")
    known_adverse = _flag("known_adverse")
    known_adverse_note = TextField(label=_label("known_adverse_note"), max_length=200, required=False)
    requested_limit = _money("requested_limit", hint="100,000円単位、500,000円から100,000,000円まで")
    note = NoteField(label=_label("note"), max_length=200, rows=2, required=False)


COLUMNS = tuple(name for name in LABELS if name != "line_no")
"""The columns of a line in the order of the sheet; `DebtorForm` has a field of each name."""

_FLAGS = frozenset(name for name, kind in Debtor.__annotations__.items() if kind == bool | None)
_CHOICES: dict[str, type[TextChoices]] = {
    "kind": DebtorKind,
    "contract_type": ContractType,
    "trend": Trend,
    "pay_method": PayMethod,
    "collateral_kind": CollateralKind,
    "counterdebt_kind": CounterDebtKind,
    "capital_tie": CapitalTie,
}
_DAYS = frozenset(("trade_since", "balance_date", "oldest_due"))


def field_of(name: str) -> Field:
    """Return the declared field of a column."""
    return cast(Field, DebtorForm.base_fields[name])


def _plain(name: str, value: Any) -> Any:
    """Return a field's value as plain data."""
    if name == "country":
        return str(value).upper()
    if name == "postal_code":
        return str(value).replace("-", "")
    if name in _FLAGS:
        return value == YES
    return value.isoformat() if isinstance(value, date) else value


def values_of(form: DebtorForm) -> dict[str, Any]:
    """Return what was read of a bound form as plain data; what is empty or unreadable is left out."""
    form.is_valid()
    found = {name: form.cleaned_data.get(name) for name in COLUMNS}
    return {name: _plain(name, value) for name, value in found.items() if value not in (None, "")}


def unread_of(form: DebtorForm) -> dict[str, str]:
    """Return the columns whose text could not be read, with what to do about it."""
    return {name: "".join(form.messages(name)) for name in COLUMNS if name in form.errors}


def read_column(name: str, texts: tuple[str, ...]) -> tuple[Any, str]:
    """Return what the texts of a column stand for as plain data (None for nothing), and what to do if unreadable."""
    try:
        value = field_of(name).clean(texts if len(texts) > 1 else texts[0])
    except ValidationError as error:
        return None, "".join(error.messages)
    return (None if value in (None, "") else _plain(name, value)), ""


PARTS = {name: tuple(field_of(name).html_names(name)) for name in COLUMNS}
"""The html names that each column is typed into."""


def read(
    typed: Mapping[str, Sequence[str]], reader: Callable[[str, tuple[str, ...]], tuple[Any, str]] = read_column
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return `values_of` and `unread_of` of texts by html name, without the cost of a form for each line of a file.

    For many lines `reader` may be a `read_column` that remembers: most columns say the same again and again.
    """
    values, unread = {}, {}
    for name, parts in PARTS.items():
        texts = tuple([typed[part][-1] if typed.get(part) else "" for part in parts])
        if not any(texts):
            continue
        value, message = reader(name, texts)
        if message:
            unread[name] = message
        elif value is not None:
            values[name] = value
    return values, unread


def debtor(line_no: int, values: dict[str, Any]) -> Debtor:
    """Return the facts of a line from `values_of`."""
    facts = dict(values)
    for name in _DAYS & facts.keys():
        facts[name] = date.fromisoformat(facts[name])
    for name in _CHOICES.keys() & facts.keys():
        facts[name] = _CHOICES[name](facts[name])
    return Debtor(line_no, **facts)


def entry_of(form: DebtorForm) -> Entry:
    """Return the line that a bound form stands for, as typed and as read."""
    values = values_of(form)
    names = set(form.html_names())
    typed = {name: texts for name, texts in as_typed(form.data).lists() if name in names and any(texts)}
    return Entry(typed, values, unread_of(form), identity(debtor(1, values)))


def shown(name: str, values: dict[str, Any]) -> str:
    """Return the text of a column for lists, papers and files."""
    value = values.get(name)
    if value is None:
        return ""
    if name in _FLAGS:
        value = YES if value else NO
    elif name in _DAYS:
        return f"{value[:7]}" if name == "trade_since" else f"{value}"
    elif isinstance(value, int):
        return f"{value:,}"
    return field_of(name).show(value)


def typed_of(values: dict[str, Any], names: Iterable[str] = COLUMNS) -> dict[str, list[str]]:
    """Return the texts by html name that stand for `values` in a form without prefix."""
    texts: dict[str, list[str]] = {}
    for name in names:
        value: Any = values.get(name)
        if value is None:
            continue
        if name in _FLAGS:
            value = YES if value else NO
        elif name in _DAYS:
            value = date.fromisoformat(value)
        texts |= {name + suffix: [part] for suffix, part in field_of(name).spread(value).items()}
    return texts
