"""Curves by month, and dates that moved as steps."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from milestones.rules.sense import is_near
from portal.charts.drawings import Drawing, Path, Word, inside, middle
from portal.charts.lanes import Tick, Window, next_quarter, quarter, ticks


@dataclass(frozen=True)
class Series:
    """A line: its class (`plan`, `fact`), the words at its end, one value a label; None where it has none yet."""

    kind: str
    word: str
    values: Sequence[float | None]


MOST_MARKS = 5
NUDGES = {"plan": -8, "fact": 18}


def plot(series: Iterable[Series], *, top: float, step: float, labels: Sequence[str], unit: str = "", most: int = 12) -> Drawing:
    """Lines over even steps, from zero to `top`, with a grid line every `step`; `most` labels at most."""
    paths, words, n = [], [], len(labels)
    for number in range(int(top // step) + 1):
        y = round(100 - number * step / top * 100, 2)
        paths.append(Path("grid", f"M0 {y:g}H100"))
        last = (number + 1) * step > top
        words.append(Word(f"{number * step:g}{unit if last else ''}", 0, inside(y), dy=-3))
    for line in series:
        points = [(middle(i, n), round(100 - value / top * 100, 2)) for i, value in enumerate(line.values) if value is not None]
        if not points:
            continue
        paths.append(Path(f"p-{line.kind}", "M" + "L".join(f"{x:g} {y:g}" for x, y in points)))
        x, y = points[-1]
        if line.kind == "fact":
            paths.append(Path("dot", f"M{x:g} {y:g}h0"))
        words.append(Word(line.word, x, inside(y), f"k-{line.kind}", "end" if x > 75 else "start", 4, NUDGES.get(line.kind, 14)))
    every = -(-n // most)
    words += [Word(label, middle(i, n), 99, anchor="middle") for i, label in enumerate(labels) if i % every == 0]
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
    words = [Word(f"{mark.day:%Y-%m}", 0, inside(100 - mark.x), dy=-3) for mark in marks]
    taken: list[float] = []
    for line in found:
        d, last = _staircase(line.stood, across, up)
        if d:
            paths.append(Path(f"p-{line.kind}", d))
        if last is not None:
            taken.append(last)
            words.append(Word(line.word, 100, inside(last), f"k-{line.kind}", "end", -2, -5 - 15 * (taken.count(last) - 1)))
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
