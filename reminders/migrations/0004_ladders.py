"""A ladder may belong to one kind of obligation, and count calendar days."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_ladder")]

    operations = [
        migrations.RemoveConstraint("rung", "one_rung_a_day_and_audience"),
        migrations.AddField(
            "rung",
            "subject_kind",
            models.TextField(
                blank=True,
                choices=[
                    ("milestone", "节点"),
                    ("report", "月报"),
                    ("report_decision", "月报审核"),
                    ("date_change", "调整申请"),
                    ("problem", "问题"),
                    ("permit", "手续"),
                    ("repayment", "还本付息"),
                    ("idle_money", "闲置资金"),
                ],
                null=True,
                verbose_name="事项类别",
            ),
        ),
        migrations.AddField("rung", "in_working_days", models.BooleanField(db_default=True, default=True, verbose_name="按工作日计")),
        migrations.AlterField("rung", "days", models.SmallIntegerField(verbose_name="天数")),
        migrations.AddConstraint(
            "rung",
            models.UniqueConstraint(
                fields=("subject_kind", "kind", "days", "audience"), name="one_rung_a_ladder_day_and_audience", nulls_distinct=False
            ),
        ),
    ]
