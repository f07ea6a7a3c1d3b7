"""What the portals bring for a first look: each app's `demo.py` registers its data and accounts here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from portal.demo.accounts import SYSTEM, Account, create

Load = Callable[[], None]


@dataclass(frozen=True)
class Demo:
    """One portal's demo data: `load` is idempotent and owns its transaction."""

    name: str
    load: Load
    accounts: Sequence[Account]


def _operator() -> None:
    create(SYSTEM)


_demos: dict[str, Demo] = {"system": Demo("system", _operator, (SYSTEM,))}


def register(name: str, load: Load, accounts: Sequence[Account]) -> None:
    """Add the demo data of a portal; ValueError when the name is taken."""
    if name in _demos:
        raise ValueError(f"demo data {name!r} are registered twice")
    _demos[name] = Demo(name, load, accounts)


def every() -> list[Demo]:
    """Import the `demo` modules of the switched-on apps and return what they registered; the operator comes last."""
    autodiscover_modules("demo")
    return [*(demo for name, demo in _demos.items() if name != "system"), _demos["system"]]
