from django.apps import AppConfig

VERBS = {
    "account.login": "ログイン",
    "account.logout": "ログアウト",
    "account.timed-out": "時間切れによるログアウト",
    "account.denied": "権限のない操作",
    "account.second-factor": "追加認証",
    "account.second-factor-registered": "追加認証の登録",
    "account.second-factor-removed": "追加認証の解除",
    "account.own-data": "お客様情報の変更",
    "account.password": "パスワードの変更",
    "account.password-check": "パスワードの再確認",
    "account.first-password": "仮パスワードの送付",
    "account.sessions-ended": "他の端末のログアウト",
    "account.granted": "権限の付与",
    "account.grant-changed": "権限の変更",
    "admin.added": "管理画面での登録",
    "admin.changed": "管理画面での変更",
    "admin.deleted": "管理画面での削除",
}


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "利用者"

    def ready(self) -> None:
        from portal import audit

        for verb, label in VERBS.items():
            audit.register(verb, label)
