"""The declared procedures by name."""

from typing import TYPE_CHECKING, Any

from django.utils.http import urlencode

from portal.applications import kinds
from portal.wizard import services
from portal.wizard.declaration import Wizard

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application

_wizards: dict[str, Wizard] = {}


def register(wizard: Wizard) -> Wizard:
    """Make a declaration known to the engine, the lists and the system checks; returns it."""

    def copy_url(application: "Application") -> str:
        return f"{wizard.url('first', wizard.steps[0].slug)}?{urlencode({'from': application.number})}"

    def describe(application: "Application", reader: "User") -> list[dict[str, Any]]:
        return services.read(wizard, application, reader).described()

    kinds.register(
        kinds.Kind(
            slug=wizard.slug,
            title=wizard.title,
            portal=wizard.portal,
            edit_role=wizard.edit_role,
            new_url=lambda: wizard.url("new"),
            resume_url=lambda application: wizard.url("receipt", application.number),
            copy_url=copy_url,
            describe=describe,
            documents=wizard.documents,
            number_label=wizard.number_label,
            list_label=wizard.list_label,
        )
    )
    _wizards[wizard.slug] = wizard
    return wizard


def get(slug: str) -> Wizard:
    """Return the wizard `slug` (KeyError when there is none)."""
    return _wizards[slug]


def all_wizards() -> list[Wizard]:
    """Return every registered wizard."""
    return list(_wizards.values())
