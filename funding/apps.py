"""Registers what money adds to projects (gate, expansion, filters) and to reminders (repayments)."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "funding"
    verbose_name = "资金"

    def ready(self) -> None:
        from funding.api import filters
        from funding.lifecycle import SourceKind
        from funding.selectors import allocations, findings, idle, repayments, requests, standing
        from projects import gates, parts
        from projects.api.filters import offer
        from reminders import sources

        parts.register(parts.Part("allocations", allocations.allocations_of_projects))
        parts.figure("finding_count", lambda ids, today, as_of: findings.counts_of_projects(ids, today=today, as_of=as_of))
        gates.register(standing.money_left)
        offer("funding_kind", filters.ByFundingKind(choices=SourceKind.choices, many=False))
        offer("funding_kind__in", filters.ByFundingKind(choices=SourceKind.choices, many=True))
        offer("source", filters.BySource())
        sources.register(repayments.OBLIGATIONS)
        sources.register(idle.OBLIGATIONS)
        sources.register_awaited(requests.AWAITED)
