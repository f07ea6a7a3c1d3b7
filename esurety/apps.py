"""The e-surety portal and the confirmation service of the bodies as one Django app."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from portal.ui.portals import Portal

VERBS = {
    "surety.applied": "保証申込の送信",
    "surety.withdrawn": "保証申込の取下げ",
    "surety.application_paper": "保証申込の控えの出力",
    "surety.status_csv": "状況のCSV出力",
    "surety.received": "保証申込の受付",
    "surety.returned": "保証申込の差戻し",
    "surety.refused": "保証申込の謝絶",
    "surety.checked": "保証申込の審査",
    "surety.approved": "保証申込の決裁",
    "surety.answered": "お客様へのお知らせの登録",
    "surety.decision_denied": "自分が審査・起案したものの決裁の拒否",
    "surety.paid": "保証料の入金",
    "surety.billed": "一括納付の請求",
    "surety.concluded": "保証契約の締結",
    "surety.issued": "電子証書の発行の開始",
    "surety.arrived": "電子証書の発行",
    "surety.prepared": "変更・訂正・取消の起案",
    "surety.revised": "変更・訂正・取消の実行",
    "surety.revision_refused": "変更・訂正・取消の却下",
    "surety.certificate_shown": "保証証書の表示",
    "surety.certificate_pdf": "保証証書のPDFの出力",
    "surety.key_shown": "認証キーの表示",
    "surety.key_sheet": "認証キーのお知らせの出力",
    "surety.key_reissued": "認証キーの再発行",
    "surety.key_refused": "認証キーの表示の拒否",
    "surety.submitted": "発注者への提出の記録",
    "surety.list_csv": "保証契約一覧のCSV出力",
    "surety.fee_statement": "保証料計算書の出力",
    "surety.fees_csv": "保証料計算書一覧のCSV出力",
    "surety.invoice_pdf": "一括納付の請求書の出力",
    "surety.review_sheet": "審査票の出力",
    "surety.file_viewed": "保証申込の閲覧",
    "surety.masters_imported": "発注者の取り込み",
    "verify.tried": "認証キーの入力",
    "verify.registered": "電子証書の登録",
    "verify.shown": "電子証書の表示",
    "verify.pdf": "電子証書のPDFの出力",
    "verify.json": "電子証書のデータの出力",
    "verify.csv": "証書一覧のCSV出力",
    "verify.checked": "電子証書の検証",
    "verify.compared": "契約内容との照合",
    "verify.accepted": "電子証書の受領",
    "verify.returned": "電子証書の差戻し",
    "verify.frozen": "認証キーの停止",
    "verify.unlocked": "認証キーの停止解除",
    "verify.foreign": "他の発注者の電子証書の認証キーの入力",
    "verify.rule_changed": "電子保証対応設定の変更",
    "verify.user_added": "発注者の利用者の追加",
    "verify.user_changed": "発注者の利用者の変更",
    "verify.user_stopped": "発注者の利用者の停止",
    "verify.user_resumed": "発注者の利用者の停止解除",
    "verify.users_csv": "発注者の利用者一覧のCSV出力",
}


class ESuretyConfig(AppConfig):
    name = "esurety"
    verbose_name = "電子保証ポータル"

    def ready(self) -> None:
        from django.conf import settings

        from esurety import checks, documents, roles, wizards  # noqa: F401 - they register themselves
        from portal import audit
        from portal.documents import files
        from portal.ui import portals

        for verb, label in VERBS.items():
            audit.register(verb, label)
        files.MODELS.append("esurety.Certificate")
        for portal in (_contractors(), _bodies()):
            if portal.key in settings.PORTALS:
                portals.register(portal)


def _contractors() -> "Portal":
    from portal.ui.portals import MenuItem, Portal

    return Portal(
        key="surety",
        name="電子保証ポータル",
        accent="teal",
        icon="certificate",
        audience="建設業者の方",
        home="surety:home",
        menu=[
            MenuItem("トップ", "surety:home"),
            MenuItem("保証申込", "surety:application-new"),
            MenuItem("状況", "surety:applications"),
            MenuItem("保証契約一覧", "surety:guarantees"),
        ],
        summary="前払金保証・中間前払金保証・契約保証の申込み、電子証書と認証キー",
    )


def _bodies() -> "Portal":
    from portal.ui.portals import MenuItem, Portal

    return Portal(
        key="verify",
        name="発注者確認（電子保証）",
        accent="teal",
        icon="certificate",
        audience="発注者の方",
        home="verify:home",
        menu=[
            MenuItem("認証キー入力", "verify:home"),
            MenuItem("証書一覧", "verify:certificates"),
            MenuItem("証書の検証", "verify:check"),
            MenuItem("電子保証対応設定", "verify:rules"),
            MenuItem("利用者管理", "verify:users"),
        ],
        summary="保証契約番号と認証キーによる電子証書の確認",
    )
