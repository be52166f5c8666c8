"""What breaks a monitoring rule, as a function of the day."""

import django.db.models.deletion
from django.db import migrations, models

from common.migrating import sql_file


def pointer(to):
    return models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=to)


class Migration(migrations.Migration):
    dependencies = [("funding", "0004_reopening"), ("projects", "0004_reports")]

    operations = [
        sql_file("funding/sql/0003_findings.sql"),
        migrations.CreateModel(
            "Finding",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("rule", models.TextField()),
                ("rule_name", models.TextField()),
                ("level", models.TextField(choices=[("info", "提示"), ("warn", "关注"), ("error", "严重")])),
                ("position", models.SmallIntegerField()),
                (
                    "subject_kind",
                    models.TextField(choices=[("allocation", "额度"), ("project", "项目"), ("source", "资金来源"), ("portfolio", "全市")]),
                ),
                ("subject_id", models.UUIDField()),
                ("subject_name", models.TextField()),
                ("use", models.TextField(choices=[("construction", "建设"), ("capital", "资本金")], null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("since_on", models.DateField()),
                ("figures", models.JSONField()),
                ("state", models.TextField(choices=[("open", "待说明"), ("replied", "已说明"), ("written_off", "已核销")])),
                ("version", models.IntegerField()),
                ("project", pointer("projects.project")),
                ("source", pointer("funding.fundingsource")),
                ("reply", pointer("funding.findingreply")),
            ],
            options={"db_table": "funding_finding", "managed": False},
        ),
    ]
