"""Issued documents: one file per version and kind, never changed."""

from django.db import models


class Document(models.Model):
    """An issued PDF; `file` has a name that nobody can guess, `sha256` and `size` are those of its bytes."""

    version = models.ForeignKey(
        "applications.ApplicationVersion", models.PROTECT, related_name="documents", verbose_name="申込みの版"
    )
    kind = models.CharField("種類", max_length=40)
    file = models.FileField("ファイル", max_length=100)
    name = models.CharField("ファイル名", max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("サイズ")
    template_revision = models.CharField("様式の改訂", max_length=12)
    created_at = models.DateTimeField("作成日時")

    class Meta:
        verbose_name = verbose_name_plural = "書類"
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="document_version_kind_unique"),
        ]

    def __str__(self) -> str:
        return self.name
