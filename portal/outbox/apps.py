from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "outbox"
    verbose_name = "送信箱"

    def ready(self) -> None:
        # Importing them registers their topics, verbs and daily jobs.
        for module in ("mail", "nightly"):
            import_module(f"{self.name}.{module}")
        # Our own `tasks` is Celery's side of the relay: without a broker nobody pays for importing Celery.
        for config in apps.get_app_configs():
            if config is not self and config.module and module_has_submodule(config.module, "tasks"):
                import_module(f"{config.name}.tasks")
        if settings.REDIS_URL:
            import_module("portal.celery")
