"""The fixed words of the e-surety portal (esurety.md 4.4, 8, 10)."""

from django.db.models import IntegerChoices, TextChoices


class Product(TextChoices):
    """商品名; the bid bond (RSV) is no product of the first release (esurety.md 3.9)."""

    ADV = "ADV", "前払金保証"
    MID = "MID", "中間前払金保証"
    CTR = "CTR", "契約保証"

    @property
    def short(self) -> str:
        """保証種類 as lists show it: 前払, 中間, 契約."""
        return _SHORT[self.value]

    @property
    def digit(self) -> str:
        """The digit of the product in a 保証契約番号 (esurety.md 4.1)."""
        return _DIGITS[self.value]


_SHORT = {"ADV": "前払", "MID": "中間", "CTR": "契約"}
_DIGITS = {"ADV": "1", "MID": "2", "CTR": "3"}


class Medium(TextChoices):
    """保証証書の形式."""

    PAPER = "paper", "証書(紙)"
    ELECTRONIC = "electronic", "電子保証(認証キーを含む)"


class WorkKind(TextChoices):
    """工事区分."""

    WORKS = "works", "建設工事"
    DESIGN = "design", "測量・建設コンサルタント等業務"
    REGIONAL = "regional", "地域維持業務"


class OrderForm(TextChoices):
    """受注形態."""

    SINGLE = "single", "単体"
    JV_A = "jv_a", "甲型JV"
    JV_B = "jv_b", "乙型JV"


class BodyKind(TextChoices):
    """発注者の種別."""

    STATE = "state", "国"
    PREFECTURE = "prefecture", "都道府県"
    CITY = "city", "市区町村"
    AGENCY = "agency", "独立行政法人等"
    OTHER = "other", "その他"


class StartBasis(TextChoices):
    """適用開始日の基準: which date of a works contract is compared with the start of 電子保証."""

    CONTRACT = "contract", "契約締結日"
    NOTICE = "notice", "入札公告日"
    NOMINATION = "nomination", "指名又は公告日"
    AWARD = "award", "契約予定通知日"


class PlanBase(TextChoices):
    """What 今年度対象額 holds in works of several years (esurety.md 6.5)."""

    PLAN = "plan", "出来高予定額"
    LIMIT = "limit", "支払限度額"


class HandInChannel(TextChoices):
    """提出チャネル."""

    CONTRACT_SYSTEM = "system", "電子契約システム"
    MAIL = "mail", "電子メール"
    FORM = "form", "電子申請フォーム"
    FAX = "fax", "FAX"
    PAPER = "paper", "持参・書面"


class Payment(TextChoices):
    """保証料支払方法."""

    MONTHLY = "monthly", "一括納付"
    TRANSFER = "transfer", "振込"
    CASH = "cash", "現金"
    CHEQUE = "cheque", "小切手"


class BillTo(TextChoices):
    """保証料請求先."""

    HEAD = "head", "本社"
    BRANCH = "branch", "支店"
    JV = "jv", "JV代表者"
    OTHER = "other", "その他"


class AccountKind(TextChoices):
    """口座種別 of the 前払金専用口座."""

    ORDINARY = "ordinary", "普通預金"
    SETTLEMENT = "settlement", "決済用預金"


class OnlineState(TextChoices):
    """電子保証の利用 of a contractor."""

    NONE = "none", "未登録"
    ACTIVE = "active", "利用中"
    STOPPED = "stopped", "停止"


class ItemState(TextChoices):
    """手続状況 of one guarantee that was applied for (esurety.md 8.2)."""

    APPLIED = "applied", "申込済"
    REVIEW = "review", "審査中"
    CHECKED = "checked", "決裁待ち"
    FEE = "fee", "保証料お支払い待ち"
    CONCLUDED = "concluded", "契約締結済"
    ISSUING = "issuing", "発行処理中"
    ISSUED = "issued", "発行済"
    RETURNED = "returned", "差戻し"
    REFUSED = "refused", "謝絶"
    WITHDRAWN = "withdrawn", "取下げ"


class GuaranteeState(TextChoices):
    """State of a 保証契約 (esurety.md 8.3)."""

    CONCLUDED = "concluded", "締結"
    ACTIVE = "active", "有効"
    CLAIMED = "claimed", "請求中"
    ENDED = "ended", "終了"
    CANCELLED = "cancelled", "取消"


class VersionKind(TextChoices):
    """対象 of a certificate version."""

    NEW = "new", "新規"
    CHANGE = "change", "変更"
    CORRECTION = "correction", "訂正"


class VersionState(TextChoices):
    """State of a certificate version (esurety.md 8.4)."""

    PENDING = "pending", "送信待ち"
    ISSUED = "issued", "発行済"
    SUPERSEDED = "superseded", "旧版（変更により）"
    CORRECTED = "corrected", "訂正済"
    WITHDRAWN = "withdrawn", "変更取消"
    CANCELLED = "cancelled", "失効"


class KeyState(TextChoices):
    """State of an 認証キー."""

    VALID = "valid", "有効"
    FROZEN = "frozen", "停止"
    VOID = "void", "無効"


class RevisionKind(TextChoices):
    """What staff do to a guarantee after its first certificate (esurety.md 9.2)."""

    CHANGE = "change", "変更"
    CORRECTION = "correction", "訂正"
    WITHDRAWAL = "withdrawal", "変更取消"
    CANCELLATION = "cancellation", "取消"


class RevisionState(TextChoices):
    """State of a revision: prepared by one person, released or refused by another."""

    PREPARED = "prepared", "承認待ち"
    RELEASED = "released", "実行済"
    REFUSED = "refused", "却下"


class SubmissionState(TextChoices):
    """提出状況 of a certificate version (esurety.md 8.6)."""

    OPEN = "open", "未提出"
    SENT = "sent", "提出済"
    REGISTERED = "registered", "登録済"
    ACCEPTED = "accepted", "受領"
    RETURNED = "returned", "差戻し"


class RegistrationSource(TextChoices):
    """How a body entered number and key."""

    TYPED = "typed", "入力"
    CODE = "code", "QRコード"
    SHEET = "sheet", "認証キーのお知らせ（PDF）"


class FeeKind(TextChoices):
    """Kind of a 保証料計算書."""

    FIRST = "first", "新規"
    MORE = "more", "追加"
    BACK = "back", "返還"


class Light(IntegerChoices):
    """Result of a check: the worst of several decides."""

    GREEN = 0, "適"
    YELLOW = 1, "注意"
    RED = 2, "不適"
