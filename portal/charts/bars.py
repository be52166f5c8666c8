"""Bars, tiles and columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.charts.drawings import Box, Drawing, Word, middle


def bar(value: float, top: float) -> float:
    """The width of a bar in percent of its track; what is not nothing stays visible."""
    if top <= 0 or value <= 0:
        return 0.0
    return max(round(min(value / top, 1) * 100, 2), 1.5)


def tile(row: int | None, column: int | None) -> str:
    """The class that puts a region on the tile map, counted from one; nothing for a region that has no place on it."""
    return "" if row is None or column is None else f"m{column + 1} r{row + 1}"


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
            words.append(Word(column.number, middle(i, n), round(y - 3, 2), crowd, "middle"))
        if i % every == 0:
            words.append(Word(column.label, middle(i, n), 98, crowd if i % (2 * every) else "", "middle"))
    return Drawing(boxes=tuple(boxes), words=tuple(words))
