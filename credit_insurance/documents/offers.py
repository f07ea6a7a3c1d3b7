"""Papers up to the offer: D01 アンケート結果, D02 ヒアリングシート, D03 お引受条件のご案内 (credit_insurance.md 11)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from credit_insurance.enums import Exclusion
from credit_insurance.models import Questionnaire, Quote
from credit_insurance.rules.questionnaire import RESULTS
from credit_insurance.selectors.questionnaires import answers_in_words
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.common.money import group, yen
from portal.documents.kinds import Context, DocumentKind, register
from portal.ui.forms import NOTHING

Rows = list[tuple[str, str]]

WEEKDAYS = "月火水木金土日"
CLOSING_DAY = 17
MOST_NOTES = 40_000
"""Characters of 備考 that a paper of 500 debtors has room for beside their figures."""


def _section(heading: str, rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows]}


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{seireki(local.date())} {local:%H:%M}"


def _column(label: str, width: int = 0, *, is_number: bool = False) -> dict[str, Any]:
    """Return a column of a table; `width` in per cent without its borders, 0 for what the others leave."""
    return {"label": label, "width": width, "is_number": is_number}


def with_weekday(day: date) -> str:
    """Return a 締切 as people read it: 2026年11月17日（火）."""
    return f"{seireki(day)}（{WEEKDAYS[day.weekday()]}）"


# --- D01 --------------------------------------------------------------------------------


def questionnaire_context(found: Questionnaire) -> Context:
    """Return what アンケート結果 says: the answers, what they mean, when and by whom."""
    who = found.answered_by.name if found.answered_by else found.person
    company = found.member.name if found.member else found.company
    return {
        "title": "アンケート結果",
        "number": found.nonce[:8].upper(),
        "number_label": "回答の識別",
        "issued_at": _moment(found.answered_at),
        "lead": "売掛債権の管理に関するアンケートの結果です。",
        "sections": [
            _section("結果", [("結果", RESULTS[found.result].text)]),
            _section("お答え", answers_in_words(found)),
            _section(
                "回答",
                [
                    ("回答日時", _moment(found.answered_at)),
                    ("会社名", company),
                    ("回答者", who or "ログインしていない方"),
                ],
            ),
        ],
    }


# --- D02 --------------------------------------------------------------------------------

SHEET_COLUMNS = [
    _column("No.", 2),
    _column("企業名／法人番号", 14),
    _column("登記住所", 14),
    _column("主契約／決済条件", 12),
    _column("年間販売高", 7, is_number=True),
    _column("債権残高", 7, is_number=True),
    _column("最大（見込み）債権残高", 7, is_number=True),
    _column("希望限度額", 7, is_number=True),
    _column("確認事項", 9),
    _column("備考"),
]
MONTHS = ("当月", "翌月", "翌々月")
END_OF_MONTH = 99

PRINTED = (
    *("debtor_name", "corporate_number", "trade_name", "address", "contract_type", "pay_method", "bill_days"),
    *("annual_sales", "balance_now", "balance_date", "balance_max12", "balance_forecast", "requested_limit"),
    *("capital_tie", "note"),
)


@dataclass(frozen=True)
class SheetLine:
    """One debtor of a submitted sheet: the values, and the texts of the PRINTED columns."""

    values: Mapping[str, Any]
    texts: Mapping[str, str]


def sheet_context(version: ApplicationVersion, lines: Sequence[SheetLine]) -> Context:
    """Return what お見積り用ヒアリングシート says: the submitted head, every line, the sums, who submitted it when.

    The lines of a submitted sheet never change. Of notes that are longer than the paper has room for, none is printed.
    """
    application = version.application
    has_notes = sum(len(line.texts["note"]) for line in lines) <= MOST_NOTES
    facts = [(str(label), str(text)) for label, text in version.decision["facts"]]
    sums = ["", f"合計（{len(lines)}社）", "", ""]
    sums += [_sum(lines, name) for name in ("annual_sales", "balance_now", "balance_max12", "requested_limit")]
    return {
        "title": "お見積り用ヒアリングシート",
        "number": application.number,
        "number_label": "受付番号",
        "issued_at": _moment(version.created_at),
        "is_landscape": True,
        "sections": [
            _section("申請", [("加入者", application.organisation.name), ("申請者", version.actor.name), *facts]),
            *_head(version.answers[0]["sections"]),
        ],
        "tables": [
            {
                "heading": "お取引先（単位：円）",
                "columns": SHEET_COLUMNS,
                "rows": [_sheet_row(place, line, has_notes) for place, line in enumerate(lines, start=1)],
                "sums": [*sums, "", ""],
            }
        ],
        "notes": [] if has_notes else ["備考は長いため、この書類には印字していません。画面でご確認ください。"],
    }


def _head(sections: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what was answered on the summary; the three years of 貸倒 become one section."""
    found, losses = [], {}
    for section in sections:
        answered = [item for item in section["items"] if item["shown"] != NOTHING]
        years = [item["raw"][0] for item in answered if re.fullmatch("losses-[0-9]+-year", item["name"])]
        if years:
            rest = (item["shown"] for item in answered if not item["name"].endswith("-year"))
            losses[f"{years[0]}年度"] = "　".join(rest)
        elif answered:
            found.append(_section(section["title"], [(item["label"], item["shown"]) for item in answered]))
    return [*found, *([_section("過去3年の貸倒（件数、金額）", losses.items())] if losses else [])]


