"""Sample data of the style guide: one story per component, looked at by uxcheck before any real page."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.paginator import Paginator

from portal.ui import fields, portals
from portal.ui.forms import Form, Section
from portal.ui.lists import Cell, Heading
from portal.ui.render import render_form

NUMBER = "W2026-000123"


class SampleForm(Form):
    """One field of each kind."""

    contractor = fields.TextField(label="契約者名", hint="例：株式会社山田商店", autocomplete="organization")
    nickname = fields.TextField(label="メモ", required=False)
    code = fields.CodeField(label="海外商社コード", digits=9, hint="例：310-000001")
    amount = fields.MoneyField(label="契約金額", unit="円")
    due = fields.DateField(label="決済期限", hint="例：2026年11月20日、令和8年11月20日")
    method = fields.ChoiceField(
        label="決済方法", choices=(("lc", "信用状（L/C）"), ("dp", "D/P"), ("da", "D/A")), control="radio"
    )
    currency = fields.ChoiceField(
        label="通貨", choices=(("JPY", "JPY 日本円"), ("USD", "USD 米ドル"), ("EUR", "EUR ユーロ")), control="select"
    )
    remark = fields.NoteField(label="連絡事項", required=False)
    papers = fields.AttachmentField(label="添付書類", required=False, hint="PDF、1件10MBまで")
    consent = fields.CheckField(label="申込みの内容に間違いがないことを確認しました")
    sections: ClassVar[Sequence[Section]] = (
        Section("契約", ("contractor", "nickname", "code", "amount"), "契約書の記載のとおりに入力してください。"),
        Section("決済", ("due", "method", "currency")),
        Section("その他", ("remark", "papers", "consent")),
    )


class SampleFilter(Form):
    """Filters of a list."""

    buyer = fields.TextField(label="支払人", required=False)
    since = fields.DateField(label="申込日（から）", required=False)
    state = fields.ChoiceField(
        label="状態", choices=(("draft", "入力中"), ("done", "手続完了")), control="select", required=False
    )


class SampleList:
    """What ui/list_table.html and ui/pagination.html read of lists.ListPage, without a database."""

    caption = "個別保証枠一覧"
    total = 45

    def __init__(self) -> None:
        self.page = Paginator(range(self.total), 20).page(2)

    def headings(self) -> list[Heading]:
        return [
            Heading("Web申込番号", "?sort=number", "descending", False),
            Heading("支払人", "?sort=buyer", "", False),
            Heading("枠の残り", "", "", True),
            Heading("状態", "", "", False),
        ]

    def rows(self) -> list[list[Cell]]:
        samples = (
            ("W2026-000123", "ACME TRADING CO., LTD.", "58,646,000", "有効"),
            ("W2026-000098", "髙橋商事（上海）有限公司", "3,000,000", "期限まで14日"),
            ("W2026-000045", "NORTHERN LIGHTS SHIPPING AND TRADING ASSOCIATION", "0", "使用済み"),
        )
        return [
            [
                Cell("Web申込番号", number, "#list_table", "", False),
                Cell("支払人", buyer, "", "", False),
                Cell("枠の残り", rest, "", "", True),
                Cell("状態", state, "", "", False),
            ]
            for number, buyer, rest, state in samples
        ]

    def sizes(self) -> list[tuple[int, str, bool]]:
        return [(20, "?size=20", True), (50, "?size=50", False), (100, "?size=100", False)]

    previous_url = "?page=1"
    next_url = "?page=3"
    csv_url = "?format=csv"


VERDICTS = (
    {
        "kind": "ok",
        "result": "申込みできます",
        "lead": "「申込む」を押すと、この金額の個別保証枠が確認されます。",
        "facts": (("申込金額", "58,646,000円"), ("有効期限", "2027年2月20日")),
    },
    {"kind": "review", "result": "審査が必要です", "reasons": ("信用状の発行銀行が名簿にありません。",)},
    {
        "kind": "no",
        "result": "申込みできません",
        "reasons": ("支払人の格付では、この契約の申込みを受け付けていません。", "決済期限が2年を超えています。"),
    },
)

MISTAKES = {"code": "31000", "amount": "約3百万", "due-y": "2026", "due-m": "11", "due-d": "31", "method": "dp"}


def context() -> dict[str, Any]:
    """Everything that pages/styleguide.html shows."""
    return {
        "wide": True,
        "page_title": "スタイルガイド",
        "crumbs": (("手続きの選択", "/"), ("スタイルガイド", "")),
        "icons": tuple(portals.ICONS.items()),
        "accents": portals.ACCENTS,
        "form": SampleForm(),
        "number": NUMBER,
        "number_state": "入力中",
        "steps": (
            {"title": "申込内容の入力", "state": "done"},
            {"title": "申込内容の確認", "state": "current"},
            {"title": "申込完了", "state": "open"},
        ),
        "rows": (
            {"label": "契約者名", "shown": "株式会社山田商店"},
            {"label": "契約金額", "shown": "58,646,000円（5,864万6,000円）", "changed_from": "50,000,000円"},
            {"label": "連絡事項", "shown": ""},
        ),
        "verdicts": VERDICTS,
        "listing": SampleList(),
        "filter_body": render_form(SampleFilter()),
        "filter_on": ("期間", "状態"),
        "chips": (
            {"text": "入力中", "kind": "draft"},
            {"text": "審査待ち", "kind": "waiting"},
            {"text": "手続完了", "kind": "done"},
            {"text": "差戻し", "kind": "stop"},
            {"text": "変更あり", "kind": "changed"},
        ),
        "events": (
            {
                "at": "2026年11月20日 10:45",
                "iso": "2026-11-20T10:45:00+09:00",
                "title": "申込みを受け付けました",
                "who": "申込担当者",
            },
            {
                "at": "2026年11月20日 10:30",
                "iso": "2026-11-20T10:30:00+09:00",
                "title": "入力を始めました",
                "who": "入力担当者",
            },
        ),
        "empty": {
            "title": "条件に合う申込みはありません。",
            "filters": ("状態：差戻し",),
            "clear_url": "?",
        },
        "first_time": {"title": "申込みはまだありません。", "action": ("個別保証枠確認申込み", "#form")},
        "confirm": {
            "title": "この申込みを取り下げますか",
            "lead": "取り下げると元に戻せません。確保した枠は返却されます。",
            "facts": (("Web申込番号", NUMBER), ("申込金額", "58,646,000円")),
            "button": "申込みを取り下げる",
            "url": "#confirm_action",
            "back": ("取り下げない", "#confirm_action"),
            "danger": True,
        },
        "copy": {"id": "copy-sample", "label": "無担保・一般 空き枠", "value": "21,354,000円"},
    }


def error_context(data: Mapping[str, Any], files: Any = None) -> dict[str, Any]:
    """The same form, sent with `data`."""
    form = SampleForm(data, files)
    return {"page_title": "入力の誤り", "form": form, "problems": form.problems(), "number": NUMBER}
