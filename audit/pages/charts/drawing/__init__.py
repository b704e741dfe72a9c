"""Drawing charts: figures in, coordinates out. No database, no markup.

`measures` defines the figures, `layout` which chart shows which, `scales` and `paths` how they are drawn.
"""

from audit.pages.charts.drawing.compliance import ComplianceCharts, plan_compliance
from audit.pages.charts.drawing.layout import CHARTS, Band, Chart, ChartPlan, Shape, draw_charts, mark_periods
from audit.pages.charts.drawing.measures import (
    CHANGES_IN_CXONE,
    MEASURES,
    NONE,
    OUTSIDE_HOURS,
    OVERRIDES,
    PAUSED_TIME,
    PAUSES,
    Measure,
    Readings,
    duration_in_words,
    percent,
    read_measures,
)
from audit.pages.charts.drawing.scales import Mark

__all__ = [
    "CHANGES_IN_CXONE",
    "CHARTS",
    "MEASURES",
    "NONE",
    "OUTSIDE_HOURS",
    "OVERRIDES",
    "PAUSED_TIME",
    "PAUSES",
    "Band",
    "Chart",
    "ChartPlan",
    "ComplianceCharts",
    "Mark",
    "Measure",
    "Readings",
    "Shape",
    "draw_charts",
    "duration_in_words",
    "mark_periods",
    "percent",
    "plan_compliance",
    "read_measures",
]
