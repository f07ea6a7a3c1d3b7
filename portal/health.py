"""Is the process alive, and may it be given work: answered without a session, a login or a template."""

from collections.abc import Callable

import structlog
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from portal.outbox.backlog import backlog
from portal.ui.access import public

log = structlog.get_logger(__name__)
_migrated = False


@public()
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives; asks nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


@public()
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and outbox are well, else 503; each part "ok" or "failed"."""
    report: dict[str, str] = {}
    for name, well in CHECKS.items():
        try:
            report[name] = "ok" if well() else "failed"
        except Error:
            log.exception("not ready", part=name)
            report[name] = "failed"
    return JsonResponse(report, status=200 if set(report.values()) == {"ok"} else 503)


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def migrations_applied() -> bool:
    """Ask until the answer is yes: a newer release is a newer process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def outbox_moves() -> bool:
    """Nothing waits for more than ten minutes; a parked message is the staff's matter, not the load balancer's."""
    return not backlog().overdue


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_applied,
    "outbox": outbox_moves,
}

urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
