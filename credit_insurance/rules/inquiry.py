"""What the underwriter is pointed to before deciding: 要個別照会, and questions nobody answered (5.2, 6.3, 6.6)."""

from datetime import date, timedelta

ANSWER_DAYS = 14

INDUSTRIES = frozenset(
    (
        *("01", "02", "03", "04"),  # 農林漁業
        "05",  # 鉱業
        "41",  # 出版業, with film and sound
        *("56", "57", "58", "59", "60", "61"),  # 小売業
        *("62", "63", "64", "65", "66", "67"),  # 金融業、保険業
        *("68", "69"),  # 不動産業
        "70",  # リース業
    )
)
"""業種 (中分類) that some insurers do not take as insured: no refusal, a warning."""


def needs_inquiry(industry_code: str) -> bool:
    """Return True for 要個別照会 because of the member's own 業種."""
    return industry_code in INDUSTRIES


def answer_due(asked_on: date) -> date:
    """Return the last day for answers to 追加情報; after it a debtor may be closed as X18."""
    return asked_on + timedelta(days=ANSWER_DAYS)
