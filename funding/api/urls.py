"""The resources of money."""

from django.urls import path

from common.api.routers import crud, read_only
from funding.api.views.allocations import AllocationViewSet
from funding.api.views.findings import FindingViewSet
from funding.api.views.plans import BalancePlanViewSet
from funding.api.views.reference import EligibilityItemViewSet, MonitoringRuleViewSet
from funding.api.views.repayments import RepaymentViewSet
from funding.api.views.requests import RequestViewSet
from funding.api.views.sources import SourceViewSet
from funding.api.views.statements import StatementViewSet
from funding.api.views.transfers import TransferViewSet

READ_AND_WRITE = {"get": "list", "post": "create"}
READ_AND_CHANGE = {"get": "retrieve", "patch": "partial_update"}
REQUESTS = "transfer-requests"

urlpatterns = [
    path("funding-sources/", SourceViewSet.as_view(READ_AND_WRITE), name="api-funding-sources"),
    path("funding-sources/<str:pk>/", SourceViewSet.as_view(READ_AND_CHANGE), name="api-funding-source"),
    path("funding-sources/<str:pk>/statement/", StatementViewSet.as_view({"get": "of_source"}), name="api-funding-source-statement"),
    *read_only("allocations", AllocationViewSet),
    path("allocations/<str:pk>/statement/", StatementViewSet.as_view({"get": "of_allocation"}), name="api-allocation-statement"),
    path("projects/<str:pk>/statement/", StatementViewSet.as_view({"get": "of_project"}), name="api-project-statement"),
    path("transfers/", TransferViewSet.as_view(READ_AND_WRITE), name="api-transfers"),
    path("transfers/<str:pk>/", TransferViewSet.as_view({"get": "retrieve"}), name="api-transfer"),
    path(f"{REQUESTS}/", RequestViewSet.as_view(READ_AND_WRITE), name="api-transfer-requests"),
    path(f"{REQUESTS}/validate/", RequestViewSet.as_view({"post": "validate"}), name="api-transfer-request-validate"),
    path(f"{REQUESTS}/approve/", RequestViewSet.as_view({"post": "approve_batch"}), name="api-transfer-request-approve-batch"),
    path(f"{REQUESTS}/reject/", RequestViewSet.as_view({"post": "reject_batch"}), name="api-transfer-request-reject-batch"),
    path(f"{REQUESTS}/<str:pk>/", RequestViewSet.as_view({"get": "retrieve"}), name="api-transfer-request"),
    path(f"{REQUESTS}/<str:pk>/approve/", RequestViewSet.as_view({"post": "approve"}), name="api-transfer-request-approve"),
    path(f"{REQUESTS}/<str:pk>/reject/", RequestViewSet.as_view({"post": "reject"}), name="api-transfer-request-reject"),
    path(f"{REQUESTS}/<str:pk>/withdraw/", RequestViewSet.as_view({"post": "withdraw"}), name="api-transfer-request-withdraw"),
    *crud("balance-plans", BalancePlanViewSet),
    path("eligibility-items/", EligibilityItemViewSet.as_view(READ_AND_WRITE), name="api-eligibility-items"),
    path("eligibility-items/<str:pk>/", EligibilityItemViewSet.as_view(READ_AND_CHANGE), name="api-eligibility-item"),
    path("monitoring-rules/", MonitoringRuleViewSet.as_view({"get": "list"}), name="api-monitoring-rules"),
    path("monitoring-rules/<str:pk>/", MonitoringRuleViewSet.as_view(READ_AND_CHANGE), name="api-monitoring-rule"),
    *read_only("findings", FindingViewSet),
    path("findings/<str:pk>/reply/", FindingViewSet.as_view({"post": "reply"}), name="api-finding-reply"),
    path("findings/<str:pk>/write-off/", FindingViewSet.as_view({"post": "write_off"}), name="api-finding-write-off"),
    *read_only("repayments", RepaymentViewSet),
    path("repayments/<str:pk>/pay/", RepaymentViewSet.as_view({"post": "pay"}), name="api-repayment-pay"),
    path("repayments/<str:pk>/reopen/", RepaymentViewSet.as_view({"post": "reopen"}), name="api-repayment-reopen"),
]
