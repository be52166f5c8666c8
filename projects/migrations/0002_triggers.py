"""Versions, history and the status row of projects."""

from django.db import migrations

from common.migrating import sql_file
from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("history", "0002_triggers")]

    operations = [
        sql_file("projects/sql/0002_status.sql"),
        migrations.RunSQL("CALL common_track_versions('projects_region')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_sector')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_project')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_stagemove')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_assignment')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_tag')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('projects_projecttag')", migrations.RunSQL.noop),
        track("projects_region"),
        track("projects_sector"),
        track("projects_project", project_column="id"),
        track("projects_stagemove", project_column="project_id"),
        track("projects_assignment", project_column="project_id"),
        track("projects_tag"),
        track("projects_projecttag", project_column="project_id"),
    ]
