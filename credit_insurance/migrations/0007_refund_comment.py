from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credit_insurance", "0006_cover")]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="comment",
            field=models.CharField("却下の理由", max_length=200, blank=True, default=""),
            preserve_default=False,
        ),
    ]
