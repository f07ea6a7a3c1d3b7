"""Writes. Each function owns its transaction unless its docstring says otherwise."""

from nexi_quota.services.contracts import Insurance, auto_release, insure, report_loss
from nexi_quota.services.masters import set_limit, set_rating
from nexi_quota.services.notices import Line, notify
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

__all__ = [
    "NUMBERS",
    "Insurance",
    "Line",
    "Overtaken",
    "QuotaTaken",
    "auto_release",
    "confirm",
    "disable",
    "expire",
    "give_back",
    "hold",
    "insure",
    "notify",
    "release",
    "report_loss",
    "set_limit",
    "set_rating",
]
