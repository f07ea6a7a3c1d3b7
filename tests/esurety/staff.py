"""The surety's staff at their pages: what they read, press and decide."""

import re
from html import unescape
from typing import Any

from django.core import mail

from esurety.models import Fee, Guarantee, Item, Revision
from portal.outbox import drain
from tests.conftest import Person
from tests.esurety.driver import Shop

ADMIN = "/admin/esurety"


def words(response: Any) -> str:
    """Return the words of a page, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def decides(person: Person, row: Any, decision: str = "", **typed: Any) -> Any:
    """Press a button on the page of a row."""
    return person.post(f"{ADMIN}/{row._meta.model_name}/{row.pk}/change/", {"decision": decision, **typed})


def took(answer: Any) -> None:
    """The decision was taken: the page went back to its queue."""
    assert answer.status_code == 302, words(answer)


def checked(shop: Shop, clerk: Person, reviewer: Person, **made: Any) -> Item:
    """An application that was received and reviewed, and waits for 決裁."""
    item = shop.item(**made)
    took(decides(clerk, item, "receive"))
    took(decides(reviewer, item, "check", reason="問題なし"))
    item.refresh_from_db()
    return item


def approved(shop: Shop, clerk: Person, reviewer: Person, approver: Person, **made: Any) -> Item:
    """An item that waits for its fee."""
    item = checked(shop, clerk, reviewer, **made)
    took(decides(approver, item, "approve"))
    item.refresh_from_db()
    return item


def concluded(shop: Shop, people: "tuple[Person, Person, Person, Person]", **made: Any) -> Guarantee:
    """Walk all desks to the certificate that has arrived."""
    clerk, reviewer, approver, fee_clerk = people
    item = approved(shop, clerk, reviewer, approver, **made)
    took(decides(fee_clerk, Fee.objects.get(item=item), "bill"))
    took(decides(approver, item, "issue"))
    drain()
    return Guarantee.objects.get(item=item)


def prepares(clerk: Person, guarantee: Guarantee, kind: str, **changed: Any) -> Any:
    """Fill in the page of a 起案 as it is shown, but for what is changed, and press 起案する."""
    path = f"{ADMIN}/guarantee/{guarantee.pk}/revise/{kind}/"
    form = clerk.get(path).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    data = {name: "" if value in (None, False) else value for name, value in shown.items()}
    return clerk.post(path, {**data, "reason": "発注者の依頼", **changed})


def prepared(clerk: Person, guarantee: Guarantee, kind: str, **changed: Any) -> Revision:
    took(prepares(clerk, guarantee, kind, **changed))
    return Revision.objects.get(state="prepared")


def revised(clerk: Person, approver: Person, guarantee: Guarantee, kind: str, **changed: Any) -> Guarantee:
    """Prepare and release; the jobs have run."""
    took(decides(approver, prepared(clerk, guarantee, kind, **changed), "release"))
    drain()
    return Guarantee.objects.get(pk=guarantee.pk)


def letters(subject: str) -> list[str]:
    """Deliver what waits and return the texts of the mails with a subject."""
    drain()
    return [one.body for one in mail.outbox if one.subject == subject]
