"""Findings over HTTP: which rules are broken, what was said about it, and what was written off."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from funding.api.filters import FindingFilter
from funding.api.serializers import findings as serializers
from funding.models import Finding
from funding.selectors import findings as selectors
from funding.services import findings as services


class FindingViewSet(Writing, Resource):
    """Rules that a project, an allocation, a source or the whole portfolio breaks on the day asked about."""

    queryset = Finding.objects.none()
    serializer_class = serializers.FindingSerializer
    columns = selectors.COLUMNS
    filterset_class = FindingFilter
    orderings = {"since_on": "since_on", "amount": "amount", "rule": "position"}
    default_order = [Key("since_on", descending=True)]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.findings(self.actor, today=self.today, as_of=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def seen(self, act: str) -> tuple[Finding, int | None]:
        finding: Finding = self.target()
        self.allow(act, finding.project.offices if finding.project else None)
        self.media()
        return finding, self.version_seen(finding.version, required=False)

    @extend_schema(request=serializers.ReplyInput, responses=serializers.FindingSerializer)
    def reply(self, request: Request, pk: str) -> HttpResponse:
        """Say what the matter is; until it is written off, a later reply takes the place of the earlier one."""
        finding, version = self.seen(Act.REQUEST_MONEY)
        text = self.body(serializers.ReplyInput)["text"]
        services.reply(finding.pk, text, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(finding.pk)

    @extend_schema(request=serializers.WriteOffInput, responses=serializers.FindingSerializer)
    def write_off(self, request: Request, pk: str) -> HttpResponse:
        """Accept the reply of another person."""
        finding, version = self.seen(Act.DECIDE_MONEY)
        note = self.body(serializers.WriteOffInput)["note"]
        services.write_off(finding.pk, note, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(finding.pk)
