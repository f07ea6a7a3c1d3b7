"""The procedures that lists and detail pages know: registered by the wizard engine, never imported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application


@dataclass(frozen=True)
class Link:
    """A document of an application: what it is called and where it is."""

    label: str
    url: str


@dataclass(frozen=True)
class Kind:
    """手続種別: what a list shows of a procedure and where its pages are.

    `new_url` begins a run, `resume_url` leads to the first open page of a draft, `copy_url` to a new run
    prefilled from an old one (empty where none is), `describe` gives a draft's answers as readable data
    (`ApplicationVersion.answers`), `documents` the papers of a submitted application.
    """

    slug: str
    title: str
    portal: str
    edit_role: str
    new_url: Callable[[], str]
    resume_url: Callable[["Application"], str]
    describe: Callable[["Application", "User"], list[dict[str, Any]]]
    documents: Callable[["Application"], list[Link]]
    copy_url: Callable[["Application"], str] = lambda application: ""
    number_label: str = "Web申込番号"
    list_label: str = "Web申込状況一覧"

    def detail_url(self, application: "Application") -> str:
        """Return the address of 内容の照会."""
        return reverse(f"{self.portal}:application", args=[application.number])


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a procedure; a second one of the same name is a programming error."""
    if kind.slug in _kinds:
        raise ValueError(f"procedure {kind.slug} is registered twice")
    _kinds[kind.slug] = kind


def kind_of(slug: str) -> Kind:
    """Return the registered procedure `slug` (KeyError when its portal is switched off)."""
    return _kinds[slug]


def kinds_of(portal: str) -> list[Kind]:
    """Return the procedures of one portal in the order of their registration."""
    return [kind for kind in _kinds.values() if kind.portal == portal]
