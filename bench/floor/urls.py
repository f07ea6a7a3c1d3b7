"""Addresses of the floor."""

from django.contrib.auth.views import LoginView
from django.urls import path

from bench.floor import views

urlpatterns = [
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("page/", views.page, name="page"),
    path("customer/", views.customer, name="customer"),
    path("lookup/", views.lookup, name="lookup"),
    path("lookup/<slug:number>/", views.shown, name="shown"),
    path("debtors/<slug:sheet>/", views.debtors, name="debtors"),
    path("wizard/<slug:step>/", views.wizard, name="step"),
]
