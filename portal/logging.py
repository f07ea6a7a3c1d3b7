"""Log lines: JSON in production, readable in development; one line an event, without secrets."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from portal.common.http import request_id

HIDDEN = "[hidden]"
_secret = re.compile(r"passw|secret|token|cookie|session|csrf|authori[sz]ation|otp|dsn|(auth|api|_)_?key$", re.I)
_url_password = re.compile(r"(\w+://[^\s/:@]*:)[^\s/@]+@")
# Control characters, line separators, bidi marks, surrogates: what forges a line or steers a terminal.
_steering = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def add_request_id(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    if number := request_id.get():
        event["request_id"] = number
    return event


def tidy(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Hide values whose name says secret, and write steering characters as \\u…; only a traceback keeps its lines."""
    return {key: _tidy(key, value) for key, value in event.items()}


def _tidy(key: str, value: Any) -> Any:
    if _secret.search(key):
        return HIDDEN
    if isinstance(value, dict):
        return {_text("", str(name)): _tidy(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_tidy("", item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else _text(key, str(value))


def _text(key: str, text: str) -> str:
    text = _steering.sub(lambda found: f"\\u{ord(found[0]):04x}", _url_password.sub(rf"\1{HIDDEN}@", text))
    return text if key == "exception" else text.replace("\n", "\\n").replace("\t", "\\t")


def configure(*, production: bool, level: str = "INFO") -> dict[str, Any]:
    """Set up structlog and return Django's LOGGING; everything goes to stderr, no mail is sent."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
    ]
    renderer = structlog.processors.JSONRenderer() if production else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            tidy,
            renderer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would print twice and mail the admins a page of the user's data.
        "loggers": {
            **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
            "weasyprint.progress": {"handlers": [], "propagate": True, "level": "WARNING"},
        },
    }
