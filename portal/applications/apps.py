from django.apps import AppConfig

VERBS = {
    "application.started": "申込みの入力開始",
    "application.submitted": "申込み",
    "application.withdrawn": "申込みの取下げ",
    "application.expired": "入力中の申込みの期限切れ",
    "attachment.read": "添付書類の表示",
}


class ApplicationsConfig(AppConfig):
    name = "portal.applications"
    label = "applications"
    verbose_name = "申込み"

    def ready(self) -> None:
        from django.urls import register_converter

        from portal import audit
        from portal.applications.numbers import NumberConverter

        register_converter(NumberConverter, "number")
        for verb, label in VERBS.items():
            audit.register(verb, label)
