"""All addresses of the project; the only place where the portals meet."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.ui.urls")),
    path("", include("portal.health")),
    path("account/", include("portal.accounts.urls")),
    path("admin/", admin.site.urls),
    *(path(f"{key}/", include(settings.ALL_PORTALS[key])) for key in settings.PORTALS),
]

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.permission_denied"
handler404 = "portal.ui.errors.page_not_found"
handler500 = "portal.ui.errors.server_error"
