"""The endpoints of a collection: its list, page by page, and one record."""

import re

from django.http import Http404, HttpRequest

from portal.api import paging, parameters
from portal.api.access import Endpoint, Payload
from portal.api.declaration import Collection, Creation
from portal.api.models import Token
from portal.api.problems import Refused


def list_of(collection: Collection) -> Endpoint:
    """Return the endpoint of the list."""

    def listed(request: HttpRequest, token: Token) -> Payload:
        wanted = parameters.read(request.GET, collection.parameters)
        rows = collection.rows(token, wanted)
        page, cursor = paging.page_of(rows, wanted, f"{token.organisation_id}:{collection.name}")
        return {"items": [collection.record.of(row) for row in page], "next_cursor": cursor}

    return listed


def creation_of(collection: Collection, creation: Creation) -> Endpoint:
    """Return the endpoint that makes a record."""

    def created(request: HttpRequest, token: Token) -> Payload:
        parameters.read(request.GET, ())
        if request.content_type != "application/json":
            raise Refused(415)
        wanted = parameters.read_json(request.body, creation.members, creation.required)
        return collection.single_record.of(creation.make(request, token, wanted))

    return created


def one_of(collection: Collection) -> Endpoint:
    """Return the endpoint of a single record."""

    def single(request: HttpRequest, token: Token, number: str) -> Payload:
        parameters.read(request.GET, ())
        if not re.fullmatch(collection.number_pattern, number):
            raise Http404
        return collection.single_record.of(collection.one(token, number))

    return single
