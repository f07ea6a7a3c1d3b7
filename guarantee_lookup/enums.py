"""The fixed words of the look-up: rows of the screen, kinds of number, grounds, outcomes, states."""

from django.db.models import IntegerChoices, TextChoices


class Row(IntegerChoices):
    """保険 as the screen shows it, in its order (guarantee_lookup.md 1.1); 合計 is no insurance."""

    UNSECURED = 1, "無担保・一般"
    ORDINARY = 2, "普通・一般"
    UNSECURED_SN = 3, "無担保・SN"
    ORDINARY_SN = 4, "普通・SN"
    OTHER = 5, "その他"


class NumberKind(TextChoices):
    """番号の種類."""

    CUSTOMER = "customer", "顧客番号"
    GUARANTEE = "guarantee", "保証番号"


class Basis(TextChoices):
    """照会の根拠 (guarantee_lookup.md 7.1); the third is the association's own."""

    RELATION = "1", "既存の保証付取引あり"
    GIVEN = "2", "本人から番号の提供を受けた"
    OFFICE = "3", "協会業務"


class Purpose(TextChoices):
    """照会目的; need not be given."""

    CONSULTATION = "consultation", "相談"
    PROPOSAL = "proposal", "提案"
    APPLICATION = "application", "申込"
    CONTROL = "control", "管理"


class Outcome(TextChoices):
    """照会の結果; `NONE` is one answer for unknown, blocked and departed numbers (guarantee_lookup.md 6.5)."""

    FOUND = "ok", "表示"
    NONE = "none", "該当なし"
    DATA = "data", "データ確認中"


class Channel(TextChoices):
    """照会の方法."""

    SCREEN = "screen", "画面"
    FILE = "file", "一括照会"
    API = "api", "API"


class FileState(TextChoices):
    """State of a file of 一括照会."""

    READY = "ready", "実行前"
    QUEUED = "queued", "照会中"
    DONE = "done", "終了"


class SnapshotState(TextChoices):
    """State of one nightly delivery (guarantee_lookup.md 11)."""

    LOADING = "loading", "検査中"
    HELD = "held", "保留"
    CURRENT = "current", "現行"
    OLD = "old", "旧"
    REJECTED = "rejected", "却下"


class Freshness(TextChoices):
    """Age of the serving snapshot in business days (guarantee_lookup.md 6.2)."""

    FRESH = "fresh", "最新"
    LATE = "late", "遅れ"
    STALE = "stale", "停止"


class EntityType(TextChoices):
    """法人格 as delivered; a 組合 has the addition of N7 only if its flag says so."""

    PERSON = "1", "個人"
    COMPANY = "2", "会社"
    MEDICAL = "3", "医療法人等"
    COOPERATIVE = "4", "組合"
    NPO = "5", "NPO"
    OTHER = "9", "その他"


class Sharing(TextChoices):
    """責任共有方式 of a bank: it reports 80 % of the loan, or all of it (guarantee_lookup.md 2.4)."""

    PARTIAL = "P", "部分保証方式"
    CONTRIBUTION = "F", "負担金方式"


class UsageKind(TextChoices):
    """申込区分 of a 利用開始申請 (guarantee_lookup.md 7.2)."""

    NEW = "new", "新規"
    CHANGE = "change", "変更"
    END = "end", "廃止"


class UsageState(TextChoices):
    """State of a submitted 利用開始申請 (guarantee_lookup.md 7.2)."""

    RECEIVED = "received", "受付"
    REVIEW = "review", "審査中"
    APPROVED = "approved", "承認"
    RETURNED = "returned", "差戻し"
    REFUSED = "refused", "却下"
    ISSUED = "issued", "発行済"


class StopReason(TextChoices):
    """Why a person of a bank may not log in any more."""

    MASTER = "master", "停止（利用管理者による）"
    UNCONFIRMED = "unconfirmed", "停止（期限までに確認されなかったため）"
    IDLE = "idle", "停止（90日間ログインがないため）"
    CLOSED = "closed", "停止（店舗の閉店）"
    OFFICE = "office", "停止（協会による）"
    LEFT = "left", "廃止"
