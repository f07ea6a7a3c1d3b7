"""The fifteen questions that both sides ask: the same names, labels, limits and answers."""

from dataclasses import dataclass

COUNTRIES = (
    ("101", "大韓民国"),
    ("102", "北朝鮮"),
    ("103", "中華人民共和国"),
    ("104", "台湾"),
    ("105", "モンゴル"),
    ("106", "香港"),
    ("107", "ベトナム"),
    ("108", "タイ"),
    ("109", "シンガポール"),
    ("110", "マレーシア"),
    ("111", "ブルネイ"),
    ("112", "フィリピン"),
    ("113", "インドネシア"),
    ("114", "カンボジア"),
    ("115", "ラオス"),
    ("116", "ミャンマー"),
    ("117", "インド"),
    ("118", "パキスタン"),
    ("119", "スリランカ"),
    ("120", "モルディブ"),
)
PRODUCTS = (
    ("01", "貿易一般保険（個別）"),
    ("02", "貿易一般保険（設備財等）"),
    ("03", "限度額設定型貿易保険"),
    ("04", "輸出手形保険"),
)


@dataclass(frozen=True)
class Question:
    """One field: `kind` names a class on either side, `sample` is what is typed."""

    name: str
    label: str
    kind: str
    sample: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    length: int = 0
    required: bool = True


STEPS: dict[str, tuple[str, list[Question]]] = {
    "contract": (
        "輸出契約等",
        [
            Question("contract_number", "輸出契約等番号", "text", "EX-2026-0042", "契約書の番号", length=30),
            Question("signed", "契約締結日", "date", "2026-10-20"),
            Question("product", "保険種", "radio", "01", choices=PRODUCTS),
            Question("amount", "契約金額", "money", "58646000", "消費税を含まない金額"),
            Question("reference", "お客様整理番号", "text", "A-17", length=20, required=False),
        ],
    ),
    "payer": (
        "支払人",
        [
            Question("payer_code", "支払人の海外商社コード", "code", "310000001", "海外商社名簿の9桁の番号"),
            Question("payer_name", "支払人の名称", "text", "PACIFIC TRADING CO., LTD.", length=100),
            Question("country", "支払国", "select", "103", choices=COUNTRIES),
            Question("usance", "ユーザンス日数", "integer", "90"),
            Question("due", "最終決済予定日", "date", "2027-02-28"),
        ],
    ),
    "contact": (
        "担当者",
        [
            Question("contact", "担当者名", "text", "輸出花子", length=30),
            Question("department", "部署", "text", "営業第一部", length=30, required=False),
            Question("phone", "電話番号", "phone", "03-1234-5678"),
            Question("email", "電子メール", "email", "hanako@exporter.example"),
            Question("note", "連絡事項", "note", "船積みは2回に分けて行います。", length=200, required=False),
        ],
    ),
}
QUESTIONS = [question for _, questions in STEPS.values() for question in questions]


def typed(questions: list[Question], prefix: str) -> dict[str, str]:
    """Return what a browser sends for the samples of `questions`."""
    sent = {}
    for question in questions:
        name = f"{prefix}-{question.name}"
        if question.kind == "date":
            sent |= zip((f"{name}-y", f"{name}-m", f"{name}-d"), question.sample.split("-"), strict=True)
        else:
            sent[name] = question.sample
    return sent
