"""Date changes over HTTP: one asks, another decides."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from common.decisions import is_own
from common.errors import Denied, SamePerson
from history import selectors as history_selectors
from milestones.api.filters import DateChangeFilter
from milestones.api.serializers import date_changes as serializers
from milestones.models import DateChange
from milestones.selectors import date_changes as selectors
from milestones.services import date_changes as services


class DateChangeViewSet(Writing, Resource):
    """Requests to move a due date, with what they would bring about as it was seen when they were asked for."""

    queryset = DateChange.objects.none()
    serializer_class = serializers.DateChangeSerializer
    columns = selectors.COLUMNS
    filterset_class = DateChangeFilter
    orderings = {"created_at": "created_at"}
    default_order = [Key("created_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.date_changes(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("milestones_datechange", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.DateChangeInput, responses={201: serializers.DateChangeSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for another due date; one open request a milestone."""
        self.allow(Act.EDIT)
        self.media()
        given = self.body(serializers.DateChangeInput)
        milestone = given["milestone"]
        self.allow(Act.EDIT, milestone.project.offices)
        made = services.ask(
            milestone.pk,
            to_on=given["to_on"],
            cause=given["cause"],
            reason=given["reason"],
            document_no=given["document_no"] or "",
            document_id=given["document"],
            actor=self.actor,
            today=self.today,
        )
        return self.answer_row(made.pk, status=201, location=f"/api/v1/date-changes/{made.pk}/")

    @extend_schema(request=serializers.DecisionInput, responses=serializers.DateChangeSerializer)
    def approve(self, request: Request, pk: str) -> HttpResponse:
        """Agree; the due date moves in the same transaction."""
        change, version = self._decider()
        note = self.body(serializers.DecisionInput)["note"] or ""
        services.approve(change.pk, note=note, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(change.pk)

    @extend_schema(request=serializers.RejectionInput, responses=serializers.DateChangeSerializer)
    def reject(self, request: Request, pk: str) -> HttpResponse:
        """Send it back with a reason."""
        change, version = self._decider()
        services.reject(change.pk, note=self.body(serializers.RejectionInput)["note"], version=version, actor=self.actor, now=clock.now())
        return self.answer_row(change.pk)

    @extend_schema(request=serializers.DecisionInput, responses=serializers.DateChangeSerializer)
    def withdraw(self, request: Request, pk: str) -> HttpResponse:
        """Take one's own request back before it is decided."""
        change = self.target()
        self.allow(Act.EDIT, change.project.offices)
        if change.requested_by_id != self.actor.id:
            raise Denied(_("只有申请人可以撤回。"))
        self.media()
        version = self.version_seen(change.version, required=False)
        note = self.body(serializers.DecisionInput)["note"] or ""
        services.withdraw(change.pk, note=note, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(change.pk)

    def _decider(self) -> tuple[DateChange, int | None]:
        """The request of the path with the version the caller saw: 404, 403 (also for the one who asked), 415 and 412 are judged here."""
        change: DateChange = self.target()
        if is_own(change.requested_by_id, self.actor):
            raise SamePerson
        self.allow(Act.DECIDE, change.project.offices)
        self.media()
        return change, self.version_seen(change.version, required=False)
