"""States of a case, a limit and a certificate, the 告知事項, and the money (credit_insurance.md 5.5, 5.6, 6.9, 7)."""

from django.db.models import IntegerChoices, TextChoices


class CaseKind(TextChoices):
    """加入の区分 of a case (5.1)."""

    NEW = "new", "新規加入"
    MIDTERM = "midterm", "中途加入"
    RENEWAL = "renewal", "更新"


class CaseState(TextChoices):
    """手続状況 of an enrolment, from the sheet to the end of cover (7.1)."""

    HEARING_DRAFT = "hearing_draft", "見積り準備中"
    SUBMITTED = "submitted", "申請済"
    UNDER_REVIEW = "under_review", "審査中"
    INFO_WAIT = "info_wait", "追加情報待ち"
    QUOTED = "quoted", "条件提示済"
    DECLINED = "declined", "謝絶"
    NOT_TAKEN = "not_taken", "見送り"
    EXPIRED_QUOTE = "expired_quote", "見積期限切れ"
    ACCEPTED = "accepted", "内容確定"
    FORM_SUBMITTED = "form_submitted", "加入依頼書提出済"
    FORM_ACCEPTED = "form_accepted", "加入依頼書受付済"
    COMPLETED = "completed", "加入手続完了"
    CERT_ISSUED = "cert_issued", "加入者証発行済"
    IN_FORCE = "in_force", "補償中"
    EXHAUSTED = "exhausted", "期間中支払限度額到達"
    LEAVING = "leaving", "脱退手続中"
    LEFT = "left", "脱退"
    CANCELLED = "cancelled", "解除"
    EXPIRED = "expired", "満期終了"


class FormState(TextChoices):
    """State of a 加入依頼書 at the federation (7.1)."""

    SUBMITTED = "submitted", "提出済"
    ACCEPTED = "accepted", "受付済"
    RETURNED = "returned", "不備返却"


class LimitState(TextChoices):
    """State of a debtor's limit (7.2)."""

    REQUESTED = "requested", "申込済"
    EXCLUDED = "excluded", "対象外"
    UNDER_REVIEW = "under_review", "審査中"
    INFO = "info", "追加情報待ち"
    OFFERED = "offered", "条件提示済"
    DECLINED = "declined", "引受不可"
    IN_FORCE = "in_force", "設定中"
    REDUCTION_NOTICED = "reduction_noticed", "減額予告中"
    ZERO = "zero", "ゼロへ減額"
    STOPPED = "stopped", "引渡し停止"
    CLOSED_ACCIDENT = "closed_accident", "事故により終了"
    CLOSED_CUSTOMER = "closed_customer", "取引終了"
    EXPIRED = "expired", "満期終了"


class LimitCause(TextChoices):
    """変更理由 of a limit (5.5)."""

    INITIAL = "initial", "当初設定"
    INCREASE = "increase", "増額"
    CUSTOMER_DECREASE = "customer_decrease", "お客様のご都合による減額"
    INSURER_REDUCTION = "insurer_reduction", "保険会社による減額"
    CLOSED = "closed", "終了"


class CertificateState(TextChoices):
    """State of a version of the 加入者証 (7.4)."""

    ISSUED = "issued", "発行済"
    SUPERSEDED = "superseded", "旧版"


class Mark(TextChoices):
    """Mark of a 告知事項: ☆ items must be reported when they change later (6.9)."""

    DISCLOSED = "★", "告知事項"
    NOTIFIED = "☆", "告知事項・通知事項"


class Disclosure(TextChoices):
    """告知事項 of the 加入依頼書 (6.9)."""

    MEMBER = "A1", "加入者名称・所在地・法人番号"
    BUSINESS = "A2", "業種・取扱商品"
    SALES = "A3", "年間売上高・売掛債権残高・回転期間"
    SELECTION = "A4", "取引先の選定方法と該当全社記載"
    DEBTORS = "A5", "取引先一覧 (企業名、登記住所、販売高、債権残高)"
    TERMS = "A6", "決済条件"
    COLLATERAL = "A7", "担保の有無・内容"
    COUNTER_DEBTS = "A8", "反対債務の有無・内容"
    OVERDUE = "A9", "支払遅延・信用不安の有無"
    CAPITAL = "A10", "資本関係"
    BAD_DEBTS = "A11", "過去3年の貸倒"
    OTHER_COVER = "A12", "他の取引信用保険・保証・ファクタリング"
    EMPLOYEES = "A13", "常時使用する従業員数 (補償機構の対象判定)"

    @property
    def mark(self) -> Mark:
        """★ or ☆."""
        return Mark.NOTIFIED if self.value in {"A2", "A6", "A7", "A8", "A10", "A12"} else Mark.DISCLOSED


