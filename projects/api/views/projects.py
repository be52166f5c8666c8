"""Projects over HTTP: who, which rows, one domain call."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.bulk import bulk
from common.api.pagination import Key
from common.api.queries import Query
from common.api.serializers import as_uuid
from common.api.views import Resource, Writing
from common.errors import Denied, Fault, Missing
from history import selectors as history_selectors
from projects import parts
from projects.api.facets import FACETS
from projects.api.filters import ProjectFilter
from projects.api.serializers import projects as serializers
from projects.models import Project, Status
from projects.selectors import details, lists
from projects.services import projects
from projects.services.locks import lock_projects


class ProjectViewSet(Writing, Resource):
    """Capital projects with their derived status."""

    queryset = Project.objects.none()
    serializer_class = serializers.ProjectSerializer
    columns = lists.COLUMNS
    filterset_class = ProjectFilter
    orderings = {
        "name": "name_pinyin",
        "code": "project__code",
        "total_investment": "total_investment",
        "completion_due": "completion_due_on",
        "next_due": "next_due_on",
        "slippage_days": "slippage_days",
        "overdue_days": Key("late_from_on", descending=True),  # the longest overdue is the earliest due
        "updated_at": "updated_at",
    }
    default_order = [Key("name_pinyin")]
    facets = FACETS
    has_past = True

    def get_serializer_class(self) -> Any:
        return serializers.ProjectDetailSerializer if self.action == "retrieve" else self.serializer_class

    def visible(self, query: Query) -> models.QuerySet:
        rows = lists.statuses(self.actor, today=self.today, as_of=query.as_of)
        return lists.with_people_and_tags(rows, self.actor, today=query.as_of or self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return lists.shape(row)

    def expansions(self) -> list[str]:
        return parts.expansions()

    def expand(self, rows: list[dict[str, Any]], query: Query) -> None:
        for name in query.expand:
            found = parts.part(name).rows([row["id"] for row in rows], self.actor, query.as_of or self.today)
            for row in rows:
                row[name] = found.get(row["id"], [])
        asked = {name.removeprefix("status.") for name in query.fields if name.startswith("status.")}
        self.figure(rows, asked, query)

    def figure(self, rows: list[dict[str, Any]], asked: Iterable[str], query: Query) -> None:
        """Put figures that cost more than a column into the status of the rows."""
        for name, values in parts.figures(asked, [row["id"] for row in rows], today=self.today, as_of=query.as_of).items():
            for row in rows:
                row["status"][name] = values.get(row["id"], 0)

    def complete(self, row: dict[str, Any], query: Query) -> None:
        project = Project.objects.get(pk=row["id"])
        project.stage = row["stage"]
        row |= details.detail(project, self.actor, today=query.as_of or self.today)
        self.figure([row], row["status"], query)

    def project(self) -> Project:
        """The project of the path, seen and found."""
        status: Status = self.target()
        return Project.objects.get(pk=status.pk)

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("projects_project", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.ProjectInput, responses={201: serializers.ProjectDetailSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.ProjectInput)
        self.allow_fields(fields)
        project = projects.create_project(fields, actor=self.actor)
        return self.answer_row(project.pk, status=201, location=f"/api/v1/projects/{project.pk}/")

    @extend_schema(responses=serializers.ProjectDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=serializers.ProjectInput(partial=True), responses=serializers.ProjectDetailSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        project = self.project()
        self.allow(Act.EDIT, project.offices)
        self.media()
        version = self.version_seen(project.version, required=True)
        changes = self.body(serializers.ProjectInput, partial=True)
        self.allow_fields(changes, project)
        projects.edit_project(project.pk, changes, version=version, actor=self.actor)
        return self.answer_row(project.pk)

    @extend_schema(
        operation_id="projects_bulk_update",
        request=serializers.ProjectBulkInput(many=True),
        responses=serializers.ProjectSerializer(many=True),
    )
    def bulk_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change many projects, whole or not at all; `?partial=true` answers each by itself with 207."""
        self.allow(Act.EDIT)
        return bulk(self, serializers.ProjectBulkInput, self._edit_one, lock=lock_projects)

    def _edit_one(self, key: uuid.UUID, version: int, changes: dict[str, Any]) -> None:
        project = Project.objects.visible_to(self.actor).filter(pk=key).first()
        if project is None:
            raise Missing
        self.allow(Act.EDIT, project.offices)
        self.allow_fields(changes, project)
        projects.edit_project(key, changes, version=version, actor=self.actor)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        project = self.project()
        self.allow(Act.EDIT, project.offices)
        version = self.version_seen(project.version, required=True)
        self.refuse_query()
        projects.delete_project(project.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)

    @extend_schema(request=serializers.TransitionInput, responses=serializers.ProjectDetailSerializer)
    def transitions(self, request: Request, pk: str) -> HttpResponse:
        """Move the project to another stage."""
        project = self.project()
        self.allow(Act.EDIT, project.offices)
        self.media()
        version = self.version_seen(project.version, required=False)
        move = self.body(serializers.TransitionInput)
        projects.move_project(
            project.pk, to=move["to"], on=move["on"], reason=move["reason"] or "", version=version, actor=self.actor, today=self.today
        )
        return self.answer_row(project.pk)

    def allow_fields(self, fields: dict[str, Any], project: Project | None = None) -> None:
        """Who answers is changed only by those who answer, and given only to an office in which one may edit.

        The authority edits a county's project, but cannot take it over; whom reminders reach is not the office's to decide.
        """
        for name in ("office", "authority"):
            given = fields.get(name)
            if name not in fields or (project is not None and getattr(project, f"{name}_id") == getattr(given, "pk", None)):
                continue
            asked = [given.pk] if name == "office" and given is not None else []
            if project is not None and not self.actor.may(Act.EDIT, [project.office_id]):
                raise Denied(faults=[Fault((name,), "permission_denied", _("只有责任单位可以变更。"))])
            if asked and not self.actor.may(Act.EDIT, asked):
                raise Denied(faults=[Fault((name,), "permission_denied", _("只能登记到本单位及下属单位。"))])
        if fields.get("reminders_from_on") is not None and not self.actor.may(Act.SUPERVISE):
            raise Denied(faults=[Fault(("reminders_from_on",), "permission_denied", _("提醒起始日由督查或管理员设定。"))])


class HistoryViewSet(Resource):
    """The changes of one project."""

    queryset = Project.objects.none()
    serializer_class = serializers.ChangeSerializer
    columns = details.HISTORY_COLUMNS
    default_order = [Key("sequence", descending=True)]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = as_uuid(kwargs["project"])
        if key is None or not Project.objects.visible_to(self.actor).filter(pk=key).exists():
            raise Http404
        return super().list(request, *args, **kwargs)

    def visible(self, query: Query) -> models.QuerySet:
        return details.history(self.kwargs["project"])

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return details.shape_change(row)
