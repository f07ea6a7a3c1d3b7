"""The columns of a file of notices (nexi.md 3.2): how their cells are read, and which kind of notice asks for which."""

from django.db.models import TextChoices

from nexi_quota.enums import Extent, NoticeKind, Product, ReleaseReason, SettlementManner
from nexi_quota.imports import cells
from nexi_quota.imports.kinds import Column
from portal.common import text


def _code(choices: type[TextChoices]) -> cells.Reader:
    """Return a reader of a choice with codes of two digits, whose leading zero Excel likes to drop."""
    read = cells.choice(choices)

    def padded(typed: str) -> object:
        digits = text.digits(typed)
        return read(digits.zfill(2) if digits.isdecimal() else typed)

    return padded


def _branch(typed: str) -> str:
    """Return a 枝番 of two digits; 0 is 00."""
    branch: str = cells.number(2)(text.digits(typed).zfill(2))
    return branch


def _offered(choices: type[TextChoices], *, with_codes: bool = False) -> str:
    return "、".join(f"{member.value} {member.label}" if with_codes else str(member.label) for member in choices)


KIND = Column("通知の種類", "kind", cells.choice(NoticeKind), "決済通知", note=_offered(NoticeKind))
PRODUCT = Column(
    "保険種", "product", _code(Product), "01", note=f"コードまたは名称（{_offered(Product, with_codes=True)}）"
)
POLICY = Column(
    *("保険証券番号", "policy_number", cells.number(14), "12345678901234"),
    is_required=False,
    note="14桁。決済通知では必須",
)
BRANCH = Column("枝番", "branch", _branch, "00", is_required=False, note="2桁。決済通知で使い、空欄は00")
CONFIRMATION = Column(
    *("確認管理番号", "confirmation_number", cells.number(12, most=20), "032600000015"),
    is_required=False,
    note="12桁。枠戻通知では必須。決済通知では、入力すると保険契約との組み合わせを確かめます",
)
PAYER = Column(
    *("支払人 海外商社コード", "payer", cells.buyer_code, "310-000001"),
    note="国コード3桁と番号6桁。登録されている支払人と同じコード",
)
EXTENT = Column("全部・一部の別", "extent", cells.choice(Extent), "一部", note=_offered(Extent))
DAY = Column("決済日・枠戻日", "day", cells.day, "2026-11-20", note="今日までの日付。令和8年11月20日も可")
AMOUNT = Column(
    *("金額", "amount", cells.amount, "100,000.00"),
    note="契約・確認の通貨の額（通貨の記号は付けません）。一部では必須、全額では空欄にできます",
)
MANNER = Column(
    *("決済の態様", "manner", _code(SettlementManner), "01"),
    is_required=False,
    note=f"決済通知では必須。{_offered(SettlementManner, with_codes=True)}",
)
REASON = Column(
    *("枠戻理由", "reason", _code(ReleaseReason), "03"),
    is_required=False,
    note=f"枠戻通知では必須。{_offered(ReleaseReason, with_codes=True)}",
)
NOTE = Column("備考", "note", cells.words(200), "", is_required=False, note="200文字以内。枠戻理由が99のときは必須")

COLUMNS = (KIND, PRODUCT, POLICY, BRANCH, CONFIRMATION, PAYER, EXTENT, DAY, AMOUNT, MANNER, REASON, NOTE)

ASKED = {
    NoticeKind.SETTLEMENT: (PRODUCT, POLICY, PAYER, EXTENT, DAY, MANNER),
    NoticeKind.RELEASE: (PRODUCT, CONFIRMATION, PAYER, EXTENT, DAY, REASON),
}
"""What a row must say; a row may say besides what stands in ALSO_READ, and what else it says means nothing."""

ALSO_READ = {NoticeKind.SETTLEMENT: (BRANCH, CONFIRMATION, AMOUNT, NOTE), NoticeKind.RELEASE: (AMOUNT, NOTE)}

EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "kind": "決済通知", "product": "01", "policy_number": "12345678901234", "branch": "00", "payer": "310-000001",
        "extent": "全額", "day": "2026-11-20", "manner": "01",
    },
    {
        "kind": "枠戻通知", "product": "03", "confirmation_number": "032600000015", "payer": "310-000001",
        "extent": "一部", "day": "2026-11-20", "amount": "100,000.00", "reason": "03", "note": "数量の変更による減額",
    },
)  # fmt: skip
"""Two rows for the 雛形, by field."""
