"""Configuration of the web server: `gunicorn -c python:portal.gunicorn portal.wsgi`."""

import os
import sys
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
# Threads, because synchronous workers stand still while slow clients send.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
graceful_timeout = 30
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Start the relay in every worker, unless Celery does its work."""
    from django.conf import settings

    if not settings.REDIS_URL:
        from portal.outbox.embedded import start_embedded

        start_embedded()


def worker_exit(server: Any, worker: Any) -> None:
    """Let the relay finish the message it is at; a worker that failed to start has none."""
    if embedded := sys.modules.get("portal.outbox.embedded"):
        embedded.stop_embedded()
