"""Addresses below /account/."""

from django.urls import path

from portal.accounts import views
from portal.accounts.second_factor import second_factor

app_name = "account"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("login/", views.login, name="login"),
    path("second-factor/", second_factor, name="second-factor"),
    path("logout/", views.logout, name="logout"),
    path("signed-out/", views.signed_out, name="signed-out"),
    path("password/", views.password, name="password"),
    path("session/", views.session, name="session"),
    path("sessions/end/", views.end_others, name="end-others"),
]
