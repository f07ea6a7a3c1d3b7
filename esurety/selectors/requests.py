"""What a 保証申込 refers to, and the applications of one contractor with what became of them."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from esurety.enums import ItemState, Product, SubmissionState
from esurety.models import BankBranch, Body, Contractor, Guarantee, Item, Office, Request, Submission
from esurety.rules.numbers import plain
from portal.applications.models import Application, State
from portal.common import text

if TYPE_CHECKING:
    from portal.accounts.models import Organisation
    from portal.accounts.permissions import Member

ENDED = (ItemState.RETURNED, ItemState.REFUSED, ItemState.WITHDRAWN)
"""An item in one of these states guarantees nothing and never will."""


def contractor_of(organisation: "Organisation") -> Contractor | None:
    """Return the 受注者 of an organisation."""
    return Contractor.objects.select_related("office", "organisation").filter(organisation=organisation).first()


def office_choices() -> list[tuple[str, str]]:
    """Return code and name of every 取扱箇所."""
    return list(Office.objects.values_list("code", "name"))


def office_of(code: str) -> Office:
    return Office.objects.get(code=code)


def body_of(typed: str) -> Body | None:
    """Return the active 発注者 of a 団体コード, of `code name` as the search gives it, or of a whole name."""
    words = text.plain(typed)
    active = Body.objects.filter(is_active=True).prefetch_related("acceptance", "submission_rules")
    code = words.partition(" ")[0]
    if len(code) == 6 and code.isascii() and code.isdecimal():
        return active.filter(code=code).first()
    named = list(active.filter(name__in={typed.strip(), words})[:2])
    return named[0] if len(named) == 1 else None


def _wide(words: str) -> str:
    """Return `words` with its ASCII signs in full width, as names of banks are stored (全角)."""
    wide = unicodedata.normalize("NFKC", words)
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in wide)


def search_branches(words: str) -> QuerySet[BankBranch]:
    """Return the branches with 委託契約 that names or codes find, each word of them."""
    found = Q(has_agency=True)
    for word in text.plain(words).split():
        names = Q()
        for form in {word, _wide(word)}:
            names |= Q(bank_name__icontains=form) | Q(branch_name__icontains=form)
        found &= names | Q(bank_code__startswith=word) | Q(branch_code__startswith=word)
    return BankBranch.objects.filter(found)


def branch_of(typed: str) -> BankBranch | None:
    """Return the branch of 金融機関名 and 支店名, or of the code `0001-101`; whether it has 委託契約 is not asked."""
    words = text.plain(typed)
    bank, _, branch = words.partition(" ")
    code, _, place = words.partition("-")
    found = Q(bank_name__in={bank, _wide(bank)}, branch_name__in={branch.strip(), _wide(branch.strip())})
    return BankBranch.objects.filter(found | Q(bank_code=code, branch_code=place)).first()


def advance_of(user: "Member", typed: str) -> Guarantee | None:
    """Return the contractor's own 前払金保証 of a 保証契約番号."""
    own = Guarantee.objects.visible_to(user).filter(number=plain(typed), product=Product.ADV)
    found: Guarantee | None = own.first()
    return found


# --- 状況 ------------------------------------------------------------------------


def listed(user: "Member", wanted: Mapping[str, Any]) -> QuerySet[Item]:
    """Return the items of the contractor's applications that fit the cleaned filter `wanted`."""
    rows = Item.objects.filter(request__in=Request.objects.visible_to(user))
    rows = rows.select_related("request__application", "request__body").defer("facts", "review", "details")
    if words := wanted.get("q"):
        # Numbers are stored in half width, names as typed.
        code = text.half(words)
        found = Q(request__number__icontains=code) | Q(number__startswith=plain(words))
        for name in {words, code}:
            found |= Q(request__application__subject__icontains=name) | Q(request__body__name__icontains=name)
        rows = rows.filter(found)
    if product := wanted.get("product"):
        rows = rows.filter(product=product)
    if state := wanted.get("state"):
        rows = rows.filter(state__in=[ItemState.REVIEW, ItemState.CHECKED] if state == ItemState.REVIEW else [state])
    if since := wanted.get("since"):
        rows = rows.filter(request__sent_at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    if until := wanted.get("until"):
        end = datetime.combine(until + timedelta(days=1), time.min)
        rows = rows.filter(request__sent_at__lt=timezone.make_aware(end))
    return rows


def drafts(user: "Member", kind: str) -> QuerySet[Application]:
    """Return the contractor's unsent applications, the last saved first."""
    rows = Application.objects.visible_to(user).filter(kind=kind, state=State.DRAFT)
    return rows.select_related("saved_by").defer("data").order_by("-saved_at")


def own_request(user: "Member", number: str) -> Request:
    """Return the sent application of the user's organisation by its Web申込番号; Http404 for any other number."""
    rows = Request.objects.visible_to(user).select_related("application__submitted_by", "body", "office")
    found: Request | None = rows.filter(application__number=number).first()
    if found is None:
        raise Http404
    return found


def own_item(user: "Member", number: str, product: str) -> Item:
    """Return one guarantee of an application of the user's organisation; Http404 for any other."""
    found = Item.objects.select_related("request__application").filter(
        request=own_request(user, number), product=product
    )
    item = found.first()
    if item is None:
        raise Http404
    return item


def with_guarantees(request: Request) -> list[Item]:
    """Return the items of an application, each with its guarantee and that one's current version, if there is one."""
    return list(request.items.select_related("guarantee__current__submission").order_by("pk"))


def not_handed_in(user: "Member") -> int:
    """Return how many certificates in force still wait for 認証キーの提出."""
    rows = Submission.objects.filter(
        certificate__guarantee__in=Guarantee.objects.visible_to(user),
        certificate__state="issued",
        state__in=[SubmissionState.OPEN, SubmissionState.RETURNED],
    )
    return rows.count()
