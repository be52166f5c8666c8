"""Versions, history and the status row's dates."""

from django.db import migrations

from common.migrating import sql_file
from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [("milestones", "0001_initial"), ("projects", "0002_triggers")]

    operations = [
        sql_file("milestones/sql/0001_status.sql"),
        migrations.RunSQL("CALL common_track_versions('milestones_milestone')", migrations.RunSQL.noop),
        track("milestones_milestone", project_column="project_id"),
    ]
