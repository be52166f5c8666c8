"""The resources of projects."""

from django.urls import path

from common.api.routers import crud, read_only
from projects.api.views import assignments, evidence, projects, reference, reports

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
    *read_only("reports", reports.ReportViewSet),
    path("evidence/", evidence.EvidenceViewSet.as_view({"get": "list", "post": "create"}), name="api-evidence"),
    path("evidence/<str:pk>/", evidence.EvidenceViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="api-evidence-one"),
    path("evidence/<str:pk>/content/", evidence.EvidenceViewSet.as_view({"get": "content"}), name="api-evidence-content"),
    path("evidence/<str:pk>/thumbnail/", evidence.EvidenceViewSet.as_view({"get": "thumbnail"}), name="api-evidence-thumbnail"),
    *read_only("regions", reference.RegionViewSet),
    *read_only("sectors", reference.SectorViewSet),
    *read_only("tags", reference.TagViewSet),
]
