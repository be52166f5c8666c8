"""Who must be told of a date: the ladder, one row a duty to tell, one message that carries many."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office, User
from common.models import Record
from projects.models import Project
from reminders.lifecycle import (
    OPEN_DELIVERIES,
    Audience,
    BrakeState,
    Channel,
    DeliveryState,
    Letter,
    MuteScope,
    MuteState,
    NumberedLetter,
    ReminderState,
    RungKind,
    SubjectKind,
)
from reminders.querysets import (
    BrakeQuerySet,
    ContactPointQuerySet,
    DeliveryQuerySet,
    LetterQuerySet,
    MuteQuerySet,
    ReminderQuerySet,
)
from reminders.rules import LONGEST_ALONE


class Rung(Record):
    """One step of a ladder: so many days before or after the due date, this audience gets this letter.

    A kind of obligation that has rungs of its own climbs these alone; all others share those without a kind. Within
    one ladder the rungs count alike, in working days or in calendar days: which is the higher is told by `days`. One to
    which reminders refer is retired, never deleted; only active ones are climbed.
    """

    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices, null=True, blank=True)
    kind = models.TextField(_("先后"), choices=RungKind.choices)
    days = models.SmallIntegerField(_("天数"))
    in_working_days = models.BooleanField(_("按工作日计"), default=True, db_default=True)
    audience = models.TextField(_("对象"), choices=Audience.choices)
    letter = models.TextField(_("函件"), choices=Letter.choices)
    is_active = models.BooleanField(_("启用"), default=True, db_default=True)

    class Meta:
        verbose_name = _("级次")
        ordering = ["-kind", "days", "audience"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "kind", "days", "audience"], name="one_rung_a_ladder_day_and_audience", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(days__gte=0, days__lte=250), name="rung_is_within_a_year"),
        ]

    def __str__(self) -> str:
        return f"T{'−' if self.kind == RungKind.BEFORE else '+'}{self.days} {self.get_audience_display()}"

    @property
    def days_ahead(self) -> int:
        """How many days after today the due date lies when the rung is reached; below zero when it has passed."""
        return self.days if self.kind == RungKind.BEFORE else -self.days


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


class OfficialLetter(Record):
    """提醒函, 督办函 or 升级函 of one obligation on one rung: numbered once, without gaps, its facts frozen as they stood.

    `facts`: addressee, copies [names], project, project_code, office, lead, subject, due_on, overdue_days, to_do, signed_by.
    """

    kind = models.TextField(_("函件"), choices=NumberedLetter.choices)
    year = models.SmallIntegerField(_("年度"))
    number = models.IntegerField(_("序号"))
    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices)
    subject_id = models.UUIDField()
    project = models.ForeignKey(Project, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("项目"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"))
    due_on = models.DateField(_("应完成"))
    rung = models.ForeignKey(Rung, on_delete=models.PROTECT, related_name="+", verbose_name=_("级次"))
    issued_on = models.DateField(_("发文日期"))
    facts = models.JSONField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("函件")
        indexes = [models.Index(fields=["project"], name="letter_by_project", condition=Q(project__isnull=False))]
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "due_on", "rung"], name="one_letter_a_subject_date_and_rung"),
            models.UniqueConstraint(fields=["kind", "year", "number"], name="one_letter_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.number}"


class Mute(Record):
    """Silence about a project, an office with all below, or one obligation, from one day to another, with a reason.

    It delays: what came due meanwhile is told when it ends. One of more than thirty days needs a second person.
    """

    scope_kind = models.TextField(_("范围"), choices=MuteScope.choices)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("项目"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位"))
    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices, null=True, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    subject_name = models.TextField(_("事项"), blank=True, default="", db_default="")
    reason = models.TextField(_("原因"))
    from_on = models.DateField(_("自"))
    until_on = models.DateField(_("至"))
    state = models.TextField(_("状态"), choices=MuteState.choices)
    requested_by_id = models.UUIDField()
    requested_by_name = models.TextField(_("经办"))
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("复核"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("复核意见"), blank=True, default="", db_default="")
    ended_by_name = models.TextField(_("结束人"), blank=True, default="", db_default="")
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = MuteQuerySet.as_manager()

    class Meta:
        verbose_name = _("静默")
        indexes = [
            # read for every reminder that is ready: few rows
            models.Index(fields=["until_on"], name="mute_in_force", condition=Q(state=MuteState.IN_FORCE)),
            models.Index(fields=["project"], name="mute_by_project", condition=Q(project__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope_kind=MuteScope.PROJECT, project__isnull=False, office__isnull=True, subject_id__isnull=True)
                | Q(scope_kind=MuteScope.OFFICE, project__isnull=True, office__isnull=False, subject_id__isnull=True)
                | Q(scope_kind=MuteScope.SUBJECT, office__isnull=True, subject_kind__isnull=False, subject_id__isnull=False),
                name="mute_has_one_scope",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="mute_has_a_reason"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="mute_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("requested_by_id")),
                name="who_asks_for_a_mute_does_not_approve_it",
            ),
            models.CheckConstraint(
                condition=~Q(state=MuteState.IN_FORCE) | Q(decided_by_id__isnull=False) | Q(until_on__lte=F("from_on") + LONGEST_ALONE),
                name="a_long_mute_has_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_kind} {self.from_on} – {self.until_on}"


class Reminder(Record):
    """One duty to tell one person of one obligation on one rung. Exactly one row, whatever runs twice."""

    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices)
    subject_id = models.UUIDField()
    subject_name = models.TextField(_("事项"))
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("项目"))
    due_on = models.DateField(_("应完成"))
    rung = models.ForeignKey(Rung, on_delete=models.PROTECT, related_name="+", verbose_name=_("级次"))
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("收件人"))
    recipient_office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("收件单位"))
    state = models.TextField(_("状态"), choices=ReminderState.choices, default=ReminderState.PENDING, db_default=ReminderState.PENDING)
    state_reason = models.TextField(_("原因"), blank=True, default="", db_default="")
    # the office that should have been told and where nobody could be
    fell_from = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("无人接收的单位"))
    due_at = models.DateTimeField(_("应发"))
    sent_at = models.DateTimeField(_("已发时间"), null=True)
    acknowledged_at = models.DateTimeField(_("知悉时间"), null=True)
    snoozed_until_on = models.DateField(_("暂缓至"), null=True)
    official_letter = models.ForeignKey(OfficialLetter, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("函件"))
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("投递"))

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "due_on", "rung", "recipient"], name="one_reminder_a_subject_date_rung_and_person"
            ),
            models.CheckConstraint(condition=~Q(state=ReminderState.SENT) | Q(sent_at__isnull=False), name="a_sent_reminder_has_a_time"),
        ]
        indexes = [
            # settle and bundle look at what is pending only
            models.Index(fields=["recipient", "due_at"], name="pending_reminder", condition=Q(state=ReminderState.PENDING)),
            models.Index(fields=["delivery"], name="reminder_by_delivery", condition=Q(delivery__isnull=False)),
            models.Index(fields=["project"], name="reminder_by_project"),
            models.Index(fields=["-due_at", "-id"], name="reminder_by_time"),
            models.Index(fields=["fell_from", "due_at"], name="fallen_reminder", condition=Q(fell_from__isnull=False)),
            models.Index(fields=["official_letter"], name="reminder_by_letter", condition=Q(official_letter__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.due_on}"


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


class SweepState(models.Model):
    """When the last completed sweep began, and the day of the last one over the whole range. One row."""

    began_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    whole_on = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_sweep_state")]
