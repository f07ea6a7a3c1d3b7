"""Addresses below /nexi/ (ux.md 5.4)."""

from django.urls import include, path

from nexi_quota.views import buyers, home, quotas
from nexi_quota.wizards import QUOTA_CONFIRMATION
from portal.accounts.access import page
from portal.applications.urls import application_urls
from portal.wizard.urls import wizard_urls

see = page(roles=("nexi.view",), methods=("GET",))

app_name = "nexi"
urlpatterns = [
    path("", see(home.home), name="home"),
    path("requests/", include(wizard_urls(QUOTA_CONFIRMATION))),
    path("requests/<number:number>/receipt.pdf", see(quotas.receipt_pdf), name="receipt-pdf"),
    path("applications/", include(application_urls("nexi", "nexi.view"))),
    path("quotas/", see(quotas.quotas), name="quotas"),
    path("quotas/<number:number>/", see(quotas.quota), name="quota"),
    path("quotas/<number:number>/certificate.pdf", see(quotas.certificate), name="certificate"),
    path("buyers/", see(buyers.buyers), name="buyers"),
    path("buyers/search/", see(buyers.buyer_search), name="buyer-search"),
]
