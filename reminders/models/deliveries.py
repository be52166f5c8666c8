"""One message that carries many reminders, and the brake that holds them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import Record
from reminders.lifecycle import (
    OPEN_DELIVERIES,
    BrakeState,
    Channel,
    DeliveryState,
)
from reminders.models.contact_points import ContactPoint
from reminders.querysets import (
    BrakeQuerySet,
    DeliveryQuerySet,
)


class Delivery(Record):
    """One message to one person on one channel. `window` is the day whose window it was first tried in.

    `carried` are the reminders of the last try. `may_have_arrived`: a try ended without an answer. `gave_up_at`: this
    channel failed the person, and what the message carried went on to the next. `resends` is the message that somebody
    sent again by hand.
    """

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("收件人"))
    channel = models.TextField(_("渠道"), choices=Channel.choices, default=Channel.EMAIL)
    window = models.DateField(_("发送日"), null=True)
    state = models.TextField(_("状态"), choices=DeliveryState.choices, default=DeliveryState.WAITING)
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    attempts = models.IntegerField(_("次数"), default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    message_id = models.TextField(_("邮件编号"))
    last_error = models.TextField(_("错误"), blank=True)
    sent_at = models.DateTimeField(_("送出时间"), null=True)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("联系渠道"))
    carried = ArrayField(models.UUIDField(), default=list, db_default=[])
    tried_at = models.DateTimeField(null=True)
    failures = models.IntegerField(_("失败次数"), default=0, db_default=0)
    may_have_arrived = models.BooleanField(_("可能已送达"), default=False, db_default=False)
    gave_up_at = models.DateTimeField(null=True)
    resends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("重发自"))
    resent_by_id = models.UUIDField(null=True)
    resent_by_name = models.TextField(_("重发人"), blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("投递")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel"],
                condition=Q(state__in=OPEN_DELIVERIES, resends__isnull=True),
                name="one_open_delivery_a_person_and_channel",
            ),
            models.UniqueConstraint(
                fields=["recipient", "channel", "window"],
                condition=Q(window__isnull=False, resends__isnull=True),
                name="one_digest_a_person_channel_and_window",
            ),
            models.UniqueConstraint(
                fields=["resends"], condition=Q(state__in=OPEN_DELIVERIES, resends__isnull=False), name="one_open_resend_a_delivery"
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.EMAIL, contact_point__isnull=True) | ~Q(channel=Channel.EMAIL) & Q(contact_point__isnull=False),
                name="only_email_needs_no_contact_point",
            ),
            models.UniqueConstraint(fields=["message_id"], name="message_ids_are_unique"),
        ]
        indexes = [
            # what a worker may claim
            models.Index(fields=["id"], name="open_delivery", condition=Q(state__in=OPEN_DELIVERIES)),
            models.Index(fields=["-created_at", "-id"], name="delivery_by_time"),
            # what the brake counts, and what a robot was given in the last minute
            models.Index(fields=["window"], name="delivery_by_window", condition=Q(window__isnull=False)),
            models.Index(fields=["contact_point", "tried_at"], name="delivery_by_robot", condition=Q(contact_point__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.message_id


class Brake(Record):
    """More messages wanted to leave in one window than a city expects: none leaves until somebody says so."""

    window = models.DateField(_("发送日"), unique=True)
    message_count = models.IntegerField(_("消息数"))
    limit = models.IntegerField(_("上限"))
    state = models.TextField(_("状态"), choices=BrakeState.choices, default=BrakeState.HELD, db_default=BrakeState.HELD)
    told_at = models.DateTimeField(_("已告知管理员"), null=True)
    decided_by_id = models.UUIDField(null=True)
    decided_by_name = models.TextField(_("放行人"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(_("放行时间"), null=True)

    objects = BrakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("防洪闸")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=BrakeState.HELD, decided_by_id__isnull=True, decided_at__isnull=True)
                | Q(state=BrakeState.RELEASED, decided_by_id__isnull=False, decided_at__isnull=False),
                name="a_released_brake_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} {self.get_state_display()}"
