"""The registry of roles: what a grant may name, what it includes, what it opens in the admin."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """A right by code; `implies` names the roles it includes, `permissions` are Django's `app.codename`."""

    code: str
    label: str
    portal: str
    implies: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


_roles: dict[str, Role] = {}


def register(*roles: Role) -> None:
    """Add roles; the same declaration twice is harmless, two declarations of one code are a ValueError."""
    for role in roles:
        if _roles.setdefault(role.code, role) != role:
            raise ValueError(f"role {role.code} is declared twice")


def get(code: str) -> Role:
    """The role of `code`; KeyError when nobody registered it."""
    return _roles[code]


def every() -> list[Role]:
    """All roles in the order of registration."""
    return list(_roles.values())


def expand(codes: Iterable[str]) -> frozenset[str]:
    """`codes` and all they imply; a code whose portal is switched off counts only as itself."""
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            if role := _roles.get(code):
                waiting.extend(role.implies)
    return frozenset(found)


def including(codes: Iterable[str]) -> list[str]:
    """Codes of all roles that give at least one of `codes`."""
    wanted = set(codes)
    return [code for code in _roles if expand([code]) & wanted]


def permissions(codes: Iterable[str]) -> frozenset[str]:
    """Django permissions of `codes` and of all they imply."""
    return frozenset(name for code in expand(codes) if code in _roles for name in _roles[code].permissions)


def _crud(model: str, *actions: str) -> tuple[str, ...]:
    return tuple(f"accounts.{action}_{model}" for action in actions)


register(
    Role(
        "system.admin",
        "システム管理（利用者・権限）",
        "admin",
        permissions=(
            *_crud("organisation", "view", "add", "change"),
            *_crud("user", "view", "add", "change"),
            *_crud("grant", "view", "add", "change"),
            "api.view_token",
            "api.change_token",
        ),
    )
)
