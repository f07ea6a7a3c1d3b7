"""Addresses below /nexi/ (ux.md 5.4)."""

from django.urls import include, path

from nexi_quota.api import API
from nexi_quota.views import bulk, buyers, check, contracts, home, quotas, receipts
from nexi_quota.wizards import NOTICE, QUOTA_CONFIRMATION
from portal.accounts.access import page
from portal.api.urls import api_urls
from portal.applications.urls import application_urls
from portal.wizard.urls import wizard_urls

see = page(roles=("nexi.view",), methods=("GET",))

app_name = "nexi"
urlpatterns = [
    path("", see(home.home), name="home"),
    path("requests/", include(wizard_urls(QUOTA_CONFIRMATION))),
    path(
        "requests/<number:number>/receipt.pdf",
        see(receipts.receipt_pdf),
        {"wizard": QUOTA_CONFIRMATION},
        name="receipt-pdf",
    ),
    path("notices/", include(wizard_urls(NOTICE))),
    path(
        "notices/<number:number>/receipt.pdf", see(receipts.receipt_pdf), {"wizard": NOTICE}, name="notice-receipt-pdf"
    ),
    path("applications/", include(application_urls("nexi", "nexi.view"))),
    path("quotas/", see(quotas.quotas), name="quotas"),
    path("quotas/<number:number>/", see(quotas.quota), name="quota"),
    path("quotas/<number:number>/certificate.pdf", see(quotas.certificate), name="certificate"),
    path("contracts/", see(contracts.contracts), name="contracts"),
    path("contracts/<str:number>/", see(contracts.contract), name="contract"),
    path("buyers/", see(buyers.buyers), name="buyers"),
    path("buyers/search/", see(buyers.buyer_search), name="buyer-search"),
    path("bulk/", page(roles=("nexi.input",), methods=("GET", "POST"))(bulk.upload), name="bulk"),
    path("bulk/template.csv", see(bulk.template), {"form": "csv"}, name="bulk-template-csv"),
    path("bulk/template.xlsx", see(bulk.template), {"form": "xlsx"}, name="bulk-template-xlsx"),
    path("bulk/<number:number>/", page(roles=("nexi.view",), methods=("GET", "POST"))(bulk.file), name="bulk-file"),
    path("check/", page(roles=("nexi.input",), methods=("GET", "POST"))(check.check), name="check"),
    *api_urls(API),
]
