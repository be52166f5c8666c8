"""The read model follows statements of any size."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("milestones", "0006_plans")]

    operations = [sql_file("milestones/sql/0003_any_size.sql")]
