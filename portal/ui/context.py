"""What the frame of every page needs; no query is made here."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from portal.ui import portals
from portal.ui.help import COMMON

SITE_NAME = "保証・保険 電子手続き"
DEMO_NOTICE = "デモ環境です。入力した内容で実際の申込みや契約が行われることはありません。"
DEFAULT_CONTACT = portals.Contact()
SESSION_IDLE_SECONDS = 30 * 60


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame of the address, its menu, and the seconds until the log-in ends."""
    portal = portals.of_path(request.path)
    menu = tuple(portal.menu_for(request.path)) if portal else ()
    return {
        **portal_frame(portal),
        "menu": menu,
        "frame_menu": rendered_menu(menu) if menu else "",
        "session_idle_seconds": getattr(request, "session_idle_seconds", SESSION_IDLE_SECONDS),
    }


def portal_frame(portal: portals.Portal | None) -> dict[str, Any]:
    """The part of the frame that needs no reader: all that an error page shows."""
    return {
        "portal": portal,
        "site_name": portal.name if portal else SITE_NAME,
        "accent": portal.accent if portal else "grey",
        **constant_parts(portal.key if portal else COMMON),
        "contact": portal.contact if portal else DEFAULT_CONTACT,
        "service_notice": service_notice(),
    }


@cache
def constant_parts(help_key: str) -> dict[str, str]:
    """What is the same on every page of a portal, rendered once: resolving its addresses costs more than the page."""
    return {
        "help_url": reverse("help", args=[help_key]),
        "logout_url": reverse("account:logout"),
        "frame_head": render_to_string("frame/head.html"),
        "frame_footer": render_to_string("frame/footer.html", {"help_key": help_key}),
    }


@cache
def rendered_menu(menu: tuple[tuple[str, str, str], ...]) -> str:
    """The main menu, wide and small: one for each entry that is the present one."""
    return render_to_string("frame/menu.html", {"menu": menu})


def service_notice() -> str:
    """The operator's notice if there is one, else the mark of a demo environment, else nothing."""
    return getattr(settings, "SERVICE_NOTICE", "") or (DEMO_NOTICE if settings.PORTAL_ENV == "development" else "")
