"""Addresses below the root that belong to no portal."""

from django.urls import path

from portal.ui import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("cookies/", views.cookies, name="cookies"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
    path("help/<slug:portal>/", views.help_page, name="help"),
    path("help/<slug:portal>/<slug:field>/", views.help_field, name="help-field"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("styleguide/errors/", views.styleguide_errors, name="styleguide-errors"),
]
