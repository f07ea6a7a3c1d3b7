"""What programs of exporter A and B find behind the API: a token each, and some records of every kind."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from nexi_quota.api import API
from portal.api import services
from portal.api.models import Token
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings import insure

ROOT = "/nexi/api/v1/"
LISTS = ("quotas", "contracts", "applications")


@dataclass
class Program:
    """A program with a token of its organisation."""

    token: Token
    text: str

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Ask for an address below the root of the API."""
        sent = {"Authorization": f"Bearer {self.text}", **headers}
        answer: Any = Client(raise_request_exception=False).get(ROOT + path, headers=sent)
        return answer  # type: ignore[no-any-return]

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the records of one page."""
        answer: Any = self.get(path)
        assert answer.status_code == 200, answer.content.decode()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def numbers(self, path: str) -> list[str]:
        return [item["number"] for item in self.items(path)]


def program_of(person: Exporter, label: str = "販売管理", days: int = 30) -> Program:
    """Return a program of the person's organisation."""
    return Program(*services.create(person.user, "nexi", API.role, label, days))


def holds_something(person: Exporter) -> None:
    """Give the organisation a submitted request with its quota, a draft, and a contract on an automatic quota."""
    assert person.user.organisation
    person.applies(contract_amount="1,000", reference="REF-1")
    person.fills_in(contract_number="EX-2", contract_amount="2,000")
    insure(person.user.organisation, amount="3000", reference="REF-2")
