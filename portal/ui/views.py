"""Pages that belong to no portal: choice of portals, notices on the site itself, help, style guide."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.common.http import wants_partial
from portal.ui import help as help_texts
from portal.ui import portals
from portal.ui import styleguide as stories
from portal.ui.access import public
from portal.ui.context import portal_frame

SCREEN = re.compile(r"[\w:.-]{1,80}", re.ASCII)


@public()
def home(request: HttpRequest) -> HttpResponse:
    """The four procedures, one card each."""
    return render(request, "pages/home.html", {"portals": portals.active(), "wide": True})


@public()
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@public()
def cookies(request: HttpRequest) -> HttpResponse:
    names = {"session_cookie": settings.SESSION_COOKIE_NAME, "csrf_cookie": settings.CSRF_COOKIE_NAME}
    return render(request, "pages/cookies.html", names)


@public()
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/terms.html")


@public()
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@public()
def help_page(request: HttpRequest, portal: str) -> HttpResponse:
    """All help of one portal; `?screen=` names the page somebody asks about, to be told on the phone."""
    found = known_portal(portal)
    screen = request.GET.get("screen", "")
    context = {
        **portal_frame(found),
        "topics": help_texts.topics(portal) if found else (),
        "common_topics": help_texts.topics(help_texts.COMMON),
        "screen": screen if SCREEN.fullmatch(screen) else "",
    }
    return render(request, "pages/help.html", context)


@public()
def help_field(request: HttpRequest, portal: str, field: str) -> HttpResponse:
    """Help of one field: a page, or for the pop-up only its words."""
    found = known_portal(portal)
    topic = help_texts.topic(portal, field)
    if topic is None:
        raise Http404
    template = "pages/help_topic.html" if wants_partial(request) else "pages/help_field.html"
    return render(request, template, {**portal_frame(found), "topic": topic})


def known_portal(key: str) -> portals.Portal | None:
    """The portal of help addresses; None for the common help; Http404 for an unknown key."""
    found = portals.of_path(f"/{key}/")
    if found is None and key != help_texts.COMMON:
        raise Http404
    return found


@public()
def styleguide(request: HttpRequest) -> HttpResponse:
    """One story per component; not in production."""
    if settings.PORTAL_ENV == "production":
        raise Http404
    return render(request, "pages/styleguide.html", stories.context())


@public(("GET", "HEAD", "POST"))
def styleguide_errors(request: HttpRequest) -> HttpResponse:
    """The same form after a send that failed (GET: a sample of mistakes); not in production."""
    if settings.PORTAL_ENV == "production":
        raise Http404
    if request.method == "POST":
        return render(
            request, "pages/styleguide_errors.html", stories.error_context(request.POST, request.FILES), status=422
        )
    return render(request, "pages/styleguide_errors.html", stories.error_context(stories.MISTAKES))
