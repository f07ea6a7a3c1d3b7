"""The project's addresses and those of the sample procedure."""

from django.urls import include, path

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as project
from tests.portal.wizard.sample import sample_patterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*project, path("sample/", include(sample_patterns))]
