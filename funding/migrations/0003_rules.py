"""The monitoring rules with their thresholds, and the two lists of 国办发〔2024〕52号: rows, to be changed by the city."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

from common import tables
from common.actors import system
from common.recording import recording
from funding.rules.monitoring import RULES

LISTS = Path(settings.BASE_DIR) / "funding/data/eligibility.csv"


def insert(apps, schema_editor):
    rule, item = apps.get_model("funding", "MonitoringRule"), apps.get_model("funding", "EligibilityItem")
    with recording(system("migration funding 0003")):
        rule.objects.bulk_create(
            rule(position=number, **{name: getattr(known, name) for name in ("code", "name", "level", "threshold", "unit", "basis")})
            for number, known in enumerate(RULES.values(), 1)
        )
        item.objects.bulk_create(item(**row) for row in tables.rows(LISTS))


class Migration(migrations.Migration):
    dependencies = [("funding", "0002_triggers")]

    operations = [migrations.RunPython(insert, migrations.RunPython.noop)]
