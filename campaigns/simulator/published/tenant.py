"""The tenant's skills, and every rule by which they start, stop and change. Not safe for threads."""

from collections.abc import Callable, Iterable
from random import Random
from zoneinfo import ZoneInfo

from campaigns.simulator.exchange import RefusalError
from campaigns.simulator.published.skills import SimulatedSkill, Turn
from campaigns.simulator.published.switches import Switches
from campaigns.simulator.published.weeks import DialingWeek
from campaigns.simulator.traffic import Traffic

# What a schedule did longer ago no longer shows.
_REMEMBERED_SECONDS = 8 * 86_400


class SkillTenant:
    """`zone`: the business unit's, in which every schedule is read. `on_change` is called with each changed skill."""

    def __init__(
        self,
        skills: Iterable[SimulatedSkill],
        *,
        zone: ZoneInfo,
        seed: int,
        switches: Switches,
        clock: Callable[[], float],
        on_change: Callable[[SimulatedSkill], None],
    ) -> None:
        self.zone = zone
        self.skills: dict[str, SimulatedSkill] = {}
        # By id, the schedules that come into force as soon as somebody has read the present one.
        self.after_read: dict[str, DialingWeek] = {}
        self._turning: set[str] = set()
        # By id, when each schedule opens or closes next.
        self._edges: dict[str, float] = {}
        self._next_edge = float("inf")
        self._rng = Random(seed)
        self._switches = switches
        self._clock = clock
        self._on_change = on_change
        self.start_over(skills)

    def start_over(self, skills: Iterable[SimulatedSkill]) -> None:
        self.skills.clear()
        self.after_read.clear()
        self._turning.clear()
        self._edges.clear()
        for skill in skills:
            self.put(skill, since=0)

    def put(self, skill: SimulatedSkill, *, since: float | None = None) -> None:
        """`since`: when the API began to show it."""
        self.skills[skill.id] = skill
        if skill.turning:
            self._turning.add(skill.id)
        skill.shown(self._clock() if since is None else since)
        self._plan(skill, self._clock())

    def remove(self, skill_id: str) -> None:
        self.find(skill_id)
        del self.skills[skill_id]
        self._turning.discard(skill_id)
        self._edges.pop(skill_id, None)
        self.after_read.pop(skill_id, None)

    def find(self, skill_id: str) -> SimulatedSkill:
        try:
            return self.skills[skill_id]
        except KeyError:
            raise RefusalError(404, f"There is no skill {skill_id}.") from None

    def find_dialer(self, skill_id: str) -> SimulatedSkill:
        skill = self.find(skill_id)
        if not skill.is_dialer:
            raise RefusalError(404, f"Skill {skill_id} is not a Personal Connection skill.")
        return skill

    def calls(self, skill: SimulatedSkill) -> int:
        skill.advance(self._clock(), self.zone, self._rng)
        return skill.traffic.calls

    def start(self, skill_id: str) -> bool:
        """Whether this changes anything, now or later."""
        skill = self.find_dialer(skill_id)
        if not skill.active:
            raise RefusalError(409, f"Skill {skill_id} is not active.")
        is_stopping = skill.turning is not None and not skill.turning.running
        if skill.running and not (is_stopping and self._switches.start_while_stopping):
            raise RefusalError(409, f"Skill {skill_id} is already running.")
        return self._ask(skill, running=True)

    def stop(self, skill_id: str, *, force: bool) -> bool:
        """Whether this changes anything, now or later. Only `force` ends the calls."""
        skill = self.find_dialer(skill_id)
        if not skill.running:
            raise RefusalError(self._switches.stopped_again, f"Skill {skill_id} is not running.")
        return self._ask(skill, running=False, drop_calls=force)

    def settle(self) -> None:
        """Carry out every turn whose time has come, and what schedules did since the last time."""
        now = self._clock()
        for skill_id in sorted(self._turning):
            self._turn_if_due(self.skills[skill_id], now)
        if self._next_edge <= now:
            for skill_id in [each for each, at in self._edges.items() if at <= now]:
                self._follow_schedule(self.skills[skill_id], now)
            self._next_edge = min(self._edges.values(), default=float("inf"))

    def catch_up(self, skill: SimulatedSkill, since: float) -> None:
        """What its schedule has done since then, while nobody asked."""
        self._plan(skill, since)

    def set_week(self, skill: SimulatedSkill, week: DialingWeek) -> None:
        skill.week = week
        now = self._clock()
        # One that is closed now ends; one that is open now starts when it opens the next time.
        if skill.obeys_schedule and week.scheduled and skill.running and not week.open_at(now, self.zone):
            self._turn(skill, running=False, at=now)
        self._plan(skill, now)
        self._changed(skill)

    def change(
        self,
        skill: SimulatedSkill,
        *,
        name: str | None = None,
        running: bool | None = None,
        active: bool | None = None,
        campaign: tuple[int, str] | None = None,
    ) -> None:
        """Somebody else changes it, a list upload or a script: at once, and by no rule."""
        if name is not None:
            skill.name = name
        if active is not None:
            skill.active = active
            self._plan(skill, self._clock())
        if campaign is not None:
            skill.campaign_number, skill.campaign_name = campaign
        if running is not None and running != skill.running:
            skill.held = not running
            self._turn(skill, running=running, at=self._clock())
        self._changed(skill)

    def set_traffic(self, skill: SimulatedSkill, traffic: Traffic) -> None:
        """Exactly this traffic for as long as it runs, whatever the hour."""
        skill.traffic = traffic
        self._on_change(skill)

    def forget(self, skill_id: str) -> None:
        """Drop the turn that is still to come, if there is one."""
        skill = self.find(skill_id)
        skill.turning, skill.held = None, False
        self._turning.discard(skill_id)
        self._on_change(skill)

    def take_after_read(self, skill: SimulatedSkill) -> None:
        """What somebody has planned for the moment after a read of the schedule."""
        week = self.after_read.pop(skill.id, None)
        if week is not None:
            self.set_week(skill, week)

    def _ask(self, skill: SimulatedSkill, *, running: bool, drop_calls: bool = False) -> bool:
        if self._switches.turns == "never":
            return False
        now, turning = self._clock(), skill.turning
        # Asked for again, it is on its way already.
        if turning and turning.running == running and (turning.drop_calls or not drop_calls):
            return False
        skill.held = not running
        # The calls until now, while it still dialed.
        skill.advance(now, self.zone, self._rng)
        skill.turning = self._turn_to(skill, running=running, drop_calls=drop_calls)
        if skill.turning.at is None:
            skill.quiet_since = now
        self._turning.add(skill.id)
        self._on_change(skill)
        self._turn_if_due(skill, now)
        return True

    def _turn_to(self, skill: SimulatedSkill, *, running: bool, drop_calls: bool) -> Turn:
        how, now = self._switches.turns, self._clock()
        if how == "after calls" and not running and not drop_calls:
            return Turn(running, None)
        return Turn(running, now + self._switches.turn_seconds if how == "later" else now, drop_calls)

    def _turn_if_due(self, skill: SimulatedSkill, now: float) -> None:
        turning = skill.turning
        if turning is None:
            return
        if turning.at is None:
            due = now if self.calls(skill) == 0 else None
        else:
            due = turning.at if turning.at <= now else None
        if due is not None:
            self._turn(skill, running=turning.running, at=due)
            if turning.drop_calls:
                skill.traffic.calls = 0
            self._changed(skill)

    def _turn(self, skill: SimulatedSkill, *, running: bool, at: float) -> None:
        # The calls until then, while it was still as before.
        skill.advance(at, self.zone, self._rng)
        if running:
            skill.quiet_since = None
        elif skill.quiet_since is None:
            skill.quiet_since = at
        skill.running = running
        skill.turning = None
        self._turning.discard(skill.id)

    def _plan(self, skill: SimulatedSkill, after: float) -> None:
        edge = skill.week.next_edge(after, self.zone) if skill.obeys_schedule else None
        if edge is None:
            self._edges.pop(skill.id, None)
            return
        self._edges[skill.id] = edge.at
        self._next_edge = min(self._next_edge, edge.at)

    def _follow_schedule(self, skill: SimulatedSkill, now: float) -> None:
        # Just before the edge that is due, which is thereby found again.
        moment = max(self._edges[skill.id] - 1, now - _REMEMBERED_SECONDS)
        while (edge := skill.week.next_edge(moment, self.zone)) and edge.at <= now:
            moment = edge.at
            stays_stopped = edge.opens and skill.held and self._switches.stop_holds
            if edge.opens != skill.running and not stays_stopped:
                skill.held = False
                self._turn(skill, running=edge.opens, at=edge.at)
                skill.shown(edge.at)
        self._plan(skill, now)

    def _changed(self, skill: SimulatedSkill) -> None:
        skill.shown(self._clock())
        self._on_change(skill)
