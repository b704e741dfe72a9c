"""The windows of a schedule as rows of its form, and back again.

A row has the index of the window in the signed base that it came from (`origin`). What CXone has in that window is
taken from the base, never from the browser: the whole window if the row wasn't edited, its unknown fields if the row
is still on the same day.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

from campaigns.dialect import cxone_can
from campaigns.schedule import DAYS, day_of, further_of, minutes_of, pair, time_text, windows_of

DAY_END, LAST_MINUTE = "24:00", "23:59"


class WindowRow(NamedTuple):
    """A window as typed."""

    day: str = ""
    start: str = ""
    end: str = ""
    origin: str = ""

    @property
    def is_blank(self) -> bool:
        """Added, and not filled in."""
        return not (self.start or self.end or self.origin)

    @property
    def typed(self) -> tuple[str, str, str]:
        return self.day, self.start, self.end


def rows_of(base: object, schedule: object) -> list[WindowRow]:
    """The rows that a form starts with: the windows of `schedule`, with their origins in `base`."""
    windows = windows_of(schedule) or []
    partners = pair(windows_of(base) or [], windows)
    return [_row(window, str(partners.get(place, ""))) for place, window in enumerate(windows)]


def windows_from(rows: Sequence[WindowRow], base: object) -> list[Any]:
    """The windows in CXone's format, valid or not. An origin counts once, and only if the base has that window."""
    had = windows_of(base) or []
    origins = _origins(rows, had)
    return [_window(row, None if origin is None else had[origin]) for row, origin in zip(rows, origins, strict=True)]


def origins_of(rows: Sequence[WindowRow], base: object) -> list[Any]:
    """The window that each row came from; None for a new one."""
    had = windows_of(base) or []
    return [None if origin is None else had[origin] for origin in _origins(rows, had)]


def copy_day(rows: list[WindowRow], source: str, targets: tuple[str, ...]) -> list[WindowRow]:
    """Replace the windows of each target day by those of `source`. Returns the rows sorted by day."""
    # A day without windows isn't copied: that would only remove windows.
    copied = [row for row in rows if row.day == source]
    others = [day for day in targets if day != source]
    if not copied or not others:
        return rows
    kept = [row for row in rows if row.day not in others]
    made = [row._replace(day=day, origin="") for day, row in product(others, copied)]
    return in_week_order(kept + made)


def in_week_order(rows: Iterable[WindowRow]) -> list[WindowRow]:
    """As the week shows them: Monday first, and last those of no known day."""
    return sorted(rows, key=_place)


def in_order_of_start(rows: Iterable[WindowRow]) -> list[WindowRow]:
    """The same, and within a day by their start."""
    return sorted(rows, key=lambda row: (_place(row), minutes_of(row.start) or 0))


def text_of(value: object) -> str:
    return "" if value is None else str(value)


def _place(row: WindowRow) -> int:
    if row.day in DAYS:
        return DAYS.index(row.day)
    return len(DAYS)


def _row(window: object, origin: str = "") -> WindowRow:
    """A window as a row."""
    # Anything but an object has nothing to edit; only its origin is kept.
    if not isinstance(window, dict):
        return WindowRow(origin=origin)
    day, start, end = (window.get(key) for key in ("day", "startTime", "endTime"))
    return WindowRow(day_of(day) or text_of(day), _time(start), _time(end), origin)


def _time(value: object) -> str:
    return time_text(value) or text_of(value)


def _origins(rows: Sequence[WindowRow], had: Sequence[object]) -> list[int | None]:
    """The index in `had` of the window that each row came from; None for a new one."""
    # By the submitted origins first; then rows without one, such as copied rows, by equal contents.
    free = dict(enumerate(_row(window).typed for window in had))
    origins: list[int | None] = []
    for row in rows:
        if row.origin.isascii() and row.origin.isdigit() and len(row.origin) < 5:
            number = int(row.origin)
        else:
            number = None
        origins.append(number if number in free else None)
        free.pop(origins[-1], None)  # type: ignore[arg-type]
    for place, row in enumerate(rows):
        if origins[place] is None:
            origins[place] = _take(free, row)
    return origins


def _take(free: dict[int, tuple[str, str, str]], row: WindowRow) -> int | None:
    found = next((number for number, typed in free.items() if typed == row.typed and any(typed)), None)
    if found is not None:
        del free[found]
    return found


def _window(row: WindowRow, had: object) -> Any:  # noqa: ANN401
    if had is not None and row.typed == _row(had).typed:
        return had
    stays = isinstance(had, dict) and day_of(had.get("day")) == day_of(row.day)
    # CXone's format has no 24:00; as an end, 23:59 is the end of the day. Where it has only one window a day, nobody
    # knows whether that is so, and 24:00 is refused.
    end = LAST_MINUTE if row.end == DAY_END and cxone_can().several_windows else row.end
    return {"day": row.day, "startTime": row.start, "endTime": end} | (further_of(had) if stays else {})
