import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import credit_insurance.models.enrolment


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("applications", "0001_initial"),
        ("credit_insurance", "0003_review_reasons"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, verbose_name="ファイル名")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("entries", models.PositiveIntegerField(verbose_name="明細の件数")),
                ("amount", models.BigIntegerField(verbose_name="合計（円）")),
                ("known", models.PositiveIntegerField(default=0, verbose_name="取込済みだった明細")),
                ("imported_at", models.DateTimeField(verbose_name="取込日時")),
                (
                    "imported_by",
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
                "verbose_name": "振込入金通知",
                "verbose_name_plural": "振込入金通知",
                "ordering": ("-imported_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="ConsentPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("important", "重要事項説明書"),
                            ("privacy", "個人情報の取扱い"),
                            ("electronic", "電磁的方法による手続き"),
                            ("antisocial", "反社会的勢力でない旨の表明"),
                            ("accuracy", "告知の正確性"),
                        ],
                        max_length=12,
                        verbose_name="種類",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版")),
                ("valid_from", models.DateField(verbose_name="適用開始日")),
                ("body", models.TextField(max_length=4000, verbose_name="本文")),
                (
                    "file",
                    models.FileField(
                        blank=True, upload_to=credit_insurance.models.enrolment.paper_path, verbose_name="書類（PDF）"
                    ),
                ),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64, verbose_name="SHA-256")),
                (
                    "entered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登録者",
                    ),
                ),
            ],
            options={
                "verbose_name": "加入時の確認書類",
                "verbose_name_plural": "加入時の確認書類",
                "ordering": ("kind", "-version"),
                "constraints": [models.UniqueConstraint(fields=("kind", "version"), name="credit_paper_once")],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(default=0, verbose_name="行")),
                ("reference", models.CharField(blank=True, max_length=6, verbose_name="照会番号")),
                ("booked_on", models.DateField(verbose_name="勘定日")),
                ("value_on", models.DateField(verbose_name="起算日")),
                ("amount", models.BigIntegerField(verbose_name="金額（円）")),
                ("payer", models.CharField(max_length=48, verbose_name="振込依頼人名")),
                ("bank", models.CharField(blank=True, max_length=40, verbose_name="仕向銀行")),
                ("raw", models.CharField(blank=True, max_length=250, verbose_name="明細の原文")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="備考")),
                ("open_amount", models.BigIntegerField(verbose_name="未処理額（円）")),
                ("is_cancellation", models.BooleanField(default=False, verbose_name="取消の通知")),
                ("entered_at", models.DateTimeField(verbose_name="登録日時")),
                (
                    "cancels",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancelled_by",
                        to="credit_insurance.deposit",
                        verbose_name="取り消した入金",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登録者",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="credit_insurance.bankfile",
                        verbose_name="振込入金通知",
                    ),
                ),
            ],
            options={
                "verbose_name": "入金",
                "verbose_name_plural": "入金",
                "ordering": ("-value_on", "-pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("open_amount__gt", 0)), fields=["value_on"], name="credit_deposit_undecided"
                    ),
                    models.Index(fields=["booked_on", "amount"], name="credit_deposit_known"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0), ("open_amount__gte", 0), ("open_amount__lte", models.F("amount"))
                        ),
                        name="credit_deposit_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="補償開始日")),
                ("ends_on", models.DateField(verbose_name="補償終了日")),
                ("months", models.PositiveSmallIntegerField(verbose_name="月数")),
                ("premium", models.BigIntegerField(verbose_name="保険料（円）")),
                ("period_limit", models.BigIntegerField(verbose_name="期間中支払限度額（円）")),
                (
                    "proposed_start",
                    models.DateField(blank=True, null=True, verbose_name="変更後の補償開始日（確認待ち）"),
                ),
                (
                    "proposed_premium",
                    models.BigIntegerField(blank=True, null=True, verbose_name="変更後の保険料（円、確認待ち）"),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="加入手続完了日時")),
                ("certificate_number", models.CharField(blank=True, max_length=12, verbose_name="証券番号")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolment",
                        to="credit_insurance.case",
                        verbose_name="加入手続",
                    ),
                ),
                (
                    "quote",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolment",
                        to="credit_insurance.quote",
                        verbose_name="お引受条件",
                    ),
                ),
            ],
            options={
                "verbose_name": "加入",
                "verbose_name_plural": "加入",
                "ordering": ("-starts_on", "-pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("completed_at", None)), fields=["starts_on"], name="credit_enrolment_open"
                    ),
                    models.Index(
                        condition=models.Q(("certificate_number", ""), ("completed_at__isnull", False)),
                        fields=["starts_on"],
                        name="credit_certificate_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__gt", models.F("starts_on")),
                            ("months__gte", 1),
                            ("months__lte", 12),
                            ("premium__gte", 0),
                        ),
                        name="credit_enrolment_cover",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposed_premium", None), ("proposed_start", None)),
                            models.Q(
                                ("completed_at", None),
                                ("proposed_premium__isnull", False),
                                ("proposed_start__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="credit_enrolment_proposal_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("certificate_number", ""), _negated=True),
                        fields=("certificate_number",),
                        name="credit_certificate_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CoveredDebtor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="企業名")),
                ("corporate_number", models.CharField(blank=True, max_length=13, verbose_name="法人番号")),
                ("address", models.CharField(max_length=200, verbose_name="所在地")),
                ("debtor_key", models.CharField(blank=True, max_length=200, verbose_name="取引先の識別")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "申込済"),
                            ("excluded", "対象外"),
                            ("under_review", "審査中"),
                            ("info", "追加情報待ち"),
                            ("offered", "条件提示済"),
                            ("declined", "引受不可"),
                            ("in_force", "設定中"),
                            ("reduction_noticed", "減額予告中"),
                            ("zero", "ゼロへ減額"),
                            ("stopped", "引渡し停止"),
                            ("closed_accident", "事故により終了"),
                            ("closed_customer", "取引終了"),
                            ("expired", "満期終了"),
                        ],
                        default="in_force",
                        max_length=20,
                        verbose_name="状況",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="開始日")),
                ("ends_on", models.DateField(verbose_name="終了日")),
                ("limit", models.BigIntegerField(verbose_name="支払限度額（円）")),
                ("balance", models.BigIntegerField(verbose_name="債権残高（円）")),
                ("balance_date", models.DateField(verbose_name="残高の基準日")),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="credit_insurance.line",
                        verbose_name="ヒアリングシートの取引先",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debtors",
                        to="credit_insurance.enrolment",
                        verbose_name="加入",
                    ),
                ),
            ],
            options={
                "verbose_name": "補償対象の取引先",
                "verbose_name_plural": "補償対象の取引先",
                "ordering": ("enrolment", "line__position", "pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("debtor_key", ""), _negated=True),
                        fields=["debtor_key"],
                        name="credit_covered_debtor",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("enrolment", "line"), name="credit_covered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("balance__gte", 0), ("limit__gte", 0)), name="credit_covered_amounts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField(verbose_name="版")),
                (
                    "state",
                    models.CharField(
                        choices=[("issued", "発行済"), ("superseded", "旧版")],
                        default="issued",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("facts", models.JSONField(verbose_name="記載内容")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="再発行の理由")),
                ("issued_at", models.DateTimeField(verbose_name="発行日時")),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="発行者",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="credit_insurance.enrolment",
                        verbose_name="加入",
                    ),
                ),
            ],
            options={
                "verbose_name": "加入者証",
                "verbose_name_plural": "加入者証",
                "ordering": ("enrolment", "-version"),
                "constraints": [
                    models.UniqueConstraint(fields=("enrolment", "version"), name="credit_certificate_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "issued")),
                        fields=("enrolment",),
                        name="credit_certificate_one_issued",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnrolmentForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("submitted", "提出済"), ("accepted", "受付済"), ("returned", "不備返却")],
                        default="submitted",
                        max_length=10,
                        verbose_name="状況",
                    ),
                ),
                ("form_day", models.DateField(verbose_name="提出日")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="受付日時")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="不備の内容")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_form",
                        to="applications.application",
                        verbose_name="加入依頼書",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forms",
                        to="credit_insurance.case",
                        verbose_name="加入手続",
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
                        verbose_name="受付者",
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forms",
                        to="credit_insurance.quote",
                        verbose_name="お引受条件",
                    ),
                ),
            ],
            options={
                "verbose_name": "加入依頼書",
                "verbose_name_plural": "加入依頼書",
                "ordering": ("-form_day", "-pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "submitted")), fields=["form_day"], name="credit_form_queue"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["submitted", "accepted"])),
                        fields=("case",),
                        name="credit_form_one_live",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="確認日時")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確認者",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="credit_insurance.consentpaper",
                        verbose_name="書類",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="credit_insurance.enrolmentform",
                        verbose_name="加入依頼書",
                    ),
                ),
            ],
            options={
                "verbose_name": "確認・同意",
                "verbose_name_plural": "確認・同意",
                "ordering": ("form", "paper__kind"),
                "constraints": [models.UniqueConstraint(fields=("form", "paper"), name="credit_consent_once")],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="回付日時")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="連絡事項")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_hand_over",
                        to="applications.application",
                        verbose_name="加入依頼書",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="回付者",
                    ),
                ),
            ],
            options={
                "verbose_name": "回付",
                "verbose_name_plural": "回付",
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=7, unique=True, verbose_name="受付番号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("initial", "加入保険料"), ("additional", "追加保険料")],
                        default="initial",
                        max_length=10,
                        verbose_name="区分",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="請求額（円）")),
                ("received", models.BigIntegerField(default=0, verbose_name="入金額（円）")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "未入金"),
                            ("partial", "一部入金"),
                            ("paid", "入金済"),
                            ("overpaid", "過入金"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="入金状況",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="払込期限")),
                ("money_day", models.DateField(blank=True, null=True, verbose_name="入金完了日（起算日）")),
                ("made_at", models.DateTimeField(verbose_name="作成日時")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="取消日時")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="credit_insurance.case",
                        verbose_name="加入手続",
                    ),
                ),
            ],
            options={
                "verbose_name": "払込のご案内",
                "verbose_name_plural": "払込のご案内",
                "ordering": ("-made_at", "-pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["open", "partial"])),
                        fields=["due_on"],
                        name="credit_invoice_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0), ("received__gte", 0), ("received__lte", models.F("amount"))
                        ),
                        name="credit_invoice_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("money_day__isnull", False), ("received", models.F("amount"))),
                            models.Q(("money_day", None), ("received__lt", models.F("amount"))),
                            _connector="OR",
                        ),
                        name="credit_invoice_paid_has_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None), ("kind", "initial")),
                        fields=("case",),
                        name="credit_invoice_one_initial",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField(verbose_name="消込額（円）")),
                (
                    "way",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "受付番号と金額が一致"),
                            (2, "受付番号が一致（金額が異なる）"),
                            (3, "振込名義と金額が一致"),
                            (4, "金額が一致"),
                            (5, "該当なし"),
                        ],
                        verbose_name="照合の方法",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="消込日時")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="取消日時")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="消込者",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取消者",
                    ),
                ),
                (
                    "deposit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="credit_insurance.deposit",
                        verbose_name="入金",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="credit_insurance.invoice",
                        verbose_name="払込のご案内",
                    ),
                ),
            ],
            options={
                "verbose_name": "入金消込",
                "verbose_name_plural": "入金消込",
                "ordering": ("made_at", "pk"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="credit_allocation_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limit", models.BigIntegerField(verbose_name="支払限度額（円）")),
                ("effective_from", models.DateField(verbose_name="適用開始日")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("initial", "当初設定"),
                            ("increase", "増額"),
                            ("customer_decrease", "お客様のご都合による減額"),
                            ("insurer_reduction", "保険会社による減額"),
                            ("closed", "終了"),
                        ],
                        max_length=20,
                        verbose_name="変更理由",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="登録日時")),
                (
                    "debtor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="credit_insurance.covereddebtor",
                        verbose_name="取引先",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登録者",
                    ),
                ),
            ],
            options={
                "verbose_name": "支払限度額の履歴",
                "verbose_name_plural": "支払限度額の履歴",
                "ordering": ("debtor", "-effective_from", "-pk"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("limit__gte", 0)), name="credit_history_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField(verbose_name="返金額（円）")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("overpaid", "過入金"),
                            ("late", "期限後の入金"),
                            ("cancelled", "手続きの取消し"),
                            ("insurer_reduction", "保険会社による減額"),
                        ],
                        max_length=20,
                        verbose_name="返金理由",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "承認待ち"),
                            ("approved", "承認済"),
                            ("rejected", "却下"),
                            ("refunded", "返金済"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="状況",
                    ),
                ),
                ("account", models.CharField(max_length=200, verbose_name="返金先の口座")),
                ("requested_at", models.DateTimeField(verbose_name="依頼日時")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="承認日時")),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="返金日")),
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
                    "deposit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="credit_insurance.deposit",
                        verbose_name="入金",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="依頼者",
                    ),
                ),
            ],
            options={
                "verbose_name": "返金",
                "verbose_name_plural": "返金",
                "ordering": ("-requested_at", "-pk"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="credit_refund_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="credit_refund_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", None), ("state", "requested")),
                            models.Q(models.Q(("state", "requested"), _negated=True), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="credit_refund_decided",
                    ),
                ],
            },
        ),
    ]
