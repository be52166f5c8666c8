"""Versions, history, balances with their guard, and the status row's money."""

from django.db import migrations

from common.migrating import sql_file
from history.tracking import track

OF_A_PROJECT = ["funding_allocation", "funding_balanceplan", "funding_findingreply", "funding_transferrequest"]
OTHERS = [
    "funding_fundingsource", "funding_yearplan", "funding_bond", "funding_repayment", "funding_eligibilityitem", "funding_monitoringrule",
    "funding_transfer",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("funding", "0001_initial"), ("projects", "0003_money"), ("history", "0002_triggers")]

    operations = [
        sql_file("funding/sql/0001_ledger.sql"),
        sql_file("funding/sql/0002_status.sql"),
        *(migrations.RunSQL(f"CALL common_track_versions('{table}')", migrations.RunSQL.noop) for table in [*OF_A_PROJECT, *OTHERS]),
        *(track(table, project_column="project_id") for table in OF_A_PROJECT),
        *(track(table) for table in OTHERS),
    ]
