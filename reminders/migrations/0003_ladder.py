"""The default ladder, in working days: rows, to be changed by the city."""

from django.db import migrations

from common.actors import system
from common.recording import recording

LADDER = [
    ("before", 15, "filer", "notice"),
    ("before", 7, "filer", "notice"),
    ("before", 1, "filer", "notice"),
    ("after", 1, "office", "reminder"),
    ("after", 7, "office", "supervision"),
    ("after", 7, "authority", "supervision"),
    ("after", 15, "patron", "escalation"),
    ("after", 30, "office", "bulletin"),
    ("after", 30, "authority", "bulletin"),
    ("after", 30, "patron", "bulletin"),
]


def insert(apps, schema_editor):
    rung = apps.get_model("reminders", "Rung")
    with recording(system("migration reminders 0003")):
        rung.objects.bulk_create(rung(kind=kind, days=days, audience=audience, letter=letter) for kind, days, audience, letter in LADDER)
        apps.get_model("reminders", "SweepState").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0002_triggers")]

    operations = [migrations.RunPython(insert, migrations.RunPython.noop)]
