"""The dates of a milestone on an axis of time."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from milestones.rules.sense import is_near

SQUARE = "M-4-4h8v8h-8z"
DIAMOND = "M0-6l6 6-6 6-6-6z"
CIRCLE = "M0-5a5 5 0 100 10 5 5 0 000-10z"


@dataclass(frozen=True)
class Window:
    """The days a time axis shows, the second one excluded."""

    start: dt.date
    end: dt.date

    def percent(self, day: dt.date) -> float:
        return round((day - self.start).days / (self.end - self.start).days * 100, 2)

    def has(self, day: dt.date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True)
class Tick:
    day: dt.date
    x: float

    @property
    def is_year(self) -> bool:
        return self.day.month == 1


@dataclass(frozen=True)
class Line:
    kind: str
    x1: float
    x2: float


@dataclass(frozen=True)
class Mark:
    kind: str
    x: float
    path: str


@dataclass(frozen=True)
class Lane:
    """One row of a Gantt table. What lies outside the window is named at its edge, so that nothing vanishes."""

    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    before: dt.date | None = None
    after: dt.date | None = None
    now: float | None = None


def this_year(today: dt.date) -> Window:
    return Window(dt.date(today.year, 1, 1), dt.date(today.year + 1, 1, 1))


def two_years(today: dt.date) -> Window:
    """From the quarter a year ago to the quarter a year ahead, the default."""
    start = quarter(today)
    return Window(start.replace(year=start.year - 1), next_quarter(start.replace(year=start.year + 1)))


def whole(days: Iterable[dt.date | None], today: dt.date) -> Window:
    """All the days, in full years; those that a slip of the pen made do not stretch it, and stand at its edge."""
    years = [day.year for day in days if day is not None and is_near(day, today=today)] + [today.year]
    return Window(dt.date(min(years), 1, 1), dt.date(max(years) + 1, 1, 1))


def quarter(day: dt.date) -> dt.date:
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def next_quarter(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 10, (day.month + 3 - 1) % 12 + 1, 1)


MOST_QUARTERS = 9  # two years and what is left of a quarter


def ticks(window: Window) -> list[Tick]:
    """Quarters inside the window; years alone where quarters would crowd; at most some ten."""
    quarters = round((window.end - window.start).days / 91.3)
    step = 1 if quarters <= MOST_QUARTERS else 4 * -(-quarters // 40)
    found, day, count = [], window.start, 0
    while day < window.end:
        if count % step == 0 and day > window.start:
            found.append(Tick(day, window.percent(day)))
        day, count = next_quarter(day), count + 1
    return found


def lane(
    *,
    baseline: dt.date | None,
    due: dt.date | None,
    forecast: dt.date | None,
    achieved: dt.date | None,
    window: Window,
    today: dt.date,
) -> Lane:
    """The four dates of a milestone on a time axis."""
    now = window.percent(today) if window.has(today) else None
    shown = [day for day in (baseline, due, achieved or forecast) if day is not None]
    if not shown:
        return Lane(now=now)
    late = achieved is None and due is not None and due < today
    reach = [*shown, today] if late else shown
    if max(reach) < window.start:
        return Lane(before=achieved or max(shown), now=now)
    if min(reach) >= window.end:
        return Lane(after=due or min(shown), now=now)
    return Lane(
        lines=tuple(_lines(baseline, due, forecast, achieved, window, today)),
        marks=tuple(mark for mark in _marks(baseline, due, forecast, achieved, window, today)),
        before=min(shown) if min(shown) < window.start else None,
        after=max(shown) if max(shown) >= window.end else None,
        now=now,
    )


def _lines(
    baseline: dt.date | None, due: dt.date | None, forecast: dt.date | None, achieved: dt.date | None, window: Window, today: dt.date
) -> Iterable[Line]:
    if due is None:
        return
    spans: list[tuple[str, dt.date, dt.date]] = []
    if baseline is not None and baseline != due:
        spans.append(("g-base", min(baseline, due), max(baseline, due)))
    if achieved is not None and achieved != due:
        spans.append(("g-lateok", due, achieved) if achieved > due else ("g-early", achieved, due))
    if achieved is None and due < today:
        spans.append(("g-late", due, today))
    if achieved is None and forecast is not None and forecast > max(due, min(today, forecast)):
        spans.append(("g-fore", max(due, today) if due < today else due, forecast))
    for kind, start, end in spans:
        x1, x2 = max(window.percent(start), 0.0), min(window.percent(end), 100.0)
        if x1 < x2:
            yield Line(kind, x1, x2)


def _marks(
    baseline: dt.date | None, due: dt.date | None, forecast: dt.date | None, achieved: dt.date | None, window: Window, today: dt.date
) -> Iterable[Mark]:
    late = achieved is None and due is not None and due < today
    wanted = [
        ("g-b", baseline if baseline != due or achieved else None, SQUARE),
        ("g-red" if late else "g-d", due if due != achieved else None, DIAMOND),
        ("g-f", forecast if achieved is None and forecast != due else None, CIRCLE),
        ("g-ok" if achieved and (due is None or achieved <= due) else "g-okl", achieved, CIRCLE),
    ]
    for kind, day, path in wanted:
        if day is not None and window.has(day):
            yield Mark(kind, window.percent(day), path)
