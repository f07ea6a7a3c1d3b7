"""The trade-credit portal as a Django app."""

from django.apps import AppConfig

VERBS = {
    "credit.questionnaire": "アンケートの回答",
    "credit.questionnaire_pdf": "アンケート結果の印刷",
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
    "credit.assigned": "審査の割当",
    "credit.exposure_viewed": "取引先の他の限度額の閲覧",
    "credit.limit_decided": "支払限度額の決定",
    "credit.info_asked": "追加情報の依頼",
    "credit.info_answered": "追加情報の回答",
    "credit.info_missing": "回答のない追加情報の締切り",
    "credit.returned": "ヒアリングシートの差戻し",
    "credit.declined": "加入の謝絶",
    "credit.quote_prepared": "お引受条件の作成",
    "credit.quote_issued": "お引受条件の発行",
    "credit.quote_withdrawn": "お引受条件の取下げ",
    "credit.quote_accept": "お引受条件の確定",
    "credit.quote_revise": "条件見直しの依頼",
    "credit.quote_refuse": "お引受条件の見送り",
    "credit.quote_pdf": "お引受条件のご案内の出力",
    "credit.form_submitted": "加入依頼書の提出",
    "credit.form_handed_over": "加入依頼書の回付",
    "credit.form_handed_back": "加入依頼書の担当者への差戻し",
    "credit.form_accepted": "加入依頼書の受付",
    "credit.form_returned": "加入依頼書の不備返却",
    "credit.form_pdf": "加入依頼書の出力",
    "credit.start_later": "補償開始日の変更の提示",
    "credit.start_confirmed": "補償開始日の変更の確認",
    "credit.period_missed": "締切による加入手続の終了",
    "credit.case_reopened": "次の保険期間の見積りの用意",
    "credit.enrolment_cancelled": "加入手続の取消し",
    "credit.completed": "加入手続の完了",
    "credit.bank_file_imported": "振込入金通知の取込",
    "credit.deposit_entered": "入金の登録",
    "credit.deposit_cancelled": "入金の取消し",
    "credit.deposits_csv": "入金消込の一覧のCSV出力",
    "credit.refunds_csv": "返金の一覧のCSV出力",
    "credit.dashboard_csv": "団体ダッシュボードのCSV出力",
    "credit.allocated": "入金消込",
    "credit.allocation_undone": "入金消込の取消し",
    "credit.invoice_changed": "請求額の変更",
    "credit.invoice_pdf": "払込のご案内の出力",
    "credit.refund_requested": "返金の依頼",
    "credit.refund_decided": "返金の承認・却下",
    "credit.refund_paid": "返金済みの登録",
    "credit.receipt_pdf": "払込確認のお知らせの出力",
    "credit.certificate_issued": "加入者証の発行",
    "credit.certificate_asked": "加入者証の再発行の依頼",
    "credit.certificate_pdf": "加入者証の出力",
    "credit.balance_changed": "取引先の残高の更新",
    "credit.debtors_csv": "取引先一覧の出力",
    "credit.portfolio_viewed": "引受状況の閲覧",
    "credit.paper_shown": "加入時の確認書類の表示",
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
        from portal.documents import files
        from portal.ui import portals
        from portal.ui.portals import MenuItem, Portal

        for verb, label in VERBS.items():
            audit.register(verb, label)
        files.MODELS.append("credit_insurance.ConsentPaper")
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
                        MenuItem("加入依頼書", "credit:enrolments"),
                        MenuItem("加入者証", "credit:certificate"),
                        MenuItem("取引先一覧", "credit:cover-debtors"),
                        MenuItem("書類庫", "credit:library"),
                    ],
                    summary="貸倒補償制度：アンケート、お見積り、加入、取引先の限度額",
                )
            )
