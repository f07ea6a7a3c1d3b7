"""What a new rating or a new limit would do, before anybody sets it."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db.models import QuerySet

from nexi_quota.enums import ConfirmationState, ProposalState, Rating
from nexi_quota.models import Buyer, BuyerRating, Confirmation, LimitProposal
from nexi_quota.selectors.masters import rating_of


@dataclass(frozen=True)
class RatingEffects:
    """What `rating` from `since` on would do to `buyer` as things are today; yen.

    `unusable` are the unused 確認 that would end and give their quota back, `staying` the insured ones that go on.
    Before `since` nothing happens: the night of that day looks again.
    """

    buyer: Buyer
    rating: Rating
    since: date
    rating_now: str
    is_future: bool
    unusable: tuple[Confirmation, ...]
    staying: tuple[Confirmation, ...]

    @property
    def released_jpy(self) -> int:
        """Yen that come back to the quota."""
        return sum(found.unused_jpy for found in self.unusable)

    @property
    def staying_jpy(self) -> int:
        """Yen that stay held by what is insured."""
        return sum(found.unused_jpy for found in self.staying)

    @property
    def ended(self) -> list[tuple[str, int]]:
        """確認管理番号 and yen of what ends today, sorted."""
        return [] if self.is_future else sorted((found.number, found.unused_jpy) for found in self.unusable)

    @property
    def told(self) -> list[tuple[str, int]]:
        """Each exporter that gets M-R05, with the number of its 確認; an automatic one has no contact to write to."""
        names = [str(found.organisation) for found in self.unusable if found.application_id]
        return [(name, names.count(name)) for name in sorted(set(names))]

    @property
    def digest(self) -> str:
        """A short text that is the same as long as everything shown is."""
        staying = sorted((found.number, found.unused_jpy) for found in self.staying)
        shown = (self.buyer.pk, self.rating, self.since, self.rating_now, self.is_future)
        numbers = sorted((found.number, found.unused_jpy) for found in self.unusable)
        return sha256(repr((shown, numbers, staying)).encode()).hexdigest()


def rating_effects(buyer: Buyer, rating: Rating, since: date, today: date) -> RatingEffects:
    """Return the effects of a rating that begins on `since`; one that a later rating has overtaken has none."""
    day = max(since, today)
    overtaken = BuyerRating.objects.filter(buyer=buyer, effective_from__gt=since, effective_from__lte=day).exists()
    is_accident = (rating.is_in_default or rating.is_bankrupt) and not overtaken
    live = _live(buyer)
    return RatingEffects(
        buyer=buyer,
        rating=rating,
        since=since,
        rating_now=rating_of(buyer.pk, today),
        is_future=since > today,
        unusable=tuple(found for found in live if is_accident and found.state == ConfirmationState.VALID),
        staying=tuple(found for found in live if found.state != ConfirmationState.VALID),
    )


def _live(buyer: Buyer) -> QuerySet[Confirmation]:
    states = [state for state in ConfirmationState if state.holds_quota]
    rows = Confirmation.objects.filter(payer=buyer, state__in=states, unused_jpy__gt=0)
    return rows.select_related("organisation").order_by("organisation__code", "expires_on", "pk")


def replaced_by(proposal: LimitProposal) -> list[LimitProposal]:
    """Return the approved changes that an approval of `proposal` takes the place of."""
    waiting = LimitProposal.objects.filter(
        buyer=proposal.buyer_id, state=ProposalState.APPROVED, effective_from__gte=proposal.effective_from
    )
    return list(waiting.exclude(pk=proposal.pk).select_related("buyer", "proposed_by").order_by("effective_from", "pk"))
