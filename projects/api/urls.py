"""The resources of projects."""

from django.urls import path

from common.api.routers import crud, read_only
from projects.api import views

urlpatterns = [
    path("projects/", views.ProjectViewSet.as_view({"get": "list", "post": "create", "patch": "bulk_update"}), name="api-projects"),
    path(
        "projects/<str:pk>/",
        views.ProjectViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-project",
    ),
    path("projects/<str:pk>/transitions/", views.ProjectViewSet.as_view({"post": "transitions"}), name="api-project-transitions"),
    path("projects/<str:project>/history/", views.HistoryViewSet.as_view({"get": "list"}), name="api-project-history"),
    *crud("assignments", views.AssignmentViewSet),
    *read_only("reports", views.ReportViewSet),
    *read_only("regions", views.RegionViewSet),
    *read_only("sectors", views.SectorViewSet),
    *read_only("tags", views.TagViewSet),
]
