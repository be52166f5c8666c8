"""History keeps up with statements of any size."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("history", "0002_triggers")]

    operations = [sql_file("history/sql/0002_any_size.sql")]
