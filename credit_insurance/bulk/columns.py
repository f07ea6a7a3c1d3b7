"""Which heading of a file is which column of the sheet: by its name, another usual one, else as the sender says."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from credit_insurance.forms.debtor import COLUMNS
from credit_insurance.rules.facts import LABELS
from portal.common import text

MESSAGES = "エラーの内容"
"""The column that errors.csv adds; it means nothing when the corrected file comes back."""

LEFT_OUT = (LABELS["line_no"], MESSAGES)
OTHER_NAMES = {
    "debtor_name": ("会社名", "取引先名", "取引先", "得意先名", "商号", "名称"),
    "debtor_kana": ("カナ", "フリガナ", "ふりがな", "会社名カナ", "取引先名カナ"),
    "kind": ("法人個人の別", "法人/個人"),
    "owner_name": ("事業主名", "個人事業主名"),
    "postal_code": ("〒", "郵便"),
    "pref_code": ("県", "都道府県名"),
    "address": ("住所", "所在地", "本店所在地", "登記簿住所"),
    "rep_name": ("代表者", "代表者氏名"),
    "country": ("国コード", "国名"),
    "industry_code": ("業種コード",),
    "trade_since": ("取引開始", "取引開始日", "取引開始月"),
    "contract_type": ("主契約", "契約の種類"),
    "annual_sales": ("年間売上高", "年間取引高", "年商"),
    "balance_now": ("売掛残高", "売掛金残高", "売掛債権残高", "残高"),
    "balance_date": ("基準日", "残高基準日"),
    "balance_max12": ("最大残高",),
    "balance_forecast": ("見込み残高", "見込残高", "見込債権残高"),
    "trend": ("取引動向",),
    "pay_method": ("支払方法",),
    "bill_days": ("サイト", "決済サイト", "手形サイト"),
    "collateral_flag": ("担保", "担保の有無"),
    "counterdebt_flag": ("反対債務",),
    "overdue_flag": ("支払遅延", "延滞の有無"),
    "requested_limit": ("希望額", "希望金額", "限度額", "支払限度額"),
}


def _key(heading: str) -> str:
    """Return what two spellings of a heading share: width, spaces, marks and a unit in brackets do not count."""
    return re.sub(r"\([^)]*\)|[※★☆*・:_]", "", text.code(heading)).casefold()


_BY_KEY = {
    **{_key(name): column for column, names in OTHER_NAMES.items() for name in names},
    **{_key(name): name for name in COLUMNS},
    **{_key(LABELS[name]): name for name in COLUMNS},
    **{_key(name): "" for name in LEFT_OUT},
}


def matched(header: Iterable[str]) -> dict[str, str]:
    """Return the column of each heading that is known, "" for one without meaning; of two for a column the first."""
    found: dict[str, str] = {}
    for heading in header:
        column = _BY_KEY.get(_key(heading))
        if column is not None and (not column or column not in found.values()):
            found[heading] = column
    return found


def headings_left(header: Iterable[str], columns: Mapping[str, str]) -> list[str]:
    """Return the headings that nobody has given a meaning, or none, yet."""
    return [heading for heading in header if heading not in columns]


def suggested(heading: str, columns: Mapping[str, str]) -> str:
    """Return the column whose name is nearest to a heading and that no other heading has, or an empty text."""
    free = {key: name for key, name in _BY_KEY.items() if name and name not in columns.values()}
    key = _key(heading)
    within = sorted((name for name in free if len(name) > 1 and name in key), key=len, reverse=True)
    near = get_close_matches(key, free, 1) or within
    return free[near[0]] if near else ""


def unit_of(heading: str) -> str:
    """Return the unit of amounts that a heading names in brackets, other than 円."""
    found = re.search(r"(千円|百万円|万円)\)", text.code(heading))
    return found[1] if found else ""
