"""Charts of what became of operations: figures in, coordinates out. No database, no markup.

`measures` says what is measured, `layout` which chart shows it, `scales` and `paths` how it is drawn.
"""

from audit.pages.charts.drawing.layout import CHARTS, Band, Chart, ChartPlan, Shape, draw_charts, mark_periods
from audit.pages.charts.drawing.measures import (
    MEASURES,
    NONE,
    Measure,
    Readings,
    duration_in_words,
    percent,
    read_measures,
)
from audit.pages.charts.drawing.scales import Mark

__all__ = [
    "CHARTS",
    "MEASURES",
    "NONE",
    "Band",
    "Chart",
    "ChartPlan",
    "Mark",
    "Measure",
    "Readings",
    "Shape",
    "draw_charts",
    "duration_in_words",
    "mark_periods",
    "percent",
    "read_measures",
]
