"""The resources of accounts."""

from django.urls import path

from accounts.api import views
from common.api.routers import read_only

urlpatterns = [
    path("me/", views.MeView.as_view(), name="api-me"),
    *read_only("people", views.PersonViewSet),
    *read_only("offices", views.OfficeViewSet),
]
