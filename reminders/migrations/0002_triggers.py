"""Versions and history of the ladder and of reminders. Deliveries are exempt: they are the log of sending itself."""

from django.db import migrations

from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial"), ("history", "0002_triggers")]

    operations = [
        migrations.RunSQL("CALL common_track_versions('reminders_rung')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('reminders_delivery')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('reminders_reminder')", migrations.RunSQL.noop),
        track("reminders_rung"),
        track("reminders_reminder", project_column="project_id"),
    ]
