"""A plan that was sent back is due, as a month is. One that lies there already is due two days from now: nobody was told before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_any_size")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="due_on",
            field=models.DateField(blank=True, null=True, verbose_name="应报送"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(condition=models.Q(("state", "returned")), fields=["due_on"], name="plan_to_correct"),
        ),
        migrations.RunSQL(
            "UPDATE projects_plan SET due_on = (now() AT TIME ZONE 'Asia/Shanghai')::date + 2 WHERE state = 'returned'",
            migrations.RunSQL.noop,
        ),
    ]
