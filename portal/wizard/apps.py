from django.apps import AppConfig


class WizardConfig(AppConfig):
    name = "portal.wizard"
    label = "wizard"
    verbose_name = "手続き"

    def ready(self) -> None:
        from portal.wizard import checks  # noqa: F401 - registers itself
