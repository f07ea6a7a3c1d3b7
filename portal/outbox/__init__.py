"""Side effects: rows written with the business transaction, run afterwards by a relay."""

from typing import TYPE_CHECKING

from portal.outbox.topics import handler

if TYPE_CHECKING:
    from portal.outbox.models import Message
    from portal.outbox.relay import drain, execute, publish
else:

    def __getattr__(name: str) -> object:
        # Models cannot be imported while Django is still loading this very application.
        from importlib import import_module

        modules = {"Message": "models", "publish": "relay", "execute": "relay", "drain": "relay"}
        if name not in modules:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{modules[name]}"), name)
        globals()[name] = value
        return value


__all__ = [
    "Message",
    "drain",
    "execute",
    "handler",
    "publish",
]
