"""Dated masters: a row is never deleted, only ended; computing takes the one that is valid on the as-of date."""

from datetime import time
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from guarantee_lookup.enums import Row
from guarantee_lookup.rules import limits


class Dated(models.Model):
    """A row that is valid from a day to a day."""

    valid_from = models.DateField("適用開始日")
    valid_to = models.DateField("適用終了日", null=True, blank=True, help_text="空欄は期限なし。この日まで適用します。")

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(class)s_ends_after_start", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
        )


class InsuranceCode(Dated):
    """保険種類: in which row it is displayed and which pools it uses up (guarantee_lookup.md 2.5).

    `core_codes` are the codes of the association's core system that stand for it.
    """

    code = models.CharField("保険コード", max_length=12)
    name = models.CharField("名称", max_length=60)
    row = models.PositiveSmallIntegerField("表示する行", choices=Row)
    pools = models.JSONField("消費する枠", default=list, blank=True, help_text='枠コードの一覧。例：["MG", "J5"]')
    needs_sn_item = models.BooleanField("SNの号が必要", default=False)
    core_codes = models.JSONField("基幹システムのコード", default=list, blank=True)

    class Meta(Dated.Meta):
        verbose_name = verbose_name_plural = "保険種類"
        ordering = ("row", "code", "valid_from")
        constraints = (
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["code", "valid_from"], name="insurance_code_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        known = set(CapacityPool.objects.values_list("code", flat=True))
        if not isinstance(self.pools, list) or (unknown := set(map(str, self.pools)) - known):
            raise ValidationError({"pools": f"登録されていない枠コードです：{'、'.join(sorted(unknown))}"})


class CapacityPool(Dated):
    """枠: a limit in yen that one or several insurances use up (guarantee_lookup.md 3.3)."""

    class Rule(models.TextChoices):
        ALWAYS = "always", "常に適用"
        BOND = "bond", "特定社債の残高があるときだけ適用"
        OFF = "off", "適用しない"

    code = models.CharField("枠コード", max_length=12)
    name = models.CharField("名称", max_length=60)
    limit = models.BigIntegerField("上限額（円）")
    addition = models.BigIntegerField("組合の加算額（円）", default=0)
    rule = models.CharField("適用", max_length=10, choices=Rule, default=Rule.ALWAYS)

    class Meta(Dated.Meta):
        verbose_name = verbose_name_plural = "枠"
        ordering = ("code", "valid_from")
        constraints = (
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["code", "valid_from"], name="capacity_pool_once_a_day"),
            models.CheckConstraint(name="capacity_pool_not_negative", condition=Q(limit__gte=0, addition__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ServiceRules(Dated):
    """ご利用時間 and 照会回数の上限, valid from a day on; without a row the defaults of the fields apply."""

    opens_at = models.TimeField("開始時刻", default=time(8))
    closes_at = models.TimeField("終了時刻", default=time(21), help_text="開始時刻と同じ時刻は、終日を表します。")
    every_day = models.BooleanField("休日も利用できる", default=False)
    closed_days = models.JSONField("臨時休業日", default=list, blank=True, help_text='例：["2026-12-28"]')
    user_hour = models.PositiveIntegerField("利用者の1時間の上限", default=limits.USER_HOUR)
    user_day = models.PositiveIntegerField("利用者の1日の上限", default=limits.USER_DAY)
    institution_day = models.PositiveIntegerField("金融機関の1日の上限", default=limits.INSTITUTION_DAY)
    none_in_a_row = models.PositiveIntegerField("続けて該当なしの上限", default=limits.NONE_IN_A_ROW)
    none_hour = models.PositiveIntegerField("1時間の該当なしの上限", default=limits.NONE_HOUR)
    none_day = models.PositiveIntegerField("1日の該当なしの上限", default=limits.NONE_DAY)
    file_lines_day = models.PositiveIntegerField("一括照会の1日の上限（行）", default=limits.FILE_LINES_DAY)

    class Meta(Dated.Meta):
        verbose_name = verbose_name_plural = "ご利用時間と照会回数"
        ordering = ("-valid_from",)
        constraints = (
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["valid_from"], name="service_rules_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.valid_from}から"
