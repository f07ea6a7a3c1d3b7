"""Who looked up a customer: across both kinds of number, all banks, and whatever came of it."""

from django.db import connection
from django.db.models import Q

from guarantee_lookup import tables, vault
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.models import Lookup
from guarantee_lookup.models.lookups import LookupQuerySet
from guarantee_lookup.selectors.snapshots import current

MOST_GUARANTEES = 1_000
"""Guarantees of one customer that are followed; no customer has so many."""

_CUSTOMER = "SELECT customer FROM {guarantee} WHERE digest = %s LIMIT 1"
_GUARANTEES = "SELECT digest FROM {guarantee} WHERE customer = %s LIMIT %s"


def look_ups_of(kind: str, number: str) -> LookupQuerySet:
    """Return every look-up of the customer that `number` leads to, the latest first.

    A 保証番号 leads to its customer by the present generation or, when it has left, by what was found then. A look-up
    that showed nothing (blocked, in doubt) is known by the hash of its number alone.
    """
    digest = vault.digest(kind, number)
    customers = {digest} if kind == NumberKind.CUSTOMER else _customers_of(digest)
    numbers = {digest, *customers, *(one for customer in customers for one in _guarantees_of(customer))}
    found: LookupQuerySet = Lookup.objects.filter(Q(customer__in=customers) | Q(digest__in=numbers))
    return found.select_related("user", "organisation", "branch", "snapshot").order_by("-at", "-pk")


def _customers_of(guarantee: bytes) -> set[bytes]:
    shown = Lookup.objects.filter(digest=guarantee).order_by().values_list("customer", flat=True).distinct()
    return {bytes(customer) for customer in (*_rows(_CUSTOMER, guarantee), *shown) if customer is not None}


def _guarantees_of(customer: bytes) -> list[bytes]:
    return [bytes(digest) for digest in _rows(_GUARANTEES, customer, MOST_GUARANTEES)]


def _rows(statement: str, *values: bytes | int) -> list[bytes]:
    snapshot = current()
    if snapshot is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement.format(guarantee=tables.table("guarantee", snapshot.pk)), values)
        return [value for (value,) in cursor.fetchall()]
