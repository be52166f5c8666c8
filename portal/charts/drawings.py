"""What every drawing is made of."""

from dataclasses import dataclass

PLOT_TOP, PLOT_HEIGHT = 3, 86  # the stretched box inside the plot, in percent of it


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


def middle(i: int, n: int) -> float:
    return round((i + 0.5) / n * 100, 2)


def inside(y: float) -> float:
    """Percent of the stretched box as percent of the plot."""
    return round(y * PLOT_HEIGHT / 100 + PLOT_TOP, 2)
