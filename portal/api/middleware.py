"""Makes every answer below /<portal>/api/v<n>/ one for programs: no cookies, no methods that write, no html."""

import json
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
        if request.method not in READ:
            return problems.problem(405, Allow=", ".join(READ), Cache_Control="no-store")
        # A browser's login must neither open the API nor be prolonged by it.
        request.META.pop("HTTP_COOKIE", None)
        response = self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != problems.CONTENT_TYPE:
            response.content = json.dumps(problems.body(response.status_code), ensure_ascii=False).encode()
            response["Content-Type"] = problems.CONTENT_TYPE
            response["Content-Length"] = str(len(response.content))
        return response
