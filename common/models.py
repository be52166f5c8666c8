"""What every row carries, the work calendar, and the answers kept by idempotency key."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import uuid7


class UUID7(models.Func):
    function = "uuidv7"
    output_field = models.UUIDField()


class Record(models.Model):
    """A row with a key, a version and two instants; a trigger raises `version` and `updated_at` on every real change."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    version = models.IntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class WorkDay(Record):
    """One day of the calendar. `nth` counts the working days up to and with it, so T+7 is one comparison."""

    day = models.DateField(_("日期"), unique=True)
    is_working = models.BooleanField(_("工作日"))
    is_official = models.BooleanField(_("已公布"), help_text=_("按国务院办公厅通知；否则只按周末推定"))
    nth = models.IntegerField(_("序号"))

    class Meta:
        verbose_name = _("工作日")
        ordering = ["day"]
        indexes = [models.Index(fields=["nth", "day"], name="work_day_by_count")]

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.is_working else '休息日'}"


class IdempotencyKey(models.Model):
    """The answer to a request that must have its effect once: written in the transaction of the effect, kept for a day."""

    pk = models.CompositePrimaryKey("principal", "route", "key")
    principal = models.TextField()  # label of the actor: each has keys of its own
    route = models.TextField()  # method and path
    key = models.TextField()
    fingerprint = models.TextField()
    status = models.SmallIntegerField(null=True)  # null until the effect is done, which nobody else sees
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="idempotency_key_by_age")]

    def __str__(self) -> str:
        return f"{self.principal} {self.route} {self.key}"
