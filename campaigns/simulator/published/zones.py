"""Time zones by the names that Windows has for them, as a tenant's business unit names its own."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from campaigns.simulator.published.switches import ZoneNames

# What Windows shows people for the zones in which contact centres are; others are shown by their own name.
_SHOWN = {
    "Eastern Standard Time": "Eastern Time (US & Canada)",
    "Central Standard Time": "Central Time (US & Canada)",
    "Mountain Standard Time": "Mountain Time (US & Canada)",
    "Pacific Standard Time": "Pacific Time (US & Canada)",
    "US Mountain Standard Time": "Arizona",
    "GMT Standard Time": "Dublin, Edinburgh, Lisbon, London",
    "AUS Eastern Standard Time": "Canberra, Melbourne, Sydney",
}


class UnknownZoneError(ValueError):
    """Windows has no zone of this name."""


@cache
def windows_zone(name: str) -> ZoneInfo:
    if name not in win_tz:
        raise UnknownZoneError(f"Windows has no time zone {name!r}. It has: {', '.join(sorted(win_tz))}.")
    return ZoneInfo(win_tz[name])


def written(name: str, how: ZoneNames) -> str:
    if how == "IANA":
        return windows_zone(name).key
    return name if how == "standard" else _display_name(name)


def all_zones() -> list[dict[str, str]]:
    return [{"displayName": _display_name(name), "standardName": name} for name in sorted(win_tz)]


def _display_name(name: str) -> str:
    # Without its daylight saving time, as Windows writes it.
    offset = min(_offset_minutes(name, month) for month in (1, 7))
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    return f"(UTC{sign}{hours:02}:{minutes:02}) {_SHOWN.get(name, name.removesuffix(' Standard Time'))}"


def _offset_minutes(name: str, month: int) -> int:
    offset = datetime(2026, month, 1, tzinfo=windows_zone(name)).utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0
