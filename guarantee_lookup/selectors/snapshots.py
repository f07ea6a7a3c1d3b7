"""The generation that answers, those that it can be compared with or given back to, and the codes of a delivery."""

from datetime import date

from guarantee_lookup import tables
from guarantee_lookup.enums import SnapshotState
from guarantee_lookup.models import InsuranceCode, Snapshot
from guarantee_lookup.selectors.masters import valid_on

KEPT = 8
"""Generations that are kept in full, the serving one among them (guarantee_lookup.md 6.4)."""


def current() -> Snapshot | None:
    """Return the serving generation, None before the first import."""
    return Snapshot.objects.filter(state=SnapshotState.CURRENT).first()


def previous() -> Snapshot | None:
    """Return the generation that 前版へ戻す makes serve again: the one before the serving one, if its data are kept."""
    serving = current()
    if serving is None:
        return None
    kept = tables.numbers()
    older = Snapshot.objects.filter(state=SnapshotState.OLD).order_by("-as_of", "-sequence", "-pk")
    return next((one for one in older if one.order < serving.order and one.pk in kept), None)


def dispensable() -> list[int]:
    """Return the keys of generations whose tables are no longer wanted; never the serving one, nor one that waits."""
    wanted = set(
        Snapshot.objects.exclude(state__in=[SnapshotState.REJECTED, SnapshotState.OLD]).values_list("pk", flat=True)
    )
    served = [SnapshotState.CURRENT, SnapshotState.OLD]
    newest = Snapshot.objects.filter(state__in=served).order_by("-as_of", "-sequence", "-pk")
    return sorted(tables.numbers() - wanted - set(newest.values_list("pk", flat=True)[:KEPT]))


def core_insurances(day: date) -> dict[str, tuple[str, bool]]:
    """Return by code of the core system our 保険コード and whether it needs the SNの号, as valid on `day`.

    An insurance without codes of the core is delivered under its own.
    """
    found = {}
    rows = InsuranceCode.objects.filter(valid_on(day)).order_by("valid_from")
    latest = {row.code: row for row in rows}
    for row in latest.values():
        for core in row.core_codes or [row.code]:
            found[str(core)] = (row.code, row.needs_sn_item)
    return found
