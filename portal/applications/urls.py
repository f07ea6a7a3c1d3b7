"""The addresses of one portal's application list."""

from django.urls import URLPattern, path

from portal.accounts.access import page
from portal.applications import views


def application_urls(portal: str, view_role: str) -> list[URLPattern]:
    """Return list, detail, withdrawal and attachments for the applications of `portal`."""
    given = {"portal": portal}
    see = page(roles=(view_role,), methods=("GET",))
    change = page(roles=(view_role,), methods=("GET", "POST"))
    return [
        path("", see(views.application_list), given, name="applications"),
        path("<number:number>/", see(views.application_detail), given, name="application"),
        path("<number:number>/withdraw/", change(views.application_withdraw), given, name="application-withdraw"),
        path("attachments/<str:pk>/", see(views.attachment), given, name="attachment"),
    ]
