"""Contact points and brakes over HTTP: how messages leave, and whether they may."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing, reference
from common.shapes import ref
from reminders.api.serializers import wire as serializers
from reminders.lifecycle import BrakeState, Channel
from reminders.models import Brake, ContactPoint
from reminders.services import brakes
from reminders.services import contact_points as services


class ContactPointViewSet(Writing, Resource):
    """Robots and webhooks of people and offices, for administrators alone. The secret is written and never read."""

    queryset = ContactPoint.objects.none()
    serializer_class = serializers.ContactPointSerializer
    columns = (
        "id", "user_id", "user__name", "office_id", "office__name", "office__code", "channel", "url", "secret", "is_active",
        "throttled_until", "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("created_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return ContactPoint.objects.visible_to(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = reference(dict(zip(self.columns, row, strict=True)), "office")
        user = ref(f.pop("user_id"), f.pop("user__name"), None)
        return f | {"user": user, "channel_display": Channel(f["channel"]).label, "has_secret": bool(f.pop("secret"))}

    @extend_schema(request=serializers.ContactPointInput, responses={201: serializers.ContactPointSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.ADMINISTER)
        self.media()
        made = services.create(self.body(serializers.ContactPointInput), actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/contact-points/{made.pk}/")

    @extend_schema(request=serializers.ContactPointPatch(partial=True), responses=serializers.ContactPointSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        point, version = self._seen()
        services.edit(point.pk, self.body(serializers.ContactPointPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(point.pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        point, version = self._seen()
        self.refuse_query()
        services.withdraw(point.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)

    def _seen(self) -> tuple[ContactPoint, int | None]:
        point: ContactPoint = self.target()
        self.allow(Act.ADMINISTER)
        self.media()
        return point, self.version_seen(point.version, required=True)


class BrakeViewSet(Writing, Resource):
    """Windows that wanted to send more messages than the limit."""

    queryset = Brake.objects.none()
    serializer_class = serializers.BrakeSerializer
    columns = (
        "id", "window", "message_count", "limit", "state", "told_at", "decided_by_name", "decided_at", "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("window", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return Brake.objects.visible_to(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        return f | {"state_display": BrakeState(f["state"]).label}

    @extend_schema(request=None, responses=serializers.BrakeSerializer)
    def release(self, request: Request, pk: str) -> HttpResponse:
        """Let the messages of a held window leave."""
        brake = self.target()
        self.allow(Act.SUPERVISE)
        version = self.version_seen(brake.version, required=False)
        self.refuse_query()
        brakes.release(brake.pk, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(brake.pk)
