"""The whole API, one line an app."""

from django.http import HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.views import APIView

from common.api.answers import answer
from common.api.documents import problem_index, problem_page
from common.errors import Missing

RESOURCES = [
    "projects", "assignments", "reports", "milestones", "date-changes", "milestone-templates", "baselines",
    "funding-sources", "allocations", "transfers",
    "transfer-requests", "problems", "permits", "evidence", "eligibility-items", "balance-plans", "monitoring-rules", "findings",
    "repayments", "commitments", "targets", "summary", "reminders", "deliveries", "rungs", "people", "offices", "regions", "sectors",
    "tags", "me", "me/obligations",
]  # fmt: skip


class IndexView(APIView):
    """The resources of this version."""

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string"}}})
    def get(self, request: Request) -> HttpResponse:
        return answer(request, {name: request.build_absolute_uri(f"/api/v1/{name}/") for name in RESOURCES})


@extend_schema(exclude=True)
class NowhereView(APIView):
    """Whatever has no address: absent for those who signed in, 401 for the others."""

    def _absent(self, request: Request, *args: object, **kwargs: object) -> HttpResponse:
        raise Missing

    get = post = put = patch = delete = _absent


urlpatterns = [
    path("", IndexView.as_view(), name="api-index"),
    path("", include("projects.api.urls")),
    path("", include("milestones.api.urls")),
    path("", include("funding.api.urls")),
    path("", include("portfolio.api.urls")),
    path("", include("reminders.api.urls")),
    path("", include("accounts.api.urls")),
    path(
        "schema/",
        SpectacularAPIView.as_view(permission_classes=[], throttle_classes=[], renderer_classes=SpectacularAPIView.renderer_classes),
        name="api-schema",
    ),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema", permission_classes=[], throttle_classes=[]), name="api-docs"),
    path("docs/problems/", problem_index, name="api-problems"),
    path("docs/problems/<str:code>/", problem_page, name="api-problem"),
    re_path(r"^.*$", NowhereView.as_view()),
]
