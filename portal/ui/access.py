"""What a view declares about who may call it and how; kept on the view as `view.access`, read by `list_urls`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponseBase

from portal.ui import errors

View = Callable[..., HttpResponseBase]
PUBLIC = ("public",)
LOGIN = ("login",)
STAFF = ("staff",)
READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Access:
    """Role codes (any of them is enough) or one of the words above, and the HTTP methods."""

    roles: tuple[str, ...]
    methods: tuple[str, ...]


def public(methods: tuple[str, ...] = READ) -> Callable[[View], View]:
    """Declare a view that needs no login; other methods than `methods` are answered with our 405 page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method not in methods:
                return errors.method_not_allowed(request, methods)
            return view(request, *args, **kwargs)

        guarded.access = Access(PUBLIC, methods)  # type: ignore[attr-defined]
        return guarded

    return decorate
