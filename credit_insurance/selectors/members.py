"""Members as their 所属組合 sees them: name, number, 会員確認 and 手続状況, never limits or premiums (2.1)."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from credit_insurance.enums import Membership
from credit_insurance.models import Case, Member, Union
from portal.accounts.models import User

PROFILE = (
    *("name", "name_kana", "postal_code", "prefecture", "address", "rep_title", "rep_name", "contact_name", "phone"),
    *("email", "industry_code", "products", "annual_sales", "fiscal_month", "employees", "union"),
)
"""Columns without which 加入者情報 is not complete; the 法人番号 besides, for a 法人."""


def union_members(user: User) -> "QuerySet[Member]":
    """Return the members of the user's own 組合; none for anybody else."""
    if not user.organisation_id:
        return Member.objects.none()
    return Member.objects.filter(union__organisation=user.organisation_id).select_related("organisation", "union")


def listed(user: User, words: str = "", state: str = "") -> Any:
    """Return the members of the user's 組合 with `case_state`, the 手続状況 of the newest case, narrowed."""
    newest = Case.objects.filter(member=OuterRef("pk")).order_by("-state_at", "-pk").values("state")[:1]
    found = union_members(user).annotate(case_state=Subquery(newest))
    if words:
        found = found.filter(Q(name__icontains=words) | Q(number__iexact=words) | Q(corporate_number=words))
    return found.filter(membership=state) if state else found


def union_called(words: str) -> Union | None:
    """Return the active 組合 with this code, or with this name if only one has it."""
    active = Union.objects.filter(is_active=True)
    if found := active.filter(code__iexact=words).first():
        return found
    named = list(active.filter(name=words).order_by("pk")[:2])
    return named[0] if len(named) == 1 else None


def missing(member: Member) -> list[str]:
    """Return the labels of what 加入者情報 still lacks."""
    names = list(PROFILE)
    if member.legal_kind == "corp":
        names.insert(2, "corporate_number")
    labels = {field.name: str(field.verbose_name) for field in Member._meta.fields}
    return [labels[name] for name in names if getattr(member, name) in ("", None)]


def waiting_count(user: User) -> int:
    """Return how many members of the user's 組合 wait for their 会員確認."""
    return union_members(user).filter(membership=Membership.UNCONFIRMED, membership_asked_at__isnull=False).count()
