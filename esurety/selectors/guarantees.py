"""保証契約 of a contractor: the lists, one of them with its versions, and whom to write to (esurety.md 12.1)."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.http import Http404
from django.utils import timezone

from esurety.enums import KeyState, Medium, VersionState
from esurety.models import AuthKey, Certificate, Fee, Guarantee, Submission
from esurety.rules.limits import ratio_text
from esurety.rules.numbers import is_number, plain
from esurety.rules.versions import VISIBLE
from portal.accounts.permissions import holders

if TYPE_CHECKING:
    from portal.accounts.permissions import Member

_PARTS = ("organisation", "body", "office", "item__request", "current__submission")


# --- Lists ------------------------------------------------------------------------


def listed(user: "Member", wanted: Mapping[str, Any], *, electronic: bool = False) -> QuerySet[Guarantee]:
    """Return the contractor's own guarantees that a search finds; `electronic`: only those with an arrived 電子証書."""
    found: QuerySet[Guarantee] = Guarantee.objects.visible_to(user).select_related(*_PARTS)
    if electronic:
        found = found.filter(medium=Medium.ELECTRONIC, current__isnull=False)
    if wanted.get("party"):
        alone = {"item__facts__jv_name": ""}
        found = found.filter(**alone) if wanted["party"] == "single" else found.exclude(**alone)
    if wanted.get("product"):
        found = found.filter(product=wanted["product"])
    if wanted.get("handed"):
        found = found.filter(current__submission__state=wanted["handed"], current__state=VersionState.ISSUED)
    if wanted.get("since"):
        found = found.filter(concluded_on__gte=wanted["since"])
    if wanted.get("until"):
        found = found.filter(concluded_on__lte=wanted["until"])
    return found.filter(work__icontains=wanted["work"]) if wanted.get("work") else found


def with_fees(rows: QuerySet[Guarantee]) -> QuerySet[Guarantee]:
    """Add 保証料 as `fee_total`: all 保証料計算書 of a guarantee, what was paid back taken off."""
    fees = Fee.objects.filter(item=OuterRef("item")).order_by().values("item").annotate(total=Sum("net"))
    return rows.annotate(fee_total=Subquery(fees.values("total")))


def works(user: "Member", wanted: Mapping[str, Any]) -> QuerySet[Certificate]:
    """Return 保証工事一覧: the contractor's own electronic certificates, a row for each version that is shown."""
    own = Guarantee.objects.visible_to(user).filter(medium=Medium.ELECTRONIC)
    found = Certificate.objects.filter(guarantee__in=own, state__in=VISIBLE).select_related("guarantee__body")
    if wanted.get("number"):
        found = found.filter(guarantee__number__startswith=plain(wanted["number"]))
    return found.filter(guarantee__work__icontains=wanted["work"]) if wanted.get("work") else found


# --- One guarantee ----------------------------------------------------------------


def own_guarantee(user: "Member", number: str) -> Guarantee:
    """Return a guarantee of the user's own organisation; 404 for any other number, written with or without hyphen."""
    digits = plain(number)
    found: Guarantee | None = None
    if is_number(digits):
        found = Guarantee.objects.visible_to(user).select_related(*_PARTS).filter(number=digits).first()
    if found is None:
        raise Http404
    return found


def history(guarantee: Guarantee) -> list[Certificate]:
    """Return 電子保証履歴, newest first: without what was corrected or withdrawn, with `keys` and `submission`."""
    keys = Prefetch("keys", AuthKey.objects.order_by("-generation"))
    rows = guarantee.certificates.filter(state__in=VISIBLE).select_related("submission__sent_by")
    return list(rows.prefetch_related(keys).order_by("-sequence"))


def own_version(user: "Member", number: str, sequence: int) -> Certificate:
    """Return a version that the history shows, of the user's own organisation; 404 else."""
    guarantee = own_guarantee(user, number)
    found = guarantee.certificates.filter(sequence=sequence, state__in=VISIBLE).select_related("submission").first()
    if found is None:
        raise Http404
    found.guarantee = guarantee
    return found


def submission_of(made: Certificate) -> Submission | None:
    """Return 提出記録 of a version, None for a 証書(紙)."""
    found: Submission | None = getattr(made, "submission", None)
    return found


def key_of(made: Certificate) -> AuthKey | None:
    """Return the key of a version that is not void, None for a 証書(紙)."""
    return next((key for key in made.keys.all() if key.state != KeyState.VOID), None)


def said(made: Certificate) -> dict[str, Any]:
    """Return what a version says, as data; read once for a row."""
    kept = vars(made)
    if "_said" not in kept:
        kept["_said"] = json.loads(made.payload)
    found: dict[str, Any] = kept["_said"]
    return found


def ratio_of(made: Certificate) -> str:
    """Return 保証割合 of a version: of 今年度対象額 where it has one, else of 請負金額."""
    contents = said(made)
    return ratio_text(contents["amount"], contents["base_amount"] or contents["price"])


# --- People -----------------------------------------------------------------------


def addresses(guarantee: Guarantee) -> list[str]:
    """Return whom to write to about a guarantee: the address of its application, else all who may apply."""
    if guarantee.item.request.email:
        return [guarantee.item.request.email]
    people = holders(("surety.user",), guarantee.organisation_id, timezone.localdate()).exclude(email="")
    return list(people.order_by("pk").values_list("email", flat=True))
