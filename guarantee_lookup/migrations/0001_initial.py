import datetime

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("applications", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Canary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("customer", "顧客番号"), ("guarantee", "保証番号")],
                        max_length=10,
                        verbose_name="番号の種類",
                    ),
                ),
                ("digest", models.BinaryField(max_length=16, unique=True, verbose_name="番号の照合値")),
                ("last", models.CharField(max_length=4, verbose_name="下4桁")),
                ("note", models.CharField(blank=True, max_length=60, verbose_name="メモ")),
            ],
            options={
                "verbose_name": "おとりの番号",
                "verbose_name_plural": "おとりの番号",
            },
        ),
        migrations.CreateModel(
            name="Branch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=3, verbose_name="支店コード")),
                ("name", models.CharField(max_length=40, verbose_name="店舗名")),
                (
                    "closes_on",
                    models.DateField(
                        blank=True, help_text="この日まで利用できます。空欄は営業中。", null=True, verbose_name="閉店日"
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guarantee_lookup.branch",
                        verbose_name="承継店",
                    ),
                ),
            ],
            options={
                "verbose_name": "店舗",
                "verbose_name_plural": "店舗",
                "ordering": ("institution", "code"),
            },
        ),
        migrations.CreateModel(
            name="CapacityPool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(verbose_name="適用開始日")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="空欄は期限なし。この日まで適用します。",
                        null=True,
                        verbose_name="適用終了日",
                    ),
                ),
                ("code", models.CharField(max_length=12, verbose_name="枠コード")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("limit", models.BigIntegerField(verbose_name="上限額（円）")),
                ("addition", models.BigIntegerField(default=0, verbose_name="組合の加算額（円）")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("always", "常に適用"),
                            ("bond", "特定社債の残高があるときだけ適用"),
                            ("off", "適用しない"),
                        ],
                        default="always",
                        max_length=10,
                        verbose_name="適用",
                    ),
                ),
            ],
            options={
                "verbose_name": "枠",
                "verbose_name_plural": "枠",
                "ordering": ("code", "valid_from"),
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="capacitypool_ends_after_start",
                    ),
                    models.UniqueConstraint(fields=("code", "valid_from"), name="capacity_pool_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("addition__gte", 0), ("limit__gte", 0)), name="capacity_pool_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clerk",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="clerk",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
                ("confirmed_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="最終確認日")),
                (
                    "idle_from",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="未利用日数の起算日"),
                ),
                (
                    "stop_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("master", "停止（利用管理者による）"),
                            ("unconfirmed", "停止（期限までに確認されなかったため）"),
                            ("idle", "停止（90日間ログインがないため）"),
                            ("closed", "停止（店舗の閉店）"),
                            ("office", "停止（協会による）"),
                            ("left", "廃止"),
                        ],
                        max_length=20,
                        verbose_name="停止の理由",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clerks",
                        to="guarantee_lookup.branch",
                        verbose_name="店舗",
                    ),
                ),
            ],
            options={
                "verbose_name": "金融機関の利用者",
                "verbose_name_plural": "金融機関の利用者",
            },
        ),
        migrations.CreateModel(
            name="Institution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sharing",
                    models.CharField(
                        choices=[("P", "部分保証方式"), ("F", "負担金方式")],
                        default="P",
                        max_length=1,
                        verbose_name="責任共有方式",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有効"), ("stopped", "停止"), ("ended", "廃止")],
                        default="active",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("contract_on", models.DateField(blank=True, null=True, verbose_name="約定日")),
                (
                    "networks",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="CIDRの一覧。空欄は制限なし。",
                        verbose_name="接続元IPアドレス",
                    ),
                ),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="institution",
                        to="accounts.organisation",
                        verbose_name="組織",
                    ),
                ),
            ],
            options={
                "verbose_name": "金融機関",
                "verbose_name_plural": "金融機関",
                "ordering": ("organisation__code",),
            },
        ),
        migrations.AddField(
            model_name="branch",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="branches",
                to="guarantee_lookup.institution",
                verbose_name="金融機関",
            ),
        ),
        migrations.CreateModel(
            name="InsuranceCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(verbose_name="適用開始日")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="空欄は期限なし。この日まで適用します。",
                        null=True,
                        verbose_name="適用終了日",
                    ),
                ),
                ("code", models.CharField(max_length=12, verbose_name="保険コード")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "row",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "無担保・一般"),
                            (2, "普通・一般"),
                            (3, "無担保・SN"),
                            (4, "普通・SN"),
                            (5, "その他"),
                        ],
                        verbose_name="表示する行",
                    ),
                ),
                (
                    "pools",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='枠コードの一覧。例：["MG", "J5"]',
                        verbose_name="消費する枠",
                    ),
                ),
                ("needs_sn_item", models.BooleanField(default=False, verbose_name="SNの号が必要")),
                ("core_codes", models.JSONField(blank=True, default=list, verbose_name="基幹システムのコード")),
            ],
            options={
                "verbose_name": "保険種類",
                "verbose_name_plural": "保険種類",
                "ordering": ("row", "code", "valid_from"),
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="insurancecode_ends_after_start",
                    ),
                    models.UniqueConstraint(fields=("code", "valid_from"), name="insurance_code_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lookup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("receipt", models.CharField(max_length=20, unique=True, verbose_name="照会受付番号")),
                (
                    "channel",
                    models.CharField(
                        choices=[("screen", "画面"), ("file", "一括照会"), ("api", "API")],
                        default="screen",
                        max_length=10,
                        verbose_name="照会の方法",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("customer", "顧客番号"), ("guarantee", "保証番号")],
                        max_length=10,
                        verbose_name="番号の種類",
                    ),
                ),
                ("digest", models.BinaryField(max_length=16, verbose_name="番号の照合値")),
                ("sealed", models.TextField(verbose_name="番号（封緘）")),
                ("last", models.CharField(max_length=4, verbose_name="下4桁")),
                (
                    "basis",
                    models.CharField(
                        choices=[("1", "既存の保証付取引あり"), ("2", "本人から番号の提供を受けた"), ("3", "協会業務")],
                        max_length=1,
                        verbose_name="照会の根拠",
                    ),
                ),
                ("consent", models.BooleanField(default=False, verbose_name="同意")),
                ("consent_on", models.DateField(blank=True, null=True, verbose_name="同意日")),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consultation", "相談"),
                            ("proposal", "提案"),
                            ("application", "申込"),
                            ("control", "管理"),
                        ],
                        max_length=20,
                        verbose_name="照会目的",
                    ),
                ),
                ("memo", models.CharField(blank=True, max_length=50, verbose_name="メモ")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("ok", "表示"), ("none", "該当なし"), ("data", "データ確認中")],
                        max_length=10,
                        verbose_name="結果",
                    ),
                ),
                ("customer", models.BinaryField(max_length=16, null=True, verbose_name="顧客の照合値")),
                ("is_related", models.BooleanField(null=True, verbose_name="取引の確認")),
                ("result", models.JSONField(null=True, verbose_name="照会結果")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("at", models.DateTimeField(verbose_name="照会日時")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guarantee_lookup.branch",
                        verbose_name="店舗",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="金融機関",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "照会",
                "verbose_name_plural": "照会",
                "ordering": ("-at", "-pk"),
                "indexes": [
                    models.Index(fields=["user", "-at"], name="lookup_of_user"),
                    models.Index(fields=["organisation", "-at"], name="lookup_of_bank"),
                    models.Index(fields=["customer", "-at"], name="lookup_of_customer"),
                    models.Index(fields=["digest"], name="lookup_of_number"),
                    models.Index(fields=["at"], name="lookup_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "ok"), ("result__isnull", False)),
                            models.Q(models.Q(("outcome", "ok"), _negated=True), ("result", None)),
                            _connector="OR",
                        ),
                        name="lookup_result_iff_found",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LookupFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="一括照会番号")),
                (
                    "state",
                    models.CharField(
                        choices=[("ready", "実行前"), ("queued", "照会中"), ("done", "終了")],
                        default="ready",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("rows", models.PositiveSmallIntegerField(verbose_name="行数")),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="接続元")),
                ("created_at", models.DateTimeField(verbose_name="確認日時")),
                ("queued_at", models.DateTimeField(blank=True, null=True, verbose_name="実行日時")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="金融機関",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "一括照会",
                "verbose_name_plural": "一括照会",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(fields=["user"], name="lookup_file_of_user"),
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["created_at"], name="lookup_file_unused"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LookupLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveIntegerField(verbose_name="行")),
                (
                    "kind",
                    models.CharField(
                        choices=[("customer", "顧客番号"), ("guarantee", "保証番号")],
                        max_length=10,
                        verbose_name="番号の種類",
                    ),
                ),
                ("sealed", models.TextField(blank=True, verbose_name="番号（封緘）")),
                ("last", models.CharField(max_length=4, verbose_name="下4桁")),
                (
                    "basis",
                    models.CharField(
                        choices=[("1", "既存の保証付取引あり"), ("2", "本人から番号の提供を受けた"), ("3", "協会業務")],
                        max_length=1,
                        verbose_name="照会の根拠",
                    ),
                ),
                ("consent", models.BooleanField(default=False, verbose_name="同意")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="照会日時")),
                ("code", models.CharField(blank=True, max_length=10, verbose_name="拒否の理由")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="拒否の内容")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="guarantee_lookup.lookupfile",
                        verbose_name="一括照会",
                    ),
                ),
                (
                    "lookup",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="line",
                        to="guarantee_lookup.lookup",
                        verbose_name="照会",
                    ),
                ),
            ],
            options={
                "verbose_name": "一括照会の行",
                "verbose_name_plural": "一括照会の行",
                "ordering": ("file", "place"),
                "constraints": [
                    models.UniqueConstraint(fields=("file", "place"), name="lookup_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), models.Q(("sealed", ""), _negated=True)),
                            models.Q(("done_at__isnull", False), ("sealed", "")),
                            _connector="OR",
                        ),
                        name="lookup_line_number_until_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LookupLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("misses", "該当なしの照会が続いたため"),
                            ("misses_hour", "1時間に該当なしの照会が多いため"),
                            ("walk", "連続した番号の照会のため"),
                            ("canary", "照会できない番号の照会のため"),
                        ],
                        max_length=20,
                        verbose_name="理由",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="停止日時")),
                (
                    "until",
                    models.DateTimeField(
                        blank=True, help_text="空欄は、確認されるまで停止します。", null=True, verbose_name="解除予定"
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="解除日時")),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="解除者",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lookup_locks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "照会の停止",
                "verbose_name_plural": "照会の停止",
                "ordering": ("-since",),
                "indexes": [
                    models.Index(condition=models.Q(("lifted_at", None)), fields=["user"], name="lookup_lock_open")
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(verbose_name="適用開始日")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="空欄は期限なし。この日まで適用します。",
                        null=True,
                        verbose_name="適用終了日",
                    ),
                ),
                ("opens_at", models.TimeField(default=datetime.time(8, 0), verbose_name="開始時刻")),
                (
                    "closes_at",
                    models.TimeField(
                        default=datetime.time(21, 0),
                        help_text="開始時刻と同じ時刻は、終日を表します。",
                        verbose_name="終了時刻",
                    ),
                ),
                ("every_day", models.BooleanField(default=False, verbose_name="休日も利用できる")),
                (
                    "closed_days",
                    models.JSONField(
                        blank=True, default=list, help_text='例：["2026-12-28"]', verbose_name="臨時休業日"
                    ),
                ),
                ("user_hour", models.PositiveIntegerField(default=60, verbose_name="利用者の1時間の上限")),
                ("user_day", models.PositiveIntegerField(default=300, verbose_name="利用者の1日の上限")),
                ("institution_day", models.PositiveIntegerField(default=3000, verbose_name="金融機関の1日の上限")),
                ("none_in_a_row", models.PositiveIntegerField(default=5, verbose_name="続けて該当なしの上限")),
                ("none_hour", models.PositiveIntegerField(default=10, verbose_name="1時間の該当なしの上限")),
                ("none_day", models.PositiveIntegerField(default=15, verbose_name="1日の該当なしの上限")),
                ("file_lines_day", models.PositiveIntegerField(default=200, verbose_name="一括照会の1日の上限（行）")),
            ],
            options={
                "verbose_name": "ご利用時間と照会回数",
                "verbose_name_plural": "ご利用時間と照会回数",
                "ordering": ("-valid_from",),
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="servicerules_ends_after_start",
                    ),
                    models.UniqueConstraint(fields=("valid_from",), name="service_rules_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(verbose_name="基準日")),
                ("sequence", models.PositiveSmallIntegerField(default=1, verbose_name="連番")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("loading", "検査中"),
                            ("held", "保留"),
                            ("current", "現行"),
                            ("old", "旧"),
                            ("rejected", "却下"),
                        ],
                        default="loading",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="顧客数")),
                ("guarantees", models.PositiveIntegerField(default=0, verbose_name="保証件数")),
                ("settlements", models.PositiveIntegerField(default=0, verbose_name="決算件数")),
                ("quarantined", models.PositiveIntegerField(default=0, verbose_name="隔離した顧客数")),
                ("counted", models.BigIntegerField(default=0, verbose_name="利用残高の合計（円）")),
                ("report", models.JSONField(default=dict, verbose_name="取込結果")),
                ("files", models.JSONField(default=dict, verbose_name="ファイル")),
                ("received_at", models.DateTimeField(verbose_name="受信日時")),
                ("switched_at", models.DateTimeField(blank=True, null=True, verbose_name="切替日時")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="承認者",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取込者",
                    ),
                ),
            ],
            options={
                "verbose_name": "取込（世代）",
                "verbose_name_plural": "取込（世代）",
                "ordering": ("-as_of", "-sequence", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "current")), fields=("state",), name="snapshot_one_current"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            ("received_by", None),
                            models.Q(("decided_by", models.F("received_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="snapshot_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="lookup",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="guarantee_lookup.snapshot",
                verbose_name="世代",
            ),
        ),
        migrations.CreateModel(
            name="TermsAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=10, verbose_name="版")),
                ("at", models.DateTimeField(verbose_name="同意日時")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "利用規約への同意",
                "verbose_name_plural": "利用規約への同意",
                "constraints": [models.UniqueConstraint(fields=("user", "version"), name="terms_accepted_once")],
            },
        ),
        migrations.CreateModel(
            name="UsageApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("new", "新規"), ("change", "変更"), ("end", "廃止")],
                        max_length=10,
                        verbose_name="申込区分",
                    ),
                ),
                ("code", models.CharField(max_length=4, verbose_name="金融機関コード")),
                ("wanted", models.JSONField(verbose_name="申請の内容")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "受付"),
                            ("review", "審査中"),
                            ("approved", "承認"),
                            ("returned", "差戻し"),
                            ("refused", "却下"),
                            ("issued", "発行済"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="審査日時")),
                ("opinion", models.CharField(blank=True, max_length=400, verbose_name="審査の所見")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="決定日時")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="決定の理由")),
                ("issued_at", models.DateTimeField(blank=True, null=True, verbose_name="発行日時")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="applications.application",
                        verbose_name="Web申込番号",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="決定者",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guarantee_lookup.institution",
                        verbose_name="金融機関",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="審査者",
                    ),
                ),
            ],
            options={
                "verbose_name": "利用開始申請",
                "verbose_name_plural": "利用開始申請",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["state"], name="usage_application_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(
                                ("reviewer__isnull", False),
                                models.Q(("decided_by", models.F("reviewer")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="usage_application_two_people",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="branch",
            constraint=models.UniqueConstraint(fields=("institution", "code"), name="branch_code_unique"),
        ),
    ]
