"""Drawing charts: figures in, coordinates out. No database, no markup.

`measures` defines the figures, `layout` which chart shows which, `scales` and `paths` how they are drawn.
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
