"""What the night does with the people of the banks: stops who was not confirmed or not here, and writes before."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from guarantee_lookup.enums import StopReason
from guarantee_lookup.models import Branch, Clerk, Institution
from guarantee_lookup.rules import people as days
from guarantee_lookup.services import letters
from guarantee_lookup.services.people import stop_where
from portal import audit
from portal.accounts.models import User
from portal.accounts.permissions import holders
from portal.common.eras import seireki


def _active() -> QuerySet[Clerk]:
    """The people who may log in today."""
    active = Clerk.objects.filter(user__is_active=True, user__organisation__is_active=True)
    return active.select_related("user__organisation", "branch").order_by("pk")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def to_confirm(day: date) -> QuerySet[Clerk]:
    """Return the active people who were not confirmed in the round of `day`."""
    return _active().filter(confirmed_on__lt=days.round_of(day))


def _idle_since(limit: date) -> Q:
    """Return the condition on a user: neither here nor resumed on `limit` or after it."""
    absent = Q(last_login=None) | Q(last_login__lt=_midnight(limit))
    return absent & Q(clerk__idle_from__lt=limit)


def adopt(day: date) -> int:
    """Take in the people of a bank who were registered elsewhere than in 利用者管理; returns how many."""
    strangers = User.objects.filter(organisation__institution__isnull=False, clerk=None).order_by("pk")
    rows = [Clerk(user=user, confirmed_on=day, idle_from=day) for user in strangers]
    return len(Clerk.objects.bulk_create(rows, ignore_conflicts=True))


# --- Stopping ------------------------------------------------------------------


def stop_unconfirmed(day: date) -> int:
    """Stop who was not confirmed within 30 days of the round's first day; returns how many."""
    first = days.round_of(day)
    if day <= days.due_of(first):
        return 0
    late = Q(clerk__confirmed_on__lt=first)
    return sum(stop_where(late, clerk, StopReason.UNCONFIRMED) for clerk in to_confirm(day))


def stop_idle(day: date) -> int:
    """Stop who has not logged in for 90 days; returns how many."""
    idle = _idle_since(day - timedelta(days=days.IDLE_DAYS))
    found = _active().filter(user__in=User.objects.filter(idle))
    return sum(stop_where(idle, clerk, StopReason.IDLE) for clerk in found)


def leave_closed_branches(day: date) -> dict[str, int]:
    """Move the people of branches that have closed to their 承継店, stop those of a branch without one."""
    moved = stopped = 0
    for clerk in _active().filter(branch__closes_on__lt=day):
        if successor := successor_of(clerk.branch, day):
            moved += _move(clerk, successor)
        else:
            stopped += stop_where(Q(clerk__branch=clerk.branch), clerk, StopReason.CLOSED)
    return {"moved": moved, "closed": stopped}


def successor_of(branch: Branch | None, day: date) -> Branch | None:
    """Return the first 承継店 after `branch` that is open on `day`, None where the chain ends or bites its tail."""
    seen = set()
    while branch is not None and branch.pk not in seen:
        seen.add(branch.pk)
        branch = branch.successor
        if branch and (branch.closes_on is None or branch.closes_on >= day):
            return branch
    return None


@transaction.atomic
def _move(clerk: Clerk, successor: Branch) -> bool:
    if not Clerk.objects.filter(pk=clerk.pk, branch=clerk.branch).update(branch=successor):
        return False
    audit.record(
        "lookup.user_changed",
        organisation=clerk.user.organisation,
        target=clerk.user.login,
        detail={"fields": ["branch"], "branch": successor.code},
    )
    return True


# --- Writing before --------------------------------------------------------------


def warn(day: date) -> dict[str, int]:
    """Write once about everything that is going to stop somebody; returns how many mails of each kind were due."""
    return {
        "confirm": sum(map(letters.send, _about_round(day))),
        "idle": sum(map(letters.send, _about_idle(day))),
        "branches": sum(map(letters.send, _about_branches(day))),
    }


