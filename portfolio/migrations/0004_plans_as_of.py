"""The plans of the year on a past day."""

from django.db import migrations

from common.migrating import sql_file


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_status_as_of"), ("projects", "0008_plans_and_months")]

    operations = [sql_file("portfolio/sql/0002_plans_as_of.sql")]
