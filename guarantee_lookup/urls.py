"""Addresses below /lookup/ (ux.md 5.6): none of them contains a number of a customer or a guarantee."""

from django.urls import include, path

from guarantee_lookup.api import API
from guarantee_lookup.views import apply, batch, history, lookup, people, terms, whatif
from guarantee_lookup.views.terms import bank_page
from guarantee_lookup.wizards import USAGE
from portal.accounts.access import PUBLIC, page
from portal.api.urls import api_urls
from portal.wizard.urls import wizard_urls

see = bank_page(roles=("lookup.user",), methods=("GET",))
ask_many = bank_page(roles=("lookup.batch",), methods=("GET", "POST"))
many = bank_page(roles=("lookup.batch",), methods=("GET",))
try_out = bank_page(roles=("lookup.user",), methods=("GET", "POST"))
apply_top = page(roles=PUBLIC, methods=("GET", "POST"))(apply.top)
apply_form = page(roles=PUBLIC, methods=("GET", "POST"))
own = page(roles=("lookup.applicant",), methods=("GET",))
manage = bank_page(roles=("lookup.master",), methods=("GET", "POST"))
usage = {"wizard": USAGE}

app_name = "lookup"
urlpatterns = [
    path("", bank_page(roles=("lookup.user",), methods=("GET", "POST"))(lookup.home), name="home"),
    path("result/<str:token>/", see(lookup.result), name="result"),
    path("result/<str:token>/sheet.pdf", see(lookup.result_sheet), name="result-sheet"),
    path("result/<str:token>/whatif/", try_out(whatif.whatif), name="whatif"),
    path("history/", see(history.history), name="history"),
    path("history/<number:number>/", see(history.detail), name="history-detail"),
    path("history/<number:number>/whatif/", try_out(whatif.past_whatif), name="history-whatif"),
    path("history/<number:number>/sheet.pdf", see(history.sheet), name="history-sheet"),
    path("batch/", ask_many(batch.batch), name="batch"),
    path("batch/template.csv", many(batch.template), {"form": "csv"}, name="batch-template-csv"),
    path("batch/template.xlsx", many(batch.template), {"form": "xlsx"}, name="batch-template-xlsx"),
    path("batch/<number:number>/", ask_many(batch.batch_file), name="batch-file"),
    path("terms/", page(roles=("lookup.user",), methods=("GET", "POST"))(terms.terms), name="terms"),
    path("apply/", apply_top, usage, name="applications"),
    path("apply/", include(wizard_urls(USAGE, apply_top))),
    path("apply/terms/", page(roles=PUBLIC)(terms.public_terms), name="apply-terms"),
    path("apply/resume/", apply_form(apply.come_back), name="apply-resume"),
    path("apply/resume/code/", apply_form(apply.code), name="apply-code"),
    path("apply/<number:number>/status/", own(apply.status), usage, name="application"),
    path("apply/<number:number>/form.pdf", own(apply.form_pdf), usage, name="apply-paper"),
    path("users/", bank_page(roles=("lookup.master",))(people.users), name="users"),
    path("users/new/", manage(people.user_new), name="user-new"),
    path("users/<int:pk>/", bank_page(roles=("lookup.master",))(people.user), name="user"),
    path("users/<int:pk>/change/", manage(people.user_change), name="user-change"),
    path("users/<int:pk>/<slug:action>/", manage(people.user_action), name="user-action"),
    path("recertify/", manage(people.recertify), name="recertify"),
    *api_urls(API),
]
