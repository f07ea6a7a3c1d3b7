"""請負工事の情報: the first tab of a 保証申込 (esurety.md 3.3), and the works that it describes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django.forms import formset_factory

from esurety.enums import OrderForm, WorkKind
from esurety.rules.facts import Works
from esurety.selectors import requests as find
from portal.common.calendar import fiscal_year
from portal.ui.fields import CheckField, ChoiceField, DateField, IntegerField, MoneyField, TextField
from portal.ui.forms import Form, FormSet, Section

YES, NO = "yes", "no"
HAS = ((YES, "有"), (NO, "無"))
APPLIES = ((NO, "該当しない"), (YES, "該当する"))
MEMBERS, YEARS = 6, 6
"""Rows on offer: the page has them all, so that it needs no script to add one."""

MID, PARTIAL = "mid", "partial"
ECHO = "surety:application-echo"
HELP_URL = "/help/surety/{field}/"


class WorksForm(Form):
    """発注者, 工事, 金額, 期日, 受注形態 and what the limits depend on."""

    help_url = HELP_URL

    body = TextField(
        label="発注者",
        help="保証証書の被保証者となる発注者です。名称の一部や団体コードで検索すると、電子保証の適用開始日も表示されます。",
        hint="名称または団体コードを入力するか、検索して選んでください。",
        max_length=100,
        lookup="surety:body-search",
    )
    department = TextField(label="発注部署", max_length=40, required=False)
    number = TextField(
        label="工事番号・契約番号", hint="発注者がメールの件名に求めることがあります。", max_length=30, required=False
    )
    case_number = TextField(label="調達案件番号", max_length=30, required=False)
    spec_number = TextField(label="仕様書番号", max_length=30, required=False)
    name = TextField(label="工事名", kind="name", max_length=100)
    place = TextField(label="工事場所", kind="name", max_length=100, required=False)
    kind = ChoiceField(
        label="工事区分",
        help="電子保証の対象と前払金の限度額は、工事区分によって異なります。",
        choices=WorkKind.choices,
    )

    price = MoneyField(label="請負金額", hint="総額（税込）を入力してください。", max_digits=12, min_value=1)
    tax = MoneyField(label="うち消費税額", max_digits=12, required=False)

    contract_on = DateField(
        label="請負契約日", hint="契約保証だけを契約の前に申し込むときは、契約予定日。例：2026年11月20日"
    )
    notice_on = DateField(label="入札公告日", required=False)
    nomination_on = DateField(label="指名通知日", required=False)
    award_on = DateField(label="落札日・契約予定通知日", required=False)
    bid_on = DateField(label="入札日", required=False)
    starts_on = DateField(label="工期（自）")
    ends_on = DateField(label="工期（至）")

    order_form = ChoiceField(
        label="受注形態",
        help="甲型JVは出資比率により共同で施工し、乙型JVは工事を分担して施工します。JVでは、代表者が申し込みます。",
        choices=OrderForm.choices,
    )
    jv_name = TextField(label="JV名", kind="name", max_length=80, conditional=True)

    has_advance = ChoiceField(
        label="前払金の有無",
        help="契約保証は前払金保証の特約です。前払金の予定がない工事では申し込めません。",
        choices=HAS,
    )
    advance_rate = IntegerField(label="前払割合", unit="%", max_value=100, required=False)
    mid_choice = ChoiceField(
        label="中間前払・部分払の選択",
        choices=[("", "選択していない"), (MID, "中間前払"), (PARTIAL, "部分払")],
        control="select",
        required=False,
    )
    is_low_bid = ChoiceField(
        label="低入札価格調査対象",
        help="低入札価格調査の対象となった工事では、前払金の限度額が下がり、契約保証の金額が上がることがあります。",
        choices=APPLIES,
    )
    is_multi_year = ChoiceField(
        label="複数年度契約",
        help="債務負担行為などにより工期が複数の会計年度にわたる契約です。前払金保証は年度ごとに申し込みます。",
        choices=APPLIES,
    )

    sections = (
        Section(
            "発注者と工事", ("body", "department", "number", "case_number", "spec_number", "name", "place", "kind")
        ),
        Section("請負金額", ("price", "tax")),
        Section(
            "契約日と工期",
            ("contract_on", "starts_on", "ends_on", "notice_on", "nomination_on", "bid_on", "award_on"),
        ),
        Section("受注形態", ("order_form", "jv_name")),
        Section("前払金", ("has_advance", "advance_rate", "mid_choice", "is_low_bid", "is_multi_year")),
    )

    def clean_body(self) -> str:
        typed = self.cleaned_data["body"]
        found = find.body_of(typed) if typed else None
        if typed and found is None:
            self.field("body").refuse("発注者が見つかりません。名称を検索して選んでください。")
        return f"{found.code} {found.name}" if found else ""

    def clean(self) -> None:
        given = self.cleaned_data
        self.require_order("starts_on", "ends_on")
        if given.get("order_form") in (OrderForm.JV_A, OrderForm.JV_B):
            self.require("jv_name")
        price, tax = given.get("price"), given.get("tax")
        if price and tax and tax >= price:
            self.add_error("tax", "うち消費税額は請負金額より少ない金額にしてください。")


class MemberForm(Form):
    """JV構成員."""

    name = TextField(label="構成員の名称", kind="name", max_length=80)
    is_representative = CheckField(label="代表者")
    share = MoneyField(label="出資比率", unit="%", decimals=2, max_value=100, max_digits=3, required=False)


class YearForm(Form):
    """One 会計年度 of works of several years."""

    year = ChoiceField(label="会計年度", control="select")
    plan = MoneyField(label="出来高予定額", max_digits=12)
    limit = MoneyField(label="支払限度額", max_digits=12, required=False)
    starts_on = DateField(label="工事実施期間（自）", required=False)
    ends_on = DateField(label="工事実施期間（至）", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("year", year_choices(self.case.today))

    def clean(self) -> None:
        self.require_order("starts_on", "ends_on")


class Rows(FormSet):
    """Rows that are folded away while nobody needs them."""

    @property
    def has_answers(self) -> bool:
        """True when something was typed in any row."""
        return any(any(form.typed_value(name)) for form in self.forms for name in form.html_names())


Members = cast(type[Rows], formset_factory(MemberForm, formset=Rows, extra=MEMBERS, max_num=MEMBERS, validate_max=True))
Years = cast(type[Rows], formset_factory(YearForm, formset=Rows, extra=YEARS, max_num=YEARS, validate_max=True))


def year_choices(today: date) -> list[tuple[int, str]]:
    """Return the 会計年度 around today."""
    this = fiscal_year(today)
    return [(year, f"{year}年度") for year in range(this - 3, this + 8)]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def works_of(
    main: Mapping[str, Any], members: Sequence[Mapping[str, Any]], years: Sequence[Mapping[str, Any]]
) -> Works:
    """Return the works of valid answers; rows of JV and years count only where the form asks for them."""
    is_joint = main.get("order_form") in (OrderForm.JV_A, OrderForm.JV_B)
    return {
        "body": (main.get("body") or "")[:6],
        "department": main.get("department") or "",
        "number": main.get("number") or "",
        "name": main.get("name") or "",
        "place": main.get("place") or "",
        "kind": main.get("kind") or WorkKind.WORKS.value,
        "price": main.get("price") or 0,
        "tax": main.get("tax"),
        "contract_on": _iso(main.get("contract_on")),
        "notice_on": _iso(main.get("notice_on")),
        "nomination_on": _iso(main.get("nomination_on")),
        "award_on": _iso(main.get("award_on")),
        "bid_on": _iso(main.get("bid_on")),
        "case_number": main.get("case_number") or "",
        "spec_number": main.get("spec_number") or "",
        "starts_on": _iso(main.get("starts_on")),
        "ends_on": _iso(main.get("ends_on")),
        "order_form": main.get("order_form") or OrderForm.SINGLE.value,
        "jv_name": (main.get("jv_name") or "") if is_joint else "",
        "members": [
            {
                "name": row["name"],
                "is_representative": row["is_representative"],
                "share": int((row["share"] or 0) * 100),
            }
            for row in (members if is_joint else ())
        ],
        "has_advance": main.get("has_advance") == YES,
        "is_low_bid": main.get("is_low_bid") == YES,
        "years": [
            {
                "year": int(row["year"]),
                "plan": row["plan"],
                "limit": row["limit"] or 0,
                "starts_on": _iso(row["starts_on"]),
                "ends_on": _iso(row["ends_on"]),
            }
            for row in (years if main.get("is_multi_year") == YES else ())
        ],
    }
