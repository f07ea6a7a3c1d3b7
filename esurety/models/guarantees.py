"""保証契約, its certificate versions (電子証書) with their keys, and what staff revise (esurety.md 3.5, 8, 9)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from esurety.enums import (
    GuaranteeState,
    KeyState,
    Medium,
    Product,
    RevisionKind,
    RevisionState,
    VersionKind,
    VersionState,
)
from esurety.models.masters import ORGANISATION, Body, Office
from esurety.models.requests import Item, OwnQuerySet


class Guarantee(models.Model):
    """保証契約: one number through all changes. `number` is stored as digits (`esurety.rules.numbers.displayed`).

    `due_on` and `amount` repeat the current version for lists, `valid from` is `concluded_on`.
    """

    number = models.CharField("保証契約番号", max_length=11, unique=True)
    item = models.OneToOneField(Item, models.PROTECT, verbose_name="申込み", related_name="guarantee")
    product = models.CharField("商品名", max_length=3, choices=Product)
    medium = models.CharField("保証証書の形式", max_length=10, choices=Medium)
    organisation = models.ForeignKey(ORGANISATION, models.PROTECT, verbose_name="受注者", related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="発注者", related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, verbose_name="取扱箇所", related_name="+")
    work = models.CharField("工事名", max_length=100)
    price = models.BigIntegerField("請負金額（円）")
    amount = models.BigIntegerField("保証金額（円）")
    due_on = models.DateField("保証期限")
    concluded_on = models.DateField("締結日")
    state = models.CharField("状態", max_length=10, choices=GuaranteeState, default=GuaranteeState.CONCLUDED)
    current = models.ForeignKey(
        "Certificate", models.PROTECT, verbose_name="現在の証書", related_name="+", null=True, blank=True
    )

    objects: ClassVar = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保証契約"
        ordering = ("-concluded_on", "-pk")
        constraints = (
            models.CheckConstraint(name="surety_guarantee_positive", condition=Q(amount__gt=0, price__gt=0)),
        )
        indexes = (
            models.Index(fields=["organisation", "-concluded_on", "-id"], name="surety_guarantee_list"),
            models.Index(fields=["due_on"], name="surety_guarantee_due", condition=Q(state="active")),
        )

    def __str__(self) -> str:
        return f"{self.number[:5]}-{self.number[5:]}"


class Certificate(models.Model):
    """電子証書: an immutable version of a guarantee. `payload` is the canonical JSON that `signature` signs.

    `file` is the PDF, rendered from the payload once and signed; `arrived_at` is 電子保証発行日時.
    `change_number` counts 変更, 0 for 新規; `label` is what stands below the title ("", 変更1, 訂正, 変更1 訂正).
    """

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, verbose_name="保証契約", related_name="certificates")
    sequence = models.PositiveSmallIntegerField("版")
    kind = models.CharField("対象", max_length=10, choices=VersionKind)
    change_number = models.PositiveSmallIntegerField("変更番号", default=0)
    corrects = models.OneToOneField(
        "self", models.PROTECT, verbose_name="訂正前の証書", related_name="correction", null=True, blank=True
    )
    previous = models.ForeignKey(
        "self", models.PROTECT, verbose_name="直前の証書", related_name="+", null=True, blank=True
    )
    serial = models.CharField("発行通番", max_length=10, unique=True)
    issued_on = models.DateField("発行日")
    payload = models.TextField("内容")
    payload_sha256 = models.CharField("内容のSHA-256", max_length=64)
    previous_sha256 = models.CharField("直前の証書のSHA-256", max_length=64, blank=True)
    signature = models.CharField("電子署名", max_length=100)
    signer = models.CharField("署名鍵", max_length=16)
    file = models.FileField("PDF", max_length=100, blank=True)
    sha256 = models.CharField("PDFのSHA-256", max_length=64, blank=True)
    size = models.PositiveIntegerField("PDFのサイズ", default=0)
    arrived_at = models.DateTimeField("電子保証発行日時", null=True, blank=True)
    state = models.CharField("状態", max_length=10, choices=VersionState, default=VersionState.PENDING)
    ended_at = models.DateTimeField("効力を失った日時", null=True, blank=True)
    ended_reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "電子証書"
        ordering = ("guarantee", "sequence")
        constraints = (
            models.UniqueConstraint(fields=["guarantee", "sequence"], name="surety_certificate_sequence"),
            # At most one version of a guarantee is the one in force, and at most one is on its way.
            models.UniqueConstraint(fields=["guarantee"], condition=Q(state="issued"), name="surety_one_in_force"),
            models.UniqueConstraint(fields=["guarantee"], condition=Q(state="pending"), name="surety_one_pending"),
            models.CheckConstraint(
                name="surety_arrived_with_pdf",
                condition=Q(state="pending", arrived_at=None, file="")
                | (~Q(state="pending") & Q(arrived_at__isnull=False) & ~Q(file="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.guarantee} {self.label or '新規'}"

    @property
    def label(self) -> str:
        """What stands below the title: "" for the first version, 変更1, 訂正, 変更1 訂正."""
        change = f"変更{self.change_number}" if self.change_number else ""
        return f"{change} 訂正".strip() if self.kind == VersionKind.CORRECTION else change

    @property
    def target(self) -> str:
        """対象 as lists show it."""
        return self.label or VersionKind.NEW.label


class AuthKey(models.Model):
    """認証キー of one version: sealed for display, a keyed MAC for checking (see esurety.vault).

    A re-issue makes a new generation; the old one is void. At most one is not.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, verbose_name="電子証書", related_name="keys")
    generation = models.PositiveSmallIntegerField("世代", default=1)
    sealed = models.BinaryField("暗号文")
    wrapped = models.BinaryField("鍵の暗号文")
    wrapped_by = models.CharField("鍵の版", max_length=16, db_index=True)
    mac = models.BinaryField("照合値")
    mac_by = models.CharField("照合鍵の版", max_length=16)
    state = models.CharField("状態", max_length=8, choices=KeyState, default=KeyState.VALID)
    made_at = models.DateTimeField("発行日時")
    ended_at = models.DateTimeField("無効になった日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "認証キー"
        constraints = (
            models.UniqueConstraint(fields=["certificate", "generation"], name="surety_key_generation"),
            models.UniqueConstraint(fields=["certificate"], condition=~Q(state="void"), name="surety_key_one_alive"),
        )

    def __str__(self) -> str:
        return f"{self.certificate} #{self.generation}"


class Revision(models.Model):
    """変更, 訂正, 変更取消 or 取消: prepared by one, released by another. `facts` where a version is made."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, verbose_name="保証契約", related_name="revisions")
    kind = models.CharField("種類", max_length=12, choices=RevisionKind)
    facts = models.JSONField("証書の内容", null=True, blank=True)
    reason = models.CharField("理由", max_length=500)
    at_fault = models.BooleanField("保証会社の誤り", default=False)
    body_agreed = models.BooleanField("発注者の同意を確認", default=False)
    state = models.CharField("状態", max_length=10, choices=RevisionState, default=RevisionState.PREPARED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="起案者", related_name="+")
    prepared_at = models.DateTimeField("起案日時")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="決裁者", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("決裁日時", null=True, blank=True)
    decision_reason = models.CharField("却下の理由", max_length=500, blank=True)
    certificate = models.OneToOneField(
        Certificate, models.PROTECT, verbose_name="作成した証書", related_name="revision", null=True, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "変更・訂正・取消"
        ordering = ("-prepared_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["guarantee"], condition=Q(state="prepared"), name="surety_one_revision"),
            models.CheckConstraint(
                name="surety_revision_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("prepared_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.guarantee} {self.get_kind_display()}"
