"""Master policies and bank days."""

from datetime import date

from credit_insurance.enums import CalendarKind
from credit_insurance.models import CalendarDay, MasterPolicy
from credit_insurance.rules.deadlines import Calendar, Deadlines, deadlines, period, period_year, starts_offered


def calendar() -> Calendar:
    """Return the bank days with everything that was entered by hand; one query."""
    days: dict[str, set[date]] = {kind: set() for kind in CalendarKind}
    for day, kind in CalendarDay.objects.values_list("day", "kind"):
        days[kind].add(day)
    return Calendar(
        closed=frozenset(days[CalendarKind.CLOSED]),
        opened=frozenset(days[CalendarKind.OPENED]),
        extended=frozenset(days[CalendarKind.EXTENDED]),
    )


def policy_for(start: date) -> MasterPolicy | None:
    """Return the 保険契約 of the period that `start` lies in; None while it is not entered."""
    return MasterPolicy.objects.filter(year=period_year(start)).first()


def starts(today: date) -> list[date]:
    """Return the 加入希望始期 on offer: only of periods whose 保険契約 is entered (8.3); two queries."""
    known = {policy.year: policy for policy in MasterPolicy.objects.filter(year__gte=period_year(today))}
    following = known.get(period_year(today) + 1)
    opens = following.campaign_open if following else None
    offered = starts_offered(today, calendar(), opens)
    return [start for start in offered if period_year(start) in known]


def period_of(policy: MasterPolicy) -> tuple[date, date]:
    """Return first and last day of the 保険期間."""
    return period(policy.year)


def deadlines_of(start: date) -> Deadlines:
    """Return both 締切 for cover from `start`; one query."""
    return deadlines(start, calendar())
