"""認証キーの提出: what the 発注者 wants, filled for one version, and what waits to be handed in (esurety.md 10.1)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.db.models import QuerySet
from django.utils import timezone

from esurety.enums import GuaranteeState, HandInChannel, Product, SubmissionState, VersionState
from esurety.models import Certificate, Guarantee, Registration, Submission, SubmissionRule
from esurety.rules.submission import Filled, fill
from esurety.selectors.bodies import submission_rule
from esurety.selectors.guarantees import said
from portal.common.calendar import next_business_day, previous_business_day
from portal.common.eras import seireki

DEFAULT_SUBJECT = "電子保証の認証キーの提出（{保証種類}） {契約番号} {案件名}"
DEFAULT_TEXT = """お世話になっております。{受注者}です。

電子保証の「認証キーのお知らせ」を提出いたします。
添付のPDFに記載の保証契約番号と認証キーにより、電子証書をご確認ください。

案件名：{案件名}
契約番号：{契約番号}
保証種類：{保証種類}"""
KEY_IS_ATTACHED = "（認証キーは添付の「認証キーのお知らせ」に記載）"
"""Stands where a template wants the key itself: what a mail says is stored, so the key is in its attachment only."""


@dataclass(frozen=True)
class HandIn:
    """How one version is handed in: the rule of its 発注者 if there is one, subject and text ready to copy."""

    rule: SubmissionRule | None
    subject: Filled
    text: Filled

    @property
    def channels(self) -> list[str]:
        """提出チャネル in words, the preferred one first."""
        return [HandInChannel(code).label for code in self.rule.channels] if self.rule else []

    @property
    def address(self) -> str:
        """The mail address to which the sheet goes, "" where the 発注者 has named none."""
        return self.rule.address if self.rule and "@" in self.rule.address else ""

    @property
    def warnings(self) -> list[str]:
        """What to add before sending (F23), "subject" and "text" told apart."""
        parts = (("件名", self.subject), ("本文", self.text))
        return [f"{name}：{filled.warning}" for name, filled in parts if filled.warning]


def values_of(made: Certificate) -> dict[str, str]:
    """Return what the variables of a template stand for: of the version, and of the works that were applied for."""
    contents, guarantee = said(made), made.guarantee
    # What was applied for before these fields existed has none of them.
    works = {"case_number": "", "bid_on": "", "spec_number": "", **guarantee.item.request.works}
    representative = [member["name"] for member in contents["members"] if member["is_representative"]]
    return {
        "工事番号": contents["work_number"],
        "契約番号": contents["work_number"],
        "調達案件番号": works["case_number"],
        "案件名": contents["work"],
        "受注者": (representative or [contents["contractor"]["name"]])[0],
        "保証種類": Product(guarantee.product).label,
        "入札日": seireki(date.fromisoformat(works["bid_on"])) if works["bid_on"] else "",
        "仕様書番号": works["spec_number"],
        "認証キー": KEY_IS_ATTACHED,
    }


def hand_in(made: Certificate) -> HandIn:
    """Return how a version is handed in; the rule is that of the 発注者 for the product."""
    rule, values = submission_rule(made.guarantee.body, made.guarantee.product), values_of(made)
    return HandIn(
        rule,
        fill((rule and rule.subject) or DEFAULT_SUBJECT, values),
        fill((rule and rule.text) or DEFAULT_TEXT, values),
    )


def waiting() -> QuerySet[Submission]:
    """Return 未提出 (or 差戻し) of certificates in force."""
    return Submission.objects.filter(
        state__in=[SubmissionState.OPEN, SubmissionState.RETURNED],
        certificate__state=VersionState.ISSUED,
        certificate__guarantee__state=GuaranteeState.ACTIVE,
    ).select_related("certificate__guarantee__item__request", "certificate__guarantee__body")


def unreminded(day: date) -> list[Submission]:
    """Return what has waited for two business days on `day` without a reminder (E4)."""
    rows = waiting().filter(
        state=SubmissionState.OPEN, reminded_at=None, certificate__arrived_at__date__lte=day - timedelta(days=2)
    )
    return [row for row in rows.order_by("pk") if _two_days_after(row.certificate.arrived_at) <= day]


def _two_days_after(moment: datetime | None) -> date:
    return next_business_day(next_business_day(timezone.localdate(moment)))


BODY_DAYS = 3
"""Business days that a 発注者 has for 受領 or 差戻し (esurety.md 8.6)."""


@lru_cache(maxsize=8)
def late_before(day: date) -> datetime:
    """Return the moment before which what was registered should have been decided by `day`."""
    first = day + timedelta(days=1)
    for _ in range(BODY_DAYS):
        first = previous_business_day(first)
    return timezone.make_aware(datetime.combine(first, time.min))


def undecided(day: date) -> QuerySet[Registration]:
    """Return what bodies have registered and, three business days later on `day`, have neither taken nor returned.

    Only versions in force: what became of the others needs no answer.
    """
    return Registration.objects.filter(
        state=SubmissionState.REGISTERED,
        registered_at__lt=late_before(day),
        certificate__state=VersionState.ISSUED,
        certificate__guarantee__state__in=(GuaranteeState.ACTIVE, GuaranteeState.CLAIMED),
    )


DUE_DAYS = (60, 30, 7, -1)
"""Days before 保証期限 of E7; the last is the day after it: nothing ends silently."""


def near_due(day: date) -> list[tuple[Guarantee, int]]:
    """Return the guarantees in force with the notice that is due on `day`: the latest of DUE_DAYS that was reached.

    After nights without a run the notices that were missed are one; a week after the 保証期限 none is due any more.
    """
    rows = Guarantee.objects.filter(
        state=GuaranteeState.ACTIVE,
        due_on__lte=day + timedelta(days=max(DUE_DAYS)),
        due_on__gte=day - timedelta(days=7),
    )
    found = []
    for guarantee in rows.select_related("item__request", "body").order_by("pk"):
        left = (guarantee.due_on - day).days
        reached = [days for days in DUE_DAYS if left <= days]
        found.append((guarantee, min(reached)))
    return found
