"""Plans of work over HTTP: templates, applying one, baselines, the network of a project, the trend of a milestone."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import CharField, F, OuterRef
from django.db.models.functions import Cast, JSONObject
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api import queries
from common.api.answers import answer
from common.api.exceptions import BadQuery
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from history import selectors as history_selectors
from milestones.api.filters import BaselineFilter
from milestones.api.serializers import plans as serializers
from milestones.models import Baseline, Milestone, Template, TemplateStep
from milestones.selectors import baselines as baseline_selectors
from milestones.selectors import milestones as milestone_selectors
from milestones.selectors import network, trend
from milestones.services import applying, baselines, templates
from milestones.services.applying import Given
from projects.models import Project

STEP = ("position", "name", "kind", "is_key", "is_evidence_required", "after", "lag_days")


class TemplateViewSet(Writing, Resource):
    """Kinds of work with their usual steps: read by all who signed in, edited by the administrator, retired and never deleted."""

    queryset = Template.objects.none()
    serializer_class = serializers.TemplateSerializer
    columns = ("id", "code", "name", "is_retired", "steps_", "version", "created_at", "updated_at")
    orderings = {"code": "code"}
    default_order = [Key("code")]

    def visible(self, query: Query) -> models.QuerySet:
        steps = TemplateStep.objects.filter(template=OuterRef("pk")).order_by("position")
        shape = JSONObject(weight=Cast("weight", CharField()), **{name: F(name) for name in STEP})
        return Template.objects.annotate(steps_=ArraySubquery(steps.values(step=shape)))

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        return f | {"steps": f.pop("steps_")}

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("milestones_template", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.TemplateInput, responses={201: serializers.TemplateSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.ADMINISTER)
        self.media()
        made = templates.create_template(self.body(serializers.TemplateInput), actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/milestone-templates/{made.pk}/")

    @extend_schema(request=serializers.TemplatePatch(partial=True), responses=serializers.TemplateSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        template: Template = self.target()
        self.allow(Act.ADMINISTER)
        self.media()
        version = self.version_seen(template.version, required=True)
        templates.edit_template(template.pk, self.body(serializers.TemplatePatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(template.pk)


class BaselineViewSet(Writing, Resource):
    """Named pictures of a project's dates. They are taken, read and compared; never changed, never deleted."""

    queryset = Baseline.objects.none()
    serializer_class = serializers.BaselineSerializer
    columns = (
        "id", "project_id", "project__name", "project__code", "name", "note", "taken_by_name", "version", "created_at", "updated_at",
    )  # fmt: skip
    filterset_class = BaselineFilter
    orderings = {"created_at": "created_at"}
    default_order = [Key("created_at", descending=True)]

    def get_serializer_class(self) -> Any:
        return serializers.BaselineDetailSerializer if self.action in ("retrieve", "create") else self.serializer_class

    def visible(self, query: Query) -> models.QuerySet:
        return baseline_selectors.baselines(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        project = {"id": f.pop("project_id"), "name": f.pop("project__name"), "code": f.pop("project__code")}
        return f | {"project": project, "taken_by": f.pop("taken_by_name")}

    def complete(self, row: dict[str, Any], query: Query) -> None:
        row["comparison"] = [item.shape() for item in baseline_selectors.comparison(row["id"], row["project"]["id"])]

    @extend_schema(request=serializers.BaselineInput, responses={201: serializers.BaselineDetailSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.EDIT)
        self.media()
        given = self.body(serializers.BaselineInput)
        self.allow(Act.EDIT, given["project"].offices)
        made = baselines.take(given["project"].pk, name=given["name"], note=given.get("note") or "", actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/baselines/{made.pk}/")

    @extend_schema(responses=serializers.BaselineDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().retrieve(request, *args, **kwargs)


class ProjectPlanViewSet(Writing, Resource):
    """The plan of one project."""

    queryset = Project.objects.none()
    serializer_class = serializers.ScheduleSerializer

    def visible(self, query: Query) -> models.QuerySet:
        return Project.objects.visible_to(self.actor)

    @extend_schema(responses=serializers.ScheduleSerializer)
    def schedule(self, request: Request, pk: str) -> HttpResponse:
        """Milestones with their expected day and float, and what must come before what."""
        project: Project = self.target()
        self.refuse_query()
        return answer(request, network.schedule_of(project.pk).shape())

    @extend_schema(request=serializers.ApplyInput, responses=serializers.AppliedSerializer, parameters=[OpenApiParameter("dry_run", bool)])
    def apply_template(self, request: Request, pk: str) -> HttpResponse:
        """Make the plan from a template; `dry_run=true` shows the answer and changes nothing.

        An approver's days are baseline and due date, an editor's are forecasts.
        """
        project: Project = self.target()
        self.allow(Act.EDIT, project.offices)
        self.media()
        self.version_seen(project.version, required=False)
        body = self.body(serializers.ApplyInput, known=["dry_run"])
        carry_out = applying.preview_template if read_dry_run(request) else applying.apply_template
        given = Given(
            starts_on=body.get("starts_on"),
            completes_on=body.get("completes_on"),
            is_due=self.actor.may(Act.DECIDE, project.offices),
            basis=body["basis"],
            document_no=body.get("document_no") or "",
        )
        applied = carry_out(project.pk, body["template"].pk, given, actor=self.actor, today=self.today)
        return answer(request, {"created": applied.created, "dated": applied.dated, "skipped": applied.skipped})


class TrendViewSet(Writing, Resource):
    """How the dates of a milestone went."""

    queryset = Milestone.objects.none()
    serializer_class = serializers.TrendAnswer

    def visible(self, query: Query) -> models.QuerySet:
        return milestone_selectors.milestones(self.actor, today=self.today)

    @extend_schema(responses=serializers.TrendAnswer)
    def trend(self, request: Request, pk: str) -> HttpResponse:
        """Each change of a date, oldest first."""
        milestone: Milestone = self.target()
        self.refuse_query()
        return answer(request, {"next": None, "previous": None, "results": trend.trend(milestone.pk)})


def read_dry_run(request: Request) -> bool:
    text = request.query_params.get("dry_run", "false")
    if text not in ("true", "false"):
        raise BadQuery(faults=[queries.fault("dry_run", "invalid", _("须为 true 或 false。"))])
    return text == "true"
