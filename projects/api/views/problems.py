"""Problems and permits over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.serializers import ReasonSerializer
from common.api.views import Resource, Writing
from projects.api.filters import PermitFilter, ProblemFilter
from projects.api.serializers import problems as serializers
from projects.models import Permit, Problem
from projects.selectors import problems as selectors
from projects.services import permits, problems


class PartViewSet(Writing, Resource):
    """What belongs to a project and is written by those who may edit the project."""

    orderings = {"due_on": "due_on"}
    default_order = (Key("due_on"),)

    def opened(self, serializer: Any) -> Any:
        """The body of a creation, by somebody who may edit its project."""
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializer)
        self.allow(Act.EDIT, fields["project"].offices)
        return fields

    def found(self, *, required: bool = False) -> tuple[Any, int | None]:
        """The row of the path and the version the caller saw, if the caller may edit it."""
        row = self.target()
        self.allow(Act.EDIT, row.project.offices)
        self.media()
        return row, self.version_seen(row.version, required=required)


class ProblemViewSet(PartViewSet):
    """What stands in a project's way, and by when who removes it."""

    queryset = Problem.objects.none()
    serializer_class = serializers.ProjectProblemSerializer
    columns = selectors.PROBLEM_COLUMNS
    filterset_class = ProblemFilter

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.problems(self.actor, today=self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape_problem(row)

    @extend_schema(request=serializers.ProblemInput, responses={201: serializers.ProjectProblemSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        fields = self.opened(serializers.ProblemInput)
        made = problems.raise_problem(fields, is_complex=fields.pop("is_complex"), actor=self.actor, today=self.today)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/problems/{made.pk}/")

    @extend_schema(request=serializers.ProblemPatch(partial=True), responses=serializers.ProjectProblemSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        row, version = self.found(required=True)
        changes = self.body(serializers.ProblemPatch, partial=True)
        problems.edit_problem(row.pk, changes, version=version, actor=self.actor, today=self.today)
        return self.answer_row(row.pk)

    @extend_schema(request=serializers.ClosingInput, responses=serializers.ProjectProblemSerializer)
    def close(self, request: Request, pk: str) -> HttpResponse:
        """Take it off the list: by a note, or by evidence."""
        row, version = self.found()
        problems.close_problem(row.pk, **self.body(serializers.ClosingInput), version=version, actor=self.actor, today=self.today)
        return self.answer_row(row.pk)

    @extend_schema(request=ReasonSerializer, responses=serializers.ProjectProblemSerializer)
    def reopen(self, request: Request, pk: str) -> HttpResponse:
        """Put it back on the list."""
        row, version = self.found()
        problems.reopen_problem(row.pk, reason=self.body(ReasonSerializer)["reason"], version=version, actor=self.actor)
        return self.answer_row(row.pk)


class PermitViewSet(PartViewSet):
    """What a project must be permitted. A kind without a row is not started."""

    queryset = Permit.objects.none()
    serializer_class = serializers.PermitSerializer
    columns = selectors.PERMIT_COLUMNS
    filterset_class = PermitFilter
    orderings = {}
    default_order = (Key("id"),)

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.permits(self.actor, today=self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape_permit(row)

    @extend_schema(request=serializers.PermitInput, responses={201: serializers.PermitSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        made = permits.list_permit(self.opened(serializers.PermitInput), actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/permits/{made.pk}/")

    @extend_schema(request=serializers.PermitPatch(partial=True), responses=serializers.PermitSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        row, version = self.found(required=True)
        permits.edit_permit(row.pk, self.body(serializers.PermitPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(row.pk)

    @extend_schema(request=serializers.CompletionInput, responses=serializers.PermitSerializer)
    def complete_permit(self, request: Request, pk: str) -> HttpResponse:
        """Say that it was granted."""
        row, version = self.found()
        permits.complete_permit(row.pk, **self.body(serializers.CompletionInput), version=version, actor=self.actor, today=self.today)
        return self.answer_row(row.pk)
