"""看板: are the promises kept, who is late, who answers, who was told."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.selectors import person
from common import clock
from portal import charts
from portal.views.access import SignedIn, signed_in
from portfolio.selectors import board as selector
from portfolio.selectors.board import Board, Place, Tally
from reminders.selectors import duties

ZONES = ("zone", "area")
OFFICE_ROWS = 10


def home(request: HttpRequest) -> HttpResponse:
    """What one owes for those who file or decide, the board for the others."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("board"))
    actor = person(request.user, today=clock.today())
    return HttpResponseRedirect(reverse("my" if duties.answers(actor) else "board"))


@signed_in
def board(request: SignedIn) -> HttpResponse:
    shown = selector.board(request.actor, today=clock.today())
    offices = shown.offices if "all_offices" in request.GET else shown.offices[:OFFICE_ROWS]
    top = max([1, *(place.tally.overdue_projects for place in shown.places)])
    context = {
        "area": "board",
        "board": shown,
        "promise_counts": _by_lamp(shown),
        "tiles": [(place, charts.tile(place.row, place.column), _color(place.tally, shown.whole)) for place in _on_map(shown)],
        "counties": [_ranked(p, top, shown) for p in shown.places if p.kind not in ZONES],
        "zones": [_ranked(p, top, shown) for p in shown.places if p.kind in ZONES],
        "offices": [(office, charts.bar(office.tally.overdue_projects, shown.offices[0].tally.overdue_projects)) for office in offices],
    }
    return render(request, "portal/board.html", context)


def _on_map(shown: Board) -> list[Place]:
    """In reading order."""
    return sorted((place for place in shown.places if place.row is not None), key=lambda place: (place.row, place.column))


def _by_lamp(shown: Board) -> list[tuple[str, range]]:
    """Colors in the order of alarm, each with one sign a promise."""
    colors = ("red", "amber", "grey", "green")
    return [(color, range(n)) for color in colors if (n := sum(promise.lamp == color for promise in shown.promises))]


def _ranked(place: Place, top: int, shown: Board) -> tuple[Place, float, str]:
    return place, charts.bar(place.tally.overdue_projects, top), _color(place.tally, shown.whole)


def _color(tally: Tally, whole: Tally) -> str:
    """Red above the average share of late projects, amber at or below it, green for none late, grey for no project."""
    if not tally.projects:
        return "grey"
    if not tally.overdue_projects:
        return "green"
    return "red" if tally.overdue_projects * whole.projects > whole.overdue_projects * tally.projects else "amber"
