"""Milestones over HTTP: who, which rows, one domain call."""

import uuid
from typing import Any

from django.db import models, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api import queries
from common.api.answers import answer
from common.api.bulk import bulk
from common.api.exceptions import BadQuery
from common.api.pagination import Key
from common.api.queries import Query
from common.api.serializers import ReasonSerializer
from common.api.views import Resource, Writing
from common.errors import Denied, Fault, Missing
from history import selectors as history_selectors
from milestones.api.filters import MilestoneFilter
from milestones.api.serializers import milestones as serializers
from milestones.models import Milestone
from milestones.selectors import milestones as selectors
from milestones.services import forecasts
from milestones.services import milestones as services


class MilestoneViewSet(Writing, Resource):
    """Dated promises: baseline, due, forecast, achieved."""

    queryset = Milestone.objects.none()
    serializer_class = serializers.MilestoneSerializer
    columns = selectors.COLUMNS
    filterset_class = MilestoneFilter
    orderings = {
        "due_on": "due_on",
        "overdue_days": Key("overdue_days"),
        "position": "position",
        "updated_at": "updated_at",
    }
    default_order = [Key("due_on")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.milestones(self.actor, today=query.as_of or self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("milestones_milestone", self.kwargs["pk"], seen)

    def seen(self, act: str, *, required: bool = False) -> tuple[Milestone, int | None]:
        """The milestone of the path with the version the caller saw: 404, 403, 415, 428 and 412 are judged here."""
        milestone = self.target()
        self.allow(act, milestone.project.offices)
        self.media()
        return milestone, self.version_seen(milestone.version, required=required)

    @extend_schema(request=serializers.MilestoneInput, responses={201: serializers.MilestoneSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.MilestoneInput)
        project = fields.pop("project")
        self.allow(Act.EDIT, project.offices)
        if fields.get("due_on") and not self.actor.may(Act.DECIDE, project.offices):
            raise Denied(_("只有审核人可以确定日期。"), faults=[Fault(("due_on",), "permission_denied", _("只有审核人可以确定日期。"))])
        made = services.create_milestone(project.pk, fields, actor=self.actor, today=self.today)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/milestones/{made.pk}/")

    @extend_schema(request=serializers.MilestonePatch(partial=True), responses=serializers.MilestoneSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        milestone, version = self.seen(Act.EDIT, required=True)
        changes = self.body(serializers.MilestonePatch, partial=True)
        services.edit_milestone(milestone.pk, changes, may_decide=self.may_decide(milestone), version=version, actor=self.actor)
        return self.answer_row(milestone.pk)

    @extend_schema(
        operation_id="milestones_bulk_update",
        request=serializers.MilestoneBulkInput(many=True),
        responses=serializers.MilestoneSerializer(many=True),
    )
    def bulk_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change many milestones, whole or not at all; `?partial=true` answers each by itself with 207."""
        self.allow(Act.EDIT)
        return bulk(self, serializers.MilestoneBulkInput, self._edit_one, lock=services.lock_projects_of)

    def _edit_one(self, key: uuid.UUID, version: int, changes: dict[str, Any]) -> None:
        milestone = Milestone.objects.visible_to(self.actor).filter(pk=key).select_related("project").first()
        if milestone is None:
            raise Missing
        self.allow(Act.EDIT, milestone.project.offices)
        services.edit_milestone(key, changes, may_decide=self.may_decide(milestone), version=version, actor=self.actor)

    @extend_schema(request=serializers.FirstDateInput, responses=serializers.MilestoneSerializer)
    def first_date(self, request: Request, pk: str) -> HttpResponse:
        """Date an undated milestone (approver)."""
        milestone, version = self.seen(Act.DECIDE)
        given = self.body(serializers.FirstDateInput)
        services.set_first_date(
            milestone.pk,
            due_on=given["due_on"],
            basis=given["basis"],
            document_no=given["document_no"] or "",
            version=version,
            actor=self.actor,
            today=self.today,
        )
        return self.answer_row(milestone.pk)

    @extend_schema(request=serializers.AchieveInput, responses=serializers.MilestoneSerializer)
    def achieve(self, request: Request, pk: str) -> HttpResponse:
        """Record that the milestone happened. Only an approver may let it stand before its predecessors, and says why."""
        milestone, version = self.seen(Act.EDIT)
        given = self.body(serializers.AchieveInput)
        if given["override_reason"] and not self.may_decide(milestone):
            sentence = _("只有审核人可以越过前置节点。")
            raise Denied(sentence, faults=[Fault(("override_reason",), "permission_denied", sentence)])
        services.achieve(
            milestone.pk,
            on=given["on"],
            note=given["note"] or "",
            evidence=given["evidence"],
            override_reason=given["override_reason"] or "",
            version=version,
            actor=self.actor,
            today=self.today,
        )
        return self.answer_row(milestone.pk)

    def may_decide(self, milestone: Milestone) -> bool:
        return bool(self.actor.may(Act.DECIDE, milestone.project.offices))

    @extend_schema(request=ReasonSerializer, responses=serializers.MilestoneSerializer)
    def reopen(self, request: Request, pk: str) -> HttpResponse:
        """Take an achievement back; the earlier one stays in history. Once a successor is achieved, only an approver may."""
        milestone, version = self.seen(Act.EDIT)
        services.reopen(
            milestone.pk,
            reason=self.body(ReasonSerializer)["reason"],
            may_decide=self.may_decide(milestone),
            version=version,
            actor=self.actor,
            today=self.today,
        )
        return self.answer_row(milestone.pk)

    @extend_schema(request=serializers.ForecastInput, responses=serializers.ForecastAnswer, parameters=[OpenApiParameter("dry_run", bool)])
    def forecast(self, request: Request, pk: str) -> HttpResponse:
        """Say when the office expects the milestone; `also` takes the proposed forecasts of its successors.

        `dry_run=true` shows the answer and changes nothing.
        """
        milestone, version = self.seen(Act.EDIT)
        dry_run = self._dry_run()
        given = self.body(serializers.ForecastInput, known=["dry_run"])
        with transaction.atomic():
            ripple = forecasts.forecast(
                milestone.pk,
                forecast_on=given["forecast_on"],
                reason=given["reason"],
                also=given["also"],
                version=version,
                actor=self.actor,
                today=self.today,
            )
            row = self.row(milestone.pk, Query())
            transaction.set_rollback(dry_run)
        return answer(request, {"milestone": row, "ripple": [item.shape() for item in ripple]}, version=row["version"])

    def _dry_run(self) -> bool:
        text = self.request.query_params.get("dry_run", "false")
        if text not in ("true", "false"):
            raise BadQuery(faults=[queries.fault("dry_run", "invalid", _("须为 true 或 false。"))])
        return text == "true"
