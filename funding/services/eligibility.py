"""The negative list and the capital list (国办发〔2024〕52号), item by item, each between two days; and the rules that watch.

A new version of a list is new items with their first day, after the old ones were given their last.
"""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Fault, Missing, RuleBroken, Stale
from common.recording import recording
from funding.models import EligibilityItem, MonitoringRule
from funding.rules.monitoring import LIMITS


def create_item(fields: Mapping[str, Any], *, actor: Actor) -> EligibilityItem:
    """Add an item. Raises RuleBroken when its days are in disorder or another item of that number is in force on one of them."""
    item = EligibilityItem(**fields)
    with recording(actor):
        _judge(item)
        item.save(force_insert=True)
    return EligibilityItem.objects.get(pk=item.pk)


def edit_item(item_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> EligibilityItem:
    """Change an item's explanation, hints or days; what it is never changes. Raises Missing, Stale and RuleBroken."""
    with recording(actor):
        item = EligibilityItem.objects.select_for_update(no_key=True).filter(pk=item_id).first()
        if item is None:
            raise Missing
        if version is not None and item.version != version:
            raise Stale
        for name, value in changes.items():
            setattr(item, name, value)
        _judge(item)
        if changes:
            EligibilityItem.objects.filter(pk=item.pk).update(**changes)
    return EligibilityItem.objects.get(pk=item_id)


def _judge(item: EligibilityItem) -> None:
    begins, ends = item.effective_from_on, item.effective_until_on
    if ends is not None and ends < begins:
        raise RuleBroken.at("effective_until_on", _("终止日不能早于起始日。"))
    others = EligibilityItem.objects.filter(list=item.list, number=item.number).exclude(pk=item.pk)
    others = others.filter(Q(effective_until_on__isnull=True) | Q(effective_until_on__gte=begins))
    if ends is not None:
        others = others.filter(effective_from_on__lte=ends)
    if others.exists():
        raise RuleBroken.at("effective_from_on", _("与同一序号的条目有效期重叠；请先写明旧条目的终止日。"), "overlaps")


def edit_rule(rule_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> MonitoringRule:
    """Move a rule's threshold, or switch it off and on. A rule has a threshold or has none, which does not change.

    Raises Missing, Stale, and RuleBroken for a threshold outside the limits of its unit.
    """
    with recording(actor):
        rule = MonitoringRule.objects.select_for_update(no_key=True).filter(pk=rule_id).first()
        if rule is None:
            raise Missing
        if version is not None and rule.version != version:
            raise Stale
        if "threshold" in changes:
            _judge_threshold(rule, changes["threshold"])
        if changes:
            MonitoringRule.objects.filter(pk=rule.pk).update(**changes)
    return MonitoringRule.objects.get(pk=rule_id)


def _judge_threshold(rule: MonitoringRule, threshold: Decimal | None) -> None:
    if (threshold is None) != (rule.threshold is None):
        raise RuleBroken(faults=[Fault(("threshold",), "invalid", _("这条规则没有阈值，或不能没有阈值。"))])
    if threshold is None:
        return
    limits = LIMITS[rule.unit]
    if not limits.least <= threshold <= limits.most:
        raise RuleBroken.at("threshold", _("阈值须在 %(least)s 到 %(most)s 之间。") % {"least": limits.least, "most": limits.most})
    if limits.is_whole and threshold % 1:
        raise RuleBroken.at("threshold", _("阈值须为整数。"))
