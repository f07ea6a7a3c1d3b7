"""What a member answers in the アンケート and on the ヒアリングシート (credit_insurance.md 5.2 to 5.4, 6.1 to 6.5)."""

from django.db.models import TextChoices


class LegalKind(TextChoices):
    """法人/個人事業主 of a member (5.2)."""

    CORPORATION = "corp", "法人"
    SOLE = "sole", "個人事業主"


class Membership(TextChoices):
    """会員確認: whether the 所属組合 knows the member (5.2)."""

    UNCONFIRMED = "unconfirmed", "未確認"
    CONFIRMED = "confirmed", "会員"
    DENIED = "denied", "会員ではない"
    LOST = "lost", "会員資格喪失"

    @property
    def allows_case(self) -> bool:
        """True while a new case may be opened and submitted; the review itself needs CONFIRMED (8.1)."""
        return self in {Membership.UNCONFIRMED, Membership.CONFIRMED}


class Measure(TextChoices):
    """現在の対策 of the management of receivables (6.1)."""

    DEPOSIT = "M1", "取引先からの保証金の差入れ"
    COLLATERAL = "M2", "取引先からの担保(株、不動産等)の取得"
    FACTORING = "M3", "ファクタリングの手配"
    INSURANCE = "M4", "取引信用保険の加入"
    OTHER = "M9", "その他"


class ManagementOwner(TextChoices):
    """与信管理部門 (5.3)."""

    SALES = "sales", "営業"
    FINANCE = "finance", "財務・経理"
    ADMINISTRATION = "admin", "管理本部"
    OWNER = "owner", "経営者"
    NONE = "none", "なし"


class SelectionMethod(TextChoices):
    """取引先の選定方法 (6.2)."""

    ALL = "S0", "全取引先"
    SALES_FROM = "S1", "年間販売高が基準額以上の全取引先"
    BALANCE_FROM = "S2", "債権残高が基準額以上の全取引先"
    TOP_SALES = "S3", "年間販売高の上位の取引先"
    TOP_BALANCE = "S4", "債権残高の上位の取引先"
    UNIT = "S5", "特定の事業部・支店の全取引先"

    @property
    def is_threshold(self) -> bool:
        """True when 選定基準値 is an amount in yen."""
        return self in {SelectionMethod.SALES_FROM, SelectionMethod.BALANCE_FROM}

    @property
    def is_top(self) -> bool:
        """True when 選定基準値 is a number of debtors."""
        return self in {SelectionMethod.TOP_SALES, SelectionMethod.TOP_BALANCE}


class DebtorKind(TextChoices):
    """区分 of a debtor (5.4 #4); a consumer can be declared, and is excluded by X16."""

    CORPORATION = "corp", "法人"
    SOLE = "sole", "個人事業主"
    CONSUMER = "consumer", "個人(消費者)"


class ContractType(TextChoices):
    """主契約の種類 (6.3)."""

    SALE = "K1", "売買契約"
    WORK = "K2", "請負契約"
    CONSTRUCTION = "K2C", "工事請負契約"
    MANDATE = "K3", "委任契約"
    TRANSPORT = "K4", "運送契約"
    SERVICE = "K5", "役務契約"
    OTHER = "K9", "その他(賃貸借・リース・金融・不動産・スポット)"

    @property
    def is_insurable(self) -> bool:
        """False for contracts that are never insured (X15)."""
        return self is not ContractType.OTHER

    @property
    def needs_inquiry(self) -> bool:
        """True for 要個別照会: the underwriter looks at the contract itself."""
        return self is ContractType.CONSTRUCTION


class PayMethod(TextChoices):
    """決済方法 (6.4)."""

    TRANSFER = "transfer", "振込"
    BILL = "bill", "約束手形"
    DENSAI = "densai", "でんさい"
    CHEQUE = "cheque", "小切手"
    DEBIT = "debit", "口座振替"
    OFFSET = "offset", "相殺"
    OTHER = "other", "その他"

    @property
    def matures_later(self) -> bool:
        """True when サイト counts: the day of payment is the maturity, not the day the bill is handed over."""
        return self in {PayMethod.BILL, PayMethod.DENSAI}


class CollateralKind(TextChoices):
    """担保の種類 (6.5)."""

    DEPOSIT = "deposit", "保証金"
    SHARES = "shares", "株式"
    REALTY = "realty", "不動産"
    GUARANTOR = "guarantor", "保証人"
    RETENTION = "retention", "所有権留保"
    OTHER = "other", "その他"


class CounterDebtKind(TextChoices):
    """反対債務の種類 (5.4 #25)."""

    PAYABLE = "payable", "買掛金"
    DEPOSIT = "deposit", "預り保証金"
    LOAN = "loan", "借入金"
    OTHER = "other", "その他"


class CapitalTie(TextChoices):
    """資本関係 (5.4 #26)."""

    NONE = "none", "なし"
    PARENT = "parent", "親会社"
    SUBSIDIARY = "subsidiary", "子会社"
    AFFILIATE = "affiliate", "関連会社"
    GROUP = "group", "同一グループ(連結・その他)"


class Trend(TextChoices):
    """将来の取引動向 (5.4 #18)."""

    MORE = "more", "増加"
    SAME = "same", "横ばい"
    LESS = "less", "減少"
    NEW = "new", "新規"


class SheetState(TextChoices):
    """State of a version of the ヒアリングシート (5.3)."""

    DRAFT = "draft", "作成中"
    SUBMITTED = "submitted", "申請済"
    RETURNED = "returned", "差戻し"
    FROZEN = "frozen", "確定"
