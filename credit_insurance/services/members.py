"""加入者情報 and 会員確認 (credit_insurance.md 5.2, 8.1): the company keeps its data, its 組合 answers for it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from credit_insurance.enums import Membership
from credit_insurance.models import Member
from portal import audit
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.outbox import mail

IDENTITY = ("union_id", "corporate_number")
"""What the 組合 confirmed: with another value the answer is no longer about this company."""

ASK_AGAIN = timedelta(days=1)

LETTER = """{name} 様

貸倒補償制度の会員確認の依頼が届いています。
取引信用保険ポータルにログインし、「会員の確認」で内容を確かめてください。

このメールにはリンクを記載していません。いつもお使いのアドレスから画面を開いてください。
"""


class StaleProfile(Exception):
    """Somebody changed the data after the page was shown."""


class NotPossible(Exception):
    """The member is in a state in which this is not done; the text says why, in Japanese."""


def reset_of(old: Member, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns by which a change of 組合 or 法人番号 begins the 会員確認 anew; nothing for other changes."""
    if all(getattr(old, name) == values.get(name, getattr(old, name)) for name in IDENTITY):
        return {}
    return {
        "membership": Membership.UNCONFIRMED,
        "membership_asked_at": None,
        "membership_at": None,
        "membership_by": None,
    }


@transaction.atomic
def change_profile(member: Member, values: Mapping[str, Any], actor: User, revision: int) -> list[str]:
    """Save `values` by column, over the data of `revision` only; returns the names of the changed columns.

    Raises StaleProfile. `member` is the row as it was read.
    """
    changed = [name for name, value in values.items() if getattr(member, name) != value]
    own = Member.objects.filter(pk=member.pk, revision=revision)
    if member.revision != revision or not own.exists():
        raise StaleProfile
    if not changed:
        return []
    reset = reset_of(member, values)
    if not own.update(**{name: values[name] for name in changed}, **reset, revision=F("revision") + 1):
        raise StaleProfile
    audit.record(
        "credit.profile_changed",
        actor=actor,
        organisation=member.organisation,
        target=member.number,
        detail={"fields": changed, "membership_reset": bool(reset)},
    )
    return changed


@transaction.atomic
def ask_membership(member: Member, actor: User) -> int:
    """組合に確認を依頼: mail the people of the 組合, or those of the 団体事務局 where it has none; returns how many.

    Raises NotPossible without a 組合, when an answer is there, or within a day after the last time.
    """
    if member.union is None:
        raise NotPossible("所属組合が登録されていません。加入者情報に所属組合を入力してください。")
    now = timezone.now()
    waiting = Q(membership_asked_at=None) | Q(membership_asked_at__lte=now - ASK_AGAIN)
    asked = Member.objects.filter(waiting, pk=member.pk, union=member.union, membership=Membership.UNCONFIRMED)
    if not asked.update(membership_asked_at=now):
        raise NotPossible("会員確認は依頼済みか、終わっています。もう一度依頼できるのは、前の依頼の翌日からです。")
    today = timezone.localdate()
    organisation = member.union.organisation_id
    people = list(holders(["credit.union"], organisation, today).exclude(email="")) if organisation else []
    people = people or list(holders(["credit.fed"], None, today).exclude(email=""))
    for person in people:
        key = f"credit.membership {member.pk} {now:%Y%m%d%H%M%S} {person.pk}"
        mail.send(key, person.email, "【貸倒補償制度】会員確認のお願い", LETTER.format(name=person.name))
    audit.record(
        "credit.membership_asked",
        actor=actor,
        organisation=member.organisation,
        target=member.number,
        detail={"union": member.union.code, "mails": len(people)},
    )
    return len(people)


@transaction.atomic
def answer_membership(
    seen: "QuerySet[Member]", member: Member, actor: User, revision: int, *, is_member: bool
) -> Membership | None:
    """Keep the answer of the 組合 or the 団体事務局; None when the data changed since, or the answer is there already.

    `seen` are the members that `actor` may answer for. Who was a member and is none any more is 会員資格喪失.
    """
    old = Membership(member.membership)
    if is_member:
        answer = Membership.CONFIRMED
    else:
        answer = Membership.LOST if old in {Membership.CONFIRMED, Membership.LOST} else Membership.DENIED
    if answer == old:
        return None
    own = seen.filter(pk=member.pk, revision=revision, membership=old, union=member.union_id)
    if not own.update(membership=answer, membership_at=timezone.now(), membership_by=actor):
        return None
    audit.record(
        "credit.membership",
        actor=actor,
        organisation=member.organisation,
        target=member.number,
        detail={"from": old.value, "to": answer.value},
    )
    return answer
