"""The version trigger on people, offices and clients."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("common", "0002_versions")]

    operations = [
        migrations.RunSQL("CALL common_track_versions('accounts_office')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('accounts_user')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('accounts_membership')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('accounts_apiclient')", migrations.RunSQL.noop),
    ]
