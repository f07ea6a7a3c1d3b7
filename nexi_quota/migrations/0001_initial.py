import django.db.models.deletion
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
            name="Country",
            fields=[
                ("code", models.CharField(max_length=3, primary_key=True, serialize=False, verbose_name="国コード")),
                ("name", models.CharField(max_length=60, verbose_name="国名")),
                ("name_en", models.CharField(blank=True, max_length=60, verbose_name="国名（英）")),
                ("category", models.CharField(blank=True, max_length=1, verbose_name="国カテゴリー")),
                (
                    "sustainable_lending",
                    models.CharField(
                        choices=[("none", "対象外"), ("consult", "事前承認が必要"), ("refuse", "引受不可")],
                        default="none",
                        max_length=10,
                        verbose_name="公的バイヤー向け1年以上の扱い",
                    ),
                ),
            ],
            options={
                "verbose_name": "国",
                "verbose_name_plural": "国",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Currency",
            fields=[
                ("code", models.CharField(max_length=3, primary_key=True, serialize=False, verbose_name="通貨コード")),
                ("name", models.CharField(max_length=30, verbose_name="通貨名")),
                ("decimals", models.PositiveSmallIntegerField(default=2, verbose_name="小数桁数")),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="並び順")),
            ],
            options={
                "verbose_name": "通貨",
                "verbose_name_plural": "通貨",
                "ordering": ["position", "code"],
            },
        ),
        migrations.CreateModel(
            name="InsuredParty",
            fields=[
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="insured_party",
                        serialize=False,
                        to="accounts.organisation",
                        verbose_name="組織",
                    ),
                ),
                (
                    "products",
                    models.CharField(
                        blank=True,
                        help_text="保険種コード（01〜04）を空白で区切って入力してください",
                        max_length=20,
                        verbose_name="利用可能保険種",
                    ),
                ),
                ("is_sme", models.BooleanField(default=False, verbose_name="中小企業")),
                ("department", models.CharField(blank=True, max_length=6, verbose_name="部門")),
                ("suspended_on", models.DateField(blank=True, null=True, verbose_name="利用停止日")),
            ],
            options={
                "verbose_name": "保険利用者",
                "verbose_name_plural": "保険利用者",
            },
        ),
        migrations.CreateModel(
            name="Buyer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="海外商社コード")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="住所")),
                (
                    "branch_kind",
                    models.CharField(
                        choices=[("head", "本店"), ("branch", "支店")],
                        default="head",
                        max_length=6,
                        verbose_name="本支店区分",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有効"), ("sleeping", "スリーピング候補"), ("deleted", "削除")],
                        default="active",
                        max_length=10,
                        verbose_name="登録状態",
                    ),
                ),
                ("reviewed_on", models.DateField(blank=True, null=True, verbose_name="最終審査日")),
                (
                    "head_office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="branches",
                        to="nexi_quota.buyer",
                        verbose_name="本店",
                    ),
                ),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nexi_quota.country",
                        verbose_name="国",
                    ),
                ),
            ],
            options={
                "verbose_name": "海外商社名簿",
                "verbose_name_plural": "海外商社名簿",
                "indexes": [models.Index(fields=["name"], name="buyer_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("branch_kind", "head"), ("head_office", None)),
                            models.Q(("branch_kind", "branch"), ("head_office__isnull", False)),
                            _connector="OR",
                        ),
                        name="buyer_branch_has_head_office",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "attitude",
                    models.CharField(
                        choices=[("open", "引受可能"), ("conditional", "条件付引受"), ("suspended", "引受停止")],
                        max_length=12,
                        verbose_name="引受態度",
                    ),
                ),
                ("case_limit_jpy", models.BigIntegerField(blank=True, null=True, verbose_name="案件枠（円）")),
                (
                    "usance_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="ユーザンス（月数）"),
                ),
                ("lc_required", models.BooleanField(default=False, verbose_name="L/C条件")),
                ("effective_from", models.DateField(verbose_name="基準適用日")),
                ("note", models.CharField(blank=True, max_length=60, verbose_name="備考")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="nexi_quota.country",
                        verbose_name="国",
                    ),
                ),
            ],
            options={
                "verbose_name": "国別引受方針",
                "verbose_name_plural": "国別引受方針",
                "constraints": [
                    models.UniqueConstraint(fields=("country", "product", "effective_from"), name="policy_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("case_limit_jpy", None), ("case_limit_jpy__gt", 0), _connector="OR"),
                        name="policy_case_limit_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="確認管理番号")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("request", "確認申込み"),
                            ("insurance", "保険新規申込み(自動)"),
                            ("amendment", "内容変更通知(自動)"),
                        ],
                        default="request",
                        max_length=12,
                        verbose_name="取得方法",
                    ),
                ),
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
                    "rating",
                    models.CharField(
                        choices=[
                            ("GS", "中央銀行・財務省・国際機関等"),
                            ("GA", "その他の官庁・州・地方自治体等"),
                            ("GE", "政府系企業"),
                            ("EE", "信用力が特に高い企業"),
                            ("EA", "信用力が高い企業"),
                            ("EM", "信用力が中位の企業"),
                            ("EF", "信用力が低い、または財務情報が少ない企業"),
                            ("EC", "信用危険を引き受けない企業"),
                            ("SA", "信用危険を引き受ける銀行等"),
                            ("SC", "信用危険を引き受けない銀行等"),
                            ("PU", "与信審査を行わないもの"),
                            ("PN", "信用状態が不明なもの"),
                            ("PT", "審査中のもの"),
                            ("GR", "債務不履行（政府等）"),
                            ("ER", "債務不履行（企業）"),
                            ("SR", "債務不履行（銀行等）"),
                            ("GB", "破産等または保険金支払済（政府等）"),
                            ("EB", "破産等または保険金支払済（企業）"),
                            ("SB", "破産等または保険金支払済（銀行等）"),
                        ],
                        max_length=2,
                        verbose_name="格付（確認時）",
                    ),
                ),
                ("contract_number", models.CharField(blank=True, max_length=30, verbose_name="輸出契約等番号")),
                ("reference", models.CharField(blank=True, max_length=20, verbose_name="お客様整理番号")),
                ("contact", models.CharField(blank=True, max_length=30, verbose_name="担当者")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=17, verbose_name="確認金額")),
                ("amount_jpy", models.BigIntegerField(verbose_name="確認金額（円）")),
                ("unused", models.DecimalField(decimal_places=2, max_digits=17, verbose_name="未使用額")),
                ("unused_jpy", models.BigIntegerField(verbose_name="未使用額（円）")),
                ("rate", models.DecimalField(decimal_places=6, max_digits=12, verbose_name="換算率")),
                ("rate_date", models.DateField(verbose_name="換算日")),
                ("confirmed_on", models.DateField(verbose_name="確認日")),
                ("expires_on", models.DateField(verbose_name="保証枠有効期限")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("valid", "有効"),
                            ("insured", "保険引受済"),
                            ("returned", "枠戻済"),
                            ("expired", "失効"),
                            ("unusable", "使用不可"),
                            ("settled", "決済済"),
                            ("auto_release", "自動解放"),
                            ("loss", "事故"),
                        ],
                        default="valid",
                        max_length=12,
                        verbose_name="状態",
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="applications.application",
                        verbose_name="申込み",
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
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nexi_quota.currency",
                        verbose_name="通貨",
                    ),
                ),
            ],
            options={
                "verbose_name": "個別保証枠確認",
                "verbose_name_plural": "個別保証枠確認",
                "indexes": [
                    models.Index(fields=["organisation", "state", "expires_on"], name="confirmation_list"),
                    models.Index(
                        condition=models.Q(("state", "valid")), fields=["expires_on"], name="confirmation_expiry"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unused__gte", 0),
                            ("unused__lte", models.F("amount")),
                            ("unused_jpy__gte", 0),
                            ("unused_jpy__lte", models.F("amount_jpy")),
                        ),
                        name="confirmation_unused_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount_jpy__gt", 0)),
                        name="confirmation_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["returned", "expired", "unusable"]), _negated=True),
                            ("unused_jpy", 0),
                            _connector="OR",
                        ),
                        name="confirmation_ended_holds_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="適用日")),
                ("jpy_per_unit", models.DecimalField(decimal_places=6, max_digits=12, verbose_name="換算率（円）")),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates",
                        to="nexi_quota.currency",
                        verbose_name="通貨",
                    ),
                ),
            ],
            options={
                "verbose_name": "換算率",
                "verbose_name_plural": "換算率",
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "date"), name="rate_unique"),
                    models.CheckConstraint(condition=models.Q(("jpy_per_unit__gt", 0)), name="rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limit_jpy", models.BigIntegerField(verbose_name="個別保証枠（円）")),
                ("held_jpy", models.BigIntegerField(default=0, editable=False, verbose_name="使用中（円）")),
                (
                    "buyer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quota",
                        to="nexi_quota.buyer",
                        verbose_name="海外商社",
                    ),
                ),
            ],
            options={
                "verbose_name": "個別保証枠",
                "verbose_name_plural": "個別保証枠",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("held_jpy__gte", 0)), name="quota_held_not_negative"),
                    models.CheckConstraint(condition=models.Q(("limit_jpy__gte", 0)), name="quota_limit_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hold", "確保"),
                            ("attach", "保険引受"),
                            ("release", "解放"),
                            ("expire", "失効"),
                            ("auto_release", "自動解放"),
                            ("adjust", "調整"),
                        ],
                        max_length=12,
                        verbose_name="種別",
                    ),
                ),
                ("amount_jpy", models.BigIntegerField(verbose_name="金額（円）")),
                ("at", models.DateTimeField(verbose_name="日時")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作者",
                    ),
                ),
                (
                    "confirmation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="nexi_quota.confirmation",
                        verbose_name="個別保証枠確認",
                    ),
                ),
                (
                    "quota",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="nexi_quota.quota",
                        verbose_name="個別保証枠",
                    ),
                ),
            ],
            options={
                "verbose_name": "個別保証枠の台帳",
                "verbose_name_plural": "個別保証枠の台帳",
                "indexes": [models.Index(fields=["quota", "-at"], name="ledger_by_quota")],
            },
        ),
        migrations.AddField(
            model_name="confirmation",
            name="quota",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="confirmations",
                to="nexi_quota.quota",
                verbose_name="個別保証枠",
            ),
        ),
        migrations.CreateModel(
            name="QuotaLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limit_jpy", models.BigIntegerField(verbose_name="個別保証枠（円）")),
                ("effective_from", models.DateField(verbose_name="適用日")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="設定日時")),
                (
                    "quota",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="limits",
                        to="nexi_quota.quota",
                        verbose_name="個別保証枠",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="設定者",
                    ),
                ),
            ],
            options={
                "verbose_name": "個別保証枠の履歴",
                "verbose_name_plural": "個別保証枠の履歴",
            },
        ),
        migrations.CreateModel(
            name="RatingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rating",
                    models.CharField(
                        choices=[
                            ("GS", "中央銀行・財務省・国際機関等"),
                            ("GA", "その他の官庁・州・地方自治体等"),
                            ("GE", "政府系企業"),
                            ("EE", "信用力が特に高い企業"),
                            ("EA", "信用力が高い企業"),
                            ("EM", "信用力が中位の企業"),
                            ("EF", "信用力が低い、または財務情報が少ない企業"),
                            ("EC", "信用危険を引き受けない企業"),
                            ("SA", "信用危険を引き受ける銀行等"),
                            ("SC", "信用危険を引き受けない銀行等"),
                            ("PU", "与信審査を行わないもの"),
                            ("PN", "信用状態が不明なもの"),
                            ("PT", "審査中のもの"),
                            ("GR", "債務不履行（政府等）"),
                            ("ER", "債務不履行（企業）"),
                            ("SR", "債務不履行（銀行等）"),
                            ("GB", "破産等または保険金支払済（政府等）"),
                            ("EB", "破産等または保険金支払済（企業）"),
                            ("SB", "破産等または保険金支払済（銀行等）"),
                        ],
                        max_length=2,
                        verbose_name="格付",
                    ),
                ),
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
                    "need",
                    models.CharField(
                        choices=[("needed", "個別保証枠が必要"), ("not_needed", "確認不要"), ("refused", "引受不可")],
                        max_length=10,
                        verbose_name="個別保証枠",
                    ),
                ),
            ],
            options={
                "verbose_name": "格付別の扱い",
                "verbose_name_plural": "格付別の扱い",
                "constraints": [models.UniqueConstraint(fields=("rating", "product"), name="rating_rule_unique")],
            },
        ),
        migrations.CreateModel(
            name="BuyerRating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rating",
                    models.CharField(
                        choices=[
                            ("GS", "中央銀行・財務省・国際機関等"),
                            ("GA", "その他の官庁・州・地方自治体等"),
                            ("GE", "政府系企業"),
                            ("EE", "信用力が特に高い企業"),
                            ("EA", "信用力が高い企業"),
                            ("EM", "信用力が中位の企業"),
                            ("EF", "信用力が低い、または財務情報が少ない企業"),
                            ("EC", "信用危険を引き受けない企業"),
                            ("SA", "信用危険を引き受ける銀行等"),
                            ("SC", "信用危険を引き受けない銀行等"),
                            ("PU", "与信審査を行わないもの"),
                            ("PN", "信用状態が不明なもの"),
                            ("PT", "審査中のもの"),
                            ("GR", "債務不履行（政府等）"),
                            ("ER", "債務不履行（企業）"),
                            ("SR", "債務不履行（銀行等）"),
                            ("GB", "破産等または保険金支払済（政府等）"),
                            ("EB", "破産等または保険金支払済（企業）"),
                            ("SB", "破産等または保険金支払済（銀行等）"),
                        ],
                        max_length=2,
                        verbose_name="格付",
                    ),
                ),
                ("effective_from", models.DateField(verbose_name="適用日")),
                (
                    "buyer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="nexi_quota.buyer",
                        verbose_name="海外商社",
                    ),
                ),
            ],
            options={
                "verbose_name": "格付",
                "verbose_name_plural": "格付",
                "constraints": [
                    models.UniqueConstraint(fields=("buyer", "effective_from"), name="buyer_rating_unique")
                ],
            },
        ),
    ]
