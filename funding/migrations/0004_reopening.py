"""Why a repayment is open again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0003_rules")]

    operations = [
        migrations.AddField("repayment", "reopen_reason", models.TextField(blank=True, db_default="", verbose_name="撤销原因")),
    ]
