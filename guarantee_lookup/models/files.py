"""一括照会: a file of questions, each of which becomes a look-up of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from guarantee_lookup.enums import Basis, FileState, NumberKind
from guarantee_lookup.rules.numbers import mask
from portal.accounts.models import User


class LookupFileQuerySet(models.QuerySet["LookupFile"]):
    """Reads scoped by what a role may see."""

    def visible_to(self, user: User) -> "LookupFileQuerySet":
        """Own files; those of the whole bank for its 利用管理者."""
        if user.organisation_id is None:
            return self.filter(user=user)
        bank = self.filter(organisation_id=user.organisation_id)
        return bank if user.has_role("lookup.master") else bank.filter(user=user)


class LookupFile(models.Model):
    """一括照会 of one file; neither its name nor its bytes are kept. `address` is where the person asked from."""

    number = models.CharField("一括照会番号", max_length=20, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="利用者", related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="金融機関", related_name="+", null=True, blank=True
    )
    state = models.CharField("状態", max_length=10, choices=FileState, default=FileState.READY)
    rows = models.PositiveSmallIntegerField("行数")
    address = models.CharField("接続元", max_length=45, blank=True)
    created_at = models.DateTimeField("確認日時")
    queued_at = models.DateTimeField("実行日時", null=True, blank=True)
    ended_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects: ClassVar = LookupFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一括照会"
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=["user"], name="lookup_file_of_user"),
            models.Index(fields=["created_at"], name="lookup_file_unused", condition=Q(state="ready")),
        )

    def __str__(self) -> str:
        return self.number


class LookupLine(models.Model):
    """One line of a file: the sealed number until it was asked, then the look-up or the reason why there is none."""

    file = models.ForeignKey(LookupFile, models.CASCADE, verbose_name="一括照会", related_name="lines")
    place = models.PositiveIntegerField("行")
    kind = models.CharField("番号の種類", max_length=10, choices=NumberKind)
    sealed = models.TextField("番号（封緘）", blank=True)
    last = models.CharField("下4桁", max_length=4)
    basis = models.CharField("照会の根拠", max_length=1, choices=Basis)
    consent = models.BooleanField("同意", default=False)
    done_at = models.DateTimeField("照会日時", null=True, blank=True)
    lookup = models.OneToOneField(
        "guarantee_lookup.Lookup", models.PROTECT, verbose_name="照会", related_name="line", null=True, blank=True
    )
    code = models.CharField("拒否の理由", max_length=10, blank=True)
    reason = models.CharField("拒否の内容", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一括照会の行"
        ordering = ("file", "place")
        constraints = (
            models.UniqueConstraint(fields=["file", "place"], name="lookup_line_once"),
            models.CheckConstraint(
                name="lookup_line_number_until_asked",
                condition=(Q(done_at=None) & ~Q(sealed="")) | Q(done_at__isnull=False, sealed=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.place} {self.masked}"

    @property
    def masked(self) -> str:
        return mask(self.last)
