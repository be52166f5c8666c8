"""Numbers in, geometry out: pure functions, percent of the width. Templates draw, style sheets color."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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


def ticks(window: Window) -> list[Tick]:
    """Quarters inside the window; years alone where quarters would crowd; at most some ten."""
    years = window.end.year - window.start.year
    step = 1 if years <= 4 else 4 * -(-years // 10)
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


def bar(value: float, top: float) -> float:
    """The width of a bar in percent of its track; what is not nothing stays visible."""
    if top <= 0 or value <= 0:
        return 0.0
    return max(round(min(value / top, 1) * 100, 2), 1.5)


def tile(row: int | None, column: int | None) -> str:
    """The class that puts a region on the tile map, counted from one; nothing for a region that has no place on it."""
    return "" if row is None or column is None else f"m{column + 1} r{row + 1}"


@dataclass(frozen=True)
class Word:
    """Words on a chart: a place in percent, a nudge in pixels. `sub` follows in a quieter voice."""

    text: str
    x: float
    y: float
    kind: str = ""
    anchor: str = "start"
    dx: int = 0
    dy: int = 0
    sub: str = ""


@dataclass(frozen=True)
class Path:
    """A path in a box of 100 by 100 that the page stretches."""

    kind: str
    d: str


@dataclass(frozen=True)
class Box:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawing:
    """Paths and boxes stretch with the page, words never do."""

    paths: tuple[Path, ...] = ()
    boxes: tuple[Box, ...] = ()
    words: tuple[Word, ...] = ()


def split(parts: Iterable[tuple[str, float]]) -> tuple[Box, ...]:
    """One bar whose parts add up to its whole length; a hair's gap tells them apart, and what is nothing is not drawn."""
    wanted = [(kind, value) for kind, value in parts if value > 0]
    whole, x, boxes = sum(value for _, value in wanted), 0.0, []
    for kind, value in wanted:
        width = value / whole * 100
        boxes.append(Box(kind, round(x, 2), 0, round(max(width - 0.3, 0.2), 2), 14))
        x += width
    return tuple(boxes)


@dataclass(frozen=True)
class Series:
    """A line: its class (`plan`, `fact`), the words at its end, one value a label; None where it has none yet."""

    kind: str
    word: str
    values: Sequence[float | None]


PLOT_TOP, PLOT_HEIGHT = 3, 86  # the stretched box inside the plot, in percent of it
MOST_MARKS = 5
NUDGES = {"plan": -8, "fact": 18}