def _sum(lines: Iterable[SheetLine], name: str) -> str:
    return group(sum(int(line.values.get(name) or 0) for line in lines))


def _sheet_row(place: int, line: SheetLine, has_notes: bool) -> list[str]:
    said = line.texts
    balance = [said["balance_now"], said["balance_date"]]
    highest = [said["balance_max12"], f"（{said['balance_forecast']}）" if said["balance_forecast"] else ""]
    days = f" {said['bill_days']}日" if said["bill_days"] else ""
    months = line.values.get("pay_month_offset", 0)
    month = MONTHS[months] if months < len(MONTHS) else f"{months}か月後"
    paid = f"{_day(line, 'closing_day')}締め{month}{_day(line, 'pay_day')}払い"
    return [
        f"{place}",
        _stacked(said["debtor_name"], said["corporate_number"] or said["trade_name"]),
        said["address"],
        _stacked(said["contract_type"], paid, f"{said['pay_method']}{days}"),
        said["annual_sales"],
        _stacked(*balance),
        _stacked(*highest),
        said["requested_limit"],
        _stacked(*_confirmed(line)),
        said["note"] if has_notes else "",
    ]


def _day(line: SheetLine, name: str) -> str:
    day = line.values.get(name)
    return "末日" if day == END_OF_MONTH else f"{day}日"


