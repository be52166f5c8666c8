"""The states of reminders and deliveries, the kinds of rung, audience and letter."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RungKind(models.TextChoices):
    BEFORE = "before", _("到期前")
    AFTER = "after", _("逾期后")


class Audience(models.TextChoices):
    """Who is told on a rung. Filer and office are the answerable side, authority and patron its superiors."""

    FILER = "filer", _("填报人")
    OFFICE = "office", _("责任单位")
    AUTHORITY = "authority", _("主管部门")
    PATRON = "patron", _("包保领导")


SUPERIORS = (Audience.AUTHORITY, Audience.PATRON)


class Letter(models.TextChoices):
    NOTICE = "notice", _("通知")
    REMINDER = "reminder", _("提醒函")
    SUPERVISION = "supervision", _("督办函")
    ESCALATION = "escalation", _("升级")
    BULLETIN = "bulletin", _("通报")


class NumberedLetter(models.TextChoices):
    """The letters that bear a number and are kept as documents."""

    REMINDER = "reminder", _("提醒函")
    SUPERVISION = "supervision", _("督办函")
    ESCALATION = "escalation", _("升级函")


class MuteScope(models.TextChoices):
    PROJECT = "project", _("项目")
    OFFICE = "office", _("单位")
    SUBJECT = "subject", _("事项")


class MuteState(models.TextChoices):
    REQUESTED = "requested", _("待复核")
    IN_FORCE = "in_force", _("生效")
    REJECTED = "rejected", _("已退回")
    ENDED = "ended", _("已结束")


class SubjectKind(models.TextChoices):
    MILESTONE = "milestone", _("节点")
    REPORT = "report", _("月报")
    REPORT_DECISION = "report_decision", _("月报审核")
    DATE_CHANGE = "date_change", _("调整申请")
    PROBLEM = "problem", _("问题")
    PERMIT = "permit", _("手续")
    REPAYMENT = "repayment", _("还本付息")
    IDLE_MONEY = "idle_money", _("闲置资金")


class ReminderState(models.TextChoices):
    PENDING = "pending", _("待发")
    SENT = "sent", _("已发")
    ACKNOWLEDGED = "acknowledged", _("知悉")
    SUPERSEDED = "superseded", _("被更高级次替代")
    CANCELLED = "cancelled", _("取消")


class Channel(models.TextChoices):
    EMAIL = "email", _("电子邮件")
    DINGTALK = "dingtalk", _("钉钉")
    WECOM = "wecom", _("企业微信")
    FEISHU = "feishu", _("飞书")
    WEBHOOK = "webhook", _("回调")


# Chat robots stand in a group: what they say is for all of it to read, so the message names the person.
ROBOTS = (Channel.DINGTALK, Channel.WECOM, Channel.FEISHU)


class BrakeState(models.TextChoices):
    HELD = "held", _("已暂停")
    RELEASED = "released", _("已放行")


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("待发")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发")
    FAILED = "failed", _("失败，将重试")
    DEAD = "dead", _("未送达")


# A delivery that may still leave: a person has at most one a channel.
OPEN_DELIVERIES = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.FAILED)
