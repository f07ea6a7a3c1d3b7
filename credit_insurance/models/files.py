"""A file of debtors between its upload and its take-over (credit_insurance.md 5.4)."""

import uuid

from django.conf import settings
from django.db import models


class SheetFile(models.Model):
    """The cells of an uploaded file as texts; gone once it is taken over, at the latest after the second night.

    `rows` is `[[line, [cell, …]], …]`, and `[line, message]` for a line that is no row. `columns` gives a heading its
    column of the sheet, "" for none; a heading that is missing there has not been decided on yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.ForeignKey(
        "applications.Application", models.CASCADE, verbose_name="ヒアリングシート", related_name="+"
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登録者", related_name="+")
    created_at = models.DateTimeField("登録日時", db_index=True)
    name = models.CharField("ファイル名", max_length=255)
    form = models.CharField("形式", max_length=100)
    formulas = models.PositiveIntegerField("数式のセル")
    header = models.JSONField("見出し")
    rows = models.JSONField("行")
    columns = models.JSONField("列の対応")

    class Meta:
        verbose_name = verbose_name_plural = "取引先のファイル"

    def __str__(self) -> str:
        return self.name
