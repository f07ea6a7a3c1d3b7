"""Where a login leads."""

from django.urls import reverse

from portal.accounts.models import User
from portal.ui import portals


def first_page(user: User) -> str:
    """The first page of the user's portal; the work queues for staff."""
    if user.is_staff:
        return reverse("admin:index")
    portal = portals.of_path(f"/{user.organisation.portal}/") if user.organisation else None
    return portal.home_url if portal else "/"
