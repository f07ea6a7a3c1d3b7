"""Traps that turn quiet mistakes into failing tests; each is switched on for every test by tests/conftest.py."""

import ipaddress
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent.parent
OWN_PACKAGES = ("portal", "nexi_quota", "credit_insurance", "guarantee_lookup", "esurety")

# Functions that may lock rows, each with the reason why a guarded UPDATE is not enough.
ALLOWED_LOCKS: dict[str, str] = {}


class Trap(AssertionError):
    """A mistake that would go unnoticed outside the tests."""


# --- Templates ---------------------------------------------------------------


class Undefined(str):
    """Stands for `string_if_invalid`: using it while one of our templates is rendered is an error."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: object) -> str:
        # Called by FilterExpression.resolve, whose local `context` says which template is being rendered.
        context: Context = sys._getframe(1).f_locals["context"]
        template = context.render_context.template
        name = template.origin.name if template else "?"
        if (name.startswith(str(ROOT)) and ".venv" not in name) or name == "<unknown source>":
            raise Trap(f"{name}: the template variable {variable} is undefined")
        return ""


@contextmanager
def undefined_variables() -> Iterator[None]:
    """Fail when a template of ours shows a variable that nobody has set."""
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)
    before, backend.engine.string_if_invalid = backend.engine.string_if_invalid, Undefined("%s")
    try:
        yield
    finally:
        backend.engine.string_if_invalid = before


# --- Forms ---------------------------------------------------------------------


class _PostForms(HTMLParser):
    """Collects the start tags of forms that post without a token."""

    def __init__(self) -> None:
        super().__init__()
        self.without_token: list[str] = []
        self.open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and (values.get("method") or "").lower() == "post":
            self.open = self.get_starttag_text()
        elif tag == "input" and values.get("name") == "csrfmiddlewaretoken" and values.get("value"):
            self.open = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.open:
            self.without_token.append(self.open)
            self.open = None


def forms_without_token(html: str) -> list[str]:
    """Return the start tags of the forms of `html` that post without a CSRF token."""
    parser = _PostForms()
    parser.feed(html)
    parser.close()
    return parser.without_token


@contextmanager
def missing_csrf_tokens() -> Iterator[None]:
    """Fail when the test client receives a page with a POST form without CSRF token."""
    original = Client.request

    def request(self: Client, **environ: Any) -> HttpResponseBase:
        response = original(self, **environ)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            html = response.content.decode(response.charset or "utf-8")
            if bare := forms_without_token(html):
                raise Trap(f"{environ.get('PATH_INFO')}: no CSRF token in {bare}")
        return response

    with patch.object(Client, "request", request):
        yield


# --- Database ------------------------------------------------------------------


@contextmanager
def unordered_querysets() -> Iterator[None]:
    """Give the rows of a queryset without order in random order, as a database may."""
    original = QuerySet._fetch_all

    def fetch_all(self: QuerySet[Any]) -> None:
        fresh = self._result_cache is None
        original(self)
        rows: Any = self._result_cache
        if fresh and len(rows) > 1 and not self.ordered:
            random.shuffle(rows)

    with patch.object(QuerySet, "_fetch_all", fetch_all):
        yield


def _caller(frame: FrameType | None) -> str:
    while frame and "/django/db/models/" in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}" if frame else ""


@contextmanager
def row_locks() -> Iterator[None]:
    """Fail when code of ours locks rows with SELECT … FOR UPDATE, which SQLite ignores, outside ALLOWED_LOCKS."""
    original = QuerySet.select_for_update

    def select_for_update(self: QuerySet[Any], *args: Any, **options: Any) -> QuerySet[Any]:
        caller = _caller(sys._getframe(1))
        if caller.split(".")[0] in (*OWN_PACKAGES, "tests") and caller not in ALLOWED_LOCKS:
            raise Trap(f"{caller} uses select_for_update: decide by a guarded UPDATE, or add a reason to ALLOWED_LOCKS")
        return original(self, *args, **options)

    with patch.object(QuerySet, "select_for_update", select_for_update):
        yield


# --- Network -------------------------------------------------------------------

_attempts: list[str] | None = None
_hook_is_installed = False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _attempts is None or event not in {"socket.connect", "socket.sendto", "socket.getaddrinfo"}:
        return
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    # Paths of UNIX sockets are strings too; only a look-up or a pair of host and port leaves the machine.
    if event != "socket.getaddrinfo" and not isinstance(address, tuple):
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host is not None and not _is_loopback(str(host)):
        _attempts.append(f"{event} {host}")
        raise Trap(f"A test must not leave the machine: {event} {host}")


@contextmanager
def outgoing_network() -> Iterator[list[str]]:
    """Fail on connections and look-ups beyond the loopback address, also when the code under test hides the error."""
    global _attempts, _hook_is_installed
    if not _hook_is_installed:
        # An audit hook sees every way to open a socket; it cannot be removed, so it looks at `_attempts`.
        sys.addaudithook(_watch)
        _hook_is_installed = True
    before, _attempts = _attempts, []
    try:
        yield _attempts
        if _attempts:
            raise Trap(f"A test must not leave the machine: {', '.join(_attempts)}")
    finally:
        _attempts = before


# --- Files ---------------------------------------------------------------------


@contextmanager
def leftover_files(folder: Path, *, allowed: bool) -> Iterator[None]:
    """Fail when `folder` holds files at the end, unless the test is about stored files (`allowed`)."""
    folder.mkdir(parents=True, exist_ok=True)
    yield
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    if left and not allowed:
        raise Trap(f"Files left in storage (mark the test with `stores_files` if it is about them): {left}")
