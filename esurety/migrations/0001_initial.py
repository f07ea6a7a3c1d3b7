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
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveSmallIntegerField(verbose_name="版")),
                (
                    "kind",
                    models.CharField(
                        choices=[("new", "新規"), ("change", "変更"), ("correction", "訂正")],
                        max_length=10,
                        verbose_name="対象",
                    ),
                ),
                ("change_number", models.PositiveSmallIntegerField(default=0, verbose_name="変更番号")),
                ("serial", models.CharField(max_length=10, unique=True, verbose_name="発行通番")),
                ("issued_on", models.DateField(verbose_name="発行日")),
                ("payload", models.TextField(verbose_name="内容")),
                ("payload_sha256", models.CharField(max_length=64, verbose_name="内容のSHA-256")),
                ("previous_sha256", models.CharField(blank=True, max_length=64, verbose_name="直前の証書のSHA-256")),
                ("signature", models.CharField(max_length=100, verbose_name="電子署名")),
                ("signer", models.CharField(max_length=16, verbose_name="署名鍵")),
                ("file", models.FileField(blank=True, upload_to="", verbose_name="PDF")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="PDFのSHA-256")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="PDFのサイズ")),
                ("arrived_at", models.DateTimeField(blank=True, null=True, verbose_name="電子保証発行日時")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "送信待ち"),
                            ("issued", "発行済"),
                            ("superseded", "旧版（変更により）"),
                            ("corrected", "訂正済"),
                            ("withdrawn", "変更取消"),
                            ("cancelled", "失効"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="効力を失った日時")),
                ("ended_reason", models.CharField(blank=True, max_length=500, verbose_name="理由")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="esurety.certificate",
                        verbose_name="訂正前の証書",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.certificate",
                        verbose_name="直前の証書",
                    ),
                ),
            ],
            options={
                "verbose_name": "電子証書",
                "verbose_name_plural": "電子証書",
                "ordering": ("guarantee", "sequence"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("arrived_at", None), ("file", ""), ("state", "pending")),
                            models.Q(
                                models.Q(("state", "pending"), _negated=True),
                                ("arrived_at__isnull", False),
                                models.Q(("file", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="surety_arrived_with_pdf",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=2, unique=True, verbose_name="支店コード")),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("phone", models.CharField(max_length=13, verbose_name="電話番号")),
                ("fax", models.CharField(max_length=13, verbose_name="FAX")),
                ("email", models.EmailField(max_length=254, verbose_name="メール")),
                ("hours", models.CharField(default="平日 9:00〜17:00", max_length=40, verbose_name="受付時間")),
            ],
            options={
                "verbose_name": "取扱箇所",
                "verbose_name_plural": "取扱箇所",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Surety",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="商号")),
                ("address", models.CharField(max_length=100, verbose_name="本店住所")),
                ("president_title", models.CharField(max_length=20, verbose_name="代表者役職")),
                ("president", models.CharField(max_length=40, verbose_name="代表者名")),
                ("account", models.CharField(blank=True, max_length=120, verbose_name="保証料の振込先")),
            ],
            options={
                "verbose_name": "保証会社",
                "verbose_name_plural": "保証会社",
            },
        ),
        migrations.CreateModel(
            name="BankBranch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bank_code", models.CharField(max_length=4, verbose_name="金融機関コード")),
                ("branch_code", models.CharField(max_length=3, verbose_name="支店コード")),
                ("bank_name", models.CharField(max_length=40, verbose_name="金融機関名")),
                ("branch_name", models.CharField(max_length=40, verbose_name="支店名")),
                ("has_agency", models.BooleanField(default=True, verbose_name="委託契約")),
            ],
            options={
                "verbose_name": "預託金融機関",
                "verbose_name_plural": "預託金融機関",
                "ordering": ("bank_code", "branch_code"),
                "constraints": [
                    models.UniqueConstraint(fields=("bank_code", "branch_code"), name="bank_branch_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Body",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=6, unique=True, verbose_name="団体コード")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("kana", models.CharField(blank=True, max_length=80, verbose_name="名称カナ")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("state", "国"),
                            ("prefecture", "都道府県"),
                            ("city", "市区町村"),
                            ("agency", "独立行政法人等"),
                            ("other", "その他"),
                        ],
                        default="city",
                        max_length=10,
                        verbose_name="種別",
                    ),
                ),
                (
                    "addressee",
                    models.CharField(help_text="保証証書に印字します。例：○○市長", max_length=80, verbose_name="宛名"),
                ),
                ("departments", models.JSONField(blank=True, default=list, verbose_name="部署")),
                ("is_active", models.BooleanField(default=True, verbose_name="有効")),
                ("is_confirmed", models.BooleanField(default=False, verbose_name="前払金の規定を確認済み")),
                ("rate_works", models.PositiveSmallIntegerField(default=40, verbose_name="前払金の率・工事（%）")),
                ("rate_design", models.PositiveSmallIntegerField(default=30, verbose_name="前払金の率・業務（%）")),
                ("rate_low_bid", models.PositiveSmallIntegerField(default=20, verbose_name="前払金の率・低入札（%）")),
                ("rate_mid", models.PositiveSmallIntegerField(default=20, verbose_name="中間前払金の率（%）")),
                (
                    "rate_total",
                    models.PositiveSmallIntegerField(default=60, verbose_name="前払金と中間前払金の合計の率（%）"),
                ),
                ("rate_contract", models.PositiveSmallIntegerField(default=10, verbose_name="契約保証の率（%）")),
                (
                    "rate_contract_low_bid",
                    models.PositiveSmallIntegerField(default=30, verbose_name="契約保証の率・低入札（%）"),
                ),
                ("unit", models.PositiveIntegerField(default=10000, verbose_name="端数の単位（円、切捨て）")),
                ("cap", models.BigIntegerField(blank=True, null=True, verbose_name="前払金の上限（円）")),
                ("mid_cap", models.BigIntegerField(blank=True, null=True, verbose_name="中間前払金の上限（円）")),
                (
                    "least_price",
                    models.BigIntegerField(blank=True, null=True, verbose_name="前払金の最低請負金額（円）"),
                ),
                (
                    "mid_least_price",
                    models.BigIntegerField(blank=True, null=True, verbose_name="中間前払金の最低請負金額（円）"),
                ),
                (
                    "mid_least_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="中間前払金の最低工期（日）"),
                ),
                (
                    "plan_base",
                    models.CharField(
                        choices=[("plan", "出来高予定額"), ("limit", "支払限度額")],
                        default="plan",
                        max_length=8,
                        verbose_name="今年度対象額",
                    ),
                ),
                (
                    "refund_rate",
                    models.PositiveSmallIntegerField(default=40, verbose_name="返還を要する前払金の率（%）"),
                ),
                (
                    "raise_percent",
                    models.PositiveSmallIntegerField(
                        default=125, verbose_name="契約保証の増額を求める請負金額（当初の%）"
                    ),
                ),
                ("takes_overheads", models.BooleanField(default=True, verbose_name="現場管理費等への使用（25%まで）")),
                ("wants_usage", models.BooleanField(default=False, verbose_name="使途内訳明細書を証書に添える")),
                (
                    "organisation",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="body",
                        to="accounts.organisation",
                        verbose_name="組織",
                    ),
                ),
            ],
            options={
                "verbose_name": "発注者",
                "verbose_name_plural": "発注者",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="FeeTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.CharField(
                        choices=[("ADV", "前払金保証"), ("MID", "中間前払金保証"), ("CTR", "契約保証")],
                        max_length=3,
                        verbose_name="商品名",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="適用開始日")),
                ("minimum", models.PositiveIntegerField(default=0, verbose_name="最低保証料（円）")),
                ("discount", models.PositiveIntegerField(default=0, verbose_name="インターネット割引（円）")),
                ("discount_from", models.BigIntegerField(default=0, verbose_name="割引の対象となる保証金額（円）")),
            ],
            options={
                "verbose_name": "保証料率表",
                "verbose_name_plural": "保証料率表",
                "ordering": ("product", "-valid_from"),
                "constraints": [
                    models.UniqueConstraint(fields=("product", "valid_from"), name="surety_fee_table_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Guarantee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=11, unique=True, verbose_name="保証契約番号")),
                (
                    "product",
                    models.CharField(
                        choices=[("ADV", "前払金保証"), ("MID", "中間前払金保証"), ("CTR", "契約保証")],
                        max_length=3,
                        verbose_name="商品名",
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[("paper", "証書(紙)"), ("electronic", "電子保証(認証キーを含む)")],
                        max_length=10,
                        verbose_name="保証証書の形式",
                    ),
                ),
                ("work", models.CharField(max_length=100, verbose_name="工事名")),
                ("price", models.BigIntegerField(verbose_name="請負金額（円）")),
                ("amount", models.BigIntegerField(verbose_name="保証金額（円）")),
                ("due_on", models.DateField(verbose_name="保証期限")),
                ("concluded_on", models.DateField(verbose_name="締結日")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("concluded", "締結"),
                            ("active", "有効"),
                            ("claimed", "請求中"),
                            ("ended", "終了"),
                            ("cancelled", "取消"),
                        ],
                        default="concluded",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.body",
                        verbose_name="発注者",
                    ),
                ),
                (
                    "current",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.certificate",
                        verbose_name="現在の証書",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="受注者",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.office",
                        verbose_name="取扱箇所",
                    ),
                ),
            ],
            options={
                "verbose_name": "保証契約",
                "verbose_name_plural": "保証契約",
                "ordering": ("-concluded_on", "-pk"),
                "indexes": [
                    models.Index(fields=["organisation", "-concluded_on", "-id"], name="surety_guarantee_list"),
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["due_on"], name="surety_guarantee_due"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("price__gt", 0)), name="surety_guarantee_positive"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="certificate",
            name="guarantee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="esurety.guarantee",
                verbose_name="保証契約",
            ),
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="対象月")),
                ("total", models.BigIntegerField(verbose_name="合計（円）")),
                ("made_at", models.DateTimeField(verbose_name="発行日時")),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="入金日")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="受注者",
                    ),
                ),
            ],
            options={
                "verbose_name": "一括納付の請求書",
                "verbose_name_plural": "一括納付の請求書",
                "ordering": ("-month", "organisation"),
                "constraints": [models.UniqueConstraint(fields=("organisation", "month"), name="surety_invoice_once")],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.CharField(
                        choices=[("ADV", "前払金保証"), ("MID", "中間前払金保証"), ("CTR", "契約保証")],
                        max_length=3,
                        verbose_name="商品名",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=11, verbose_name="保証契約番号")),
                (
                    "medium",
                    models.CharField(
                        choices=[("paper", "証書(紙)"), ("electronic", "電子保証(認証キーを含む)")],
                        max_length=10,
                        verbose_name="保証証書の形式",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="保証金額（円）")),
                ("base_amount", models.BigIntegerField(blank=True, null=True, verbose_name="今年度対象額（円）")),
                ("facts", models.JSONField(verbose_name="証書の内容")),
                (
                    "payment",
                    models.CharField(
                        choices=[("monthly", "一括納付"), ("transfer", "振込"), ("cash", "現金"), ("cheque", "小切手")],
                        max_length=8,
                        verbose_name="保証料支払方法",
                    ),
                ),
                (
                    "bill_to",
                    models.CharField(
                        choices=[("head", "本社"), ("branch", "支店"), ("jv", "JV代表者"), ("other", "その他")],
                        max_length=8,
                        verbose_name="保証料請求先",
                    ),
                ),
                ("wants_paper_statement", models.BooleanField(default=False, verbose_name="保証料計算書(紙)")),
                ("details", models.JSONField(default=dict, verbose_name="その他の申込内容")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "申込済"),
                            ("review", "審査中"),
                            ("checked", "決裁待ち"),
                            ("fee", "保証料お支払い待ち"),
                            ("concluded", "契約締結済"),
                            ("issuing", "発行処理中"),
                            ("issued", "発行済"),
                            ("returned", "差戻し"),
                            ("refused", "謝絶"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="applied",
                        max_length=10,
                        verbose_name="手続状況",
                    ),
                ),
                ("state_at", models.DateTimeField(verbose_name="状況の更新日時")),
                ("review", models.JSONField(default=list, verbose_name="審査結果")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="理由")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="決裁者",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="審査者",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受付者",
                    ),
                ),
            ],
            options={
                "verbose_name": "保証申込の商品",
                "verbose_name_plural": "保証申込の商品",
                "ordering": ("request", "pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["applied", "review", "checked", "fee", "concluded", "issuing"])
                        ),
                        fields=["state", "state_at"],
                        name="surety_item_queue",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True), fields=("number",), name="surety_item_number"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="surety_item_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            ("reviewed_by", None),
                            models.Q(("approved_by", models.F("reviewed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="surety_item_approved_by_another",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guarantee",
                to="esurety.item",
                verbose_name="申込み",
            ),
        ),
        migrations.CreateModel(
            name="Fee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="保証料計算書番号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("first", "新規"), ("more", "追加"), ("back", "返還")],
                        default="first",
                        max_length=5,
                        verbose_name="種類",
                    ),
                ),
                ("basis", models.BigIntegerField(verbose_name="保証金額（円）")),
                ("lines", models.JSONField(verbose_name="内訳")),
                ("gross", models.BigIntegerField(verbose_name="保証料（円）")),
                ("discount", models.BigIntegerField(default=0, verbose_name="割引（円）")),
                ("net", models.BigIntegerField(verbose_name="お支払額（円）")),
                ("made_at", models.DateTimeField(verbose_name="計算日時")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="お支払期限")),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="入金日")),
                (
                    "paid_how",
                    models.CharField(
                        blank=True,
                        choices=[("monthly", "一括納付"), ("transfer", "振込"), ("cash", "現金"), ("cheque", "小切手")],
                        max_length=8,
                        verbose_name="入金方法",
                    ),
                ),
                (
                    "certificate",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fee",
                        to="esurety.certificate",
                        verbose_name="電子証書",
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="esurety.guarantee",
                        verbose_name="保証契約",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="esurety.invoice",
                        verbose_name="一括納付の請求書",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="esurety.item",
                        verbose_name="申込み",
                    ),
                ),
            ],
            options={
                "verbose_name": "保証料計算書",
                "verbose_name_plural": "保証料計算書",
                "ordering": ("-made_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "first")), fields=("item",), name="surety_first_fee_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contractor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kana", models.CharField(max_length=80, verbose_name="名称カナ")),
                ("address", models.CharField(max_length=120, verbose_name="住所")),
                ("phone", models.CharField(max_length=13, verbose_name="電話番号")),
                ("representative", models.CharField(max_length=60, verbose_name="代表者職氏名")),
                (
                    "licence",
                    models.CharField(
                        blank=True, help_text="許可行政庁2桁と番号6桁", max_length=8, verbose_name="建設業許可番号"
                    ),
                ),
                ("licence_until", models.DateField(blank=True, null=True, verbose_name="建設業許可の有効期限")),
                ("statements_on", models.DateField(blank=True, null=True, verbose_name="最終の財務諸表の決算日")),
                ("exposure_limit", models.BigIntegerField(default=1000000000, verbose_name="保証限度額（円）")),
                (
                    "online",
                    models.CharField(
                        choices=[("none", "未登録"), ("active", "利用中"), ("stopped", "停止")],
                        default="none",
                        max_length=8,
                        verbose_name="電子保証の利用",
                    ),
                ),
                ("pays_monthly", models.BooleanField(default=False, verbose_name="一括納付の契約")),
                ("redeposits", models.BooleanField(default=False, verbose_name="再預託の取扱い")),
                ("payees_fixed", models.BooleanField(default=False, verbose_name="支払先確定")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contractor",
                        to="accounts.organisation",
                        verbose_name="組織",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.office",
                        verbose_name="取扱支店",
                    ),
                ),
            ],
            options={
                "verbose_name": "受注者",
                "verbose_name_plural": "受注者",
                "ordering": ("organisation__code",),
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "未提出"),
                            ("sent", "提出済"),
                            ("registered", "登録済"),
                            ("accepted", "受領"),
                            ("returned", "差戻し"),
                        ],
                        default="registered",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("typed", "入力"), ("code", "QRコード"), ("sheet", "認証キーのお知らせ（PDF）")],
                        default="typed",
                        max_length=8,
                        verbose_name="登録方法",
                    ),
                ),
                ("registered_at", models.DateTimeField(verbose_name="登録日時")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="受領・差戻しの日時")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="差戻しの理由")),
                ("agreed", models.JSONField(blank=True, default=dict, verbose_name="照合した契約内容")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="esurety.body",
                        verbose_name="発注者",
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="esurety.certificate",
                        verbose_name="電子証書",
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
                        verbose_name="受領・差戻しをした者",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登録者",
                    ),
                ),
            ],
            options={
                "verbose_name": "登録",
                "verbose_name_plural": "登録",
                "ordering": ("-registered_at", "-pk"),
                "indexes": [models.Index(fields=["body", "-registered_at", "-id"], name="surety_registration_list")],
                "constraints": [
                    models.UniqueConstraint(fields=("body", "certificate"), name="surety_registration_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["registered", "accepted", "returned"])),
                        name="surety_registration_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "registered")),
                            models.Q(
                                models.Q(("state", "registered"), _negated=True),
                                ("decided_at__gte", models.F("registered_at")),
                            ),
                            _connector="OR",
                        ),
                        name="surety_registration_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="受付番号")),
                ("works", models.JSONField(verbose_name="請負工事")),
                ("contact", models.JSONField(default=dict, verbose_name="連絡先")),
                ("wants_mail", models.BooleanField(default=False, verbose_name="電子保証発行完了のお知らせ")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="メールアドレス")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="お客様から弊社への連絡事項")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="弊社からお客様へのお知らせ")),
                ("is_urgent", models.BooleanField(default=False, verbose_name="至急")),
                ("sent_at", models.DateTimeField(verbose_name="送信日時")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surety_request",
                        to="applications.application",
                        verbose_name="申込み",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.body",
                        verbose_name="発注者",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="esurety.office",
                        verbose_name="申込送信先",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="受注者",
                    ),
                ),
            ],
            options={
                "verbose_name": "保証申込",
                "verbose_name_plural": "保証申込",
                "ordering": ("-sent_at", "-pk"),
                "indexes": [models.Index(fields=["organisation", "-sent_at", "-id"], name="surety_request_list")],
            },
        ),
        migrations.AddField(
            model_name="item",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="esurety.request",
                verbose_name="保証申込",
            ),
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("change", "変更"),
                            ("correction", "訂正"),
                            ("withdrawal", "変更取消"),
                            ("cancellation", "取消"),
                        ],
                        max_length=12,
                        verbose_name="種類",
                    ),
                ),
                ("facts", models.JSONField(blank=True, null=True, verbose_name="証書の内容")),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("at_fault", models.BooleanField(default=False, verbose_name="保証会社の誤り")),
                ("body_agreed", models.BooleanField(default=False, verbose_name="発注者の同意を確認")),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "承認待ち"), ("released", "実行済"), ("refused", "却下")],
                        default="prepared",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("prepared_at", models.DateTimeField(verbose_name="起案日時")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="決裁日時")),
                ("decision_reason", models.CharField(blank=True, max_length=500, verbose_name="却下の理由")),
                (
                    "certificate",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revision",
                        to="esurety.certificate",
                        verbose_name="作成した証書",
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
                        verbose_name="決裁者",
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="esurety.guarantee",
                        verbose_name="保証契約",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起案者",
                    ),
                ),
            ],
            options={
                "verbose_name": "変更・訂正・取消",
                "verbose_name_plural": "変更・訂正・取消",
                "ordering": ("-prepared_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "prepared")), fields=("guarantee",), name="surety_one_revision"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="surety_revision_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubmissionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("products", models.JSONField(default=list, verbose_name="保証種類")),
                ("channels", models.JSONField(default=list, verbose_name="提出チャネル")),
                ("department", models.CharField(blank=True, max_length=80, verbose_name="提出先")),
                (
                    "address",
                    models.CharField(
                        blank=True, help_text="メールアドレス、URL、FAX番号など", max_length=254, verbose_name="宛先"
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="件名の形式")),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="本文の形式")),
                ("side_documents", models.CharField(blank=True, max_length=200, verbose_name="添える書類")),
                ("calls", models.BooleanField(default=False, verbose_name="到着を電話で確認")),
                ("wants_print", models.BooleanField(default=False, verbose_name="証書の印刷も提出")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submission_rules",
                        to="esurety.body",
                        verbose_name="発注者",
                    ),
                ),
            ],
            options={
                "verbose_name": "認証キーの提出方法",
                "verbose_name_plural": "認証キーの提出方法",
                "ordering": ("body", "pk"),
            },
        ),
        migrations.CreateModel(
            name="AcceptanceRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("products", models.JSONField(default=list, verbose_name="保証種類")),
                ("work_kinds", models.JSONField(default=list, verbose_name="工事区分")),
                ("departments", models.JSONField(blank=True, default=list, verbose_name="部署")),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("contract", "契約締結日"),
                            ("notice", "入札公告日"),
                            ("nomination", "指名又は公告日"),
                            ("award", "契約予定通知日"),
                        ],
                        default="contract",
                        max_length=10,
                        verbose_name="適用開始日の基準",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="適用開始日")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="適用終了日")),
                ("issuers", models.CharField(blank=True, max_length=60, verbose_name="対象の保証機関")),
                ("remark", models.CharField(blank=True, max_length=300, verbose_name="備考")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="出典")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acceptance",
                        to="esurety.body",
                        verbose_name="発注者",
                    ),
                ),
            ],
            options={
                "verbose_name": "電子保証の対応",
                "verbose_name_plural": "電子保証の対応",
                "ordering": ("body", "starts_on"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="acceptance_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="submission",
                        serialize=False,
                        to="esurety.certificate",
                        verbose_name="電子証書",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "未提出"),
                            ("sent", "提出済"),
                            ("registered", "登録済"),
                            ("accepted", "受領"),
                            ("returned", "差戻し"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="提出状況",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("system", "電子契約システム"),
                            ("mail", "電子メール"),
                            ("form", "電子申請フォーム"),
                            ("fax", "FAX"),
                            ("paper", "持参・書面"),
                        ],
                        max_length=8,
                        verbose_name="提出チャネル",
                    ),
                ),
                ("addressee", models.CharField(blank=True, max_length=254, verbose_name="宛先")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="件名")),
                ("text", models.TextField(blank=True, max_length=2000, verbose_name="本文")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="メモ")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="証書の内容を確認した日時")),
                (
                    "sheet_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="認証キーのお知らせを取得した日時"),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="提出日時")),
                ("reminded_at", models.DateTimeField(blank=True, null=True, verbose_name="督促日時")),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出者",
                    ),
                ),
            ],
            options={
                "verbose_name": "提出記録",
                "verbose_name_plural": "提出記録",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["open", "returned"])),
                        fields=["state"],
                        name="surety_submission_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("generation", models.PositiveSmallIntegerField(default=1, verbose_name="世代")),
                ("sealed", models.BinaryField(verbose_name="暗号文")),
                ("wrapped", models.BinaryField(verbose_name="鍵の暗号文")),
                ("wrapped_by", models.CharField(db_index=True, max_length=16, verbose_name="鍵の版")),
                ("mac", models.BinaryField(verbose_name="照合値")),
                ("mac_by", models.CharField(max_length=16, verbose_name="照合鍵の版")),
                (
                    "state",
                    models.CharField(
                        choices=[("valid", "有効"), ("frozen", "停止"), ("void", "無効")],
                        default="valid",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="発行日時")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="無効になった日時")),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="esurety.certificate",
                        verbose_name="電子証書",
                    ),
                ),
            ],
            options={
                "verbose_name": "認証キー",
                "verbose_name_plural": "認証キー",
                "constraints": [
                    models.UniqueConstraint(fields=("certificate", "generation"), name="surety_key_generation"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "void"), _negated=True),
                        fields=("certificate",),
                        name="surety_key_one_alive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeeBand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upper", models.BigIntegerField(blank=True, null=True, verbose_name="保証金額の上限（円）")),
                ("ppm", models.PositiveIntegerField(verbose_name="率（百万分率）")),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bands",
                        to="esurety.feetable",
                        verbose_name="保証料率表",
                    ),
                ),
            ],
            options={
                "verbose_name": "保証料率",
                "verbose_name_plural": "保証料率",
                "constraints": [
                    models.UniqueConstraint(fields=("table", "upper"), name="surety_fee_band_upper"),
                    models.UniqueConstraint(
                        condition=models.Q(("upper", None)), fields=("table",), name="surety_fee_band_one_open"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("guarantee", "sequence"), name="surety_certificate_sequence"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "issued")), fields=("guarantee",), name="surety_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "pending")), fields=("guarantee",), name="surety_one_pending"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(fields=("request", "product"), name="surety_item_once"),
        ),
    ]
