"""Processes of the project beside the test: on its database, in its folder, waited for by what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
DEADLINE = 60


def database_url() -> str:
    """Return the URL of the test database for DATABASE_URL."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{given['NAME']}"
    user = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}" if given["PASSWORD"] else quote(given["USER"])
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{user}@{port}/{given['NAME']}?{urlencode({'host': given['HOST']})}"


def child_env(**variables: str) -> dict[str, str]:
    """Return the environment of a child that works on the test's database and folder; no broker unless given."""
    own = {"DATABASE_URL": database_url(), "DATA_DIR": str(settings.DATA_DIR), "REDIS_URL": ""}
    return os.environ | own | variables


def python(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `script` in a child with Django set up; its output is captured, its exit status is the caller's matter."""
    command = [sys.executable, "-c", f"import django; django.setup()\n{script}"]
    return subprocess.run(
        command, env=child_env(**variables), cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def eventually(happened: Callable[[], object], process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Return as soon as `happened` is true; fail at the deadline or when `process` has ended."""
    deadline = time.monotonic() + DEADLINE
    while not happened():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{process.args!r} ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing happened in {DEADLINE} s")
        time.sleep(0.02)
