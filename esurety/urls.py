"""Addresses below /surety/ (ux.md 5.7)."""

from django.urls import include, path

from esurety.views import applications, bodies, fees_list, guarantees, home, simulate, status, submit, versions
from esurety.wizards import APPLICATION
from portal.accounts.access import page
from portal.applications.views import attachment
from portal.wizard.urls import wizard_urls

see = page(roles=("surety.view",), methods=("GET",))
edit = page(roles=("surety.user",), methods=("GET",))
change = page(roles=("surety.user",), methods=("GET", "POST"))
take = page(roles=("surety.user",), methods=("POST",))
renew = page(roles=("surety.admin",), methods=("GET", "POST"))

app_name = "surety"
urlpatterns = [
    path("", see(home.home), name="home"),
    path("applications/", include(applications.with_clearing(wizard_urls(APPLICATION)))),
    path("applications/<number:number>/paper.pdf", see(applications.paper), name="application-paper"),
    path(
        "applications/echo/",
        page(roles=("surety.user",), methods=("POST",))(applications.echo),
        name="application-echo",
    ),
    path("search/bodies/", edit(applications.search), name="body-search"),
    path("search/banks/", edit(applications.search), name="bank-search"),
    path("status/", see(status.status), name="applications"),
    path("status/<number:number>/", see(status.detail), name="application"),
    path("status/<number:number>/withdraw/", change(status.withdraw_draft), name="application-withdraw"),
    path("status/<number:number>/withdraw/<slug:product>/", change(status.withdraw), name="item-withdraw"),
    path("attachments/<str:pk>/", see(attachment), {"portal": "surety"}, name="attachment"),
    path("recommendations/", change(status.recommended), name="recommendations"),
    path("bodies/", see(bodies.body_list), name="bodies"),
    path("guarantees/", see(guarantees.guarantee_list), name="guarantees"),
    path("guarantees/<str:number>/", see(guarantees.guarantee), name="guarantee"),
    path("guarantees/<str:number>/certificate/<int:sequence>/", see(versions.certificate), name="certificate"),
    path(
        "guarantees/<str:number>/certificate/<int:sequence>/pdf/", see(versions.certificate_pdf), name="certificate-pdf"
    ),
    path("guarantees/<str:number>/key/<int:sequence>/", change(versions.key), name="key"),
    path("guarantees/<str:number>/key/<int:sequence>/sheet/", take(versions.sheet), name="key-sheet"),
    path("guarantees/<str:number>/key/<int:sequence>/reissue/", renew(versions.reissue), name="key-reissue"),
    path("guarantees/<str:number>/submit/<int:sequence>/", change(submit.submit), name="submit"),
    path("works/", see(guarantees.works), name="works"),
    path("fees/", see(fees_list.fees), name="fees"),
    path("fees/<str:number>/statement.pdf", see(fees_list.statement), name="fee-statement"),
    path("fees/simulate/", see(simulate.simulate), name="simulate"),
]
