"""What the doors of reports and plans share: the order of judgement for acts upon what is filed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.serializers import ReasonSerializer
from common.api.views import Writing
from common.decisions import is_own
from common.errors import SamePerson
from projects.api.serializers import reports as serializers


class Filing(Writing):
    """A row of a project that one person makes and another decides. `decided` and `made` name the act's own services."""

    maker = "submitted_by_id"
    target: Callable[[], Any]
    answer_row: Callable[..., HttpResponse]

    def to_write(self) -> Any:
        """The row of the path, for those who may edit: 404, 403 and 415."""
        found = self.target()
        self.allow(Act.EDIT, found.project.offices)
        self.media()
        return found

    def to_decide(self) -> Any:
        """The row of the path, for another person than its maker: 404, 403 and 415."""
        found = self.target()
        if is_own(getattr(found, self.maker), self.actor) and self.actor.may(Act.DECIDE, found.project.offices):
            raise SamePerson
        self.allow(Act.DECIDE, found.project.offices)
        self.media()
        return found

    def seen(self, found: Any) -> int | None:
        return self.version_seen(found.version, required=False)


class Deciding(Filing):
    """`/approve/` and `/return/` over `service`."""

    service: Any

    @extend_schema(request=serializers.NothingInput)
    def approve(self, request: Request, pk: str) -> HttpResponse:
        """Agree, as another person than the one who submitted."""
        found = self.to_decide()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        self.service.approve(found.pk, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(request=ReasonSerializer)
    def send_back(self, request: Request, pk: str) -> HttpResponse:
        """Send it back with a reason."""
        found = self.to_decide()
        version = self.seen(found)
        reason = self.body(ReasonSerializer)["reason"]
        self.service.send_back(found.pk, reason=reason, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(found.pk)
