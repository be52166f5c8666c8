"""The resources of reminders."""

from django.urls import path

from common.api.routers import crud, read_only
from reminders.api.views import ladder, mutes, wire, work_days
from reminders.api.views import reminders as views

urlpatterns = [
    *read_only("reminders", views.ReminderViewSet),
    path("reminders/<str:pk>/acknowledge/", views.ReminderViewSet.as_view({"post": "acknowledge"}), name="api-reminder-acknowledge"),
    path("reminders/<str:pk>/snooze/", views.ReminderViewSet.as_view({"post": "snooze"}), name="api-reminder-snooze"),
    *read_only("deliveries", views.DeliveryViewSet),
    path("deliveries/<str:pk>/resend/", views.DeliveryViewSet.as_view({"post": "resend"}), name="api-delivery-resend"),
    *crud("contact-points", wire.ContactPointViewSet),
    *read_only("brakes", wire.BrakeViewSet),
    path("brakes/<str:pk>/release/", wire.BrakeViewSet.as_view({"post": "release"}), name="api-brake-release"),
    path("rungs/preview/", ladder.RungViewSet.as_view({"post": "preview"}), name="api-rung-preview"),
    *crud("rungs", ladder.RungViewSet),
    path("mutes/", mutes.MuteViewSet.as_view({"get": "list", "post": "create"}), name="api-mutes"),
    path("mutes/<str:pk>/", mutes.MuteViewSet.as_view({"get": "retrieve"}), name="api-mutes-one"),
    *(
        path(f"mutes/<str:pk>/{act}/", mutes.MuteViewSet.as_view({"post": act}), name=f"api-mute-{act}")
        for act in ("approve", "reject", "end")
    ),
    *read_only("letters", mutes.LetterViewSet),
    path("reminder-findings/", mutes.FindingsView.as_view(), name="api-reminder-findings"),
    path("work-days/", work_days.WorkDayViewSet.as_view({"get": "list"}), name="api-work-days"),
    path("work-days/<str:pk>/", work_days.WorkDayViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-work-days-one"),
    path("me/obligations/", views.ObligationsView.as_view(), name="api-me-obligations"),
]
