"""The edge: what cannot be right is refused before any view sees it, and every answer gets the same headers."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers

from portal.common.http import request_id
from portal.ui import errors

METHODS = ("GET", "HEAD", "POST")
URLENCODED = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 60 * 1024 * 1024


class EdgeMiddleware:
    """Refuse unreadable requests (400), bodies over the limit (413) and other methods (405); number every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.max_form_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MAX_BODY_BYTES
        self.max_body_bytes: int = getattr(settings, "MAX_BODY_BYTES", MAX_BODY_BYTES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.set(secrets.token_hex(6))
        try:
            response = self.refusal(request) or self.get_response(request)
            self.stamp(response)
            return response
        finally:
            request_id.reset(token)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request that must not go further, else None. Reads a body once, and only up to the limit."""
        if request.method not in METHODS:
            return errors.method_not_allowed(request, METHODS)
        if not (readable_head(request) and readable_body_head(request)):
            return errors.problem(request, 400)
        limit = self.max_body_bytes if request.content_type == "multipart/form-data" else self.max_form_bytes
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            return errors.problem(request, 413)
        try:
            # Parsed here for the first time and kept by the request object, so views do not parse again.
            if request.META.get("QUERY_STRING") and not readable_form(request.GET):
                return errors.problem(request, 400)
            if request.method == "POST" and not readable_post(request):
                return errors.problem(request, 400)
        except RequestDataTooBig:
            return errors.problem(request, 413)
        except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            return errors.problem(request, 400)
        return None

    def stamp(self, response: HttpResponseBase) -> None:
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["HX-Request"])
        response["X-Request-Id"] = request_id.get()
        response["Cross-Origin-Resource-Policy"] = "same-origin"


def usable(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no U+FFFD, which is what Django makes of bytes that are no UTF-8."""
    return "\0" not in text and "\ufffd" not in text


def readable_form(form: QueryDict) -> bool:
    return all(usable(name) and all(map(usable, values)) for name, values in form.lists())


def readable_post(request: HttpRequest) -> bool:
    if request.content_type == URLENCODED and not decodes(request.body):
        return False
    names = (file.name or "" for _, files in request.FILES.lists() for file in files)
    return readable_form(request.POST) and all(map(usable, names))


def decodes(raw: bytes) -> bool:
    """Whether bytes that came unquoted are UTF-8; Django would read others as Latin-1 instead of marking them."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def readable_head(request: HttpRequest) -> bool:
    """Address is UTF-8, path without control characters; no NUL in headers, nor in cookies, which may quote it."""
    # Django writes bytes of a path that are no UTF-8 as %XX again; no address of ours has a percent sign.
    if any(c < " " or c in "%\x7f\ufffd" for c in request.path_info):
        return False
    meta = request.META
    if not decodes(meta.get("QUERY_STRING", "").encode("latin-1", "replace")):
        return False
    headers = (value for name, value in meta.items() if name.startswith("HTTP_"))
    return not any("\0" in value for value in (*headers, *request.COOKIES.values()))


def readable_body_head(request: HttpRequest) -> bool:
    """One plain Content-Length, no chunks (WSGI would show them as an empty body), not compressed, UTF-8.

    Python knows charsets that make lone surrogates (utf-7) or no text at all (hex); Django would use them.
    """
    meta = request.META
    length = meta.get("CONTENT_LENGTH") or "0"
    return (
        length.isascii()
        and length.isdigit()
        and len(length) < 16
        and "HTTP_TRANSFER_ENCODING" not in meta
        and meta.get("HTTP_CONTENT_ENCODING", "identity").lower() == "identity"
        and (request.content_params or {}).get("charset", "utf-8").lower() in {"utf-8", "utf8"}
    )
