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
    "nexi.proposed": "個別保証枠の変更の申請",
    "nexi.approved": "個別保証枠の変更の承認",
    "nexi.refused": "個別保証枠の変更の却下",
    "nexi.withdrawn": "個別保証枠の変更の取下げ",
    "nexi.replaced": "個別保証枠の変更の差替え",
    "nexi.decision_denied": "自分の申請などの決定の拒否",
    "nexi.rating_set": "格付の設定",
    "nexi.imported": "名簿等の取り込み",
    "nexi.checked": "申込み前の確認",
    "nexi.bulk": "通知の一括取り込み",
    "nexi.bulk_queued": "通知の一括取り込みの開始",
    "nexi.bulk_failed": "通知の一括取り込みの中止",
}


class NexiQuotaConfig(AppConfig):
    name = "nexi_quota"
    verbose_name = "輸出者ポータル（個別保証枠）"

    def ready(self) -> None:
        from nexi_quota import roles, wizards  # noqa: F401 - they register themselves
        from nexi_quota.bulk import KIND
        from nexi_quota.forms import NoticeForm, TermsForm
        from portal import audit
        from portal.applications import kinds
        from portal.ui import help, portals

        kinds.register(KIND)
        for verb, label in VERBS.items():
            audit.register(verb, label)
        for form in (TermsForm, NoticeForm):
            for field, (title, text) in form.help_texts().items():
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
                    portals.MenuItem("保有契約一覧", "nexi:contracts"),
                    portals.MenuItem("Web申込状況一覧", "nexi:applications"),
                    portals.MenuItem("決済／枠戻通知", "nexi:notice-new"),
                ],
                summary="個別保証枠確認申込み、個別保証枠確認証の印刷、申込状況の照会",
            )
        )