def _stacked(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _confirmed(line: SheetLine) -> list[str]:
    """Return what is not as usual about a debtor: collateral, counter-debts, ties, delays."""
    values = line.values
    marks = {
        "collateral_flag": "担保あり",
        "counterdebt_flag": "反対債務あり",
        "public_body": "官公庁等",
        "overdue_flag": "支払遅延あり",
        "known_adverse": "信用不安あり",
    }
    found = [text for name, text in marks.items() if values.get(name)]
    if values.get("capital_tie", "none") != "none":
        found.append(f"資本関係：{line.texts['capital_tie']}")
    if values.get("continuous") is False:
        found.append("継続的取引でない")
    if values.get("country", "JP") != "JP":
        found.append(Exclusion.OVERSEAS.label)
    return found


# --- D03 --------------------------------------------------------------------------------


def highlights(quote: Quote) -> Rows:
    """Return the three figures an offer is about."""
    return [
        ("保険料", yen(quote.premium)),
        ("期間中支払限度額", yen(quote.period_limit)),
        ("縮小率", f"{quote.indemnity_ratio * 100:.0f}%"),
    ]


def terms(quote: Quote) -> Rows:
    """Return the terms of an offer for page and paper."""
    known = quote.particulars
    rows = [
        ("保険期間", known.get("period", "")),
        (
            "補償期間",
            f"{seireki(quote.starts_on)} 午前0時から {seireki(quote.ends_on)} 午後12時まで（{quote.months}か月）",
        ),
        ("支払限度額の合計", yen(quote.total_limit)),
        ("適用料率", f"{quote.rate * 100:.3f}%"),
        ("免責金額", yen(quote.deductible) if quote.deductible else "なし"),
        ("払込方法", "一時払（振込手数料はご負担ください）"),
        ("売上高に対する貸倒補償コスト", f"{quote.cost_on_sales}%"),
    ]
    return [(label, text) for label, text in rows if text]


def due_dates(quote: Quote) -> Rows:
    """Return until when what is due, and where the money goes."""
    known = quote.particulars
    rows = [("お引受条件の有効期限", with_weekday(quote.valid_until))]
    if "form" in known:
        form, money = date.fromisoformat(known["form"]), date.fromisoformat(known["money"])
        moved = "" if money.day == CLOSING_DAY else "　17日が金融機関の休業日のため、前営業日です。"
        rows += [
            ("加入依頼書の締切", with_weekday(form)),
            ("保険料のお振込み締切", f"{with_weekday(money)}{moved}"),
            ("お振込先", known["account"]),
        ]
    return rows


def offered(quote: Quote) -> list[dict[str, Any]]:
    """Return the lines with a limit."""
    return [line for line in quote.lines if line["limit"]]


def declined(quote: Quote) -> list[dict[str, Any]]:
    """Return the lines without one."""
    return [line for line in quote.lines if not line["limit"]]


def _why(line: dict[str, Any]) -> str:
    return _stacked("、".join(line["reasons"]), line.get("explanation", ""), line["conditions"])


OFFER_COLUMNS = [
    _column("No.", 3),
    _column("企業名／法人番号", 32),
    _column("希望限度額", 12, is_number=True),
    _column("支払限度額", 12, is_number=True),
    _column("保険料", 10, is_number=True),
    _column("理由・条件"),
]
DECLINED_COLUMNS = [
    _column("No.", 3),
    _column("企業名／法人番号", 32),
    _column("希望限度額", 12, is_number=True),
    _column("理由"),
]


def quote_context(quote: Quote) -> Context:
    """Return what お引受条件のご案内 says, from the frozen offer alone."""
    if quote.issued_at is None:
        raise ValueError("only an issued offer has a paper")
    known = quote.particulars
    place = {line["line"]: f"{number}" for number, line in enumerate(quote.lines, start=1)}
    with_limit = [
        [
            place[line["line"]],
            f"{line['name']}\n{line['corporate_number']}",
            group(line["requested"]),
            group(line["limit"]),
            group(line["premium"]),
            _why(line),
        ]
        for line in offered(quote)
    ]
    without = [
        [place[line["line"]], f"{line['name']}\n{line['corporate_number']}", group(line["requested"]), _why(line)]
        for line in declined(quote)
    ]
    sums: Sequence[str] = [
        "",
        f"合計（{len(with_limit)}社）",
        group(sum(line["requested"] for line in offered(quote))),
        group(quote.total_limit),
        group(quote.premium),
        "",
    ]
    tables = [
        {"heading": "取引先別の支払限度額（単位：円）", "columns": OFFER_COLUMNS, "rows": with_limit, "sums": sums}
    ]
    if without:
        heading = "対象外となるお取引先（単位：円）"
        tables.append({"heading": heading, "columns": DECLINED_COLUMNS, "rows": without, "sums": []})
    contract = [("証券番号", known.get("policy_no", "")), ("取扱代理店", known.get("agent", ""))]
    return {
        "title": "お引受条件（お見積もり）のご案内",
        "number": quote.number,
        "number_label": "見積番号",
        "issued_at": _moment(quote.issued_at),
        "organisation": quote.case.member.name,
        "issuer": known.get("insurer", ""),
        "lead": "貸倒補償制度のお引受条件を、次のとおりご案内します。",
        "highlights": [{"label": label, "value": text} for label, text in highlights(quote)],
        "sections": [
            _section("お引受条件", [*terms(quote), *((label, text) for label, text in contract if text)]),
            _section("締切とお振込先", due_dates(quote)),
        ],
        "tables": tables,
        "notes": [
            "加入依頼書の提出と保険料のお振込みの両方が締切までに済むと、補償開始日の午前0時から補償が始まります。",
            "この書類は加入者証ではありません。",
        ],
    }


TABLES = "documents/credit_tables.html"

QUESTIONNAIRE = register(
    DocumentKind(
        "credit-questionnaire",
        "アンケート結果",
        "documents/base.html",
        lambda context: f"アンケート結果_{context['number']}.pdf",
    )
)
QUOTE = register(
    DocumentKind(
        "credit-quote", "お引受条件のご案内", TABLES, lambda context: f"お引受条件のご案内_{context['number']}.pdf"
    )
)
