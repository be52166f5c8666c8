"""Silence with an end, numbered letters, retired rungs, and where nobody could be told."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import common.ids
import common.models
from history.tracking import track


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_versions"),
        ("projects", "0005_evidence"),
        ("reminders", "0006_channels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="acknowledged_at",
            field=models.DateTimeField(null=True, verbose_name="知悉时间"),
        ),
        migrations.AddField(
            model_name="reminder",
            name="fell_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.office",
                verbose_name="无人接收的单位",
            ),
        ),
        migrations.AddField(
            model_name="rung",
            name="is_active",
            field=models.BooleanField(db_default=True, default=True, verbose_name="启用"),
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=common.models.UUID7(), default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.IntegerField(db_default=1, default=1, editable=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "scope_kind",
                    models.TextField(choices=[("project", "项目"), ("office", "单位"), ("subject", "事项")], verbose_name="范围"),
                ),
                (
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
                ("subject_id", models.UUIDField(blank=True, null=True)),
                ("subject_name", models.TextField(blank=True, db_default="", default="", verbose_name="事项")),
                ("reason", models.TextField(verbose_name="原因")),
                ("from_on", models.DateField(verbose_name="自")),
                ("until_on", models.DateField(verbose_name="至")),
                (
                    "state",
                    models.TextField(
                        choices=[("requested", "待复核"), ("in_force", "生效"), ("rejected", "已退回"), ("ended", "已结束")],
                        verbose_name="状态",
                    ),
                ),
                ("requested_by_id", models.UUIDField()),
                ("requested_by_name", models.TextField(verbose_name="经办")),
                ("decided_by_id", models.UUIDField(blank=True, null=True)),
                ("decided_by_name", models.TextField(blank=True, db_default="", default="", verbose_name="复核")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision_note", models.TextField(blank=True, db_default="", default="", verbose_name="复核意见")),
                ("ended_by_name", models.TextField(blank=True, db_default="", default="", verbose_name="结束人")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.office",
                        verbose_name="单位",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "静默",
            },
        ),
        migrations.CreateModel(
            name="OfficialLetter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=common.models.UUID7(), default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.IntegerField(db_default=1, default=1, editable=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "kind",
                    models.TextField(
                        choices=[("reminder", "提醒函"), ("supervision", "督办函"), ("escalation", "升级函")], verbose_name="函件"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="年度")),
                ("number", models.IntegerField(verbose_name="序号")),
                (
                    "subject_kind",
                    models.TextField(
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
                        verbose_name="事项类别",
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("due_on", models.DateField(verbose_name="应完成")),
                ("issued_on", models.DateField(verbose_name="发文日期")),
                ("facts", models.JSONField()),
                (
                    "office",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.office",
                        verbose_name="责任单位",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
                (
                    "rung",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reminders.rung", verbose_name="级次"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件",
            },
        ),
        migrations.AddField(
            model_name="reminder",
            name="official_letter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="reminders.officialletter",
                verbose_name="函件",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(condition=models.Q(("fell_from__isnull", False)), fields=["fell_from", "due_at"], name="fallen_reminder"),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("official_letter__isnull", False)), fields=["official_letter"], name="reminder_by_letter"
            ),
        ),
        migrations.AddIndex(
            model_name="mute",
            index=models.Index(condition=models.Q(("state", "in_force")), fields=["until_on"], name="mute_in_force"),
        ),
        migrations.AddIndex(
            model_name="mute",
            index=models.Index(condition=models.Q(("project__isnull", False)), fields=["project"], name="mute_by_project"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("office__isnull", True), ("project__isnull", False), ("scope_kind", "project"), ("subject_id__isnull", True)),
                    models.Q(("office__isnull", False), ("project__isnull", True), ("scope_kind", "office"), ("subject_id__isnull", True)),
                    models.Q(
                        ("office__isnull", True), ("scope_kind", "subject"), ("subject_id__isnull", False), ("subject_kind__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="mute_has_one_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="mute_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(condition=models.Q(("until_on__gte", models.F("from_on"))), name="mute_ends_after_it_begins"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by_id__isnull", True),
                    models.Q(("decided_by_id", models.F("requested_by_id")), _negated=True),
                    _connector="OR",
                ),
                name="who_asks_for_a_mute_does_not_approve_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "in_force"), _negated=True),
                    ("decided_by_id__isnull", False),
                    (
                        "until_on__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("from_on"), "+", models.Value(datetime.timedelta(days=30))
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_long_mute_has_a_second_person",
            ),
        ),
        migrations.AddIndex(
            model_name="officialletter",
            index=models.Index(condition=models.Q(("project__isnull", False)), fields=["project"], name="letter_by_project"),
        ),
        migrations.AddConstraint(
            model_name="officialletter",
            constraint=models.UniqueConstraint(
                fields=("subject_kind", "subject_id", "due_on", "rung"), name="one_letter_a_subject_date_and_rung"
            ),
        ),
        migrations.AddConstraint(
            model_name="officialletter",
            constraint=models.UniqueConstraint(fields=("kind", "year", "number"), name="one_letter_a_number"),
        ),
        migrations.RunSQL("CALL common_track_versions('reminders_mute')", migrations.RunSQL.noop),
        migrations.RunSQL("CALL common_track_versions('reminders_officialletter')", migrations.RunSQL.noop),
        track("reminders_mute", project_column="project_id"),
        track("reminders_officialletter", project_column="project_id"),
    ]
