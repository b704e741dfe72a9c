"""A handover as its pages show it: times of its snapshot as times again, and the same in plain text to send."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.handover.snapshot import Snapshot
from campaigns.models import Handover
from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.schedule.due_times import abbreviation_of

# Mail programs cut a message that is handed to them in an address beyond about 2,000 characters.
MOST_SENT = 1_600


@dataclass(frozen=True, slots=True)
class Shown:
    """`content`: the snapshot, with its instants as times."""

    handover: Handover
    content: Snapshot

    @property
    def is_waiting(self) -> bool:
        return self.handover.acknowledged_at is None


def show(handover: Handover) -> Shown:
    return Shown(handover, with_times(handover.snapshot))


def with_times(snapshot: Snapshot) -> Snapshot:
    return {name: _timed_rows(value) if isinstance(value, list) else value for name, value in snapshot.items()}


def _timed_rows(rows: list[Any]) -> list[Any]:
    return [_timed(row) if isinstance(row, dict) else row for row in rows]


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(row[name]) for name in ("since", "asked") if row.get(name)}
    return row | times


def as_text(shown: Shown, at: datetime) -> str:
    """For a mail: what matters first, cut where a mail program would cut it. `at`: when it was written, in the zone of
    its reader."""
    text = "\n".join(_lines(shown, at))
    if len(text) <= MOST_SENT:
        return text
    whole_lines = text[:MOST_SENT].rpartition("\n")[0]
    return f"{whole_lines}\n…"


def _lines(shown: Shown, at: datetime) -> Iterator[str]:
    content = shown.content
    written = f"{date_in_words(at)} {time_of_day(at)} {abbreviation_of(at)}"
    yield f"Handover by {shown.handover.written_by}, {written}"
    if shown.handover.note:
        yield f"\n{shown.handover.note}"
    yield f"\nNeeds attention: {content['findings_number']}"
    for row in content["findings"]:
        yield f"- {row['label']}: {row['name']}. {row['next']}"
    yield f"\nPaused from here: {content['paused_number']}"
    for row in content["paused"]:
        yield f"- {row['name']}, by {row['by']}{_tail(', ', row['reason'])}{_tail(', until ', row['until'])}"
    yield f"\nDue in the next 12 hours: {content['due_number']}"
    for row in content["due"]:
        yield f"- {row['due']}: {row['kind'].lower()} {row['name']}"
    if content["running_number"] or content["bulks_number"]:
        yield f"\nIn progress: {content['running_number'] + content['bulks_number']}"


def _tail(joint: str, words: str) -> str:
    return f"{joint}{words}" if words else ""
