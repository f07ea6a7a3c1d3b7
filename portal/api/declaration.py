"""What an API of a portal consists of: collections of records, each with its filters and where its rows come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from portal.api.fields import Record
from portal.api.models import Token
from portal.api.parameters import CURSOR, LIMIT, Parameter


@dataclass(frozen=True)
class Creation:
    """POST to a collection, which makes a record: the members of its JSON body, and what is done with them.

    `make(request, token, wanted)` returns the row of the single record, or raises problems.Refused with one of
    `refusals` (status → when it is given). What may be sent twice is its own affair.
    """

    title: str
    intro: str
    members: tuple[Parameter, ...]
    required: tuple[str, ...]
    example: dict[str, Any]
    make: Callable[[HttpRequest, Token, dict[str, Any]], Any]
    refusals: Mapping[int, str]


@dataclass(frozen=True)
class Collection:
    """A list and its single records: `/<name>` and `/<name>/{number}`.

    `rows(token, wanted)` gives the rows that the token's organisation may see and that fit the filters; `one(token,
    number)` one of them, Http404 for any other number of the form `number_pattern` (of other forms there are none).
    `single` is the record where it says more than in the list.
    """

    name: str
    title: str
    intro: str
    record: Record
    number_label: str
    number_pattern: str
    number_example: str
    filters: tuple[Parameter, ...]
    rows: Callable[[Token, dict[str, Any]], QuerySet[Any]]
    one: Callable[[Token, str], Any]
    single: Record | None = None
    creation: Creation | None = None
    number_name: str = "number"
    """What the record and the document call its number."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (*self.filters, LIMIT, CURSOR)

    @property
    def single_record(self) -> Record:
        return self.single or self.record


@dataclass(frozen=True)
class Api:
    """The API of one portal: tokens with `role` use it, holders of `manage_role` make and revoke them."""

    portal: str
    title: str
    version: str
    intro: str
    role: str
    manage_role: str
    collections: tuple[Collection, ...]
    admits: Callable[[HttpRequest, Token], None] | None = None
    """Raises problems.Refused (403) for a token in force that may not be used now or from here."""

    @cached_property
    def root(self) -> str:
        """Address of the describing page; the endpoints stand below it."""
        return reverse(f"{self.portal}:api")

    def url(self, name: str, *args: str) -> str:
        """Return an address of the API or of its tokens."""
        return reverse(f"{self.portal}:{name}", args=args)
