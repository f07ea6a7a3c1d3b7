from django.apps import AppConfig

VERBS = {
    "api.token-created": "APIトークンの発行",
    "api.token-revoked": "APIトークンの取消",
    "api.read": "APIによる照会",
}


class ApiConfig(AppConfig):
    name = "portal.api"
    label = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from portal import audit

        for verb, label in VERBS.items():
            audit.register(verb, label)
