"""照会の停止解除: who lifts which lock."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from guarantee_lookup.models import LookupLock
from guarantee_lookup.services import gate
from guarantee_lookup.services.people import Himself
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User

LIFTED_BY_MASTER = (LookupLock.Reason.MISSES_HOUR,)
"""Who walked through numbers or met a canary is released by the association only."""


@transaction.atomic
def lift(actor: "User", user: "User") -> tuple[int, int]:
    """Lift the open locks of `user` that `actor` may lift; returns how many were lifted and how many stay.

    Raises Himself. Look-ups without a result are counted from anew.
    """
    if actor.pk == user.pk:
        raise Himself
    locks = LookupLock.objects.filter(user=user, lifted_at=None)
    own = locks.filter(reason__in=LIFTED_BY_MASTER) if actor.organisation_id is not None else locks
    lifted = own.update(lifted_at=timezone.now(), lifted_by=actor)
    left = locks.count()
    if not left:
        gate.found(user)
    audit.record(
        "lookup.unlocked", actor=actor, organisation=user.organisation, target=user.login,
        detail={"lifted": lifted, "left": left},
    )  # fmt: skip
    return lifted, left
