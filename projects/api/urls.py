"""The resources of projects."""

from django.urls import path

from common.api.routers import acts, crud, read_only
from projects.api.views import assignments, evidence, plans, problems, projects, reference, reports

REPORT_ACTS = {"submit": "submit", "no-change": "no_change", "return": "send_back", "approve": "approve", "revise": "revise"}

urlpatterns = [
    path("projects/", projects.ProjectViewSet.as_view({"get": "list", "post": "create", "patch": "bulk_update"}), name="api-projects"),
    path(
        "projects/<str:pk>/",
        projects.ProjectViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-project",
    ),
    path("projects/<str:pk>/transitions/", projects.ProjectViewSet.as_view({"post": "transitions"}), name="api-project-transitions"),
    path("projects/<str:project>/history/", projects.HistoryViewSet.as_view({"get": "list"}), name="api-project-history"),
    *crud("assignments", assignments.AssignmentViewSet),
    path("evidence/", evidence.EvidenceViewSet.as_view({"get": "list", "post": "create"}), name="api-evidence"),
    path("evidence/<str:pk>/", evidence.EvidenceViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="api-evidence-one"),
    path("evidence/<str:pk>/content/", evidence.EvidenceViewSet.as_view({"get": "content"}), name="api-evidence-content"),
    path("evidence/<str:pk>/thumbnail/", evidence.EvidenceViewSet.as_view({"get": "thumbnail"}), name="api-evidence-thumbnail"),
    path("problems/", problems.ProblemViewSet.as_view({"get": "list", "post": "create"}), name="api-problem-list"),
    path("problems/<str:pk>/", problems.ProblemViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-problem-one"),
    path("problems/<str:pk>/close/", problems.ProblemViewSet.as_view({"post": "close"}), name="api-problem-close"),
    path("problems/<str:pk>/reopen/", problems.ProblemViewSet.as_view({"post": "reopen"}), name="api-problem-reopen"),
    path("permits/", problems.PermitViewSet.as_view({"get": "list", "post": "create"}), name="api-permit-list"),
    path("permits/<str:pk>/", problems.PermitViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-permit-one"),
    path("permits/<str:pk>/complete/", problems.PermitViewSet.as_view({"post": "complete_permit"}), name="api-permit-complete"),
    path("reports/", reports.ReportViewSet.as_view({"get": "list", "post": "create"}), name="api-reports"),
    path("reports/no-change/", reports.ReportViewSet.as_view({"post": "all_unchanged"}), name="api-reports-no-change"),
    path("reports/<str:pk>/", reports.ReportViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-reports-one"),
    *acts("reports", reports.ReportViewSet, REPORT_ACTS),
    *read_only("report-revisions", reports.RevisionViewSet),
    *acts("report-revisions", reports.RevisionViewSet, {"approve": "approve", "reject": "reject", "withdraw": "withdraw"}),
    path("plans/", plans.PlanViewSet.as_view({"get": "list", "post": "create"}), name="api-plans"),
    path("plans/<str:pk>/", plans.PlanViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-plans-one"),
    *acts("plans", plans.PlanViewSet, {"submit": "submit", "return": "send_back", "approve": "approve", "revise": "revise"}),
    *read_only("regions", reference.RegionViewSet),
    *read_only("sectors", reference.SectorViewSet),
    *read_only("tags", reference.TagViewSet),
]
