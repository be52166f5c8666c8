"""What can go wrong, in the domain's own words; doors translate it (HTTP in `common/api/exceptions.py`)."""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _


class Fault(NamedTuple):
    """One thing wrong in one place. `path` leads from the body's root to it: ("monthly", 3, "amount")."""

    path: tuple[str | int, ...]
    code: str
    detail: str


class DomainError(Exception):
    """A refusal. `code` is stable and never translated, `detail` is a sentence for people."""

    code: ClassVar[str] = "unprocessable"
    sentence: ClassVar[Any] = _("此操作不符合规则。")
    wait_seconds: ClassVar[int] = 0  # after which the same may succeed; 0 where waiting does not help

    def __init__(self, detail: Any = None, *, faults: Iterable[Fault] = (), **extra: Any) -> None:
        self.detail = detail or self.sentence
        self.faults = list(faults)
        self.extra = extra
        super().__init__(str(self.detail))


class Malformed(DomainError):
    """The input is not of the documented shape."""

    code = "validation"
    sentence = _("输入有误，未作任何修改。")

    @classmethod
    def at(cls, field: str, detail: Any, code: str = "invalid") -> "Malformed":
        return cls(faults=[Fault((field,), code, detail)])


class Denied(DomainError):
    """The actor sees the thing but may not do this to it."""

    code = "permission_denied"
    sentence = _("无权进行此操作。")


class SamePerson(Denied):
    """The one who asks never decides."""

    code = "same_person"
    sentence = _("不能审批自己的申请。")


class Missing(DomainError):
    """Absent, or hidden from the actor: nobody can tell which."""

    code = "not_found"
    sentence = _("无此内容或无权查看。")


class RuleBroken(DomainError):
    """Well formed, but against a rule."""

    @classmethod
    def at(cls, field: str, detail: Any, code: str = "invalid", **extra: Any) -> "RuleBroken":
        return cls(detail, faults=[Fault((field,), code, detail)], **extra)


class FutureDate(RuleBroken):
    """A fact cannot be dated after today."""

    code = "future_date"
    sentence = _("日期不能晚于今天。")


class ReadOnly(RuleBroken):
    """The field is moved by a call of its own, or derived."""

    code = "read_only"
    sentence = _("该字段不能直接修改。")


class IdempotencyMismatch(RuleBroken):
    """The key was used for another request."""

    code = "idempotency_mismatch"
    sentence = _("此幂等键已用于内容不同的请求。")


class Conflict(DomainError):
    """Well formed and lawful, but not in the present state of things."""

    code = "conflict"
    sentence = _("与当前状态冲突。")


class AlreadyDecided(Conflict):
    """A request is decided once."""

    code = "already_decided"
    sentence = _("该申请已处理。")


class InUse(Conflict):
    """Other things depend on the row."""

    code = "in_use"
    sentence = _("仍被使用，不能删除。")


class IdempotencyInFlight(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_in_flight"
    sentence = _("同一幂等键的请求正在处理。")
    wait_seconds = 2


class TooLarge(DomainError):
    """More bytes than the product takes."""

    code = "too_large"
    sentence = _("请求过大。")


class Stale(DomainError):
    """The row was changed since the actor saw it."""

    code = "precondition_failed"
    sentence = _("保存期间已被他人修改。")
