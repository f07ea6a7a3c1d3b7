"""What the reviewer judges (esurety.md 6.1 to 6.11): every rule on one item, with value, light and words."""

from datetime import date

from django.db.models import Q, QuerySet, Sum

from esurety.enums import GuaranteeState, ItemState, Light, Medium, Product
from esurety.models import Guarantee, Item
from esurety.rules.facts import Works
from esurety.rules.limits import Advance, Finding, check_amount, check_base, check_members, check_years
from esurety.rules.media import why_not_electronic
from esurety.rules.numbers import plain
from esurety.rules.review import HEAD_OFFICE_FROM, Check, Paper, Standing, checks
from esurety.selectors.bodies import acceptance, money_rules
from portal.common.money import yen

LIVE = (GuaranteeState.CONCLUDED, GuaranteeState.ACTIVE, GuaranteeState.CLAIMED)
"""A 保証契約 that counts into 保証残高."""

PROMISED = (ItemState.FEE, ItemState.CONCLUDED)
"""Approved and without a 保証契約 yet: counts, too, so that two applications cannot pass beside each other."""

TITLES = {
    "advance": "前払金の規定",
    "mid": "中間前払金の規定",
    "contract": "契約保証の規定",
    "base": "今年度対象額",
    "years": "複数年度",
    "jv": "JV",
}
APPROVAL = "review.right"
"""The check that the approver's role answers, not a reason of the reviewer."""


def findings(item: Item, today: date, paper: Paper | None = None) -> list[Check]:
    """Return all checks of an item as of `today`; `paper` is what the reviewer read in the 請負契約書."""
    request, facts = item.request, item.facts
    works: Works = request.works
    rules = money_rules(request.body)
    base, year = item.base_amount, facts["fiscal_year"]
    certified = str(item.details.get("certified_on") or "")
    found = checks(
        item.product, works, item.amount, rules, standing(item), today, base_amount=item.base_amount, paper=paper
    )
    limits = [
        *check_amount(
            item.product,
            rules,
            works,
            item.amount,
            base,
            advance=_advance(facts["advance_number"]),
            certified_on=date.fromisoformat(certified) if certified else None,
            fiscal_year=year,
        ),
        *(check_base(rules, works, base, year, today) if item.product != Product.CTR else []),
        *check_years(works),
        *check_members(works, request.organisation.name),
    ]
    return [*found, *(_as_check(finding, item.amount) for finding in limits), _medium(item, works)]


def needs_reason(check: Check) -> bool:
    """Return True when the reviewer may only go on with a reason (6.1: 不適 may be overridden with one)."""
    return check.light == Light.RED and check.code != APPROVAL


def needs_head_office(amount: int) -> bool:
    """Return True when only the 本店 approves (6.11); yen."""
    return amount > HEAD_OFFICE_FROM


def standing(item: Item) -> Standing:
    """Return what is known of the contractor; 保証残高 without this item."""
    request = item.request
    contractor = request.organisation.contractor
    own = Guarantee.objects.filter(organisation=request.organisation, state__in=LIVE)
    promised = Item.objects.filter(request__organisation=request.organisation, state__in=PROMISED).exclude(pk=item.pk)
    same = _same_works(item)
    similar = own.filter(product=item.product, work=item.facts["work"], amount=item.amount).exclude(item=item)
    return Standing(
        exposure=_sum(own.exclude(item=item)) + _sum(promised),
        exposure_limit=contractor.exposure_limit,
        licence_until=contractor.licence_until,
        statements_on=contractor.statements_on,
        open_claims=own.filter(state=GuaranteeState.CLAIMED).count(),
        same=tuple(same),
        similar=tuple(str(one) for one in similar.order_by("pk") if str(one) not in same),
    )


def _same_works(item: Item) -> list[str]:
    """Return the 保証契約番号 of guarantees in force for the same 発注者, 工事番号, 保証種類 and 会計年度."""
    number = item.facts["work_number"]
    if not number:
        return []
    live = Guarantee.objects.filter(
        body=item.request.body, product=item.product, state__in=LIVE, item__facts__work_number=number
    )
    rows = live.exclude(item=item).select_related("item").order_by("pk")
    return [str(one) for one in rows if one.item.facts["fiscal_year"] == item.facts["fiscal_year"]]


def _sum(rows: "QuerySet[Guarantee] | QuerySet[Item]") -> int:
    return rows.order_by().aggregate(total=Sum("amount"))["total"] or 0


def _advance(number: str) -> Advance | None:
    found = Guarantee.objects.filter(number=plain(number)).first() if number else None
    return Advance(found.amount, is_active=found.state == GuaranteeState.ACTIVE) if found else None


def _as_check(finding: Finding, amount: int) -> Check:
    title = TITLES[finding.code.partition(".")[0]]
    return Check(finding.code, title, yen(amount), finding.light, finding.message)


def _medium(item: Item, works: Works) -> Check:
    body = item.request.body
    reason = ""
    if item.medium == Medium.ELECTRONIC:
        online = item.request.organisation.contractor.online
        reason = why_not_electronic(acceptance(body), works, item.product, online=online, body_name=body.name)
    label = Medium(item.medium).label
    words = reason or ("この形式で発行できます。" if item.medium == Medium.PAPER else "電子保証を選べる契約です。")
    return Check("medium", "保証証書の形式", label, Light.RED if reason else Light.GREEN, words)


def next_in_queue(item: Item) -> Item | None:
    """次の案件: the oldest other item in the same state."""
    same = Item.objects.filter(state=item.state).exclude(pk=item.pk)
    found: Item | None = same.order_by("-request__is_urgent", "state_at", "pk").first()
    return found


def flags(item: Item) -> list[str]:
    """Return what makes an item special in a queue, in words."""
    works = item.request.works
    said = [
        ("至急", item.request.is_urgent),
        ("低入札", works["is_low_bid"]),
        ("JV", bool(works["members"])),
        ("複数年度", bool(works["years"])),
        ("本店決裁", needs_head_office(item.amount)),
    ]
    return [word for word, holds in said if holds]


def of_words(words: str) -> Q:
    """Return the filter of items by 受付番号, 保証契約番号, contractor, 発注者 or 工事名."""
    number = plain(words)
    name = Q(facts__work__icontains=words) | Q(request__body__name__icontains=words)
    name |= Q(request__organisation__name__icontains=words) | Q(request__organisation__code=number)
    return name | Q(number=number) | Q(request__number__iexact=words) | Q(request__number__iexact=number)
