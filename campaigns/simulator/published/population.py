"""The same outsourcer's tenant as skills: its clients are campaigns, and some of its skills don't dial."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.simulator.population import CLIENTS, DAYS, Habit, Profile
from campaigns.simulator.published.skills import CHAT, PERSONAL_CONNECTION, PHONE, SimulatedSkill
from campaigns.simulator.published.weeks import DialingDay, DialingWeek
from campaigns.simulator.traffic import Traffic, steady

_FIRST_SKILL = 4_100_001
_FIRST_CAMPAIGN = 70_001
_CAMPAIGNS = {client: _FIRST_CAMPAIGN + index for index, client in enumerate(CLIENTS)}
# After every fifth dialing skill one of these, so that whoever reads the list has to choose.
_OTHERS: tuple[dict[str, Any], ...] = (
    {"outbound": False, "strategy": ""},
    {"strategy": "Manual"},
    {"outbound": False, "strategy": "", "media_type": CHAT},
    {"active": False},
    {"strategy": "Predictive"},
)
_DAY = 24 * 60


def skills_of(profiles: Iterable[Profile], zone: ZoneInfo, now: float) -> Iterator[SimulatedSkill]:
    number = _FIRST_SKILL
    for index, profile in enumerate(profiles):
        yield _dialing_skill(profile, number, index, zone, now)
        number += 1
        if index % 5 == 4:
            yield _other_skill(profile, number, _OTHERS[index // 5 % len(_OTHERS)], now)
            number += 1


def _dialing_skill(profile: Profile, number: int, index: int, zone: ZoneInfo, now: float) -> SimulatedSkill:
    # One that is stopped has no schedule, or that would start it.
    week = DialingWeek(scheduled=profile.status == "ACTIVE", days=reduced(profile.schedule))
    running = profile.status == "ACTIVE"
    if profile.habit is Habit.KEEPS_HOURS:
        running = running and week.open_at(now, zone)
    client = profile.tags["client"]
    return SimulatedSkill(
        number,
        profile.name,
        campaign_number(client),
        client,
        profile.traffic if running else _without_calls(profile.traffic),
        running=running,
        # Nobody promises its spelling.
        strategy=PERSONAL_CONNECTION.capitalize() if index % 50 == 7 else PERSONAL_CONNECTION,
        week=week,
        habit=profile.habit,
        home=profile.schedule["timezone"],
        quiet_since=None if running else now,
    )


def _without_calls(traffic: Traffic) -> Traffic:
    return Traffic(traffic.lines, traffic.busy_share, traffic.call_seconds, 0, traffic.at)


def _other_skill(profile: Profile, number: int, kind: Mapping[str, Any], now: float) -> SimulatedSkill:
    client = profile.tags["client"]
    what = {"media_type": PHONE, "outbound": True, **kind}
    purpose = "Outbound" if what["outbound"] else "Inbound"
    name = f"{client} {'Chat' if what['media_type'] == CHAT else purpose} {number}"
    return SimulatedSkill(number, name, campaign_number(client), client, steady(3, now), quiet_since=now, **what)


def campaign_number(name: str) -> int:
    """That of a campaign that the population hasn't got is the next one."""
    return _CAMPAIGNS.get(name, _FIRST_CAMPAIGN + len(_CAMPAIGNS))


def reduced(schedule: Mapping[str, Any]) -> tuple[DialingDay, ...]:
    """Windows in a zone of their own as one a day, with the breaks between them, at the same times of day: the only
    clock that skills have is the business unit's."""
    by_day = _by_day(schedule)
    return tuple(_dialing_day(*by_day[weekday]) if weekday in by_day else DialingDay() for weekday in range(7))


def _by_day(schedule: Mapping[str, Any]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for window in schedule["dialingHours"]:
        weekday, start, end = DAYS.index(window["day"]), _minutes(window["startTime"]), _minutes(window["endTime"])
        first, last = found.get(weekday, (start, end))
        found[weekday] = min(first, start), max(last, end)
    return found


def _dialing_day(start: int, end: int) -> DialingDay:
    # No day has a 24:00.
    return DialingDay(active=True, start=_clock_time(start), end=_clock_time(min(end, _DAY - 1)))


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
