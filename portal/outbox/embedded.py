"""The relay without Celery: one thread per process, woken by commits of its own process and by the clock."""

import threading

import structlog
from django.db import close_old_connections

from portal.outbox.relay import wake
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
    """Sweep, wait, sweep; an error is logged and the next round tries again."""
    while not _stopping.is_set():
        # Cleared before the work: a commit during the sweep leads to another one.
        wake.clear()
        try:
            sweep()
        except Exception:
            log.exception("sweep failed")
        finally:
            close_old_connections()
        if not _stopping.is_set():
            wake.wait(INTERVAL)
