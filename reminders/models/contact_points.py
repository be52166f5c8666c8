"""Where people and offices are reached beside e-mail."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office, User
from common.models import Record
from reminders.lifecycle import (
    Channel,
)
from reminders.querysets import (
    ContactPointQuerySet,
)


class ContactPoint(Record):
    """Where a person, or everybody of an office and below, is reached beside e-mail: a robot of a work chat, or a webhook.

    The address of a robot holds its token: with the secret it is known to administrators only, and never in history.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("人员"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位"))
    channel = models.TextField(_("渠道"), choices=[choice for choice in Channel.choices if choice[0] != Channel.EMAIL])
    url = models.TextField(_("地址"))
    secret = models.TextField(_("密钥"), blank=True, default="")
    is_active = models.BooleanField(_("在用"), default=True)
    throttled_until = models.DateTimeField(_("限流至"), null=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("联系渠道")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, office__isnull=False) | Q(user__isnull=False, office__isnull=True),
                name="a_contact_point_belongs_to_a_person_or_an_office",
            ),
            models.CheckConstraint(condition=~Q(channel=Channel.EMAIL), name="email_is_no_contact_point"),
            # a robot's limit is counted by its row
            models.UniqueConstraint(fields=["url"], name="one_contact_point_an_address"),
        ]

    def __str__(self) -> str:
        return self.get_channel_display()
