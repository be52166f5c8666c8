"""Numbers in, geometry out: pure functions, percent of the width. Templates draw, style sheets color."""

from portal.charts.bars import Column, bar, columns, split, tile
from portal.charts.curves import Series, Steps, plot, steps
from portal.charts.drawings import Box, Drawing, Path, Word
from portal.charts.flows import Stock, Stream, flow
from portal.charts.lanes import CIRCLE, DIAMOND, SQUARE, Lane, Line, Mark, Window, lane, quarter, this_year, ticks, two_years, whole

__all__ = [
    "CIRCLE",
    "DIAMOND",
    "SQUARE",
    "Box",
    "Column",
    "Drawing",
    "Lane",
    "Line",
    "Mark",
    "Path",
    "Series",
    "Steps",
    "Stock",
    "Stream",
    "Window",
    "Word",
    "bar",
    "columns",
    "flow",
    "lane",
    "plot",
    "quarter",
    "split",
    "steps",
    "this_year",
    "ticks",
    "tile",
    "two_years",
    "whole",
]
