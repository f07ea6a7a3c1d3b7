"""A small API beside the pages it needs: the people of the organisation that a token belongs to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404
from django.urls import include, path

from portal.accounts import roles
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.api import fields, parameters
from portal.api.declaration import Api, Collection
from portal.api.fields import Record
from portal.api.models import Token
from portal.api.urls import api_urls

roles.register(
    Role("club.view", "照会", "club"),
    Role("club.admin", "管理者", "club", implies=("club.view",)),
    Role("club.other", "その他", "club"),
)


def people(token: Token, wanted: dict[str, Any]) -> QuerySet[User]:
    """Return the people of the token's organisation."""
    return User.objects.filter(organisation=token.organisation_id, **wanted_names(wanted))


def wanted_names(wanted: dict[str, Any]) -> dict[str, Any]:
    names = {"department": "department", "since": "date_joined__date__gte"}
    return {names[name]: value for name, value in wanted.items() if name in names}


def person(token: Token, number: str) -> User:
    """Return one of them by login."""
    found = User.objects.filter(organisation=token.organisation_id, login=number).first()
    if found is None:
        raise Http404
    return found


PERSON = Record(
    "Person",
    "利用者",
    (
        fields.text("number", "ユーザーID", lambda u: u.login, "taro-01"),
        fields.text("name", "氏名", lambda u: u.name, "輸出太郎"),
    ),
)
API = Api(
    portal="club",
    title="見本",
    version="1.0.0",
    intro="見本です。",
    role="club.view",
    manage_role="club.admin",
    collections=(
        Collection(
            name="people",
            title="利用者一覧",
            intro="利用者です。",
            record=PERSON,
            number_label="ユーザーID",
            number_pattern="[a-z0-9-]{1,40}",
            number_example="taro-01",
            filters=(
                parameters.words("department", "所属", 20, "EX01"),
                parameters.choice("active", "有効", [("yes", "はい"), ("no", "いいえ")]),
                parameters.day("since", "登録日がこの日以降"),
            ),
            rows=people,
            one=person,
        ),
    ),
)


def breaks(request: Any) -> None:
    raise RuntimeError("a programming error")


breaks.access = None  # type: ignore[attr-defined]

urlpatterns = [
    path("", include("portal.ui.urls")),
    path("account/", include("portal.accounts.urls")),
    path("admin/", admin.site.urls),
    path("club/", include((api_urls(API), "club"))),
    path("club/api/v1/broken/for-good", breaks),
]

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.permission_denied"
handler404 = "portal.ui.errors.page_not_found"
handler500 = "portal.ui.errors.server_error"
