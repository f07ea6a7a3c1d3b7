"""The addresses of a declared procedure."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from portal.accounts.access import page
from portal.wizard import views
from portal.wizard.declaration import Wizard


def wizard_urls(wizard: Wizard, intro: Callable[..., HttpResponseBase] | None = None) -> list[URLPattern]:
    """Return the pages of `wizard`: new/, new/steps/…, <number>/steps/…, <number>/confirm/, <number>/.

    `intro` takes the place of new/ where the introduction is not for holders of the edit role; it declares by `page`
    who may call it.
    """
    edit = page(roles=(wizard.edit_role,), methods=("GET", "POST"))
    look = page(roles=(wizard.edit_role,), methods=("GET",))
    see = page(roles=(wizard.view_role,), methods=("GET",))
    given = {"wizard": wizard}
    slug = wizard.slug
    return [
        path("new/", intro or look(views.intro), given, name=f"{slug}-new"),
        path("new/steps/<slug:slug>/", edit(views.first_step), given, name=f"{slug}-first"),
        path("<number:number>/steps/<slug:slug>/", edit(views.step), given, name=f"{slug}-step"),
        path("<number:number>/confirm/", edit(views.confirm), given, name=f"{slug}-confirm"),
        path("<number:number>/", see(views.receipt), given, name=f"{slug}-receipt"),
    ]
