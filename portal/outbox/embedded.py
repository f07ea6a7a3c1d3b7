"""The relay without Celery: one thread per process, woken by commits of its own process and by the clock."""

import threading
import time

import structlog
from django.db import close_old_connections

from portal.outbox.relay import drain, wake
from portal.outbox.sweep import INTERVAL, sweep

log = structlog.get_logger(__name__)
_stopping = threading.Event()
_thread: threading.Thread | None = None


def start_embedded() -> None:
    """Start the thread of this process; a second call changes nothing. Call it after the last fork."""
    global _thread
    if _thread is None or not _thread.is_alive():
        _stopping.clear()
        _thread = threading.Thread(target=_run, name="outbox", daemon=True)
        _thread.start()


def stop_embedded(timeout: float = 20) -> None:
    """Ask the loop to end after the message it is at, and wait at most `timeout` seconds for its thread."""
    _stopping.set()
    wake.set()
    if _thread is not None:
        _thread.join(timeout)


def _run() -> None:
    """Sweep at the interval and drain when woken in between; an error is logged and the next round tries again."""
    next_sweep = time.monotonic()
    while not _stopping.is_set():
        # Cleared before the work: a commit during it leads to another round.
        wake.clear()
        try:
            if time.monotonic() < next_sweep:
                drain()
            else:
                next_sweep = time.monotonic() + INTERVAL
                sweep()
        except Exception:
            log.exception("outbox round failed")
        finally:
            close_old_connections()
        if not _stopping.is_set():
            wake.wait(max(0, next_sweep - time.monotonic()))
