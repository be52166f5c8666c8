"""The answers kept by idempotency key. Neither versioned nor part of history: they only repeat what was said."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("common", "0002_versions")]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey("principal", "route", "key", blank=True, editable=False, primary_key=True, serialize=False),
                ),
                ("principal", models.TextField()),
                ("route", models.TextField()),
                ("key", models.TextField()),
                ("fingerprint", models.TextField()),
                ("status", models.SmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(default=b"")),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="idempotency_key_by_age")]},
        ),
    ]
