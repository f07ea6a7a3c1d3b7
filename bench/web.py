"""Web servers side by side, and browsers of raw sockets that walk through their pages.

The browsers share the machine's two cores with the servers, so they do no more than they must: one string per
request, one search for the length of the answer. They take 1 to 2 % of what a page costs.
"""

import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from bench.harness import ROOT, Bench
from bench.site.seed import PASSWORD
from tests.support.servers import free_port, running

CONNECTIONS = 8
START_SECONDS = 60
HIDDEN = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Answer(NamedTuple):
    """What came back; `body` is empty for redirects."""

    status: int
    location: str
    body: bytes

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the page, the CSRF token among them."""
        return {name.decode(): value.decode() for name, value in HIDDEN.findall(self.body)}


class Browser:
    """A connection that is kept, with cookies; raises AssertionError for an answer that was not expected.

    `waited` is how many seconds the last answer let wait for its first byte.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.waited = 0.0
        self.cookies: dict[str, str] = {}
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def get(self, path: str, status: int = 200) -> Answer:
        return self._exchange("GET", path, b"", status)

    def post(self, path: str, fields: Mapping[str, str], status: int) -> Answer:
        return self._exchange("POST", path, urlencode(fields).encode(), status)

    def _exchange(self, method: str, path: str, body: bytes, status: int) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        sent = time.perf_counter()
        self._socket.sendall(head.encode() + b"\r\n" + body)
        first = self._more()
        self.waited = time.perf_counter() - sent
        answer = self._receive(first)
        assert answer.status == status, f"{method} {path}: {answer.status} instead of {status}\n{answer.body.decode()}"
        return answer

    def _receive(self, received: bytes) -> Answer:
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        status, location, length = int(received[9:12]), "", 0
        keep = True
        for line in received[:end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    location = value
                case "set-cookie":
                    cookie, _, content = value.partition(";")[0].partition("=")
                    self.cookies[cookie] = content
                case "connection":
                    keep = value.lower() != "close"
        parts = [received[end + 4 :]]
        missing = length - len(parts[0])
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        if not keep:
            self.close()
        return Answer(status, location, b"".join(parts))

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


Script = Callable[[Browser], Iterator[None]]
"""A walk without end that yields after every request."""


def log_in(browser: Browser, path: str, fields: Mapping[str, str]) -> None:
    """Send the form of a login page; `fields` are name and password. The connection is closed, the cookies stay."""
    answer = browser.post(path, {**browser.get(path).hidden(), **fields}, 303 if "login" in fields else 302)
    assert "sessionid" in browser.cookies, answer
    browser.close()


class Site:
    """A running web server of two workers, and the browsers that are logged in to it."""

    def __init__(self, port: int, pid: int, login_path: str, login_field: str) -> None:
        self.port = port
        self.pid = pid
        self.browsers = [Browser(port) for _ in range(CONNECTIONS)]
        for place, browser in enumerate(self.browsers):
            log_in(browser, login_path, {login_field: f"bench-{place}", "password": PASSWORD})

    def load(self, script: Script, requests: int = 1) -> "Load":
        """Send all browsers through `script`, `requests` of whose requests make one unit of what is counted."""
        return Load(self, script, requests)

    def cpu_seconds(self) -> float:
        """Return user and system time that the server's processes have taken so far."""
        return sum(_cpu_seconds(pid) for pid in (self.pid, *_children(self.pid)))


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load:
    """All browsers of a site on their way through one script; a slice goes on where the last one stopped."""

    def __init__(self, site: Site, script: Script, unit: int) -> None:
        self.site = site
        self.unit = unit
        self.walks = [script(browser) for browser in site.browsers]
        self.requests = 0
        self.cpu = 0.0

    def slice(self, seconds: float) -> float:
        """Return units a second during about `seconds`."""
        together = threading.Barrier(len(self.walks))

        def walk(steps: Iterator[None]) -> int:
            together.wait()
            deadline, done = time.monotonic() + seconds, 0
            while time.monotonic() < deadline:
                next(steps)
                done += 1
            return done

        before, start = self.site.cpu_seconds(), time.monotonic()
        with ThreadPoolExecutor(len(self.walks)) as pool:
            requests = sum(pool.map(walk, self.walks))
        elapsed = time.monotonic() - start
        self.cpu += self.site.cpu_seconds() - before
        self.requests += requests
        for browser in self.site.browsers:
            browser.close()  # the server closes an idle connection during the other side's slice
        return requests / self.unit / elapsed

    @property
    def cpu_ms(self) -> float:
        """Return milliseconds of CPU time of the server's processes for one unit."""
        return 1000 * self.cpu * self.unit / self.requests


@contextmanager
def serving(app: str, config: str, settings: str, url: str, folder: Path, login: tuple[str, str]) -> Iterator[Site]:
    """Run gunicorn with two workers on the database `url`; `login` is the page's path and the name of its field."""
    port = free_port()
    own = {"DATABASE_URL": url, "DATA_DIR": str(folder), "REDIS_URL": "", "PORT": str(port), "WEB_CONCURRENCY": "2"}
    env = os.environ | own | {"DJANGO_SETTINGS_MODULE": settings, "PORTAL_ENV": "development"}
    command: list[str | Path] = [sys.executable, "-m", "gunicorn", "--config", f"python:{config}", app]
    log = folder / f"{settings}-{port}.log"
    with log.open("wb") as output, running(command, log=output, env=env, cwd=ROOT) as process:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                site = Site(port, process.pid, *login)
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{app} did not start:\n{log.read_text()[-4000:]}") from None
                time.sleep(0.1)
            else:
                break
        yield site


def our_site(bench: Bench, database: str) -> Site:
    """Return the portal, running on `database` until the end of the run."""
    return site_on(bench, bench.portal(database))


def site_on(bench: Bench, url: str) -> Site:
    """Return the portal, running on the database `url` until the end of the run."""
    login = ("/account/login/", "login")
    return _once(bench, "portal.wsgi", "portal.gunicorn", "bench.site.settings", url, login)


def floor_site(bench: Bench, database: str) -> Site:
    """Return the floor's project, running on `database` until the end of the run."""
    return floor_on(bench, bench.plain(database))


def floor_on(bench: Bench, url: str) -> Site:
    """Return the floor's project, running on the database `url` until the end of the run."""
    login = ("/login/", "username")
    return _once(bench, "bench.floor.wsgi", "bench.floor.gunicorn", "bench.floor.settings", url, login)


def _once(bench: Bench, app: str, config: str, settings: str, url: str, login: tuple[str, str]) -> Site:
    if url not in bench.sites:
        bench.sites[url] = bench.stack.enter_context(serving(app, config, settings, url, bench.folder, login))
    site: Site = bench.sites[url]
    return site
