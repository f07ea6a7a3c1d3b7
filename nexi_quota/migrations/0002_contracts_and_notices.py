import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("applications", "0001_initial"),
        ("nexi_quota", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InsuranceContract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("policy_number", models.CharField(max_length=14, verbose_name="保険証券番号")),
                ("branch", models.CharField(default="00", max_length=2, verbose_name="枝番")),
                ("history", models.CharField(default="00", max_length=2, verbose_name="履歴番号")),
                (
                    "product",
                    models.CharField(
                        choices=[
                            ("01", "貿易一般保険(個別)"),
                            ("02", "中小企業・農林水産業輸出代金保険"),
                            ("03", "貿易一般保険包括保険(設備財)"),
                            ("04", "輸出手形保険"),
                        ],
                        max_length=2,
                        verbose_name="保険種",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("web", "Web"), ("paper", "書面"), ("association", "組合")],
                        max_length=12,
                        verbose_name="申込みの方法",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=17, verbose_name="契約金額")),
                ("balance", models.DecimalField(decimal_places=2, max_digits=17, verbose_name="決済残高")),
                ("shipped_on", models.DateField(verbose_name="船積日")),
                ("due_on", models.DateField(verbose_name="決済期限")),
                ("concluded_on", models.DateField(verbose_name="保険契約締結日")),
                ("reference", models.CharField(blank=True, max_length=20, verbose_name="お客様整理番号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "有効"),
                            ("settled", "決済済"),
                            ("cancelled", "契約終了"),
                            ("auto_release", "自動解放"),
                            ("loss", "事故"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状態",
                    ),
                ),
                ("loss_reported_on", models.DateField(blank=True, null=True, verbose_name="損失等発生通知日")),
                (
                    "confirmation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="nexi_quota.confirmation",
                        verbose_name="個別保証枠確認",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nexi_quota.currency",
                        verbose_name="通貨",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="保険利用者",
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nexi_quota.buyer",
                        verbose_name="支払人",
                    ),
                ),
            ],
            options={
                "verbose_name": "保有契約",
                "verbose_name_plural": "保有契約",
                "indexes": [
                    models.Index(fields=["organisation", "state", "due_on", "id"], name="contract_list"),
                    models.Index(condition=models.Q(("state", "open")), fields=["due_on"], name="contract_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("policy_number", "branch"), name="contract_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("balance__gte", 0), ("balance__lte", models.F("amount"))),
                        name="contract_balance_within_amount",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="contract_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "settled"), _negated=True), ("balance", 0), _connector="OR"
                        ),
                        name="contract_settled_has_no_balance",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "loss"), _negated=True),
                            ("loss_reported_on__isnull", False),
                            _connector="OR",
                        ),
                        name="contract_loss_has_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(default=1, verbose_name="行番号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("settlement", "決済通知"), ("release", "枠戻通知")],
                        max_length=12,
                        verbose_name="通知の種類",
                    ),
                ),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("direct", "直接入力"),
                            ("contracts", "保有契約一覧から選択"),
                            ("quotas", "個別保証枠一覧から選択"),
                        ],
                        max_length=12,
                        verbose_name="入力の方法",
                    ),
                ),
                ("day", models.DateField(verbose_name="決済日・枠戻日")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=17, verbose_name="決済金額・枠戻金額")),
                (
                    "manner",
                    models.CharField(
                        blank=True,
                        choices=[("01", "期日決済"), ("02", "期日前"), ("03", "期日後"), ("04", "分割の一部")],
                        max_length=2,
                        verbose_name="決済の態様",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "契約不成立"),
                            ("02", "契約解除"),
                            ("03", "契約金額の減額"),
                            ("04", "決済条件の変更(L/C化等)"),
                            ("05", "支払人の変更"),
                            ("06", "保険申込みの取りやめ"),
                            ("07", "手形買取りの取りやめ"),
                            ("99", "その他"),
                        ],
                        max_length=2,
                        verbose_name="枠戻理由",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="備考")),
                ("created_at", models.DateTimeField(verbose_name="通知日時")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="applications.application",
                        verbose_name="申込み",
                    ),
                ),
                (
                    "confirmation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="nexi_quota.confirmation",
                        verbose_name="個別保証枠確認",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="nexi_quota.insurancecontract",
                        verbose_name="保有契約",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="保険利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "決済・枠戻通知",
                "verbose_name_plural": "決済・枠戻通知",
                "constraints": [
                    models.UniqueConstraint(fields=("application", "line"), name="notice_line_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("contract__isnull", False), ("kind", "settlement")),
                            models.Q(("confirmation__isnull", False), ("kind", "release")),
                            _connector="OR",
                        ),
                        name="notice_has_its_target",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="notice_amount_positive"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="confirmation",
            name="confirmation_ended_holds_nothing",
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["returned", "expired", "unusable", "settled", "auto_release"]), _negated=True
                    ),
                    ("unused_jpy", 0),
                    _connector="OR",
                ),
                name="confirmation_ended_holds_nothing",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="contract",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="nexi_quota.insurancecontract",
                verbose_name="保有契約",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="notice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="nexi_quota.notice",
                verbose_name="通知",
            ),
        ),
        migrations.RemoveIndex(
            model_name="confirmation",
            name="confirmation_list",
        ),
        migrations.AddIndex(
            model_name="confirmation",
            index=models.Index(fields=["organisation", "expires_on", "id"], name="confirmation_list"),
        ),
    ]
