"""Writes. Each function owns its transaction unless its docstring says otherwise."""

from nexi_quota.services.contracts import Insurance, auto_release, insure, report_loss
from nexi_quota.services.masters import EffectsChanged, set_limit, set_rating, set_rating_as_shown
from nexi_quota.services.notices import Line, notify
from nexi_quota.services.proposals import (
    AlreadyDecided,
    AlreadyProposed,
    WrongPerson,
    apply_due_limits,
    approve_limit,
    decide,
    propose,
    propose_limit,
)
from nexi_quota.services.quota import (
    NUMBERS,
    Overtaken,
    QuotaTaken,
    confirm,
    disable,
    expire,
    give_back,
    hold,
    release,
)
from nexi_quota.services.reminders import remind

__all__ = [
    "NUMBERS",
    "AlreadyDecided",
    "AlreadyProposed",
    "EffectsChanged",
    "Insurance",
    "Line",
    "Overtaken",
    "QuotaTaken",
    "WrongPerson",
    "apply_due_limits",
    "approve_limit",
    "auto_release",
    "confirm",
    "decide",
    "disable",
    "expire",
    "give_back",
    "hold",
    "insure",
    "notify",
    "propose",
    "propose_limit",
    "release",
    "remind",
    "report_loss",
    "set_limit",
    "set_rating",
    "set_rating_as_shown",
]
