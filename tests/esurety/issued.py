"""Guarantees for tests that do not look at the paper of the certificate: making it is most of the time of an issue."""

from typing import Any

from esurety.models import Guarantee
from esurety.services import issuing
from portal.outbox import drain
from tests.esurety.driver import Shop

PAPER = b"%PDF-1.7 a certificate that nobody opens"


def issued(shop: Shop, product: str = "ADV", amount: int = 20_000_000, **changed: Any) -> Guarantee:
    """Return an issued guarantee as `Shop.guarantee` does; the job finds its certificate made."""
    made = issuing.issue(shop.concluded(product, amount, **changed), shop.person("approver"))
    issuing.store(made, PAPER)
    drain()
    return Guarantee.objects.get(pk=made.guarantee_id)
