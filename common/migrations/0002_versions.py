"""The version trigger, on the calendar first."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        sql_file("common/sql/0001_versions.sql"),
        migrations.RunSQL("CALL common_track_versions('common_workday')", migrations.RunSQL.noop),
    ]
