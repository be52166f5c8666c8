"""The running role may count what the sweep has added."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("reminders", "0007_mutes_and_letters")]

    operations = [sql_file("reminders/sql/0001_statistics.sql")]
