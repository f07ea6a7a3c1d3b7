"""What the insurer finds and decides about a debtor (credit_insurance.md 6.6, 6.11, 6.12)."""

from django.db.models import TextChoices


class Exclusion(TextChoices):
    """対象外の理由 of a debtor (6.6)."""

    OVERSEAS = "X01", "海外の企業"
    PUBLIC = "X02", "政府機関"
    SUBSIDIARY = "X03", "被保険者の子会社"
    GROUP = "X04", "被保険者と同一グループの企業"
    CREDIT = "X05", "信用力が十分ではないと判断"
    NO_ROOM = "X06", "既に他のご契約者との契約で高額な限度額を設定済み"
    REVIEW = "X07", "その他審査による対象外"
    LONG_SETTLEMENT = "X11", "決済期間が1年超"
    NOT_CONTINUOUS = "X12", "継続的取引でない・スポット取引"
    OVERDUE = "X13", "支払遅延が発生中"
    INSOLVENT = "X14", "倒産等に該当・その事実を認識"
    CONTRACT = "X15", "対象外の契約"
    CONSUMER = "X16", "消費者(個人)との取引"
    DUPLICATE = "X17", "重複"
    NO_ANSWER = "X18", "情報不足"

    @property
    def allows_special_acceptance(self) -> bool:
        """True where the 引受責任者 may set a limit nevertheless (特認), with a reason."""
        return self in {Exclusion.OVERSEAS, Exclusion.PUBLIC, Exclusion.SUBSIDIARY, Exclusion.GROUP}

    @property
    def is_judged(self) -> bool:
        """True for what the 引受担当 finds; the other reasons come from the sheet alone."""
        return self in {
            Exclusion.GROUP,
            Exclusion.CREDIT,
            Exclusion.NO_ROOM,
            Exclusion.REVIEW,
            Exclusion.INSOLVENT,
            Exclusion.NO_ANSWER,
        }

    @property
    def needs_explanation(self) -> bool:
        """True when the member is told in words what the review found."""
        return self in {Exclusion.CREDIT, Exclusion.NO_ROOM, Exclusion.REVIEW}


class Decision(TextChoices):
    """審査結果 of a limit (6.11)."""

    PENDING = "PENDING", "審査中"
    INFO = "INFO", "追加情報依頼"
    APPROVED = "APPROVED", "希望どおり"
    PARTIAL = "PARTIAL", "減額して設定"
    CONDITIONAL = "CONDITIONAL", "条件付き"
    DECLINED = "DECLINED", "対象外 (0円)"
    REDUCED = "REDUCED", "減額通知"
    CANCELLED = "CANCELLED", "ゼロへ減額"
    RENAMED = "RENAMED", "取引先の商号・住所変更"

    @property
    def is_final(self) -> bool:
        """True when the line is decided: a quote needs it of every line (7.1)."""
        return self not in {Decision.PENDING, Decision.INFO}

    @property
    def needs_reason(self) -> bool:
        """True when at least one reason code must be given (6.12)."""
        return self in {
            Decision.PARTIAL,
            Decision.CONDITIONAL,
            Decision.DECLINED,
            Decision.REDUCED,
            Decision.CANCELLED,
        }


class Reason(TextChoices):
    """理由 of a decision, as the member sees it (6.12); R08 of the table is not used."""

    NO_STATEMENTS = "R01", "財務情報未提出"
    NO_INFORMATION = "R02", "情報なし"
    CEASED = "R03", "事業停止"
    YOUNG = "R04", "新設会社"
    UNREGISTERED = "R05", "登記なし"
    DORMANT = "R06", "持株・休眠会社"
    UNDISCLOSED = "R07", "非開示"
    PUBLIC_RECORD = "R12", "公開情報に懸念"
    NO_ROOM = "R13", "引受枠の上限"
    SHORT_RECORD = "R14", "取引実績不足"
    OTHER = "R99", "その他"


class QuoteState(TextChoices):
    """State of an お引受条件 (7.1)."""

    PREPARED = "prepared", "発行待ち"
    ISSUED = "issued", "ご案内済"
    ACCEPTED = "accepted", "内容確定"
    REVISED = "revised", "条件見直しの依頼"
    NOT_TAKEN = "not_taken", "見送り"
    EXPIRED = "expired", "期限切れ"
    WITHDRAWN = "withdrawn", "取下げ"


class RequestType(TextChoices):
    """申込区分 of a limit (5.5)."""

    NEW = "new", "新規"
    INCREASE = "increase", "増額"
    RENEWAL = "renewal", "更新"
    REINSTATE = "reinstate", "再設定"
