"""発注者 with what their rules say: limits, 電子保証の対応, 認証キーの提出方法 (esurety.md 6, 10)."""

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404
from django.utils import timezone

from esurety.enums import StartBasis
from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.rules.limits import MoneyRules
from esurety.rules.media import Acceptance
from portal.audit.models import Event
from portal.common import text

if TYPE_CHECKING:
    from portal.accounts.permissions import Member

RULE_CHANGED = "verify.rule_changed"
"""The verb of every change of a rule, whoever made it; its target is the 団体コード."""


def money_rules(body: Body) -> MoneyRules:
    """Return 前払金の規定 of a body."""
    return MoneyRules(**{field.name: getattr(body, field.name) for field in fields(MoneyRules)})


def acceptance(body: Body) -> list[Acceptance]:
    """Return 電子保証の対応 of a body for the rules; one query unless `acceptance` was prefetched."""
    return [
        Acceptance(
            products=tuple(rule.products),
            work_kinds=tuple(rule.work_kinds),
            starts_on=rule.starts_on,
            basis=rule.basis,
            departments=tuple(rule.departments),
            ends_on=rule.ends_on,
        )
        for rule in body.acceptance.all()
    ]


def submission_rule(body: Body, product: str, today: date | None = None) -> SubmissionRule | None:
    """Return 認証キーの提出方法 of a body for a product as of `today`, None where none is known."""
    day = today or timezone.localdate()
    started = [
        rule for rule in body.submission_rules.all() if product in rule.products and (rule.starts_on or date.min) <= day
    ]
    return max(started, key=lambda rule: (rule.starts_on or date.min, rule.pk), default=None)


def _matching(words: str, path: str = "") -> Q:
    """Return the filter for a name, its reading or the beginning of the 団体コード, each word of them."""
    found = Q()
    for word in text.plain(words).split():
        found &= (
            Q(**{f"{path}name__icontains": word})
            | Q(**{f"{path}kana__icontains": text.katakana(word)})
            | Q(**{f"{path}code__startswith": text.digits(word)})
        )
    return found


def search_bodies(words: str = "") -> QuerySet[Body]:
    """Return the active 発注者 that a name, a reading (kana) or a 団体コード finds, with their `acceptance`."""
    rules = AcceptanceRule.objects.order_by("starts_on", "pk")
    found = Body.objects.filter(_matching(words), is_active=True)
    return found.prefetch_related(Prefetch("acceptance", rules)).order_by("code")


def starts(body: Body) -> list[str]:
    """Return from when 電子保証 is accepted, in words, one line for each rule: 2024/08/01から（契約締結日）."""
    return [starts_text(rule) for rule in body.acceptance.all()]


def starts_text(rule: AcceptanceRule) -> str:
    """Return from when (until when) a rule applies: 2024/08/01から（契約締結日）."""
    until = f"{rule.ends_on:%Y/%m/%d}まで" if rule.ends_on else ""
    return f"{rule.starts_on:%Y/%m/%d}から{until}（{StartBasis(rule.basis).label}）"


def accepting(
    today: date, words: str = "", *, kind: str = "", product: str = "", work_kind: str = ""
) -> QuerySet[AcceptanceRule]:
    """Return the rules of 対応発注者一覧 that have not ended, with their bodies and how these want the keys."""
    found = AcceptanceRule.objects.filter(_matching(words, "body__"), body__is_active=True)
    if kind:
        found = found.filter(body__kind=kind)
    # SQLite cannot look into a list: the codes are found in its text, with their quotation marks.
    if product:
        found = found.annotate(product_codes=Cast("products", TextField())).filter(
            product_codes__contains=f'"{product}"'
        )
    if work_kind:
        found = found.annotate(kind_codes=Cast("work_kinds", TextField())).filter(kind_codes__contains=f'"{work_kind}"')
    found = found.exclude(ends_on__lt=today).select_related("body")
    return found.prefetch_related("body__submission_rules")


# --- A 発注者 about itself ------------------------------------------------------------


def own_body(user: "Member") -> Body:
    """Return the 発注者 of the user's own organisation; Http404 for a user of none."""
    found = Body.objects.select_related("organisation").filter(organisation_id=user.organisation_id or 0).first()
    if found is None:
        raise Http404
    return found


def history_of(body: Body, most: int) -> list[Event]:
    """Return who changed which rule of a 発注者, newest first."""
    events = Event.objects.filter(target=body.code, verb=RULE_CHANGED).select_related("actor")
    return list(events.order_by("-at", "-pk")[:most])
