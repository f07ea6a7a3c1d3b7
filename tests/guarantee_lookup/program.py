"""A program of a bank: it sends its token with every request to the JSON API."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from guarantee_lookup.api import API
from portal.api import services
from portal.api.models import Token
from tests.guarantee_lookup.driver import ACCEPTANCE, Teller

ROOT = "/lookup/api/v1/"
LOOKUPS = f"{ROOT}lookups"
ASKED = {"kind": "customer", "number": ACCEPTANCE, "basis": "1"}


@dataclass
class Program:
    """The bank's own system, with a token."""

    token: Token
    text: str

    def get(self, path: str = "lookups", **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.text}", **headers}
        return Client(raise_request_exception=False).get(ROOT + path, headers=sent)

    def sends(self, body: Any, content_type: str = "application/json", method: str = "POST") -> Any:
        """Send a body as it is, or a dictionary as JSON."""
        content = json.dumps(body) if isinstance(body, dict | list) else body
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        headers = {"Authorization": f"Bearer {self.text}"}
        return client.generic(method, LOOKUPS, content, content_type=content_type, headers=headers)

    def asks(self, number: str = ACCEPTANCE, **members: Any) -> Any:
        return self.sends({**ASKED, "number": number, **members})


def program_of(teller: Teller) -> Program:
    """Return a program with a token that this person issued."""
    return Program(*services.create(teller.user, "lookup", API.role, "勘定系", 30))
