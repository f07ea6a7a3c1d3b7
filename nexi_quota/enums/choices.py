"""Closed lists of the domain; the stored value is never shown alone, the label is."""

from django.db.models import TextChoices


class Product(TextChoices):
    """保険種 (nexi.md 1.1); the two-digit codes are our own, no public code list exists."""

    INDIVIDUAL = "01", "貿易一般保険(個別)"
    SME = "02", "中小企業・農林水産業輸出代金保険"
    EQUIPMENT = "03", "貿易一般保険包括保険(設備財)"
    BILL = "04", "輸出手形保険"

    @property
    def is_automatic(self) -> bool:
        """True when the insurance application itself takes the quota (seed, section 2)."""
        return self in {Product.INDIVIDUAL, Product.SME}


class SpecialReason(TextChoices):
    """特殊ケースの理由: why a quota is asked for although the insurance application would take it (nexi.md 3.1, 2)."""

    BEFORE_CONTRACT = "01", "契約締結前の枠確保"
    ON_PAPER = "02", "書面申込み予定"
    INSTRUCTED = "03", "NEXIの指示"
    OTHER = "99", "その他"


class ContractForm(TextChoices):
    """契約形態 (nexi.md 4.4)."""

    EXPORT = "11", "輸出契約"
    INTERMEDIARY = "15", "仲介貿易契約"


class Guarantee(TextChoices):
    """支払保証: who stands behind the payer (nexi.md 3.1, 18)."""

    NONE = "none", "なし"
    LETTER_OF_CREDIT = "lc", "L/C"
    LETTER_OF_GUARANTEE = "lg", "L/G"


class Attitude(TextChoices):
    """引受態度 of a country for a product (nexi.md 2.4)."""

    OPEN = "open", "引受可能"
    CONDITIONAL = "conditional", "条件付引受"
    SUSPENDED = "suspended", "引受停止"


class SustainableLending(TextChoices):
    """What rule D15 does with long public business of a country on the OECD sustainable-lending list."""

    NONE = "none", "対象外"
    CONSULT = "consult", "事前承認が必要"
    REFUSE = "refuse", "引受不可"


class BuyerState(TextChoices):
    """登録状態 of an entry of the 海外商社名簿 (nexi.md 2.3)."""

    ACTIVE = "active", "有効"
    SLEEPING = "sleeping", "スリーピング候補"
    DELETED = "deleted", "削除"


class BranchKind(TextChoices):
    """本支店区分: a branch uses the quota of its head office (nexi.md 5.4)."""

    HEAD_OFFICE = "head", "本店"
    BRANCH = "branch", "支店"


class Origin(TextChoices):
    """How a 個別保証枠確認 came to be (nexi.md 2.7); only the first kind has a certificate."""

    REQUEST = "request", "確認申込み"
    INSURANCE = "insurance", "保険新規申込み(自動)"
    AMENDMENT = "amendment", "内容変更通知(自動)"


class ConfirmationState(TextChoices):
    """状態 of a 個別保証枠確認 (nexi.md 6.2)."""

    VALID = "valid", "有効"
    INSURED = "insured", "保険引受済"
    RETURNED = "returned", "枠戻済"
    EXPIRED = "expired", "失効"
    UNUSABLE = "unusable", "使用不可"
    SETTLED = "settled", "決済済"
    AUTO_RELEASED = "auto_release", "自動解放"
    LOSS = "loss", "事故"

    @property
    def is_live(self) -> bool:
        """True while notices are accepted and the confirmation counts as a duplicate (D19)."""
        return self in {ConfirmationState.VALID, ConfirmationState.INSURED}

    @property
    def holds_quota(self) -> bool:
        """True while the confirmation takes part of the buyer's quota; a loss freezes it."""
        return self.is_live or self is ConfirmationState.LOSS


class LedgerKind(TextChoices):
    """Kind of an entry of the quota ledger (nexi.md 2.10)."""

    HOLD = "hold", "確保"
    ATTACH = "attach", "保険引受"
    RELEASE = "release", "解放"
    EXPIRE = "expire", "失効"
    AUTO_RELEASE = "auto_release", "自動解放"
    ADJUST = "adjust", "調整"


class ReleaseReason(TextChoices):
    """枠戻理由 (nexi.md 3.2, 13)."""

    NO_CONTRACT = "01", "契約不成立"
    CONTRACT_CANCELLED = "02", "契約解除"
    AMOUNT_REDUCED = "03", "契約金額の減額"
    TERMS_CHANGED = "04", "決済条件の変更(L/C化等)"
    PAYER_CHANGED = "05", "支払人の変更"
    INSURANCE_DROPPED = "06", "保険申込みの取りやめ"
    PURCHASE_DROPPED = "07", "手形買取りの取りやめ"
    OTHER = "99", "その他"


class Verdict(TextChoices):
    """申込みの可否, in rising severity: the worst verdict found wins (nexi.md 5.1)."""

    POSSIBLE = "possible", "可能"
    NOT_NEEDED = "not_needed", "確認不要"
    CONSULT = "consult", "要照会"
    REFUSED = "refused", "不可"

    @property
    def severity(self) -> int:
        """0 for 可能 up to 3 for 不可."""
        return list(Verdict).index(self)

    @property
    def sentence(self) -> str:
        """The sentence shown in the panel 申込みの可否."""
        return VERDICT_SENTENCES[self]


VERDICT_SENTENCES = {
    Verdict.POSSIBLE: "個別保証枠確認申込みが可能です",
    Verdict.NOT_NEEDED: "個別保証枠の確認は不要です",
    Verdict.CONSULT: "そのままではお申込みいただけません。事前手続が必要です",
    Verdict.REFUSED: "個別保証枠確認申込みはできません",
}
