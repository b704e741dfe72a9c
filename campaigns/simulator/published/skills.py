"""A skill: what dials, or answers, as the API shows it; and its calls."""

from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.simulator.hours import is_us_holiday_at
from campaigns.simulator.population import LONGEST_TAIL_SECONDS, OUTSIDE_HOURS_LINES, OVER_LIMIT_LINES, Habit
from campaigns.simulator.published.weeks import DialingDay, DialingWeek
from campaigns.simulator.traffic import Traffic

PERSONAL_CONNECTION = "Personal Connection"
CHAT, PHONE = 3, 4
MEDIA = {CHAT: "Chat", PHONE: "Phone Call"}
# Older ones are never asked for: a list that is late is late by seconds.
_KEPT_VIEWS = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """What isRunning is about to become. `at` None: once the calls have ended; `drop_calls`: they end with it."""

    running: bool
    at: float | None
    drop_calls: bool = False


@dataclass(slots=True)
class SimulatedSkill:
    """`home`: the zone of its holidays. `held`: somebody has stopped it. `quiet_since`: has not dialed since.

    `views`: what the API has shown of it, each with the time since when: a list may be late.
    """

    number: int
    name: str
    campaign_number: int
    campaign_name: str
    traffic: Traffic
    running: bool = False
    active: bool = True
    outbound: bool = True
    strategy: str = PERSONAL_CONNECTION
    media_type: int = PHONE
    week: DialingWeek = field(default_factory=DialingWeek)
    habit: Habit = Habit.ANY_HOUR
    home: str = ""
    held: bool = False
    turning: Turn | None = None
    quiet_since: float | None = None
    views: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.number)

    @property
    def is_dialer(self) -> bool:
        """It dials by itself: that can be started and stopped."""
        return self.outbound and self.media_type == PHONE and self.strategy.lower() == PERSONAL_CONNECTION.lower()

    @property
    def obeys_schedule(self) -> bool:
        return self.habit is Habit.KEEPS_HOURS and self.is_dialer and self.active

    def view(self) -> dict[str, Any]:
        return {
            "skillId": self.number,
            "skillName": self.name,
            "mediaTypeId": self.media_type,
            "mediaTypeName": MEDIA[self.media_type],
            "isActive": self.active,
            "campaignId": self.campaign_number,
            "campaignName": self.campaign_name,
            "isOutbound": self.outbound,
            "outboundStrategy": self.strategy,
            "isRunning": self.running,
            "notes": "",
        }

    def shown(self, since: float) -> None:
        """It has changed: from now on the API shows it as it is."""
        self.views = [*self.views, (since, self.view())][-_KEPT_VIEWS:]

    def view_at(self, moment: float) -> dict[str, Any] | None:
        """None: there was no such skill yet."""
        known = [view for since, view in self.views if since <= moment]
        return known[-1] if known else None

    def advance(self, now: float, zone: ZoneInfo, rng: Random) -> None:
        """Let calls begin and end until `now`."""
        if self.habit is Habit.OFFENDS:
            self.traffic.lines = OVER_LIMIT_LINES if self.week.open_at(now, zone) else OUTSIDE_HOURS_LINES
        dials = self._dials_at(now)
        self.traffic.advance(now, dials, rng)
        if self.habit is Habit.OFFENDS and not self.week.open_at(now - LONGEST_TAIL_SECONDS, zone):
            self.traffic.calls = min(self.traffic.calls, self.traffic.lines)
        if not dials and self.quiet_since is not None and now - self.quiet_since >= LONGEST_TAIL_SECONDS:
            self.traffic.calls = 0

    def _dials_at(self, now: float) -> bool:
        if not self.outbound:
            return True
        drains = self.turning is not None and self.turning.at is None
        if not self.running or drains:
            return False
        return self.habit is not Habit.KEEPS_HOURS or not is_us_holiday_at(now, self.home)


def saved_skill(skill: SimulatedSkill) -> dict[str, Any]:
    saved = asdict(skill)
    del saved["views"]
    return saved


def restored_skill(saved: dict[str, Any]) -> SimulatedSkill:
    week, turning = saved["week"], saved["turning"]
    return SimulatedSkill(
        **{
            **saved,
            "traffic": Traffic(**saved["traffic"]),
            "week": DialingWeek(week["scheduled"], tuple(DialingDay(**day) for day in week["days"])),
            "habit": Habit(saved["habit"]),
            "turning": Turn(**turning) if turning else None,
        }
    )
