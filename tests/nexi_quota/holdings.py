"""Builds what an exporter holds, through the services: 保有契約 with an automatic hold or on a 確認."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from nexi_quota import services
from nexi_quota.enums import ContractOrigin, Product
from nexi_quota.models import Buyer, InsuranceContract
from portal.accounts.models import Organisation

_policies = count(1)


def insure(
    organisation: Organisation,
    payer: str = "310-000001",
    amount: str | Decimal = "400000",
    *,
    product: Product = Product.INDIVIDUAL,
    origin: ContractOrigin = ContractOrigin.WEB,
    due_on: date | None = None,
    shipped_on: date | None = None,
    **more: Any,
) -> InsuranceContract:
    """Return a 保有契約 in USD at 150 yen, shipped 30 days ago and due in 60 days unless told otherwise."""
    today = timezone.localdate()
    buyer = Buyer.objects.get(code=payer)
    given: dict[str, Any] = {
        "policy_number": f"{next(_policies):014d}",
        "branch": "00",
        "history": "00",
        "quota_id": buyer.quota.pk,
        "rating": buyer.ratings.latest("effective_from").rating,
        "currency": "USD",
        "rate": Decimal(150),
        "concluded_on": today - timedelta(days=40),
        **more,
    }
    insurance = services.Insurance(
        organisation=organisation,
        product=product,
        origin=origin,
        payer=buyer,
        amount=Decimal(amount),
        shipped_on=shipped_on or today - timedelta(days=30),
        due_on=due_on or today + timedelta(days=60),
        **given,
    )
    with transaction.atomic():
        (contract,) = services.insure([insurance])
    return contract
