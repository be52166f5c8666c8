"""The trigger function of history, on everything below it."""

from django.db import migrations

from common.migrating import sql_file
from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial"), ("accounts", "0002_versions")]

    operations = [
        sql_file("history/sql/0001_history.sql"),
        track("common_workday"),
        track("accounts_office"),
        track("accounts_user", quiet="last_login", mask="password"),
        track("accounts_membership"),
        track("accounts_apiclient", quiet="last_used_at", mask="key_digest"),
    ]
