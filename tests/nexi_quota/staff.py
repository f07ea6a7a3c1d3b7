"""The insurer's staff at their pages: what they read, press and decide."""

import re
from datetime import date
from html import unescape
from typing import Any

from django.utils import timezone

from nexi_quota.models import Buyer, LimitProposal, Quota
from tests.conftest import Person

ADMIN = "/admin/nexi_quota"
WAITING = f"{ADMIN}/limitproposal/waiting/"


def words(response: Any) -> str:
    """Return the words of a page, without tags."""
    html = response.content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def buyer(code: str = "310-000001") -> Buyer:
    return Buyer.objects.get(code=code)


def limit_of(code: str = "310-000001") -> int:
    return Quota.objects.get(buyer__code=code).limit_jpy


def today() -> date:
    return timezone.localdate()


def asks(maker: Person, limit: str = "80,000,000", *, code: str = "310-000001", **changes: Any) -> Any:
    """Propose a limit as the page does; returns the answer."""
    data = {"limit": limit, "effective_from": today(), "reason": "財務内容の悪化", **changes}
    return maker.post(f"{ADMIN}/quota/of/{buyer(code).pk}/limit/", data)


def proposed(maker: Person, limit: str = "80,000,000", **changes: Any) -> LimitProposal:
    """Propose a limit and return what waits now."""
    answer = asks(maker, limit, **changes)
    assert answer.status_code == 302, words(answer)
    return LimitProposal.objects.latest("pk")


def decides(checker: Person, proposal: Any, decision: str, note: str = "") -> Any:
    """Press 承認する, 却下する or 取り下げる on the page of a proposal."""
    path = f"{ADMIN}/{proposal._meta.model_name}/{proposal.pk}/change/"
    return checker.post(path, {"decision": decision, "note": note})
