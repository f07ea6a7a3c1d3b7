"""Puts our admin site in the place of Django's; named in INSTALLED_APPS instead of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "portal.accounts.adminsite.StaffSite"
    verbose_name = "管理・事務局"
