"""The bank portal as a Django app."""

from django.apps import AppConfig

VERBS = {
    "lookup.made": "照会",
    "lookup.refused": "照会の拒否",
    "lookup.alert": "照会の警告",
    "lookup.shown": "照会結果の表示",
    "lookup.redisplay": "照会結果の再表示",
    "lookup.foreign": "他者の照会結果への要求",
    "lookup.sheet": "照会結果票の出力",
    "lookup.whatif": "試算",
    "lookup.history": "照会履歴の表示",
    "lookup.history_csv": "照会履歴のCSV出力",
    "lookup.file": "一括照会のファイルの確認",
    "lookup.file_run": "一括照会の実行",
    "lookup.file_shown": "一括照会の結果の表示",
    "lookup.file_csv": "一括照会の結果のCSV出力",
    "lookup.records": "照会の記録の閲覧",
    "lookup.search": "この顧客を照会した記録の検索",
    "lookup.search_csv": "この顧客を照会した記録のCSV出力",
    "lookup.report": "照会の月次報告・利用統計の表示",
    "lookup.report_csv": "照会の月次報告・利用統計のCSV出力",
    "lookup.import_started": "データの取り込みの開始",
    "lookup.import_ok": "データの取り込み",
    "lookup.import_rejected": "取り込みの却下",
    "lookup.import_held": "取り込みの保留",
    "lookup.import_viewed": "取り込みの結果の閲覧",
    "lookup.switched": "データの切替",
    "lookup.rolled_back": "前版への切り戻し",
    "lookup.decision_denied": "取り込みの決定の拒否",
    "lookup.terms_accepted": "利用規約への同意",
    "lookup.terms_refused": "利用規約への不同意",
    "lookup.user_added": "利用者の追加",
    "lookup.user_changed": "利用者の変更",
    "lookup.user_stopped": "利用者の停止",
    "lookup.user_resumed": "利用者の停止解除",
    "lookup.user_confirmed": "利用者の確認（継続）",
    "lookup.unlocked": "照会の停止解除",
    "lookup.users_csv": "利用者一覧のCSV出力",
    "lookup.guest_begun": "利用開始申請の開始",
    "lookup.guest_code": "利用開始申請の再開のコードの送信",
    "lookup.guest_closed": "利用開始申請の申請者の終了",
    "lookup.application_take": "利用開始申請の審査",
    "lookup.application_approve": "利用開始申請の承認",
    "lookup.application_return": "利用開始申請の差戻し",
    "lookup.application_refuse": "利用開始申請の却下",
    "lookup.application_issue": "利用者IDの発行",
    "lookup.application_denied": "自分が審査した申請の決定の拒否",
    "lookup.application_paper": "利用開始申請書の表示",
    "lookup.application_viewed": "利用開始申請の閲覧",
    "lookup.institution_set": "金融機関の登録・変更",
    "lookup.institution_state": "金融機関の停止・解除・廃止",
}


class GuaranteeLookupConfig(AppConfig):
    name = "guarantee_lookup"
    verbose_name = "金融機関ポータル（残高・区分照会）"

    def ready(self) -> None:
        from guarantee_lookup import roles, wizards  # noqa: F401 - they register themselves
        from portal import audit
        from portal.ui import portals

        for verb, label in VERBS.items():
            audit.register(verb, label)
        portals.register(
            portals.Portal(
                key="lookup",
                name="金融機関ポータル（残高・区分照会）",
                accent="purple",
                icon="magnifier",
                audience="金融機関の方",
                home="lookup:home",
                menu=[
                    portals.MenuItem("残高・区分照会", "lookup:home"),
                    portals.MenuItem("照会履歴", "lookup:history"),
                    portals.MenuItem("一括照会", "lookup:batch"),
                    portals.MenuItem("利用者管理", "lookup:users"),
                ],
                door=portals.MenuItem("金融機関の利用開始申請", "lookup:applications"),
                back="lookup:apply-resume",
                summary="保証債務残高、保証料率区分、空き枠の照会",
            )
        )
