import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("esurety", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suspension",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="suspension",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="停止日時")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="停止した者",
                    ),
                ),
            ],
            options={
                "verbose_name": "利用者の停止",
                "verbose_name_plural": "利用者の停止",
            },
        ),
        migrations.AddField(
            model_name="registration",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="督促日時"),
        ),
        migrations.AddField(
            model_name="submissionrule",
            name="starts_on",
            field=models.DateField(blank=True, help_text="空欄は以前から。", null=True, verbose_name="適用開始日"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("state", "registered")),
                fields=["body", "registered_at"],
                name="surety_registration_open",
            ),
        ),
    ]
