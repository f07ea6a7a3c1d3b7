"""通知の一括取り込み: how far a file has come."""

from django.db.models import TextChoices


class BatchState(TextChoices):
    """状態 of a file of notices; its application is a draft until the file is done, and withdrawn when it failed."""

    READY = "ready", "取り込み待ち"
    QUEUED = "queued", "取り込み中"
    DONE = "done", "取り込み済み"
    FAILED = "failed", "取り込みできませんでした"
