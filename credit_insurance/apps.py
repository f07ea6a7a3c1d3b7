"""The trade-credit portal as a Django app."""

from django.apps import AppConfig

VERBS = {
    "credit.questionnaire": "アンケートの回答",
    "credit.contact_asked": "アンケートからの連絡の希望",
    "credit.leads_shown": "連絡の希望の表示",
    "credit.lead_handled": "連絡の希望への対応",
    "credit.members_csv": "会員の一覧のCSV出力",
    "credit.profile_changed": "加入者情報の変更",
    "credit.membership_asked": "会員確認の依頼",
    "credit.membership": "会員確認",
    "credit.line_saved": "取引先の保存",
    "credit.line_removed": "取引先の削除",
    "credit.lines_imported": "取引先の取り込み",
    "credit.lines_csv": "取引先の一覧の出力",
    "credit.file_viewed": "加入手続の閲覧",
    "credit.review_begun": "審査の開始",
    "credit.limit_decided": "支払限度額の決定",
    "credit.info_asked": "追加情報の依頼",
    "credit.info_answered": "追加情報の回答",
    "credit.returned": "ヒアリングシートの差戻し",
    "credit.declined": "加入の謝絶",
    "credit.quote_prepared": "お引受条件の作成",
    "credit.quote_issued": "お引受条件の発行",
    "credit.quote_accept": "お引受条件の確定",
    "credit.quote_revise": "条件見直しの依頼",
    "credit.quote_refuse": "お引受条件の見送り",
    "credit.quote_pdf": "お引受条件のご案内の出力",
    "credit.submitted": "ヒアリングシートの申請",
    "credit.sheet_pdf": "ヒアリングシートの印刷",
}


class CreditInsuranceConfig(AppConfig):
    name = "credit_insurance"
    verbose_name = "取引信用保険ポータル"

    def ready(self) -> None:
        from django.conf import settings

        from credit_insurance import roles, wizards  # noqa: F401 - they register themselves
        from portal import audit
        from portal.ui import portals
        from portal.ui.portals import MenuItem, Portal

        for verb, label in VERBS.items():
            audit.register(verb, label)
        if "credit" in settings.PORTALS:
            portals.register(
                Portal(
                    key="credit",
                    name="取引信用保険ポータル",
                    accent="green",
                    icon="shield",
                    audience="中央会の会員組合に加入している事業者の方",
                    home="credit:home",
                    about=MenuItem("貸倒補償制度とは（どなたでもご覧になれます）", "credit:about"),
                    menu=[
                        MenuItem("トップ", "credit:home"),
                        MenuItem("お見積り", "credit:cases"),
                        MenuItem("加入者情報", "credit:profile"),
                        MenuItem("保険料の目安", "credit:simulator"),
                    ],
                    summary="貸倒補償制度：アンケート、お見積り、加入、取引先の限度額",
                )
            )
