"""Mutes, letters and what is wrong with the chase, over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.roles import Act
from common import clock
from common.api import queries
from common.api.answers import answer
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from reminders.api.serializers import ladder as serializers
from reminders.models import Mute, OfficialLetter
from reminders.selectors import findings, letters
from reminders.selectors import mutes as selectors
from reminders.services import mutes as services
from reminders.services.mutes import Scope


class MuteViewSet(Writing, Resource):
    """Silence about a project, an office or one obligation, with a reason and an end."""

    queryset = Mute.objects.none()
    serializer_class = serializers.MuteSerializer
    columns = selectors.COLUMNS
    default_order = [Key("created_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.mutes(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    @extend_schema(request=serializers.MuteInput, responses={201: serializers.MuteSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """In force at once up to thirty days; a longer one waits for a second person."""
        self.allow(Act.SUPERVISE)
        self.media()
        given = self.body(serializers.MuteInput)
        made = services.create(
            Scope(**given["scope"]), reason=given["reason"], until_on=given["until_on"], actor=self.actor, today=self.today
        )
        return self.answer_row(made.pk, status=201, location=f"/api/v1/mutes/{made.pk}/")

    @extend_schema(request=serializers.MuteNoteInput, responses=serializers.MuteSerializer)
    def approve(self, request: Request, pk: str) -> HttpResponse:
        return self._decided(services.approve)

    @extend_schema(request=serializers.MuteNoteInput, responses=serializers.MuteSerializer)
    def reject(self, request: Request, pk: str) -> HttpResponse:
        return self._decided(services.reject)

    @extend_schema(request=None, responses=serializers.MuteSerializer)
    def end(self, request: Request, pk: str) -> HttpResponse:
        """Speak again now: what came due meanwhile is told in the next window."""
        mute, version = self._seen()
        self.refuse_query()
        services.end(mute.pk, version=version, actor=self.actor, now=clock.now(), today=self.today)
        return self.answer_row(mute.pk)

    def _decided(self, decide: Any) -> HttpResponse:
        mute, version = self._seen()
        note = self.body(serializers.MuteNoteInput)["note"] or ""
        decide(mute.pk, note=note, version=version, actor=self.actor, now=clock.now(), today=self.today)
        return self.answer_row(mute.pk)

    def _seen(self) -> tuple[Mute, int | None]:
        mute: Mute = self.target()
        self.allow(Act.SUPERVISE)
        self.media()
        return mute, self.version_seen(mute.version, required=False)


class LetterViewSet(Resource):
    """提醒函, 督办函, 升级函: numbered, as they stood on their day."""

    queryset = OfficialLetter.objects.none()
    serializer_class = serializers.LetterSerializer
    columns = letters.COLUMNS
    default_order = [Key("created_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return letters.letters(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return letters.shape(row)


class FindingsView(APIView):
    """What is wrong with the chase itself, for those who supervise or read deliveries; all of it in one answer."""

    @extend_schema(responses=serializers.ReminderFindingsSerializer)
    def get(self, request: Request) -> HttpResponse:
        found = findings.findings(request.user, today=clock.today())
        queries.refuse_unknown(request.query_params, [])
        return answer(request, {"results": [findings.shape(one) for one in found]})
