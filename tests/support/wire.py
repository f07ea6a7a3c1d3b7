"""A client that speaks HTTP to a running server, shaped like Django's test client as far as our drivers use it."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 20
REDIRECTS = {301, 302, 303}


class Cut(Exception):
    """The server went away: whether it did what was asked is unknown."""


@dataclass
class Answer:
    """One whole answer, and the redirects that led to it as (address, status)."""

    status_code: int
    content: bytes
    headers: http.client.HTTPMessage
    redirect_chain: list[tuple[str, int]] = field(default_factory=list)


class Wire:
    """Keeps cookies and sends the CSRF token of its cookie with every form."""

    def __init__(self, host: str, cookies: Mapping[str, str]) -> None:
        self.host = host
        self.cookies = dict(cookies)

    def get(self, path: str, follow: bool = False) -> Answer:
        """Return the whole answer to GET; raises Cut."""
        return self._followed(self._send("GET", path), follow)

    def post(self, path: str, data: Mapping[str, Any], follow: bool = False) -> Answer:
        """Return the whole answer to a form; raises Cut."""
        body = urlencode({**data, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}, doseq=True)
        return self._followed(self._send("POST", path, body), follow)

    def _followed(self, answer: Answer, follow: bool) -> Answer:
        chain: list[tuple[str, int]] = []
        while follow and answer.status_code in REDIRECTS:
            chain.append((answer.headers["Location"], answer.status_code))
            answer = self._send("GET", chain[-1][0])
        answer.redirect_chain = chain
        return answer

    def _send(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self.host, timeout=SECONDS)
        try:
            connection.request(method, urlsplit(path)._replace(scheme="", netloc="").geturl(), body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Cut(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        return Answer(response.status, content, response.headers)
