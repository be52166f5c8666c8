"""Who may see and do what: role → acts → reach, as one table. The test of the table is this table."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.actors import Actor


class Role(models.TextChoices):
    READER = "reader", _("查看")
    EDITOR = "editor", _("填报")
    APPROVER = "approver", _("审核")
    FINANCE = "finance", _("财政经办")
    FINANCE_APPROVER = "finance_approver", _("财政复核")
    SUPERVISOR = "supervisor", _("督查")
    AUDITOR = "auditor", _("审计")
    ADMIN = "admin", _("系统管理")


class Act(models.TextChoices):
    READ = "read", _("查看业务数据")
    EDIT = "edit", _("登记、修改项目与节点，报完成，改预测，填月报")
    DECIDE = "decide", _("审批调整申请与月报，定首个日期")
    REQUEST_MONEY = "request_money", _("登记资金来源，申请与登记资金流水，答复疑点")
    DECIDE_MONEY = "decide_money", _("复核资金，核销疑点")
    SUPERVISE = "supervise", _("静默、级次、灯策略、通报")
    ADMINISTER = "administer", _("人员、单位、接口客户端、日历、基础目录")
    READ_DELIVERIES = "read_deliveries", _("查看全部投递")


@dataclass(frozen=True)
class Power:
    """What a role may do, and whether everywhere or only in its own office and below."""

    acts: frozenset[str]
    everywhere: bool


POWERS: dict[str, Power] = {
    Role.READER: Power(frozenset({Act.READ}), everywhere=False),
    Role.EDITOR: Power(frozenset({Act.READ, Act.EDIT}), everywhere=False),
    Role.APPROVER: Power(frozenset({Act.READ, Act.EDIT, Act.DECIDE}), everywhere=False),
    Role.FINANCE: Power(frozenset({Act.READ, Act.REQUEST_MONEY}), everywhere=True),
    Role.FINANCE_APPROVER: Power(frozenset({Act.READ, Act.DECIDE_MONEY}), everywhere=True),
    Role.SUPERVISOR: Power(frozenset({Act.READ, Act.SUPERVISE, Act.READ_DELIVERIES}), everywhere=True),
    Role.AUDITOR: Power(frozenset({Act.READ, Act.READ_DELIVERIES}), everywhere=True),
    Role.ADMIN: Power(frozenset({Act.READ, Act.EDIT, Act.DECIDE, Act.SUPERVISE, Act.ADMINISTER, Act.READ_DELIVERIES}), everywhere=True),
}

# The roles that may decide dates and reports: who of them is asked to is said in reminders/selectors/turns.py.
DECIDERS: tuple[str, ...] = tuple(str(role) for role, power in POWERS.items() if Act.DECIDE in power.acts)

# What only roles with a reach of everything may do: money is shared by projects near and far, ladders and people by all.
# A client of one office never holds these, whatever its scopes say.
OF_THE_WHOLE: frozenset[str] = frozenset(
    act for act in Act.values if all(power.everywhere for power in POWERS.values() if act in power.acts)
)


@dataclass(frozen=True)
class Grant:
    """One role in one office today. `office_ids` are the office and all below it."""

    role: str
    office: uuid.UUID
    office_name: str
    office_code: str
    office_ids: frozenset[uuid.UUID]
    acts: frozenset[str]
    everywhere: bool


@dataclass(frozen=True)
class Principal(Actor):
    """An actor who signed in, with what they may see and do `today`. `user_id` is None for a client without a person."""

    today: dt.date = dt.date.min
    user_id: uuid.UUID | None = None
    sees_own: bool = True  # the projects one has a part in; not with a token that may not read
    was_declined: bool = field(default=False, compare=False)  # somebody will not stand in for one, in days that are not over
    is_cut: bool = False  # a token that may not do all that its person may
    grants: tuple[Grant, ...] = field(default=(), compare=False)
    is_authenticated: bool = True  # what Django's and DRF's checks ask of a user

    @property
    def stands_for(self) -> list[uuid.UUID]:
        """Oneself, and those whose deputy one is: whose parts in projects one sees and answers for."""
        return [*([self.user_id] if self.user_id else []), *self.delegators]

    @property
    def acts(self) -> list[str]:
        granted = {act for grant in self.grants for act in grant.acts}
        return [act for act in Act.values if act in granted]

    @property
    def sees_everything(self) -> bool:
        return any(grant.everywhere and Act.READ in grant.acts for grant in self.grants)

    @property
    def office_ids(self) -> frozenset[uuid.UUID]:
        """The offices in reach: whose projects, by office or authority, may be seen."""
        return frozenset().union(*(grant.office_ids for grant in self.grants if Act.READ in grant.acts))

    def may(self, act: str, offices: Iterable[Any] | None = None) -> bool:
        """May this be done to a thing that answers to any of `offices` (ids, None skipped)? Without offices: at all?"""
        wanted = None if offices is None else {office for office in offices if office is not None}
        return any(act in grant.acts and (grant.everywhere or wanted is None or bool(wanted & grant.office_ids)) for grant in self.grants)

    @property
    def pk(self) -> uuid.UUID | None:
        return self.id
