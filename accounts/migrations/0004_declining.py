"""A deputy was not asked, and may decline."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_deputies")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="declined_on",
            field=models.DateField(blank=True, null=True, verbose_name="谢绝日"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=Q(("declined_on__isnull", True), ("delegated_by__isnull", False), _connector="OR"), name="only_a_deputy_declines"
            ),
        ),
    ]