def plot(series: Iterable[Series], *, top: float, step: float, labels: Sequence[str], unit: str = "", most: int = 12) -> Drawing:
    """Lines over even steps, from zero to `top`, with a grid line every `step`; `most` labels at most."""
    paths, words, n = [], [], len(labels)
    for number in range(int(top // step) + 1):
        y = round(100 - number * step / top * 100, 2)
        paths.append(Path("grid", f"M0 {y:g}H100"))
        last = (number + 1) * step > top
        words.append(Word(f"{number * step:g}{unit if last else ''}", 0, _inside(y), dy=-3))
    for line in series:
        points = [(_middle(i, n), round(100 - value / top * 100, 2)) for i, value in enumerate(line.values) if value is not None]
        if not points:
            continue
        paths.append(Path(f"p-{line.kind}", "M" + "L".join(f"{x:g} {y:g}" for x, y in points)))
        x, y = points[-1]
        if line.kind == "fact":
            paths.append(Path("dot", f"M{x:g} {y:g}h0"))
        words.append(Word(line.word, x, _inside(y), f"k-{line.kind}", "end" if x > 75 else "start", 4, NUDGES.get(line.kind, 14)))
    every = -(-n // most)
    words += [Word(label, _middle(i, n), 99, anchor="middle") for i, label in enumerate(labels) if i % every == 0]
    return Drawing(tuple(paths), words=tuple(words))


@dataclass(frozen=True)
class Steps:
    """A date that moved: its class, its word, and from which day on which date stood; None where none did."""

    kind: str
    word: str
    stood: Sequence[tuple[dt.date, dt.date | None]]


def steps(found: Sequence[Steps], *, until: dt.date) -> Drawing:
    """Step lines, time to the right and the later date higher; each line goes on until `until`. The word stands at its end,
    one above the other where dates are the same. What a slip of the pen dated runs along the edge."""
    since = min(day for line in found for day, _ in line.stood)
    days = [date for line in found for _, date in line.stood if date is not None and is_near(date, today=until)] or [until]
    across = Window(since, max(until, since + dt.timedelta(days=1)))
    up = Window(quarter(min(days)), next_quarter(max(days)))
    marks = [Tick(up.start, 0.0), *ticks(up)]
    marks = marks[:: -(-len(marks) // MOST_MARKS)]
    paths = [Path("grid", f"M0 {100 - mark.x:g}H100") for mark in marks]
    words = [Word(f"{mark.day:%Y-%m}", 0, _inside(100 - mark.x), dy=-3) for mark in marks]
    taken: list[float] = []
    for line in found:
        d, last = _staircase(line.stood, across, up)
        if d:
            paths.append(Path(f"p-{line.kind}", d))
        if last is not None:
            taken.append(last)
            words.append(Word(line.word, 100, _inside(last), f"k-{line.kind}", "end", -2, -5 - 15 * (taken.count(last) - 1)))
    words += [Word(since.isoformat(), 0, 99), Word(until.isoformat(), 100, 99, anchor="end")]
    return Drawing(tuple(paths), words=tuple(words))


def _staircase(stood: Sequence[tuple[dt.date, dt.date | None]], across: Window, up: Window) -> tuple[str, float | None]:
    """The path, broken where no date stood; and the height at its end, None if none stands there."""
    d, height = "", None
    for day, date in stood:
        x, before, height = across.percent(day), height, None if date is None else round(100 - min(max(up.percent(date), 0.0), 100.0), 2)
        d += f"H{x:g}" if before is not None else ""
        if height is not None:
            d += f"V{height:g}" if before is not None else f"M{x:g} {height:g}"
    return d + ("H100" if height is not None else ""), height


def _middle(i: int, n: int) -> float:
    return round((i + 0.5) / n * 100, 2)


def _inside(y: float) -> float:
    """Percent of the stretched box as percent of the plot."""
    return round(y * PLOT_HEIGHT / 100 + PLOT_TOP, 2)


@dataclass(frozen=True)
class Column:
    """Parts stand on one another from zero: (class, value). `number` stands on top."""

    label: str
    number: str
    parts: Sequence[tuple[str, float]]

    @property
    def value(self) -> float:
        return sum(value for _, value in self.parts)


FOOT, REACH = 86, 76  # where columns stand and how high the highest is, in percent of the drawing


def columns(found: Sequence[Column], top: float) -> Drawing:
    """Columns side by side; where they crowd only some are labelled, and the numbers go (`many`: the page hides them on a phone)."""
    boxes, words, n = [], [], len(found)
    every, crowd = -(-n // 12), "many" if n > 8 else ""
    for i, column in enumerate(found):
        y = float(FOOT)
        for kind, value in column.parts:
            height = value / top * REACH if top > 0 else 0.0
            y -= height
            if height > 0:
                boxes.append(Box(kind, round(i / n * 100 + 12 / n, 2), round(y, 2), round(76 / n, 2), round(height, 2)))
        if column.value > 0 and n <= 16:
            words.append(Word(column.number, _middle(i, n), round(y - 3, 2), crowd, "middle"))
        if i % every == 0:
            words.append(Word(column.label, _middle(i, n), 98, crowd if i % (2 * every) else "", "middle"))
    return Drawing(boxes=tuple(boxes), words=tuple(words))


@dataclass(frozen=True)
class Stock:
    """Something that money stands in: its value decides its height; `shown` is the value in words."""

    key: str
    word: str
    value: float
    shown: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Stream:
    """How much goes from one stock to another of the next column."""

    source: str
    target: str
    value: float
    kind: str = ""


@dataclass
class _Place:
    x: float
    y: float
    height: float
    into: float = field(init=False)
    out: float = field(init=False)

    def __post_init__(self) -> None:
        self.into = self.out = self.y


GAP = 7.0  # between the stocks of a column, in percent of the height: room for a line of words


def flow(stages: Sequence[Sequence[Stock]], streams: Iterable[Stream]) -> Drawing:
    """Stocks in columns from left to right, joined by bands as thick as what flows. Nothing is drawn of what is nothing."""
    shown = [stage for stage in ([stock for stock in stage if stock.value > 0] for stage in stages) if stage]
    if len(shown) < 2:
        return Drawing()
    scale = min((100 - GAP * (len(stage) - 1)) / sum(stock.value for stock in stage) for stage in shown)
    places: dict[str, _Place] = {}
    for number, stage in enumerate(shown):
        y = (100 - GAP * (len(stage) - 1) - scale * sum(stock.value for stock in stage)) / 2
        for stock in stage:
            places[stock.key] = _Place(number / (len(shown) - 1) * 100, y, stock.value * scale)
            y += stock.value * scale + GAP
    drawn = [stream for stream in streams if stream.value > 0 and stream.source in places and stream.target in places]
    bands = [_band(stream, places, scale) for stream in drawn]
    boxes = [_edge(stock, places[stock.key]) for stage in shown for stock in stage]
    words = [word for number, stage in enumerate(shown) for word in _named(stage, places, number, len(shown))]
    return Drawing(tuple(bands), tuple(boxes), tuple(words))


def _band(stream: Stream, places: Mapping[str, _Place], scale: float) -> Path:
    here, there, height = places[stream.source], places[stream.target], stream.value * scale
    left, right, bend = here.x, there.x, (here.x + there.x) / 2
    top, end = here.out, there.into
    here.out, there.into = top + height, end + height
    return Path(
        stream.kind,
        f"M{left:g} {top:.2f}C{bend:g} {top:.2f} {bend:g} {end:.2f} {right:g} {end:.2f}V{end + height:.2f}"
        f"C{bend:g} {end + height:.2f} {bend:g} {top + height:.2f} {left:g} {top + height:.2f}z",
    )


def _edge(stock: Stock, place: _Place) -> Box:
    return Box(stock.kind, round(place.x - place.x / 100, 2), round(place.y, 2), 1, round(max(place.height, 0.3), 2))


def _named(stage: Sequence[Stock], places: Mapping[str, _Place], number: int, count: int) -> Iterable[Word]:
    """Words stand inside: of the first column to its right, of the last to its left, of those between to the right and `mid`."""
    last = number == count - 1
    for stock in stage:
        place = places[stock.key]
        kind = "mid" if 0 < number < count - 1 else ""
        yield Word(
            stock.word, place.x, round(place.y + place.height / 2, 2), kind, "end" if last else "start", -10 if last else 10, 4, stock.shown
        )
