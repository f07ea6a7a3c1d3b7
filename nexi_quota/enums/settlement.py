"""決済方法表示コード: how and when the buyer pays (nexi.md 4.3)."""

from dataclasses import dataclass
from enum import Enum

from nexi_quota.enums.choices import Product


class SettlementGroup(Enum):
    """Family of a settlement method; the value is the abbreviation of the trade."""

    LETTER_OF_CREDIT = "LC"
    ACCEPTANCE = "DA"
    PAYMENT = "DP"
    REMITTANCE = "TT"
    AUTHORITY = "AP"
    ADVANCE = "ADV"
    PROGRESS = "PRG"
    RETENTION = "RET"
    MILESTONE = "MIL"


class Days(Enum):
    """How many days after shipment the payment is due."""

    FIXED = "30"
    USANCE = "xxx"
    USANCE_PLUS_30 = "xxx + 30"
    BY_DATES = "by dates"
    NONE = "none"

    @property
    def asks_usance(self) -> bool:
        """True when the applicant must give ユーザンス日数."""
        return self in {Days.USANCE, Days.USANCE_PLUS_30}


@dataclass(frozen=True, slots=True)
class SettlementMethod:
    """One row of the table: `name` as in the source, `gloss` in Japanese."""

    code: str
    name: str
    gloss: str
    days: Days
    group: SettlementGroup

    @property
    def label(self) -> str:
        """Text of the option, such as 「30 D/P at sight（支払渡し・一覧払）」."""
        return f"{self.code} {self.name}（{self.gloss}）"

    @property
    def is_letter_of_credit(self) -> bool:
        """True when the method itself is an L/C."""
        return self.group is SettlementGroup.LETTER_OF_CREDIT

    @property
    def is_full_advance(self) -> bool:
        """True when everything is paid before shipment."""
        return self.group is SettlementGroup.ADVANCE


# code | name in the source | our gloss | days | group
_TABLE = """
10|L/C at sight|信用状・一覧払|30|LC
11|L/C xxx days after B/L date|信用状・B/L日付後|xxx|LC
12|L/C xxx days after sight|信用状・一覧後|xxx + 30|LC
19|L/C other|信用状・その他|by dates|LC
20|D/A xxx days after B/L date|引受渡し・B/L日付後|xxx|DA
21|D/A xxx days after sight|引受渡し・一覧後|xxx + 30|DA
29|D/A other|引受渡し・その他|by dates|DA
30|D/P at sight|支払渡し・一覧払|30|DP
31|D/P xxx days after B/L date|支払渡し・B/L日付後|xxx|DP
32|D/P xxx days after sight|支払渡し・一覧後|xxx + 30|DP
39|D/P other|支払渡し・その他|by dates|DP
40|Remittance at sight|送金・一覧払|30|TT
41|Remittance xxx days after B/L date|送金・B/L日付後|xxx|TT
42|Remittance xxx days after receipt of documents|送金・書類受領後|xxx + 30|TT
49|Remittance other|送金・その他|by dates|TT
50|Authorization to pay at sight|支払授権・一覧払|30|AP
59|Authorization to pay other|支払授権・その他|by dates|AP
60|100 % advance payment|全額前払|none|ADV
64|Progress payment (equipment)|出来高払・設備|xxx|PRG
65|Progress payment (service)|出来高払・役務|xxx|PRG
70|Retention (equipment)|留保金・設備|by dates|RET
71|Retention (service)|留保金・役務|by dates|RET
73|Milestone (scheduled) payment, multiple, equipment|マイルストーン払・複数回・設備|by dates|MIL
75|Milestone (scheduled) payment, one-time, equipment|マイルストーン払・1回・設備|by dates|MIL
76|Milestone (service)|マイルストーン払・役務|xxx|MIL
77|Scheduled payment, multiple (service)|期日指定払・複数回・役務|by dates|MIL
"""


def _read(row: str) -> SettlementMethod:
    code, name, gloss, days, group = row.split("|")
    return SettlementMethod(code, name, gloss, Days(days), SettlementGroup(group))


SETTLEMENT_METHODS: dict[str, SettlementMethod] = {row[:2]: _read(row) for row in _TABLE.strip().splitlines()}


def allowed_methods(product: Product) -> list[SettlementMethod]:
    """Return the methods of a product in code order: a bill is D/A or D/P, the others take every method."""
    bills = {SettlementGroup.ACCEPTANCE, SettlementGroup.PAYMENT}
    return [m for m in SETTLEMENT_METHODS.values() if product != Product.BILL or m.group in bills]
