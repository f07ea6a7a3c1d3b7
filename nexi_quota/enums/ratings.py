"""格付 of buyers and banks, and what each means for the quota of a product (nexi.md 4.1, 4.2)."""

from django.db.models import TextChoices

from nexi_quota.enums.choices import Product


class Rating(TextChoices):
    """格付: 13 ratings of credit management, then 6 of accident management."""

    GS = "GS", "中央銀行・財務省・国際機関等"
    GA = "GA", "その他の官庁・州・地方自治体等"
    GE = "GE", "政府系企業"
    EE = "EE", "信用力が特に高い企業"
    EA = "EA", "信用力が高い企業"
    EM = "EM", "信用力が中位の企業"
    EF = "EF", "信用力が低い、または財務情報が少ない企業"
    EC = "EC", "信用危険を引き受けない企業"
    SA = "SA", "信用危険を引き受ける銀行等"
    SC = "SC", "信用危険を引き受けない銀行等"
    PU = "PU", "与信審査を行わないもの"
    PN = "PN", "信用状態が不明なもの"
    PT = "PT", "審査中のもの"
    GR = "GR", "債務不履行（政府等）"
    ER = "ER", "債務不履行（企業）"
    SR = "SR", "債務不履行（銀行等）"
    GB = "GB", "破産等または保険金支払済（政府等）"
    EB = "EB", "破産等または保険金支払済（企業）"
    SB = "SB", "破産等または保険金支払済（銀行等）"

    @property
    def is_public(self) -> bool:
        """True for governments and their bodies (left letter G)."""
        return self.value.startswith("G")

    @property
    def is_in_default(self) -> bool:
        """True when a 債務不履行 is on file (right letter R)."""
        return self.value.endswith("R")

    @property
    def is_bankrupt(self) -> bool:
        """True after bankruptcy or a paid claim (right letter B)."""
        return self.value.endswith("B")

    @property
    def is_eligible_bank(self) -> bool:
        """True when an L/C of this bank makes the quota superfluous (D10)."""
        return self in {Rating.SA, Rating.GS, Rating.GE}


class Need(TextChoices):
    """What a rating means for a product: a quota is needed, not needed, or credit risk is refused."""

    NEEDED = "needed", "個別保証枠が必要"
    NOT_NEEDED = "not_needed", "確認不要"
    REFUSED = "refused", "引受不可"


# The table of 4.2, one letter per product in the order of Product: N needed, - not needed, x refused.
_ROWS = {
    "GS GA GE": "----",
    "EE EA": "NN-N",
    "EM EF": "NNNN",
    "EC": "xxxx",
    "SA": "----",
    "SC": "xxxx",
    "PN PU PT": "xxxx",
    "GR ER SR": "xxxx",
    "GB EB SB": "xxxx",
}
_CELLS = {"N": Need.NEEDED, "-": Need.NOT_NEEDED, "x": Need.REFUSED}

# Seeds the database table RatingRule, which staff correct when the official table is obtained.
RATING_RULES: dict[tuple[Rating, Product], Need] = {
    (Rating(code), product): _CELLS[cell]
    for codes, cells in _ROWS.items()
    for code in codes.split()
    for product, cell in zip(Product, cells, strict=True)
}
