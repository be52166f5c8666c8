"""The pages."""

from django.urls import path

from portal.views import (
    allocating,
    appearance,
    board,
    deciding,
    findings,
    funding,
    paying,
    project,
    projects,
    repayments,
    requesting,
    sign_in,
    source,
)

urlpatterns = [
    path("", board.home, name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),  # the name by which allauth looks for it
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("appearance/", appearance.choose, name="appearance"),
    path("board/", board.board, name="board"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<uuid:project_id>/", project.project, name="project"),
    path("funding/", funding.funding, name="funding"),
    path("funding/repayments/", repayments.repayments, name="repayments"),
    path("funding/repayments/<uuid:repayment_id>/pay/", repayments.pay, name="pay"),
    path("funding/repayments/<uuid:repayment_id>/reopen/", repayments.reopen, name="reopen-repayment"),
    path("funding/sources/<uuid:source_id>/", source.source, name="source"),
    path("funding/sources/new/", requesting.new_source, name="new-source"),
    path("funding/sources/<uuid:source_id>/allocate/", allocating.allocate, name="allocate"),
    path("funding/sources/<uuid:source_id>/allocate/check/", allocating.check, name="allocate-check"),
    path("funding/sources/<uuid:source_id>/payments/", paying.payments, name="payments"),
    path("funding/sources/<uuid:source_id>/payments/check/", paying.check, name="payments-check"),
    path("funding/sources/<uuid:source_id>/request/", requesting.ask, name="ask-money"),
    path("funding/sources/<uuid:source_id>/request/check/", requesting.check, name="ask-money-check"),
    path("funding/sources/<uuid:source_id>/state/", requesting.set_state, name="source-state"),
    path("funding/requests/", deciding.requests, name="money-requests"),
    path("funding/requests/<uuid:batch_id>/", deciding.batch, name="money-batch"),
    path("funding/findings/", findings.findings, name="findings"),
    path("funding/findings/<uuid:finding_id>/reply/", findings.reply, name="finding-reply"),
    path("funding/findings/<uuid:finding_id>/write-off/", findings.write_off, name="finding-write-off"),
]
