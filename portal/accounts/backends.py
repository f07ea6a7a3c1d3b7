"""Login by ユーザーID and password; rights come from the grants in force (see User)."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from portal.accounts.models import User


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
        try:
            user: User = User.objects.select_related("organisation").get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if user.can_sign_in() else None
