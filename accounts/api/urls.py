"""The resources of accounts."""

from django.urls import path

from accounts.api import views
from common.api.routers import read_only

urlpatterns = [
    path("me/", views.MeView.as_view(), name="api-me"),
    path("me/deputies/", views.DeputyViewSet.as_view({"get": "list", "post": "create"}), name="api-deputies"),
    path("me/deputies/<str:pk>/", views.DeputyViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="api-deputies-one"),
    *read_only("people", views.PersonViewSet),
    *read_only("offices", views.OfficeViewSet),
]
