"""A bank clerk at the pages of the look-up, and generations filled without an import."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.db import connection
from django.http import HttpResponse

from guarantee_lookup import tables, vault
from guarantee_lookup.enums import NumberKind
from guarantee_lookup.models import Snapshot
from tests.conftest import Person

ACCEPTANCE = "123459816"
GUARANTEE = "1234567890"
BALANCES = {"MUTAN_G": 58_646_000, "MUTAN_SN": 13_970_000, "KIKI_M": 32_578_000}
SETTLEMENTS = (("2025-03", "5", "2025-06-30"), ("2024-03", "5", "2024-06-28"))


def fill(snapshot: Snapshot, rows: bool = True) -> None:
    """Make the tables of a generation, with the acceptance customer of the seed."""
    tables.create(snapshot.pk)
    tables.index(snapshot.pk)
    if rows:
        add_customer(snapshot, ACCEPTANCE, BALANCES, guarantees=[GUARANTEE], guaranteed_on="2024-12-25")


def add_customer(
    snapshot: Snapshot,
    number: str,
    balances: Mapping[str, int],
    *,
    settlements: Iterable[tuple[str, str, str]] = SETTLEMENTS,
    guarantees: Iterable[str] = (),
    entity: str = "2",
    has_addition: bool = False,
    guaranteed_on: str = "",
    blocked: bool = False,
    bank: str = "9997",
) -> None:
    """Put a customer with one guarantee for each of `balances` into the generation; `guarantees` numbers them."""
    digest = vault.digest(NumberKind.CUSTOMER, number)
    numbers = [*guarantees]
    with connection.cursor() as cursor:

        def insert(kind: str, *values: object) -> None:
            marks = ", ".join(["%s"] * len(values))
            names = ", ".join([*tables.COLUMNS[kind]][: len(values)])
            cursor.execute(f"INSERT INTO {tables.table(kind, snapshot.pk)} ({names}) VALUES ({marks})", values)

        insert("customer", digest, entity, has_addition, guaranteed_on, blocked)
        for place, (code, counted) in enumerate(balances.items()):
            guarantee = numbers[place] if place < len(numbers) else f"{number}{place}"
            insert("guarantee", vault.digest(NumberKind.GUARANTEE, guarantee), digest, bank, code, counted)
        for period, category, registered in settlements:
            insert("settlement", digest, period, category, registered)


def quarantine(snapshot: Snapshot, number: str) -> None:
    with connection.cursor() as cursor:
        name = tables.table("quarantine", snapshot.pk)
        cursor.execute(f"INSERT INTO {name} (digest) VALUES (%s)", [vault.digest(NumberKind.CUSTOMER, number)])


@dataclass
class Answer:
    """One page as the clerk reads it."""

    response: HttpResponse
    path: str

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.content.decode()

    @property
    def text(self) -> str:
        """The words of the main column, without tags."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


class Teller:
    """A person of a bank or of the association, logged in."""

    def __init__(self, person: Person) -> None:
        self.client = person
        self.user = person.user

    def logs_in_again(self) -> None:
        """Begin a new session: the old one has become too old."""
        self.client.logout()
        self.client.force_login(self.user)

    def opens(self, path: str) -> Answer:
        return Answer(self.client.get(path), path)

    def sends(self, path: str, **fields: Any) -> Answer:
        return Answer(self.client.post(path, fields), path)

    def asks(self, number: str = ACCEPTANCE, **fields: Any) -> Answer:
        """Press 照会する; the answer is the page that follows."""
        sent = {"kind": "customer", "number": number, "basis": "1", **fields}
        response = self.client.post("/lookup/", sent)
        if response.status_code == 303:
            return self.opens(response["Location"])
        return Answer(response, "/lookup/")
