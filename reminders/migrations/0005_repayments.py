"""The ladder of repayments, in calendar days since a loan counts them: rows, to be changed by the city."""

from django.db import migrations

from common.actors import system
from common.recording import recording

LADDER = [
    ("before", 60, "office", "notice"),
    ("before", 30, "office", "notice"),
    ("before", 10, "office", "notice"),
    ("after", 1, "office", "reminder"),
    ("after", 7, "office", "supervision"),
    ("after", 7, "authority", "supervision"),
]


def insert(apps, schema_editor):
    rung = apps.get_model("reminders", "Rung")
    with recording(system("migration reminders 0005")):
        rung.objects.bulk_create(
            rung(subject_kind="repayment", kind=kind, days=days, in_working_days=False, audience=audience, letter=letter)
            for kind, days, audience, letter in LADDER
        )


def remove(apps, schema_editor):
    """Before there were ladders of single kinds, the constraint knew one ladder only."""
    with recording(system("migration reminders 0005")):
        apps.get_model("reminders", "Rung").objects.exclude(subject_kind=None).delete()


class Migration(migrations.Migration):
    dependencies = [("reminders", "0004_ladders")]

    operations = [migrations.RunPython(insert, remove)]
