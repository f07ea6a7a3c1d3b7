"""Login by ユーザーID and password; rights come from the grants in force (see User)."""

from functools import cache

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import Organisation, User
from portal.common.rows import LISTED, Columns

USERS = Columns(User)
ORGANISATIONS = Columns(Organisation)
_USER = """
SELECT {user}, {organisation},
    (SELECT {listed}(role, ',') FROM accounts_grant g
     WHERE g.user_id = u.id AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s))
FROM accounts_user u LEFT JOIN accounts_organisation o ON o.id = u.organisation_id WHERE u.id = %(user)s
"""


class GrantBackend(BaseBackend):
    """Users of a disabled organisation, and disabled users, are nobody: at login and at every request."""

    def authenticate(
        self, request: HttpRequest | None, login: str | None = None, password: str | None = None, **credentials: object
    ) -> User | None:
        if login is None or password is None:
            return None
        user = User.objects.select_related("organisation").filter(login=login).first()
        if user is None:
            User().set_password(password)  # the same work as for a known login, so that time tells nothing
            return None
        return user if user.check_password(password) and user.can_sign_in() else None

    def get_user(self, user_id: int) -> User | None:
        """Return the user with organisation and roles by one statement: every request behind a login asks."""
        today = timezone.localdate()
        with connection.cursor() as cursor:
            cursor.execute(_statement(connection.vendor), {"user": user_id, "today": today})
            row = cursor.fetchone()
        user = USERS.read(row[: len(USERS)]) if row else None
        if user is None:
            return None
        user.organisation = ORGANISATIONS.read(row[len(USERS) : -1])
        user.roles = frozenset((row[-1] or "").split(",")) - {""}
        return user if user.can_sign_in() else None


@cache
def _statement(vendor: str) -> str:
    return _USER.format(user=USERS.named("u"), organisation=ORGANISATIONS.named("o"), listed=LISTED[vendor])
