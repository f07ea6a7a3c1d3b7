from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "portal.numbering"
    label = "numbering"
    verbose_name = "番号"
