"""Money that flows from stock to stock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.charts.drawings import Box, Drawing, Path, Word


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
