"""People's parts in projects over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from projects.api.serializers import assignments as serializers
from projects.models import Assignment
from projects.services import assignments


class AssignmentViewSet(Writing, Resource):
    """People's parts in projects."""

    queryset = Assignment.objects.none()
    serializer_class = serializers.AssignmentSerializer
    columns = (
        "id", "project_id", "project__name", "project__code", "user_id", "user__name", "part", "valid_from_on", "valid_until_on", "version",
        "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("id")]

    def visible(self, query: Query) -> models.QuerySet:
        return Assignment.objects.visible_to(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        return {
            "id": f["id"],
            "project": {"id": f["project_id"], "name": f["project__name"], "code": f["project__code"]},
            "user": {"id": f["user_id"], "name": f["user__name"]},
            "part": f["part"],
            "part_display": serializers.Part(f["part"]).label,
            "valid_from_on": f["valid_from_on"],
            "valid_until_on": f["valid_until_on"],
            "version": f["version"],
            "created_at": f["created_at"],
            "updated_at": f["updated_at"],
        }

    @extend_schema(request=serializers.AssignmentInput, responses={201: serializers.AssignmentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.AssignmentInput)
        self.allow(Act.EDIT, fields["project"].offices)
        made = assignments.assign(fields, actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/assignments/{made.pk}/")

    @extend_schema(request=serializers.AssignmentPatch(partial=True), responses=serializers.AssignmentSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        found: Assignment = self.target()
        self.allow(Act.EDIT, found.project.offices)
        self.media()
        version = self.version_seen(found.version, required=True)
        assignments.edit_assignment(found.pk, self.body(serializers.AssignmentPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(found.pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        found: Assignment = self.target()
        self.allow(Act.EDIT, found.project.offices)
        version = self.version_seen(found.version, required=True)
        self.refuse_query()
        assignments.withdraw_assignment(found.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)
