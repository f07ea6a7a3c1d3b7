"""The whole suite, once on SQLite and once on PostgreSQL with Redis and Celery: `python -m tests.support.suite`.

Arguments go to pytest. The exit status is 0 only when both runs passed; the last lines are pytest's own.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.support.servers import die_with_parent, postgresql, redis_server

ROOT = Path(__file__).resolve().parent.parent.parent
# What the caller's shell says about databases and portals must not change what is tested; the suite starts a hundred
# processes, which find the modules compiled.
OWN_VARIABLES = (
    *("DATABASE_URL", "REDIS_URL", "DATA_DIR", "PORTALS", "PORT", "PORTAL_ENV", "DEBUG"),
    "PYTHONDONTWRITEBYTECODE",
)


def pytest(arguments: list[str], **variables: str) -> int:
    """Run pytest with `variables` in its environment; return its exit status."""
    env = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES} | variables
    parallel = (
        []
        if any(argument.startswith("-n") for argument in arguments)
        else ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    )
    command = [sys.executable, "-m", "pytest", "--durations=12", "--durations-min=5", *parallel, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, preexec_fn=die_with_parent, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run both legs and return the worse exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-test-"))
        print("== SQLite, jobs in the process ==", flush=True)
        embedded = pytest(arguments, DATA_DIR=data)
        print("== PostgreSQL, Redis, Celery ==", flush=True)
        database_url = stack.enter_context(postgresql())
        redis_url = stack.enter_context(redis_server())
        production = pytest(arguments, DATA_DIR=data, DATABASE_URL=database_url, REDIS_URL=f"{redis_url}/0")
    if embedded and not production:
        print("The run on SQLite failed: see above.", file=sys.stderr, flush=True)
    return embedded or production


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
