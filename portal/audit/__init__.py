"""Append-only, hash-chained log of who did and who saw what: `audit.record(...)`."""

from typing import TYPE_CHECKING

from portal.audit.verbs import label, register

if TYPE_CHECKING:
    from portal.audit.chain import advance, checkpoint
    from portal.audit.log import record, record_each
    from portal.audit.verification import Report, verify
else:

    def __getattr__(name: str) -> object:
        # Models cannot be imported while Django is still loading this very application.
        from importlib import import_module

        modules = {
            "record": "log",
            "record_each": "log",
            "advance": "chain",
            "checkpoint": "chain",
            "Report": "verification",
            "verify": "verification",
        }
        if name not in modules:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{modules[name]}"), name)
        globals()[name] = value
        return value


__all__ = [
    "Report",
    "advance",
    "checkpoint",
    "label",
    "record",
    "record_each",
    "register",
    "verify",
]
