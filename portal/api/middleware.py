"""Makes every answer below /<portal>/api/v<n>/ one for programs: no cookies, no undeclared methods, no html."""

import json
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from portal.api import problems
from portal.ui.access import READ

# The page that describes an API stands at its root and is html like every page.
ENDPOINTS = re.compile(r"/[a-z]+/api/v[0-9]+/.")


class ApiMiddleware:
    """Stands before the edge, whose refusals are html pages like those of the address resolver and of a crash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not ENDPOINTS.match(request.path_info):
            return self.get_response(request)
        if request.method not in READ and request.method not in (allowed := _methods(request.path_info)):
            return problems.problem(405, Allow=", ".join(allowed), Cache_Control="no-store")
        # A browser's login must neither open the API nor be prolonged by it.
        request.META.pop("HTTP_COOKIE", None)
        response = self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != problems.CONTENT_TYPE:
            response.content = json.dumps(problems.body(response.status_code), ensure_ascii=False).encode()
            response["Content-Type"] = problems.CONTENT_TYPE
            response["Content-Length"] = str(len(response.content))
        return response


def _methods(path: str) -> tuple[str, ...]:
    """Return the methods that the endpoint at `path` declares; READ where there is none."""
    try:
        access = getattr(resolve(path).func, "access", None)
    except Resolver404:
        access = None
    return access.methods if access else READ