def _stage(left: int) -> int | None:
    """Return which of the reminders is due with `left` days to go, None before the first."""
    return min((stage for stage in days.WARN_DAYS if left <= stage), default=None)


def _about_round(day: date) -> Iterator[letters.Letter]:
    """To the 利用管理者 when a round begins and twice before its end; to the association where nobody else can."""
    first = days.round_of(day)
    due = days.due_of(first)
    if day > due:
        return
    stage = _stage((due - day).days) or "begin"
    waiting: dict[int, list[Clerk]] = {}
    for clerk in to_confirm(day):
        waiting.setdefault(clerk.user.organisation_id or 0, []).append(clerk)
    for organisation_id, clerks in waiting.items():
        masters = list(holders(["lookup.master"], organisation_id, day).order_by("pk"))
        words = (
            f"利用者の確認の期限は{seireki(due)}です。確認が済んでいない利用者は{len(clerks)}人です。\n"
            "金融機関ポータルにログインし、「利用者の確認」で、継続または廃止を選んでください。\n"
            "期限までに確認されない利用者IDは停止します。"
        )
        for master in masters:
            key = f"lookup.recertify {first} {stage} {master.pk}"
            yield letters.Letter(key, master, "利用者の確認のお願い", words)
        alone = [clerk for clerk in clerks if {master.pk for master in masters} <= {clerk.pk}]
        if alone:
            bank = clerks[0].user.organisation
            names = "、".join(f"{clerk.user.login} {clerk.user.name}" for clerk in alone)
            for staff in holders(["lookup.staff"], None, day).order_by("pk"):
                key = f"lookup.recertify {first} {stage} {organisation_id} {staff.pk}"
                told = (
                    f"{bank}には、次の利用者を確認できるほかの利用管理者がいません。\n{names}\n"
                    f"期限は{seireki(due)}です。管理画面の「金融機関の利用者」で確認してください。"
                )
                yield letters.Letter(key, staff, "利用者の確認（協会で確認が必要な利用者）", told)


def _about_idle(day: date) -> Iterator[letters.Letter]:
    """To who is going to be stopped for not having been here."""
    near = _idle_since(day - timedelta(days=days.IDLE_DAYS - max(days.WARN_DAYS)))
    for clerk in _active().filter(user__in=User.objects.filter(near)):
        user = clerk.user
        seen = timezone.localdate(user.last_login) if user.last_login else clerk.idle_from
        until = days.idle_until(max(seen, clerk.idle_from))
        stage = _stage((until - day).days)
        if stage is None or until < day:
            continue
        words = (
            f"利用者ID {user.login} は、{days.IDLE_DAYS}日間ログインがないと停止します。\n"
            f"引き続き利用する場合は、{seireki(until)}までにログインしてください。"
        )
        yield letters.Letter(f"lookup.idle {until} {stage} {user.pk}", user, "利用者IDの停止の予告", words)


def _about_branches(day: date) -> Iterator[letters.Letter]:
    """To the 利用管理者 of a branch that closes without a 承継店 and still has people."""
    soon = Branch.objects.filter(closes_on__gte=day, closes_on__lte=day + timedelta(days=max(days.WARN_DAYS)))
    open_banks = soon.filter(institution__state=Institution.State.ACTIVE).select_related("institution")
    for branch in open_banks.order_by("pk"):
        count, last = _active().filter(branch=branch).count(), branch.closes_on
        if not count or last is None or successor_of(branch, last + timedelta(days=1)):
            continue
        stage = _stage((last - day).days)
        words = (
            f"店舗 {branch} は{seireki(last)}に閉店し、所属する利用者{count}人の利用者IDを停止します。\n"
            "引き続き利用する方がいる場合は、「利用者管理」で、それまでに店舗を変更してください。"
        )
        for master in holders(["lookup.master"], branch.institution.organisation_id, day).order_by("pk"):
            key = f"lookup.branch {branch.pk} {last} {stage} {master.pk}"
            yield letters.Letter(key, master, "店舗の閉店による利用者IDの停止の予告", words)
