"""The resources of dates."""

from django.urls import path

from milestones.api.views.date_changes import DateChangeViewSet
from milestones.api.views.milestones import MilestoneViewSet as view
from milestones.api.views.plans import BaselineViewSet, ProjectPlanViewSet, TemplateViewSet, TrendViewSet

urlpatterns = [
    path("milestones/", view.as_view({"get": "list", "post": "create", "patch": "bulk_update"}), name="api-milestones"),
    path("milestones/<str:pk>/", view.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-milestone"),
    path("milestones/<str:pk>/first-date/", view.as_view({"post": "first_date"}), name="api-milestone-first-date"),
    path("milestones/<str:pk>/achieve/", view.as_view({"post": "achieve"}), name="api-milestone-achieve"),
    path("milestones/<str:pk>/reopen/", view.as_view({"post": "reopen"}), name="api-milestone-reopen"),
    path("milestones/<str:pk>/forecast/", view.as_view({"post": "forecast"}), name="api-milestone-forecast"),
    path("date-changes/", DateChangeViewSet.as_view({"get": "list", "post": "create"}), name="api-date-changes"),
    path("date-changes/<str:pk>/", DateChangeViewSet.as_view({"get": "retrieve"}), name="api-date-change"),
    path("date-changes/<str:pk>/approve/", DateChangeViewSet.as_view({"post": "approve"}), name="api-date-change-approve"),
    path("date-changes/<str:pk>/reject/", DateChangeViewSet.as_view({"post": "reject"}), name="api-date-change-reject"),
    path("date-changes/<str:pk>/withdraw/", DateChangeViewSet.as_view({"post": "withdraw"}), name="api-date-change-withdraw"),
    path("milestones/<str:pk>/trend/", TrendViewSet.as_view({"get": "trend"}), name="api-milestone-trend"),
    path("milestone-templates/", TemplateViewSet.as_view({"get": "list", "post": "create"}), name="api-milestone-templates"),
    path(
        "milestone-templates/<str:pk>/",
        TemplateViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-milestone-template",
    ),
    path("projects/<str:pk>/apply-template/", ProjectPlanViewSet.as_view({"post": "apply_template"}), name="api-project-apply-template"),
    path("projects/<str:pk>/schedule/", ProjectPlanViewSet.as_view({"get": "schedule"}), name="api-project-schedule"),
    path("baselines/", BaselineViewSet.as_view({"get": "list", "post": "create"}), name="api-baselines"),
    path("baselines/<str:pk>/", BaselineViewSet.as_view({"get": "retrieve"}), name="api-baseline"),
]
