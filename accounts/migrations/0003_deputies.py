from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="delegation_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="委托原因"),
        ),
    ]
