import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit_insurance", "0004_enrolment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="handover",
            name="reply",
            field=models.CharField(blank=True, max_length=200, verbose_name="差戻しの理由"),
        ),
        migrations.AddField(
            model_name="handover",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="差戻し日時"),
        ),
        migrations.AddField(
            model_name="handover",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="差し戻した方",
            ),
        ),
    ]
