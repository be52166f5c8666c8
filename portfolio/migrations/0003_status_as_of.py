"""The read model on a past day, over the facts of all apps."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio", "0002_triggers"),
        ("projects", "0004_reports"),
        ("milestones", "0002_triggers"),
        ("funding", "0002_triggers"),
    ]

    operations = [sql_file("portfolio/sql/0001_status_as_of.sql")]
