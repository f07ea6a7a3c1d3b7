from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credit_insurance", "0002_review")]

    operations = [
        migrations.AddField(
            model_name="limitdecision",
            name="automatic",
            field=models.JSONField(default=list, verbose_name="自動判定による対象外の理由"),
        ),
        migrations.AddField(
            model_name="limitdecision",
            name="explanation",
            field=models.CharField(blank=True, max_length=400, verbose_name="理由の説明"),
        ),
        migrations.AddField(
            model_name="quote",
            name="particulars",
            field=models.JSONField(default=dict, verbose_name="発行時の契約と締切"),
        ),
        migrations.AlterField(
            model_name="quote",
            name="comment",
            field=models.CharField(blank=True, max_length=500, verbose_name="見直しの依頼・取下げの理由"),
        ),
    ]
