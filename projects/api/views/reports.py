"""Monthly reports and their revisions over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.answers import answer
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from common.errors import Denied, Fault, Malformed
from projects.api.filters import ReportFilter, RevisionFilter
from projects.api.serializers import reports as serializers
from projects.api.views.filing import Deciding, Filing
from projects.models import MonthlyReport, ReportRevision
from projects.selectors import reports, revisions
from projects.services import reports as services
from projects.services import revisions as revising


class ReportViewSet(Deciding, Resource):
    """Monthly reports of projects: drafted, submitted, sent back, approved."""

    queryset = MonthlyReport.objects.none()
    serializer_class = serializers.ReportSerializer
    columns = reports.COLUMNS
    filterset_class = ReportFilter
    orderings = {"month": "month"}
    default_order = [Key("month", descending=True)]
    service = services

    def visible(self, query: Query) -> models.QuerySet:
        return reports.reports(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return reports.shape(row)

    @extend_schema(request=serializers.ReportInput, responses={201: serializers.ReportSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """A month that the system did not open."""
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.ReportInput)
        self.allow(Act.EDIT, fields["project"].offices)
        made = services.create_report(fields, actor=self.actor, today=self.today)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/reports/{made.pk}/")

    @extend_schema(request=serializers.ReportPatch(partial=True), responses=serializers.ReportSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what was written so far: of a draft, or of what was sent back."""
        found = self.to_write()
        version = self.version_seen(found.version, required=True)
        services.save_draft(found.pk, self.body(serializers.ReportPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.SubmitInput, responses=serializers.ReportSerializer)
    def submit(self, request: Request, pk: str) -> HttpResponse:
        """File the month; the body may bring what is still to be written."""
        found = self.to_write()
        version = self.seen(found)
        fields = self.body(serializers.SubmitInput)
        services.submit(found.pk, fields, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NothingInput, responses=serializers.ReportSerializer)
    def no_change(self, request: Request, pk: str) -> HttpResponse:
        """Nothing invested, the last percent, submitted: in one act, at most two months in a row."""
        found = self.to_write()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        services.mark_unchanged(found.pk, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(
        operation_id="reports_no_change_bulk", request=serializers.UnchangedInput, responses=serializers.ReportListAnswer
    )  # fmt: skip
    def all_unchanged(self, request: Request) -> HttpResponse:
        """The same for many, whole or not at all."""
        self.allow(Act.EDIT)
        self.media()
        given = self.body(serializers.UnchangedInput)
        found = {row.pk: row for row in self.visible(Query()).filter(pk__in=given["reports"]).select_related("project")}
        missing = [place for place, key in enumerate(given["reports"]) if key not in found]
        if missing:
            raise Malformed(faults=[Fault(("reports", place), "does_not_exist", _("没有这份月报。")) for place in missing])
        for row in found.values():
            self.allow(Act.EDIT, row.project.offices)
        services.mark_all_unchanged(
            given["reports"], expected_count=given["expected_count"], actor=self.actor, today=self.today, now=clock.now()
        )
        rows = self.visible(Query()).filter(pk__in=found).order_by("pk").values_list(*self.columns)
        return answer(request, {"results": [self.shape(row) for row in rows]})

    @extend_schema(request=serializers.ReviseInput, responses={201: serializers.RevisionSerializer})
    def revise(self, request: Request, pk: str) -> HttpResponse:
        """Ask that an approved month say something else; another person decides."""
        found = self.to_write()
        version = self.seen(found)
        changes = self.body(serializers.ReviseInput)
        reason = changes.pop("reason")
        made = revising.revise(found.pk, changes, reason=reason, version=version, actor=self.actor, today=self.today)
        row = revisions.shape(revisions.revisions(self.actor).filter(pk=made.pk).values_list(*revisions.COLUMNS).get())
        location = request.build_absolute_uri(f"/api/v1/report-revisions/{made.pk}/")
        return answer(request, row, version=row["version"], status=201, headers={"Location": location})


class RevisionViewSet(Filing, Resource):
    """Corrections of approved months: asked for by one person, decided by another."""

    queryset = ReportRevision.objects.none()
    serializer_class = serializers.RevisionSerializer
    columns = revisions.COLUMNS
    filterset_class = RevisionFilter
    default_order = [Key("id", descending=True)]
    maker = "requested_by_id"

    def visible(self, query: Query) -> models.QuerySet:
        return revisions.revisions(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return revisions.shape(row)

    @extend_schema(request=serializers.NothingInput, responses=serializers.RevisionSerializer)
    def approve(self, request: Request, pk: str) -> HttpResponse:
        """Agree; the report's figures move in the same transaction."""
        found = self.to_decide()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        revising.approve(found.pk, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.RejectInput, responses=serializers.RevisionSerializer)
    def reject(self, request: Request, pk: str) -> HttpResponse:
        """Send it back with a reason."""
        found = self.to_decide()
        version = self.seen(found)
        note = self.body(serializers.RejectInput)["note"]
        revising.reject(found.pk, note=note, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NothingInput, responses=serializers.RevisionSerializer)
    def withdraw(self, request: Request, pk: str) -> HttpResponse:
        """Take one's own request back before it is decided."""
        found = self.target()
        self.allow(Act.EDIT, found.project.offices)
        if found.requested_by_id != self.actor.id:
            raise Denied(_("只有经办人可以撤回。"))
        self.media()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        revising.withdraw(found.pk, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(found.pk)
