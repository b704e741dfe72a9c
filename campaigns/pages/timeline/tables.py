"""A timeline's lanes as rows: for the table beside the picture, and for the CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.models import Campaign
from campaigns.pages.timeline.drawing import DrawnRow
from campaigns.timeline.lanes import LaneKind
from campaigns.timeline.paths import CallsRun

HEADINGS = (
    "campaign_id",
    "campaign",
    "from",
    "to",
    "kind",
    "what",
    "words",
    "calls_least",
    "calls_most",
    "operation",
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A stretch, or at one moment a mark (`ends` None). `kind`: state, hours, holiday, law or mark. The calls are
    those that were counted meanwhile, where the state is known."""

    campaign: Campaign
    begins: datetime
    ends: datetime | None
    kind: str
    what: str
    words: str
    least: int | None = None
    most: int | None = None
    operation: UUID | None = None


def lane_rows(drawn: DrawnRow) -> list[TableRow]:
    """By time; the state before what else begins with it."""
    return sorted(_rows(drawn), key=lambda row: row.begins)


def lane_csv(rows: Sequence[DrawnRow]) -> Iterator[list[str | int | None]]:
    yield list(HEADINGS)
    for drawn in rows:
        for row in lane_rows(drawn):
            yield [
                row.campaign.pk,
                row.campaign.name,
                row.begins.isoformat(),
                row.ends.isoformat() if row.ends else None,
                row.kind,
                row.what,
                row.words,
                row.least,
                row.most,
                str(row.operation) if row.operation else None,
            ]


def _rows(drawn: DrawnRow) -> Iterator[TableRow]:
    campaign, lanes = drawn.campaign, drawn.lanes
    for begins, ends, what, words in lanes.states:
        least, most = _extremes(lanes.runs, begins, ends)
        yield TableRow(campaign, begins, ends, "state", str(what), words, least, most)
    for kind in LaneKind:
        for begins, ends, what, words in lanes.sides[kind]:
            yield TableRow(campaign, begins, ends, str(kind), str(what), words)
    for mark in lanes.marks:
        yield TableRow(campaign, mark.at, None, "mark", mark.tone, mark.words, operation=mark.operation)


def _extremes(runs: Sequence[CallsRun], begins: datetime, ends: datetime) -> tuple[int | None, int | None]:
    """The least and the most calls between two moments; None where none were counted."""
    counted: list[int] = []
    for run in runs:
        if run.until <= begins or run.samples[0][0] >= ends:
            continue
        held = [calls for at, calls in run.samples if at <= begins][-1:]
        counted += [*held, *(calls for at, calls in run.samples if begins < at < ends)]
    return (min(counted), max(counted)) if counted else (None, None)
