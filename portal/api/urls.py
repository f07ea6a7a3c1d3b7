"""The addresses of one portal's API: endpoints, document, description, tokens."""

from django.urls import URLPattern, path

from portal.accounts.access import PUBLIC, page
from portal.api import endpoints, views
from portal.api.access import endpoint
from portal.api.declaration import Api


def api_urls(api: Api) -> list[URLPattern]:
    """Return `api/v1/…` and `api-tokens/…` of a portal."""
    given = {"api": api}
    everybody = page(roles=PUBLIC)
    manage = page(roles=(api.manage_role,), methods=("GET", "POST"))
    guard = endpoint(api.role, admits=api.admits)
    patterns = [
        path("api/v1/", everybody(views.description), given, name="api"),
        path("api/v1/openapi.json", everybody(views.openapi), given, name="api-openapi"),
        path("api-tokens/", manage(views.tokens), given, name="api-tokens"),
        path("api-tokens/<slug:prefix>/revoke/", manage(views.revoke), given, name="api-token-revoke"),
    ]
    for one in api.collections:
        creates = endpoints.creation_of(one, one.creation) if one.creation else None
        both = endpoint(api.role, admits=api.admits, creates=creates)
        patterns += [
            path(f"api/v1/{one.name}", both(endpoints.list_of(one)), name=f"api-{one.name}"),
            path(f"api/v1/{one.name}/<str:number>", guard(endpoints.one_of(one)), name=f"api-{one.name}-one"),
        ]
    return patterns
