"""The resources of the whole."""

from django.urls import path

from common.api.routers import read_only
from portfolio.api import views

urlpatterns = [
    *read_only("commitments", views.CommitmentViewSet),
    *read_only("targets", views.TargetViewSet),
    path("summary/", views.SummaryView.as_view({"get": "summary"}), name="api-summary"),
]
