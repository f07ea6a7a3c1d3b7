"""Daily jobs: declared anywhere with `@nightly_job`, run after 00:05 as messages, or all at once by `nightly`."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

import structlog
from django.utils import timezone

from portal import audit
from portal.audit.verbs import register
from portal.outbox.models import Message
from portal.outbox.relay import publish
from portal.outbox.topics import handler

Job = Callable[[date], Mapping[str, object]]
TOPIC = "nightly.job"
STARTS_AT = time(0, 5)
LONGEST = 3600
RUN = register("nightly.run", "日次処理")

log = structlog.get_logger(__name__)
_jobs: dict[str, Job] = {}


def nightly_job(name: str) -> Callable[[Job], Job]:
    """Register a function of the day that returns what it did, as JSON. It must be idempotent and catch up.

    A second run for the same day changes nothing; after some days without a run, one run does the work of all.
    """

    def add(job: Job) -> Job:
        if name in _jobs:
            raise ValueError(f"daily job {name!r} exists already")
        _jobs[name] = job
        return job

    return add


def run_job(name: str, day: date) -> dict[str, object]:
    """Run one job and record its outcome; its error is recorded and raised."""
    try:
        result = dict(_jobs[name](day))
    except Exception as error:
        audit.record(RUN, target=name, outcome="failed", detail={"day": day, "error": type(error).__name__})
        raise
    audit.record(RUN, target=name, detail={"day": day, **result})
    return result


def run_all(day: date) -> dict[str, dict[str, object]]:
    """Run every job, the rest also after one failed; returns {name: {"ok": …, "result" or "error": …}}."""
    report: dict[str, dict[str, object]] = {}
    for name in list(_jobs):
        try:
            report[name] = {"ok": True, "result": run_job(name, day)}
        except Exception as error:
            log.exception("daily job failed", job=name)
            report[name] = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return report


def publish_due(now: datetime | None = None) -> bool:
    """Publish the day's jobs once, at or after 00:05 Japanese time; True when this call found them missing.

    The rows are the guard: however many processes ask, the unique key lets each job of a day in once.
    """
    local = timezone.localtime(now)
    day = local.date().isoformat()
    if local.time() < STARTS_AT or Message.objects.filter(topic=TOPIC, key__startswith=day).exists():
        return False
    publish(*(Message(TOPIC, f"{day} {name}", {"day": day, "name": name}) for name in _jobs))
    return True


@handler(TOPIC, lease=LONGEST)
def run_message(key: str, payload: dict[str, Any]) -> None:
    run_job(payload["name"], date.fromisoformat(payload["day"]))


@nightly_job("audit")
def check_audit_log(day: date) -> dict[str, object]:
    """Verify the whole log and sign its end; a log that does not verify is not signed."""
    audit.advance()
    report = audit.verify()
    if report.problem:
        raise RuntimeError(f"audit log: {report.problem.text}")
    audit.checkpoint()
    return {"checked": report.checked}
