"""Re-add every quota ledger: JSON on stdout, exit status 1 when a figure is not the sum of its entries."""

import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Round

from nexi_quota.enums import ConfirmationState, NoticeKind
from nexi_quota.models import Confirmation, InsuranceContract, LedgerEntry, Quota, QuotaLimit

MOST = 100
"""Differences of each sort that are listed; all of them are counted."""


class Command(BaseCommand):
    help = "個別保証枠の台帳と決済通知をすべて足し直し、使用中・未使用額・決済残高と一致するか確かめます。"

    def handle(self, *args: Any, **options: Any) -> None:
        total = Coalesce(Sum("entries__amount_jpy"), 0)
        # Rounded, because SQLite adds decimals as floats.
        settled = Round(
            Coalesce(Sum("notices__amount", filter=Q(notices__kind=NoticeKind.SETTLEMENT)), Decimal(0)), precision=2
        )
        holding = [state for state in ConfirmationState if state.holds_quota]
        limits = QuotaLimit.objects.filter(quota=OuterRef("pk")).order_by("-created_at", "-pk")
        # Each is one statement of the database; only what differs comes over.
        checks: dict[str, Iterable[Mapping[str, Any]]] = {
            "held": Quota.objects.annotate(ledger=total)
            .exclude(ledger=F("held_jpy"))
            .order_by("pk")
            .values("buyer__code", "held_jpy", "ledger")
            .iterator(),
            "unused": Confirmation.objects.annotate(ledger=total)
            .exclude(ledger=F("unused_jpy"))
            .order_by("pk")
            .values("number", "unused_jpy", "ledger")
            .iterator(),
            "ended_holds": Confirmation.objects.exclude(state__in=holding)
            .exclude(unused=0, unused_jpy=0)
            .order_by("pk")
            .values("number", "state", "unused", "unused_jpy")
            .iterator(),
            "balance": InsuranceContract.objects.annotate(settled=settled)
            .exclude(settled=Round(F("amount") - F("balance"), precision=2))
            .order_by("pk")
            .values("policy_number", "branch", "state", "amount", "balance", "settled")
            .iterator(),
            "entry_of_another_quota": LedgerEntry.objects.exclude(quota=F("confirmation__quota"))
            .order_by("pk")
            .values("pk", "quota__buyer__code", "confirmation__number")
            .iterator(),
            "limit_without_history": Quota.objects.annotate(history=Subquery(limits.values("limit_jpy")[:1]))
            .exclude(history__isnull=False, history=F("limit_jpy"))
            .order_by("pk")
            .values("buyer__code", "limit_jpy", "history")
            .iterator(),
        }
        found = {name: _listed(rows) for name, rows in checks.items()}
        ok = not any(part["count"] for part in found.values())
        models = {"quotas": Quota, "confirmations": Confirmation, "contracts": InsuranceContract}
        checked = {name: model._default_manager.count() for name, model in models.items()}
        report = {"ok": ok, "checked": checked, "differences": found}
        self.stdout.write(json.dumps(report, ensure_ascii=False, cls=DjangoJSONEncoder))
        if not ok:
            sys.exit(1)


def _listed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rest = iter(rows)
    first = list(islice(rest, MOST))
    return {"count": len(first) + sum(1 for _ in rest), "first": first}
