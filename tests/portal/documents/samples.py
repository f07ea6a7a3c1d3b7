"""One paper with everything that a paper can hold, in names that trip fonts and printers."""

from typing import Any

from portal.documents.kinds import DocumentKind

NAMES = "株式会社髙﨑貿易　𠮷野～①㈱"
KIND = DocumentKind(
    "test.paper", "個別保証枠確認証", "documents/base.html", lambda context: f"確認証_{context['number']}.pdf"
)


def context(**changes: Any) -> dict[str, Any]:
    """Return the data of a full paper; `changes` replace its top level keys."""
    return {
        "title": "個別保証枠確認証",
        "number": "KK-2026-000123-4",
        "number_label": "確認管理番号",
        "issued_at": "2026年11月20日 10:15",
        "organisation": NAMES,
        "issuer": "保険者の名称",
        "contact": "電話 03-0000-0000",
        "lead": "次のとおり確認しました。",
        "highlights": [{"label": "確認金額", "value": "USD 100,000"}, {"label": "有効期限", "value": "2027年2月20日"}],
        "sections": [
            {
                "heading": "支払人",
                "rows": [
                    {"label": "名称", "value": "GOLDEN GATE <TRADING> & MARINE CO., LTD."},
                    {"label": "格付", "value": "EE", "note": "確認日における格付"},
                    {"label": "半角カナ", "value": "ﾀｶｻｷﾎﾞｳｴｷ"},
                    {"label": "お客様整理番号", "value": ""},
                ],
            }
        ],
        "notes": ["この確認証は保険証券ではありません。"],
        "verification": {"code": "7KQ2M9XF", "qr": "KK-2026-000123-4 7KQ2M9XF", "text": "確認の方法"},
        **changes,
    }
