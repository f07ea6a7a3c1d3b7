"""Who may log in, for which organisation, and with which roles until when."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts import roles


class Organisation(models.Model):
    """組織: an exporter, SME, bank, contractor, procuring body or insurer; the unit of scoping."""

    portal = models.CharField("ポータル", max_length=20)
    code = models.CharField("組織コード", max_length=20)
    name = models.CharField("名称", max_length=60)
    name_en = models.CharField("名称（英）", max_length=60, blank=True)
    address = models.CharField("住所", max_length=120, blank=True)
    phone = models.CharField("電話", max_length=20, blank=True)
    is_active = models.BooleanField("有効", default=True)
    four_eyes = models.BooleanField(
        "申込みは2人で行う", default=False, help_text="最後に保存した人は、その申込みを送信できません。"
    )
    strict_sessions = models.BooleanField(
        "短いセッション", default=False, help_text="15分操作がないとログアウトし、同時に使える端末は1台です。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "組織"
        ordering = ("portal", "code")
        constraints = (models.UniqueConstraint(fields=["portal", "code"], name="organisation_code_unique"),)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users are found by their login, exactly as registered."""

    def create_user(self, login: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(login=login, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(login, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser):
    """Webユーザー: a person of one organisation, or staff; registration data fill 担当者情報."""

    login = models.CharField("ユーザーID", max_length=40, unique=True)
    name = models.CharField("氏名", max_length=30)
    kana = models.CharField("フリガナ", max_length=60, blank=True)
    department = models.CharField("所属部署", max_length=40, blank=True)
    post = models.CharField("役職", max_length=40, blank=True)
    phone = models.CharField("電話", max_length=20, blank=True)
    fax = models.CharField("FAX", max_length=20, blank=True)
    email = models.EmailField("メール", blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="組織", related_name="users", null=True, blank=True
    )
    is_staff = models.BooleanField("事務局", default=False)
    is_superuser = models.BooleanField("システム管理者", default=False)
    is_active = models.BooleanField("有効", default=True)
    date_joined = models.DateTimeField("登録日時", default=timezone.now)
    # Set while the password is one that we sent: it has to be replaced at the next login, before this time.
    password_expires_at = models.DateTimeField("仮パスワードの期限", null=True, blank=True, editable=False)

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "利用者"
        ordering = ("login",)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def roles(self) -> frozenset[str]:
        """Role codes in force today; one query, kept for this request's user object."""
        today = timezone.localdate()
        # Asked on every page: compiling the query anew would cost ten times what the database needs.
        with connection.cursor() as cursor:
            cursor.execute(ROLES, [self.pk, today, today])
            return frozenset(role for (role,) in cursor.fetchall())

    def has_role(self, *codes: str) -> bool:
        """True when one of `codes` is in force for this user, directly or through a role that implies it."""
        return not roles.expand(self.roles).isdisjoint(codes)

    # The part of Django's permission interface that the admin asks for: rights follow the grants.

    @cached_property
    def permissions(self) -> frozenset[str]:
        return roles.permissions(self.roles)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and (self.is_superuser or perm in self.permissions)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        prefix = f"{app_label}."
        return self.is_active and (self.is_superuser or any(name.startswith(prefix) for name in self.permissions))

    def can_sign_in(self) -> bool:
        """False for a disabled user, a user of a disabled organisation, and an expired first password."""
        expired = self.password_expires_at is not None and self.password_expires_at <= timezone.now()
        return self.is_active and not expired and (self.organisation is None or self.organisation.is_active)


class Grant(models.Model):
    """権限: one role for one user, from a day to a day (open end allowed)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name="利用者")
    role = models.CharField("権限", max_length=40)
    starts_on = models.DateField("開始日")
    ends_on = models.DateField("終了日", null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="付与者", null=True, blank=True)
    created_at = models.DateTimeField("付与日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "権限"
        ordering = ("user", "role", "starts_on")
        constraints = (
            models.CheckConstraint(
                name="grant_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        )
        indexes = (models.Index(fields=["user", "role"], name="grant_user_role"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"

    @staticmethod
    def in_force(day: date) -> Q:
        return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


ROLES = "SELECT role FROM accounts_grant WHERE user_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s)"


class Session(AbstractBaseSession):
    """One browser's session; the columns beside the data are what the list of sessions shows."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "セッション"

    @classmethod
    def get_session_store_class(cls) -> type:
        from portal.accounts.sessions import SessionStore  # the store is built on this model

        return SessionStore


class Limit(models.Model):
    """State of one limiter for one key (see limiter.py); times are seconds since 1970, the key is a keyed hash."""

    name = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    tries = models.IntegerField()
    ends_at = models.BigIntegerField(db_index=True)
    lock_seconds = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name", "key"], name="limit_unique"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.tries}"


class SecondFactor(models.Model):
    """The authenticator app of one user; `last_step` is the time step of the last code taken, so none works twice."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor", verbose_name="利用者")
    secret = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField("登録日時", null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "追加認証"

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A one-time code for a lost authenticator, as a hash; deleted when used."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_unique"),)

    def __str__(self) -> str:
        return f"{self.user}"
