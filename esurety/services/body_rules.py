"""電子保証対応設定: a 発注者 writes its own rules; what was there stays in its history (esurety.md 10.1)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.selectors.bodies import RULE_CHANGED
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User

Rule = AcceptanceRule | SubmissionRule

ACCEPTANCE, SUBMISSION = "acceptance", "submission"
FIELDS = {
    ACCEPTANCE: ("products", "work_kinds", "departments", "basis", "starts_on", "ends_on", "issuers", "remark"),
    SUBMISSION: (
        *("products", "starts_on", "channels", "department", "address", "subject", "text"),
        *("side_documents", "calls", "wants_print"),
    ),
}
"""What a 発注者 says of itself; 出典 is the surety's note."""

CHANGED = "ほかの方がこの設定を変更しました。いまの内容を確かめて、もう一度変更してください。"
TWICE = {
    ACCEPTANCE: "同じ保証種類・工事区分・部署・期間の対応が登録されています。どちらかの期間か対象を変えてください。",
    SUBMISSION: "同じ保証種類・適用開始日の提出方法が登録されています。それを変更するか、開始日を変えてください。",
}
BEGUN = "適用が始まった設定は削除できません。内容を変更するか、適用終了日を入力してください。"


class Refused(Exception):
    """The rule cannot be written as it is; the text says why, in Japanese."""


def kind_of(rule: Rule) -> str:
    """Return `acceptance` or `submission`."""
    return ACCEPTANCE if isinstance(rule, AcceptanceRule) else SUBMISSION


def as_data(rule: Rule) -> dict[str, Any]:
    """Return what a rule says as plain values, dates as ISO text."""
    kind = kind_of(rule)
    return plain(kind, {name: getattr(rule, name) for name in FIELDS[kind]})


def plain(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kind of rule as plain values, dates as ISO text."""
    values = {name: said[name] for name in FIELDS[kind]}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def mark_of(rule: Rule | None) -> str:
    """Return what tells a rule from every earlier state of it, "" for none: a form carries it from page to page."""
    if rule is None:
        return ""
    return hashlib.sha256(json.dumps(as_data(rule), sort_keys=True).encode()).hexdigest()[:16]


def record(
    body: Body, actor: "User | None", kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    """Write into the history of a 発注者 what became of a rule; None where there was or is none."""
    audit.record(
        RULE_CHANGED,
        actor=actor,
        organisation=body.organisation,
        target=body.code,
        detail={"kind": kind, "before": before, "after": after},
    )


def record_change(rule: Rule, actor: "User", before: Mapping[str, Any] | None) -> None:
    """Write into the history that a rule was added or changed; nothing when it says what it said."""
    if before != (after := as_data(rule)):
        record(rule.body, actor, kind_of(rule), before, after)


def may_remove(rule: Rule) -> bool:
    """Return True for a rule that has not begun: nothing was judged by it."""
    return rule.starts_on is not None and rule.starts_on > timezone.localdate()


@transaction.atomic
def save(rule: Rule, actor: "User", seen: str) -> None:
    """Write a new or changed rule, in force at once for every contractor; `seen` is the mark of what was changed.

    Raises Refused when it meets another rule of the 発注者, or when somebody else was faster.
    """
    before = _held(rule, seen)
    others = type(rule).objects.filter(body=rule.body_id).exclude(pk=rule.pk).order_by("pk")
    if any(rule.overlaps(other) for other in others):  # type: ignore[arg-type]
        raise Refused(TWICE[kind_of(rule)])
    rule.save()
    record_change(rule, actor, as_data(before) if before else None)


@transaction.atomic
def remove(rule: Rule, actor: "User", seen: str) -> None:
    """Take back a rule that has not begun; raises Refused for another one, or when somebody else was faster."""
    before = _held(rule, seen)
    if before is None or not may_remove(before):
        raise Refused(BEGUN)
    record(rule.body, actor, kind_of(rule), as_data(before), None)
    before.delete()


def _held(rule: Rule, seen: str) -> Rule | None:
    """Return the rule as it is stored, with its 発注者 held: whoever writes rules of the same one waits here."""
    Body.objects.filter(pk=rule.body_id).update(code=rule.body.code)
    stored: Rule | None = type(rule).objects.filter(pk=rule.pk).first() if rule.pk else None
    if mark_of(stored) != seen:
        raise Refused(CHANGED)
    return stored
