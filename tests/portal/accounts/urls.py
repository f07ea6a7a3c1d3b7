"""The account pages and the admin, with a page of every kind of access beside them."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.accounts import roles
from portal.accounts.access import LOGIN, PUBLIC, STAFF, page
from portal.accounts.roles import Role

roles.register(
    Role("sample.view", "照会", "sample"),
    Role("sample.input", "入力", "sample", implies=("sample.view",)),
    Role("sample.apply", "申込", "sample", implies=("sample.input",)),
    Role("sample.other", "その他", "sample"),
)


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns = [
    path("", include("portal.ui.urls")),
    path("account/", include("portal.accounts.urls")),
    path("admin/", admin.site.urls),
    path("sample/public/", page(roles=PUBLIC)(hello), name="sample-public"),
    path("sample/login/", page(roles=LOGIN, methods=("GET", "POST"))(hello), name="sample-login"),
    path("sample/send/", page(roles=LOGIN, methods=("POST",))(hello), name="sample-send"),
    path("sample/staff/", page(roles=STAFF)(hello), name="sample-staff"),
    path("sample/view/", page(roles=("sample.view",))(hello), name="sample-view"),
    path("sample/input/", page(roles=("sample.input",))(hello), name="sample-input"),
    path("sample/either/", page(roles=("sample.apply", "sample.other"))(hello), name="sample-either"),
    path("sample/undeclared/", hello, name="sample-undeclared"),
]

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.permission_denied"
handler404 = "portal.ui.errors.page_not_found"
handler500 = "portal.ui.errors.server_error"