class ConsentKind(TextChoices):
    """What is read and confirmed before the 加入依頼書 goes out (5.8): all five."""

    IMPORTANT = "important", "重要事項説明書"
    PRIVACY = "privacy", "個人情報の取扱い"
    ELECTRONIC = "electronic", "電磁的方法による手続き"
    ANTISOCIAL = "antisocial", "反社会的勢力でない旨の表明"
    ACCURACY = "accuracy", "告知の正確性"


class CalendarKind(TextChoices):
    """What a SYSADMIN or, for `EXTENDED`, a FED_MANAGER entered for a day (8.3)."""

    CLOSED = "closed", "金融機関の休業日にする"
    OPENED = "opened", "金融機関の営業日にする"
    EXTENDED = "extended", "加入依頼書の締切を1日延ばす（17日）"


class InvoiceKind(TextChoices):
    """区分 of a premium invoice (5.6)."""

    INITIAL = "initial", "加入保険料"
    ADDITIONAL = "additional", "追加保険料"


class InvoiceState(TextChoices):
    """入金状況 of a premium invoice (5.6)."""

    OPEN = "open", "未入金"
    PARTIAL = "partial", "一部入金"
    PAID = "paid", "入金済"
    OVERPAID = "overpaid", "過入金"


class DepositState(TextChoices):
    """消込状況 of a deposit (7.4)."""

    UNMATCHED = "unmatched", "未照合"
    SUGGESTED = "suggested", "候補あり"
    MATCHED = "matched", "消込済"
    PARTIAL = "partial", "一部入金"
    OVER = "over", "過入金"
    REFUND_REQUESTED = "refund_requested", "返金手続中"
    REFUNDED = "refunded", "返金済"


class MatchWay(IntegerChoices):
    """How a deposit was matched: the five lists of 入金消込, by priority (8.15)."""

    NUMBER = 1, "受付番号と金額が一致"
    NUMBER_OTHER_AMOUNT = 2, "受付番号が一致（金額が異なる）"
    NAME = 3, "振込名義と金額が一致"
    AMOUNT = 4, "金額が一致"
    NONE = 5, "該当なし"

    @property
    def state(self) -> DepositState:
        """MATCHED needs nobody's decision; everything else does."""
        if self is MatchWay.NUMBER:
            return DepositState.MATCHED
        return DepositState.UNMATCHED if self is MatchWay.NONE else DepositState.SUGGESTED


class DepositFlag(TextChoices):
    """注意 about a deposit whose invoice was found: why a person decides (8.15)."""

    DOUBLE = "double", "二重の払込み"
    LATE = "late", "期限後の入金"
    SHORT = "short", "金額不足"
    OVER = "over", "金額超過"
    PAYER = "payer", "名義相違"
    PART = "part", "一部処理済み"


class DepositList(TextChoices):
    """The lists of 入金消込: every deposit that waits for a decision stands in exactly one (8.15)."""

    NUMBER = "number", "受付番号と金額が一致"
    OTHER_AMOUNT = "other", "受付番号が一致・金額が相違"
    NAME = "name", "振込名義と金額が一致"
    AMOUNT = "amount", "金額だけが一致"
    NONE = "none", "該当なし"
    LATE = "late", "期限後の入金"
    DOUBLE = "double", "二重の払込み"
    SHORT = "short", "金額不足"
    PAYER = "payer", "名義相違"


class RefundReason(TextChoices):
    """返金理由 (5.6)."""

    OVERPAID = "overpaid", "過入金"
    LATE = "late", "期限後の入金"
    CANCELLED = "cancelled", "手続きの取消し"
    INSURER_REDUCTION = "insurer_reduction", "保険会社による減額"


class RefundState(TextChoices):
    """状況 of a refund: asked for by one person, decided by another (5.6)."""

    REQUESTED = "requested", "承認待ち"
    APPROVED = "approved", "承認済"
    REJECTED = "rejected", "却下"
    REFUNDED = "refunded", "返金済"
