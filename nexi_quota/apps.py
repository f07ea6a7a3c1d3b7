from django.apps import AppConfig

VERBS = {
    "nexi.certificate": "個別保証枠確認証の表示",
    "nexi.receipt": "申込内容の控えの表示",
    "nexi.expired": "個別保証枠確認の失効",
    "nexi.disabled": "個別保証枠確認の使用不可",
    "nexi.settlement": "決済通知",
    "nexi.release": "枠戻通知",
    "nexi.insured": "保有契約の登録",
    "nexi.auto_released": "個別保証枠の自動解放",
    "nexi.loss_reported": "損失等発生通知の登録",
    "nexi.limit_set": "個別保証枠の設定",
    "nexi.rating_set": "格付の設定",
    "nexi.imported": "名簿等の取り込み",
}


class NexiQuotaConfig(AppConfig):
    name = "nexi_quota"
    verbose_name = "輸出者ポータル（個別保証枠）"

    def ready(self) -> None:
        from nexi_quota import roles, wizards  # noqa: F401 - they register themselves
        from nexi_quota.forms import TermsForm
        from portal import audit
        from portal.ui import help, portals

        for verb, label in VERBS.items():
            audit.register(verb, label)
        for field, (title, text) in TermsForm.help_texts().items():
            help.register("nexi", field, title, text)
        portals.register(
            portals.Portal(
                key="nexi",
                name="輸出者ポータル（個別保証枠）",
                accent="blue",
                icon="ship",
                audience="輸出者の方",
                home="nexi:home",
                menu=[
                    portals.MenuItem("ユーザーページ", "nexi:home"),
                    portals.MenuItem("個別保証枠確認申込み", "nexi:quota-confirmation-new"),
                    portals.MenuItem("個別保証枠一覧", "nexi:quotas"),
                    portals.MenuItem("Web申込状況一覧", "nexi:applications"),
                    portals.MenuItem("海外商社検索", "nexi:buyers"),
                ],
                summary="個別保証枠確認申込み、個別保証枠確認証の印刷、申込状況の照会",
            )
        )
