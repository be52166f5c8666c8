"""The resources of reminders."""

from django.urls import path

from common.api.routers import read_only
from reminders.api.views import reminders as views

urlpatterns = [
    *read_only("reminders", views.ReminderViewSet),
    path("reminders/<str:pk>/acknowledge/", views.ReminderViewSet.as_view({"post": "acknowledge"}), name="api-reminder-acknowledge"),
    path("reminders/<str:pk>/snooze/", views.ReminderViewSet.as_view({"post": "snooze"}), name="api-reminder-snooze"),
    *read_only("deliveries", views.DeliveryViewSet),
    *read_only("rungs", views.RungViewSet),
    path("me/obligations/", views.ObligationsView.as_view(), name="api-me-obligations"),
]
