"""The list of projects by facets: narrowed by what is chosen, and how many projects each choice would show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Coalesce

from portfolio.models import CommitmentProject

NO_WORD = Value("", output_field=TextField())
# facet → its value and its word. Regions and offices count for themselves, sectors with all below, as they are chosen.
FACETS: dict[str, tuple[Any, Any]] = {
    "is_overdue": (Case(When(is_overdue=True, then=Value("true")), default=Value("false"), output_field=TextField()), NO_WORD),
    "stage": (F("stage"), NO_WORD),
    "commitment": (F("commitment__kind"), NO_WORD),
    "sector": (
        Coalesce(F("project__sector__parent__code"), F("project__sector__code")),
        Coalesce(F("project__sector__parent__name"), F("project__sector__name")),
    ),
    "region__only": (F("region_code"), F("project__region__short_name")),
    "office__only": (F("office_code"), F("office_name")),
}
Chosen = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Totals:
    """What a list adds up to."""

    projects: int = 0
    investment: Decimal = Decimal(0)
    overdue_milestones: int = 0


@dataclass(frozen=True)
class Choice:
    """One choice of a facet and how many projects it would show."""

    value: str
    word: str
    count: int


def narrowed(statuses: QuerySet, chosen: Chosen, *, without: str = "") -> QuerySet:
    """The projects that fit one of the chosen values of every facet, `without` left aside."""
    for facet, values in chosen.items():
        if values and facet != without:
            statuses = statuses.filter(_fits(facet, values))
    return statuses


def totals_and_facets(statuses: QuerySet, chosen: Chosen) -> tuple[Totals, dict[str, list[Choice]]]:
    """One statement: the chosen list as a whole, and each facet as if nothing were chosen in it."""
    facets: dict[str, list[Choice]] = {facet: [] for facet in FACETS}
    totals = Totals()
    whole = _sums(narrowed(statuses, chosen), "", NO_WORD, NO_WORD)
    branches = (_branch(facet, narrowed(statuses, chosen, without=facet)) for facet in FACETS)
    for facet, value, word, count, investment, milestones in whole.union(*branches, all=True):
        if facet:
            facets[facet].append(Choice(value, word, count))
        else:
            totals = Totals(count, investment or Decimal(0), milestones or 0)
    return totals, facets


def _fits(facet: str, values: Sequence[str]) -> Any:
    if facet == "is_overdue":
        return Q(is_overdue=values[0] == "true")
    if facet == "commitment":
        return Exists(CommitmentProject.objects.filter(project_id=OuterRef("pk"), commitment__kind__in=values))
    if facet == "sector":
        return Q(project__sector__code__in=values) | Q(project__sector__parent__code__in=values)
    return Q(**{f"{facet.replace('__only', '_code')}__in": values})


def _branch(facet: str, statuses: QuerySet) -> QuerySet:
    if facet != "commitment":
        return _sums(statuses, facet, *FACETS[facet])
    links = CommitmentProject.objects.filter(project_id__in=statuses.order_by().values("pk"))
    nothing = {"money": Value(None, output_field=DecimalField()), "late": Value(0)}
    return _by(links, facet, *FACETS[facet]).annotate(n=Count("project_id", distinct=True), **nothing)


def _sums(statuses: QuerySet, facet: str, value: Any, word: Any) -> QuerySet:
    """A package's money is its members' money: it is listed, but never summed with them."""
    money = Sum("total_investment", filter=Q(project__is_package=False))
    return _by(statuses, facet, value, word).annotate(n=Count("pk"), money=money, late=Sum("overdue_count"))


def _by(rows: QuerySet, facet: str, value: Any, word: Any) -> QuerySet:
    return (
        rows.order_by()
        .annotate(facet=Value(facet, output_field=TextField()), choice=value, word=word)
        .values_list("facet", "choice", "word")
    )
