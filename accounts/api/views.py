"""People, offices and oneself over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import selectors
from accounts.api import serializers
from accounts.models import Membership, Office, OfficeKind, User
from accounts.services import deputies
from common.api import queries
from common.api.answers import answer
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing, reference


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


class DeputyViewSet(Writing, Resource):
    """Those who stand in for me, and those for whom I do: one row an office, while it lasts and after."""

    queryset = Membership.objects.none()
    serializer_class = serializers.DeputySerializer
    columns = (
        "id", "user_id", "user__name", "delegated_by_id", "delegated_by__name", "office_id", "office__name", "office__code", "role",
        "valid_from_on", "valid_until_on", "declined_on", "delegation_reason",
        "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("valid_until_on", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.deputies(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = reference(dict(zip(self.columns, row, strict=True)), "office")
        named = {who: {"id": f.pop(f"{who}_id"), "name": f.pop(f"{who}__name"), "code": None} for who in ("user", "delegated_by")}
        days = {"from_on": f.pop("valid_from_on"), "until_on": f.pop("valid_until_on"), "reason": f.pop("delegation_reason")}
        return f | named | days

    @extend_schema(request=serializers.DeputyInput, responses={201: serializers.DeputiesSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let another stand in for me: as many rows as there are offices in which I hold a role."""
        self.media()
        given = self.body(serializers.DeputyInput)
        made = deputies.delegate(
            given["user"].pk,
            from_on=given["from_on"],
            until_on=given["until_on"],
            reason=given["reason"] or "",
            actor=self.actor,
            today=self.today,
        )
        rows = selectors.deputies(self.actor).filter(pk__in=[row.pk for row in made]).values_list(*self.columns)
        return answer(request, {"results": [self.shape(row) for row in rows]}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """End it from today on, as the one who delegated or as the deputy."""
        row = self.target()
        self.media()
        version = self.version_seen(row.version, required=True)
        self.refuse_query()
        deputies.end(row.pk, version=version, actor=self.actor, today=self.today)
        return HttpResponse(status=204)
