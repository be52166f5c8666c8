"""Versions and history of commitments and targets."""

from django.db import migrations

from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial"), ("history", "0002_triggers")]

    operations = [
        migrations.RunSQL("CALL common_track_versions('portfolio_commitment')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('portfolio_commitmentproject')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('portfolio_target')", migrations.RunSQL.noop),
        track("portfolio_commitment"),
        track("portfolio_commitmentproject", project_column="project_id"),
        track("portfolio_target"),
    ]
