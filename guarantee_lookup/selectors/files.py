"""Files of 一括照会 as far as the reader may see them."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import Http404

from guarantee_lookup.models import LookupFile, LookupLine

if TYPE_CHECKING:
    from portal.accounts.models import User


def own_file(user: "User", number: str) -> LookupFile:
    """Return one file that `user` may see; Http404 for others and unknown ones."""
    visible = LookupFile.objects.visible_to(user).select_related("user", "organisation")
    found: LookupFile | None = visible.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def lines_of(file: LookupFile) -> "QuerySet[LookupLine]":
    """Return the lines with all that their results are drawn from."""
    related = ("lookup__user", "lookup__organisation", "lookup__branch", "lookup__snapshot")
    return LookupLine.objects.filter(file=file).select_related(*related)
