"""The addresses of one portal's application list."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from portal.accounts.access import page
from portal.applications import views


def application_urls(
    portal: str, view_role: str, listing: Callable[..., HttpResponseBase] | None = None
) -> list[URLPattern]:
    """Return list, detail, withdrawal and attachments for the applications of `portal`.

    `listing` takes the place of the list where the portal has one of its own.
    """
    given = {"portal": portal}
    see = page(roles=(view_role,), methods=("GET",))
    change = page(roles=(view_role,), methods=("GET", "POST"))
    list_of_all = path("", see(views.application_list), given, name="applications")
    return [
        path("", see(listing), name="applications") if listing else list_of_all,
        path("<number:number>/", see(views.application_detail), given, name="application"),
        path("<number:number>/withdraw/", change(views.application_withdraw), given, name="application-withdraw"),
        path("attachments/<str:pk>/", see(views.attachment), given, name="attachment"),
    ]
