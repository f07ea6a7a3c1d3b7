"""The project's addresses and those of the two procedures."""

from django.urls import include, path

from bench.site.wizards import ONE_PAGE, THREE_STEPS
from portal.applications.urls import application_urls
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as project
from portal.wizard.urls import wizard_urls

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

bench_patterns = (
    [
        path("requests/", include(wizard_urls(THREE_STEPS))),
        path("pages/", include(wizard_urls(ONE_PAGE))),
        path("applications/", include(application_urls("bench", "nexi.view"))),
    ],
    "bench",
)
urlpatterns = [*project, path("bench/", include(bench_patterns))]
