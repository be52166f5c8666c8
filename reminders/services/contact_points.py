"""Where people and offices are reached beside e-mail: kept by administrators."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from common.errors import Conflict, Fault, InUse, Missing, RuleBroken, Stale
from common.recording import recording
from reminders.channels.http import is_forbidden
from reminders.channels.webhook import secret_bytes
from reminders.lifecycle import Channel
from reminders.models import ContactPoint, Delivery


class AddressTaken(Conflict):
    """One row an address: its limit is counted by it."""

    code = "duplicate"
    sentence = gettext_lazy("该地址已登记，请使用原有的联系渠道。")


def create(fields: dict[str, Any], *, actor: Principal) -> ContactPoint:
    """Raises RuleBroken with what is wrong at which field, AddressTaken."""
    point = ContactPoint(**fields)
    _judge(point)
    return _saved(point, actor, is_new=True)


def edit(point_id: uuid.UUID, changes: dict[str, Any], *, version: int | None, actor: Principal) -> None:
    with recording(actor):
        point = _locked(point_id, version)
        for name, value in changes.items():
            setattr(point, name, value)
        _judge(point)
        _saved(point, actor, is_new=False)


def withdraw(point_id: uuid.UUID, *, version: int | None, actor: Principal) -> None:
    """Only what never carried a message; else it is switched off, so that the ledger keeps saying where it went."""
    with recording(actor):
        point = _locked(point_id, version)
        if Delivery.objects.filter(contact_point=point).exists():
            raise InUse(_("已有投递记录，请改为停用。"))
        point.delete()


def _locked(point_id: uuid.UUID, version: int | None) -> ContactPoint:
    point = ContactPoint.objects.select_for_update(no_key=True).filter(pk=point_id).first()
    if point is None:
        raise Missing
    if version is not None and point.version != version:
        raise Stale
    return point


def _saved(point: ContactPoint, actor: Principal, *, is_new: bool) -> ContactPoint:
    try:
        with recording(actor):
            if is_new:
                point.save(force_insert=True)
            else:
                point.save(update_fields=["url", "secret", "is_active"])
    except IntegrityError as error:
        if "one_contact_point_an_address" in str(error):
            raise AddressTaken from error
        raise
    return point


def _judge(point: ContactPoint) -> None:
    faults = []
    if (point.user_id is None) == (point.office_id is None):
        faults.append(Fault(("user",), "invalid", _("请在人员与单位中选填一项。")))
    if sentence := _wrong_address(point.url):
        faults.append(Fault(("url",), "invalid", sentence))
    if point.channel == Channel.WEBHOOK:
        try:
            secret_bytes(point.secret)
        except ValueError:
            faults.append(Fault(("secret",), "invalid", _("回调须有密钥：whsec_ 加 24 至 64 字节的 Base64。")))
    if faults:
        raise RuleBroken(faults[0].detail, faults=faults)


def _wrong_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        return _("地址有误。")
    inside = settings.CHANNEL_ALLOW_PRIVATE
    if parts.scheme not in (("https", "http") if inside else ("https",)) or not host:
        return _("地址须以 https:// 开头。")
    if is_forbidden(host) and not inside:
        return _("地址不能指向本机或内部网络。")
    return ""
