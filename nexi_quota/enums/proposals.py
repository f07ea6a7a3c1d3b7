"""状態 of what one member of the staff proposes and another decides."""

from django.db.models import TextChoices


class ProposalState(TextChoices):
    """状態 of a proposal; an approved one waits for its 適用日 and is then 適用済み."""

    OPEN = "open", "申請中"
    APPROVED = "approved", "承認（適用待ち）"
    APPLIED = "applied", "適用済み"
    REFUSED = "refused", "却下"
    WITHDRAWN = "withdrawn", "取下げ"
    REPLACED = "replaced", "差替え"
