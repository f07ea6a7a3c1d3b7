"""The running program, as `make run` starts it, on a database and in a folder of its own."""

import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.support.servers import free_port, running

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120

# The long walks are gone once: each on one of the two databases, what they walk through is tested on both.
IS_POSTGRESQL = bool(os.environ.get("DATABASE_URL"))
walked_on_postgresql = pytest.mark.skipif(not IS_POSTGRESQL, reason="walked on PostgreSQL, with Redis and Celery")
walked_on_sqlite = pytest.mark.skipif(IS_POSTGRESQL, reason="walked on SQLite, with jobs in the process")


@dataclass(frozen=True)
class Site:
    """Where a running program answers, and where its data and logs lie."""

    url: str
    data: Path
    log: Path

    def status(self, path: str) -> int:
        """Return the HTTP status of a plain GET, 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def fresh_database(name: str) -> str:
    """Create the empty database `name` beside the one of DATABASE_URL; return its URL ("" for SQLite)."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return ""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def serving(folder: Path, *, database_url: str = "", redis_url: str = "", **variables: str) -> Iterator[Site]:
    """Run `scripts/serve` with demo data, and a Celery worker when `redis_url` names a broker, until the block ends."""
    port = free_port()
    site = Site(url=f"http://127.0.0.1:{port}", data=folder / "data", log=folder / "log")
    own = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA_DIR": str(site.data), "PORT": str(port)}
    env = os.environ | own | variables
    env.pop("DJANGO_SETTINGS_MODULE", None)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        log = stack.enter_context(site.log.open("ab"))
        program = stack.enter_context(running([ROOT / "scripts" / "serve"], log=log, env=env, cwd=ROOT))
        deadline = time.monotonic() + START_SECONDS
        while site.status("/readyz") != 200:
            if program.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"scripts/serve did not start:\n{site.log.read_text()[-4000:]}")
            time.sleep(0.1)
        if redis_url:
            celery: list[str | Path] = [
                ROOT / ".venv" / "bin" / "celery",
                "-A",
                "portal",
                "worker",
                "--concurrency",
                "1",
            ]
            stack.enter_context(running(celery, log=log, env=env, cwd=ROOT))
        yield site


def browser_program() -> str:
    """Return the path of a Chromium on this machine (variable CHROMIUM, else the usual names)."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (path := shutil.which(name)):
            return path
    raise RuntimeError("no Chromium found: give `make test`, which installs one, or set CHROMIUM to its path")
