"""Registers what the portfolio adds: to projects the commitments in a detail and the filters by commitment; to moved dates the
promises they keep or break."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "全市"

    def ready(self) -> None:
        from milestones import parts as moves
        from portfolio.api import filters
        from portfolio.models import CommitmentKind
        from portfolio.selectors import commitments
        from projects import parts
        from projects.api.filters import offer

        moves.on_move(commitments.effects_of_move)
        parts.register(parts.Part("commitments", commitments.of_projects, always=True))
        offer("commitment", filters.ByCommitment(choices=CommitmentKind.choices, many=False))
        offer("commitment__in", filters.ByCommitment(choices=CommitmentKind.choices, many=True))
        offer("commitment__isnull", filters.WithoutCommitment())
