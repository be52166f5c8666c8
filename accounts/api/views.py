"""People, offices and oneself over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import selectors
from accounts.api import serializers
from accounts.models import Office, OfficeKind, User
from common.api import queries
from common.api.answers import answer
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, reference


class OfficeViewSet(Resource):
    """The tree of offices."""

    queryset = Office.objects.none()
    serializer_class = serializers.OfficeSerializer
    columns = ("id", "code", "name", "kind", "parent_id", "parent__name", "parent__code", "version", "created_at", "updated_at")
    default_order = [Key("path")]

    def visible(self, query: Query) -> models.QuerySet:
        return Office.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = reference(dict(zip(self.columns, row, strict=True)), "parent")
        return f | {"kind_display": OfficeKind(f["kind"]).label}


class PersonViewSet(Resource):
    """Those one may assign."""

    queryset = User.objects.none()
    serializer_class = serializers.PersonSerializer
    columns = ("id", "name", "office_id", "office__name", "office__code", "version", "created_at", "updated_at")
    default_order = [Key("name")]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.assignable(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return reference(dict(zip(self.columns, row, strict=True)), "office")


class MeView(APIView):
    """Who I am, and what I may do."""

    @extend_schema(responses=serializers.MeSerializer)
    def get(self, request: Request) -> HttpResponse:
        queries.refuse_unknown(request.query_params, [])
        actor = request.user
        roles = [
            {"role": grant.role, "office": {"id": grant.office, "name": grant.office_name, "code": grant.office_code}}
            for grant in actor.grants
        ]
        return answer(request, {"kind": actor.kind, "name": actor.name, "roles": roles, "can": actor.acts})
