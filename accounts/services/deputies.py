"""Standing in: for some days a deputy holds the roles of the one who delegates, and is told what that one is told."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from accounts import selectors
from accounts.errors import DeputyAlready
from accounts.models import Membership, User
from accounts.roles import POWERS, Principal, Role
from common.errors import Denied, Missing, RuleBroken, Stale
from common.recording import recording

LONGEST = dt.timedelta(days=90)
# Roles of an office alone pass on: those of the whole (money, supervision, administration) are given by the administrator.
PASSED_ON = tuple(role for role in (Role.APPROVER, Role.EDITOR, Role.READER) if not POWERS[role].everywhere)


def delegate(
    user_id: uuid.UUID, *, from_on: dt.date, until_on: dt.date | None, reason: str = "", actor: Principal, today: dt.date
) -> list[Membership]:
    """Let another person stand in for the actor between two days: the strongest role in each office, one row each.

    What was delegated to the actor does not pass on. Raises RuleBroken at `user`, `from_on`, `until_on`; DeputyAlready, Denied.
    """
    if until_on is None:
        raise RuleBroken.at("until_on", _("请写明截止日。"), "required")
    if from_on < today:
        raise RuleBroken.at("from_on", _("委托不能从过去开始。"))
    if until_on < from_on:
        raise RuleBroken.at("until_on", _("截止日不能早于开始日。"))
    if until_on - from_on > LONGEST:
        raise RuleBroken.at("until_on", _("一次委托最长 90 天，请改早截止日。"))
    if actor.user_id is None or actor.kind != "person":
        raise Denied
    with recording(actor):
        User.objects.select_for_update(no_key=True).get(pk=actor.user_id)  # two delegations of one person wait for each other
        held = _held(actor, from_on, until_on, today=today)
        _require_whole(actor, held)
        deputy = selectors.deputies_for(actor).filter(pk=user_id).first()
        if deputy is None:
            raise RuleBroken.at("user", _("只能委托本单位及下级单位的在用人员，或上级单位的填报、审核人员。"), "does_not_exist")
        lent = Membership.objects.filter(user=deputy, delegated_by=actor.user_id, declined_on=None)
        if lent.filter(valid_from_on__lte=until_on, valid_until_on__gte=from_on).exists():
            raise DeputyAlready
        made = [
            Membership(
                user=deputy, office_id=row.office_id, role=row.role, valid_from_on=from_on, valid_until_on=until_on,
                delegated_by_id=actor.user_id, delegation_reason=reason,
            )
            for row in held
        ]  # fmt: skip
        Membership.objects.bulk_create(made)
    return list(Membership.objects.filter(pk__in=[row.pk for row in made]).order_by("pk"))


def end_whole(membership_id: uuid.UUID, *, version: int | None = None, actor: Principal, today: dt.date) -> None:
    """End it in every office for which it was said at once. Raises what `end` raises."""
    with recording(actor):
        row = selectors.deputies(actor).filter(pk=membership_id).first()
        if row is None:
            raise Missing
        same = {name: getattr(row, name) for name in ("user_id", "delegated_by_id", "valid_from_on", "valid_until_on")}
        others = selectors.deputies(actor).filter(**same, declined_on=None).exclude(pk=row.pk).order_by("pk")
        end(row.pk, version=version, actor=actor, today=today)
        for key in others.values_list("pk", flat=True):
            end(key, actor=actor, today=today)


def end(membership_id: uuid.UUID, *, version: int | None = None, actor: Principal, today: dt.date) -> None:
    """End a delegation for one office from today on, as the one who delegated or as the deputy, who was not asked.

    Raises Missing (also when it is over), Stale, Denied.
    """
    with recording(actor):
        row = selectors.deputies(actor).select_for_update(no_key=True).filter(pk=membership_id).first()
        if row is None or row.valid_from_on is None or row.valid_until_on is None or row.valid_until_on < today or row.declined_on:
            raise Missing
        if version is not None and row.version != version:
            raise Stale
        _require_whole(actor, [row])
        if row.delegated_by_id != actor.user_id:  # the row stays as it was, so that the lender sees that nobody stands in
            Membership.objects.filter(pk=row.pk).update(declined_on=today)
        elif row.valid_from_on >= today:  # it never held on a day that is over; history keeps it
            row.delete()
        else:
            Membership.objects.filter(pk=row.pk).update(valid_until_on=today - dt.timedelta(days=1))


def _require_whole(actor: Principal, rows: list[Membership]) -> None:
    """A token that is cut to some acts neither lends the others nor takes them back. Raises Denied."""
    if not actor.is_cut:
        return
    acts = {(grant.office, grant.role): grant.acts for grant in actor.grants}
    if any(not acts.get((row.office_id, row.role), frozenset()) >= POWERS[Role(row.role)].acts for row in rows):
        raise Denied(_("此令牌的权限范围小于所委托的职责，请登录后办理。"))


def _held(actor: Principal, from_on: dt.date, until_on: dt.date, *, today: dt.date) -> list[Membership]:
    """The strongest role of one's own in each office that may pass on; it must last as long as the delegation."""
    own = Membership.objects.valid(today=today).filter(user_id=actor.user_id, delegated_by__isnull=True, role__in=PASSED_ON)
    strongest: dict[uuid.UUID, Membership] = {}
    for row in sorted(own, key=lambda row: PASSED_ON.index(Role(row.role))):
        strongest.setdefault(row.office_id, row)
    if not strongest:
        raise RuleBroken.at("user", _("您没有可以委托的职责；财政、督查和系统管理的职责由系统管理员调整。"))
    if ends := [row.valid_until_on for row in strongest.values() if row.valid_until_on is not None and row.valid_until_on < until_on]:
        raise RuleBroken.at("until_on", _("您的任职到 %(day)s 为止，委托不能更晚。") % {"day": min(ends)})
    return list(strongest.values())
