"""Requests and guarantees made by the services themselves, for tests that begin after the application."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from esurety import vault
from esurety.enums import RevisionKind
from esurety.models import AuthKey, Body, Certificate, Contractor, Guarantee, Item, Request, Revision
from esurety.rules.facts import Contents
from esurety.services import issuing, keys
from portal.accounts.models import User
from portal.applications.models import Application
from portal.outbox import drain


def works(body: Body, **changed: Any) -> dict[str, Any]:
    """Return the works contract of the seed: 50,000,000 yen, one year."""
    return {
        "body": body.code,
        "department": "",
        "number": "2026-101",
        "name": "見本道路改良工事",
        "place": "架空市見本地内",
        "kind": "works",
        "price": 50_000_000,
        "tax": None,
        "contract_on": "2026-11-10",
        "notice_on": "",
        "nomination_on": "",
        "award_on": "",
        "bid_on": "",
        "case_number": "",
        "spec_number": "",
        "starts_on": "2026-11-11",
        "ends_on": "2027-03-31",
        "order_form": "single",
        "jv_name": "",
        "members": [],
        "has_advance": True,
        "is_low_bid": False,
        "years": [],
        **changed,
    }


def contents(contractor: Contractor, body: Body, amount: int, product: str = "ADV", **changed: Any) -> Contents:
    """Return what the certificate of the seed says."""
    found: Contents = {
        "contractor": {
            "name": contractor.organisation.name,
            "address": contractor.address,
            "representative": contractor.representative,
        },
        "jv_name": "",
        "members": [],
        "body": body.code,
        "body_name": body.name,
        "addressee": body.addressee,
        "work": "見本道路改良工事",
        "work_number": "2026-101",
        "work_kind": "works",
        "price": 50_000_000,
        "contract_on": "2026-11-10",
        "starts_on": "2026-11-11",
        "ends_on": "2027-03-31",
        "amount": amount,
        "base_amount": None,
        "fiscal_year": None,
        "covers_from": "2026-11-10" if product == "CTR" else "",
        "due_on": "2027-03-31",
        "bank": "" if product == "CTR" else "架空銀行 見本支店",
        "advance_number": "",
        "advance_amount": None,
        "is_low_bid": False,
    }
    return {**found, **changed}  # type: ignore[typeddict-item]


@dataclass
class Shop:
    """The surety's counter of a test: contractor and body of what it makes."""

    contractor: Contractor
    body: Body

    def person(self, login: str) -> User:
        """Return a person of the surety company, who need not log in."""
        return User.objects.get_or_create(login=login, defaults={"name": login, "is_staff": True})[0]

    def item(self, product: str = "ADV", amount: int = 20_000_000, medium: str = "electronic", **changed: Any) -> Item:
        """Return an item that was just sent (申込済)."""
        now = timezone.now()
        place = Request.objects.count() + 1
        someone = User.objects.get_or_create(
            login=f"sender-{self.contractor.pk}", defaults={"organisation": self.contractor.organisation}
        )[0]
        application = Application.objects.create(
            number=f"26112000{place:03d}",
            kind="surety-application",
            organisation=self.contractor.organisation,
            state="submitted",
            submitted_by=someone,
            submitted_at=now,
            created_by=someone,
            saved_by=someone,
            created_at=now,
            saved_at=now,
            data={"schema": 1, "steps": {}, "review": []},
        )
        request = Request.objects.create(
            application=application,
            number=f"A20261120-{place:05d}",
            organisation=self.contractor.organisation,
            body=self.body,
            office=self.contractor.office,
            works=works(self.body),
            wants_mail=True,
            email="contractor@a.example",
            sent_at=now,
        )
        return Item.objects.create(
            request=request,
            product=product,
            medium=medium,
            amount=amount,
            facts=contents(self.contractor, self.body, amount, product, **changed),
            payment="monthly",
            bill_to="head",
            state_at=now,
        )

    def concluded(self, product: str = "ADV", amount: int = 20_000_000, **changed: Any) -> Item:
        """Return an item that waits for 発行."""
        item = self.item(product, amount, **changed)
        from django.db import transaction

        with transaction.atomic():
            number = issuing.number_for(item)
        Item.objects.filter(pk=item.pk).update(state="concluded", number=number)
        item.refresh_from_db()
        return item

    def guarantee(self, product: str = "ADV", amount: int = 20_000_000, **changed: Any) -> Guarantee:
        """Return an issued guarantee whose certificate has arrived; the jobs have run."""
        issuing.issue(self.concluded(product, amount, **changed), self.person("approver"))
        drain()
        return Guarantee.objects.latest("pk")

    def revise(self, guarantee: Guarantee, kind: str, **changed: Any) -> Certificate | None:
        """Prepare and release a 変更, 訂正, 変更取消 or 取消; `changed` are the new contents of the certificate."""
        guarantee.refresh_from_db()
        assert guarantee.current
        facts = None
        if kind in (RevisionKind.CHANGE, RevisionKind.CORRECTION):
            known = Contents.__required_keys__
            before = {k: v for k, v in issuing.payload_of(guarantee.current).items() if k in known}
            facts = {**before, **changed}
        revision = Revision.objects.create(
            guarantee=guarantee,
            kind=kind,
            facts=facts,
            reason="試験",
            body_agreed=True,
            prepared_by=self.person("clerk-2"),
            prepared_at=timezone.now(),
        )
        made = issuing.release(revision, self.person("approver"))
        drain()
        guarantee.refresh_from_db()
        return Certificate.objects.get(pk=made.pk) if made else None


def key_of(certificate: Certificate) -> str:
    """Return the key of a version in clear."""
    key = AuthKey.objects.exclude(state="void").get(certificate=certificate)
    return vault.open_sealed(keys.sealed_of(key), keys.binding_of(key))


def pdf_of(certificate: Certificate) -> bytes:
    """Return the stored file of a version."""
    with certificate.file.open("rb") as file:
        content: bytes = file.read()
    return content
