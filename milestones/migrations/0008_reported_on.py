"""The day on which an achievement was reported."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("milestones", "0007_any_size")]

    operations = [
        migrations.AddField(
            model_name="milestone",
            name="reported_on",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
    ]
