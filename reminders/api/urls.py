"""The resources of reminders."""

from django.urls import path

from common.api.routers import crud, read_only
from reminders.api.views import reminders as views
from reminders.api.views import wire

urlpatterns = [
    *read_only("reminders", views.ReminderViewSet),
    path("reminders/<str:pk>/acknowledge/", views.ReminderViewSet.as_view({"post": "acknowledge"}), name="api-reminder-acknowledge"),
    path("reminders/<str:pk>/snooze/", views.ReminderViewSet.as_view({"post": "snooze"}), name="api-reminder-snooze"),
    *read_only("deliveries", views.DeliveryViewSet),
    path("deliveries/<str:pk>/resend/", views.DeliveryViewSet.as_view({"post": "resend"}), name="api-delivery-resend"),
    *crud("contact-points", wire.ContactPointViewSet),
    *read_only("brakes", wire.BrakeViewSet),
    path("brakes/<str:pk>/release/", wire.BrakeViewSet.as_view({"post": "release"}), name="api-brake-release"),
    *read_only("rungs", views.RungViewSet),
    path("me/obligations/", views.ObligationsView.as_view(), name="api-me-obligations"),
]
