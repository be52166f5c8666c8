"""The read model follows statements of any size."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_plans_and_months")]

    operations = [sql_file("projects/sql/0006_any_size.sql")]
