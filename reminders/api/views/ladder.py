"""The ladders over HTTP: rows to be changed, and what a change would send."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.answers import answer
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from reminders.api.serializers import ladder as serializers
from reminders.api.serializers.reminders import RungSerializer
from reminders.models import Rung
from reminders.services import preview, rungs
from reminders.services.preview import Load


class RungViewSet(Writing, Resource):
    """The ladders: that of every kind without one of its own (`subject_kind` null), and those of single kinds."""

    queryset = Rung.objects.none()
    serializer_class = RungSerializer
    columns = (
        "id", "subject_kind", "kind", "days", "in_working_days", "audience", "letter", "is_active", "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("kind", descending=True), Key("days"), Key("audience")]

    def visible(self, query: Query) -> models.QuerySet:
        return Rung.objects.filter(is_active=True)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.columns, row, strict=True))

    @extend_schema(request=serializers.RungInput, responses={201: RungSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.SUPERVISE)
        self.media()
        made = rungs.create(self.body(serializers.RungInput), actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/rungs/{made.pk}/")

    @extend_schema(request=serializers.RungPatch(partial=True), responses=RungSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        rung, version = self._seen()
        rungs.edit(rung.pk, self.body(serializers.RungPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(rung.pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Deleted if nobody was told on it, else retired."""
        rung, version = self._seen()
        self.refuse_query()
        rungs.remove(rung.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)

    @extend_schema(request=serializers.PreviewInput, responses=serializers.PreviewSerializer)
    def preview(self, request: Request) -> HttpResponse:
        """What leaves in the next window and on each of the next thirty days, now and with these rungs in place of all."""
        self.allow(Act.SUPERVISE)
        self.media()
        given = self.body(serializers.PreviewInput)["rungs"]
        now = clock.now()
        today = preview.preview(None, now=now, actor=self.actor)
        wanted = preview.preview([serializers.ProposedRung().proposed(one) for one in given], now=now, actor=self.actor) if given else today
        days = [{"on": day, "now": _load(load), "proposed": _load(wanted.days.get(day, Load()))} for day, load in today.days.items()]
        tonight = {"window_on": today.window_on}
        return answer(request, {
            "tonight": tonight | _load(today.tonight), "tonight_proposed": tonight | _load(wanted.tonight), "days": days,
        })  # fmt: skip

    def _seen(self) -> tuple[Rung, int | None]:
        rung: Rung = self.target()
        self.allow(Act.SUPERVISE)
        self.media()
        return rung, self.version_seen(rung.version, required=True)


def _load(load: Load) -> dict[str, int]:
    return {"messages": load.messages, "reminders": load.reminders}
