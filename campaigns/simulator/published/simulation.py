"""The simulated tenant with all that belongs to it, and the methods by which tests and the demo change it."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.simulator.application import Application
from campaigns.simulator.exchange import RefusalError
from campaigns.simulator.limits import RateLimit, RetryAfter
from campaigns.simulator.population import Habit, populate
from campaigns.simulator.published import tokens
from campaigns.simulator.published.population import campaign_number, skills_of
from campaigns.simulator.published.services import SKILL_PATH, Services
from campaigns.simulator.published.skills import MEDIA, PERSONAL_CONNECTION, PHONE, SimulatedSkill
from campaigns.simulator.published.store import SkillStore
from campaigns.simulator.published.switches import Switches
from campaigns.simulator.published.tenant import SkillTenant
from campaigns.simulator.published.weeks import read_windows
from campaigns.simulator.published.zones import windows_zone
from campaigns.simulator.record import RequestLog
from campaigns.simulator.traffic import steady

VERSIONS = ("v30.0", "v34.0")

# By day, "MON": what a schedule has for it, ("09:00", "17:00").
Windows = Mapping[str, Sequence[str]]


class PublishedSimulation(Application):
    """What it remembers, and the methods that change it.

    keep_hours: schedules start and stop skills, but for as many `offenders`; without it they do nothing.
    zone: the business unit's, by its name in Windows. rate_per_minute None: no limit.
    access_key_*: who may have a token; client_*: the registered app, for whoever brings one.
    state_file: where its state is kept, if anywhere. record_file: where each request is noted as it comes.
    switches: those of `Switches`, which may also be switched later.
    """

    def __init__(
        self,
        campaigns: int = 1000,
        *,
        seed: int = 1,
        keep_hours: bool = False,
        offenders: int = 0,
        zone: str = "Eastern Standard Time",
        access_key_id: str = tokens.ACCESS_KEY_ID,
        access_key_secret: str = tokens.ACCESS_KEY_SECRET,
        client_id: str = "simulator",
        client_secret: str = "simulator-secret",  # noqa: S107
        tenant_id: str = tokens.TENANT_ID,
        versions: Sequence[str] = VERSIONS,
        rate_per_minute: int | None = 60,
        retry_after: RetryAfter = "seconds",
        published_limit: int = 100_000,
        state_file: Path | None = None,
        record_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        **switches: Any,
    ) -> None:
        super().__init__(RequestLog(SKILL_PATH, record_file), clock, sleep)
        self._given_switches = switches
        self.switches = Switches()
        self.switches.set(switches)
        self._keep_hours = keep_hours
        self._zone = zone
        self._tenant_id = tenant_id
        self._populate = partial(populate, campaigns, seed, keep_hours=keep_hours, offenders=offenders)
        self._days: Counter[str] = Counter()
        self._store = SkillStore(state_file, seed)
        accepted = tokens.AppAndKey((access_key_id, access_key_secret), (client_id, client_secret))
        self._tokens = tokens.KeyTokens(accepted, tenant_id, switches=self.switches, clock=clock)
        self._limit = RateLimit(rate_per_minute, retry_after=retry_after, clock=clock)
        self._tenant = self._make_tenant(seed)
        self._services = self._make_services(versions, published_limit)
        self._store.restore(self._tenant)

    def _make_tenant(self, seed: int) -> SkillTenant:
        """A tenant whose changes are stored."""
        return SkillTenant(
            self._skills(),
            zone=windows_zone(self._zone),
            seed=seed,
            switches=self.switches,
            clock=self._clock,
            on_change=self._changed,
        )

    def _make_services(self, versions: Sequence[str], published_limit: int) -> Services:
        return Services(
            self._tenant,
            self.switches,
            versions=versions,
            zone_name=self._zone,
            published_limit=published_limit,
            clock=self._clock,
        )

    @property
    def size(self) -> int:
        return len(self.skill_ids())

    def switch(self, **values: Any) -> None:
        """Have it behave otherwise from now on; `Switches` describes each."""
        with self._lock:
            self.switches.set(values)

    def change(
        self,
        skill_id: str,
        *,
        name: str | None = None,
        running: bool | None = None,
        active: bool | None = None,
        schedule: Windows | None = None,
        schedule_after_read: Windows | None = None,
        calls: int | None = None,
        campaign: str | None = None,
    ) -> None:
        """Change a skill from outside. `running`: as a list upload, a script or a person starts or stops it.

        calls: exactly so many in progress for as long as it runs. schedule {}: none.
        schedule_after_read: in force as soon as the present one has been read the next time.
        """
        with self._lock:
            self._tenant.settle()
            skill = self._tenant.find(skill_id)
            if schedule is not None:
                self._tenant.set_week(skill, read_windows(schedule))
            if schedule_after_read is not None:
                self._tenant.after_read[skill_id] = read_windows(schedule_after_read)
            if calls is not None:
                self._tenant.set_traffic(skill, steady(calls, self._clock()))
            label = None if campaign is None else (campaign_number(campaign), campaign)
            self._tenant.change(skill, name=name, running=running, active=active, campaign=label)
            self._store.write()

    def add(
        self,
        *,
        id: str | None = None,  # noqa: A002
        name: str = "New Skill",
        running: bool = True,
        active: bool = True,
        schedule: Windows | None = None,
        calls: int = 0,
        campaign: str = "Northwind",
        outbound: bool = True,
        strategy: str = PERSONAL_CONNECTION,
        media_type: int = PHONE,
    ) -> str:
        """Add a skill, without a schedule unless one is given; returns its id, which is a number."""
        if id is not None and not (id.isascii() and id.isdigit()):
            raise RefusalError(400, "id must be a number.")
        if media_type not in MEDIA:
            raise RefusalError(400, f"media_type must be one of {', '.join(map(str, MEDIA))}.")
        with self._lock:
            now = self._clock()
            number = max((skill.number for skill in self._tenant.skills.values()), default=0) + 1
            skill = SimulatedSkill(
                int(id or number),
                name,
                campaign_number(campaign),
                campaign,
                steady(calls, now),
                running=running,
                active=active,
                outbound=outbound,
                strategy=strategy,
                media_type=media_type,
                week=read_windows(schedule),
                habit=Habit.KEEPS_HOURS if self._keep_hours else Habit.ANY_HOUR,
                quiet_since=None if running else now,
            )
            self._tenant.put(skill)
            self._changed(skill)
            self._store.write()
        return skill.id

    def remove(self, skill_id: str) -> None:
        with self._lock:
            self._tenant.remove(skill_id)
            self._store.removed(skill_id)
            self._store.write()

    def skill(self, skill_id: str) -> dict[str, Any]:
        """The skill as it is now, with its calls in progress."""
        with self._lock:
            self.settle()
            skill = self._tenant.find(skill_id)
            return {
                "id": skill.id,
                "name": skill.name,
                "running": skill.running,
                "active": skill.active,
                "campaign": skill.campaign_name,
                "outbound": skill.outbound,
                "strategy": skill.strategy,
                "media_type": skill.media_type,
                "schedule": skill.week.content(),
                "calls": self._tenant.calls(skill),
            }

    def skill_ids(self, *, running: bool | None = None) -> list[str]:
        """Those that dial: active phone skills of the strategy Personal Connection."""
        with self._lock:
            self.settle()
            return [
                skill.id
                for skill in self._tenant.skills.values()
                if skill.is_dialer and skill.active and running in {None, skill.running}
            ]

    def requests_by_day(self) -> dict[str, int]:
        """How many calls with a good token came on each day of UTC, as `apiPublishedLimit` counts them."""
        with self._lock:
            return dict(self._days)

    def expire_tokens(self) -> None:
        with self._lock:
            self._tokens.expire_all()

    def settle(self) -> None:
        """Carry out what is due; every request does so by itself."""
        with self._lock:
            self._tenant.settle()
            self._store.write()

    def reset(self) -> None:
        """As on the first day: skills, switches, tokens, limits, counts, faults, record."""
        with self._lock:
            self.switches.reset()
            self.switches.set(self._given_switches)
            self._tenant.start_over(self._skills())
            self._store.forget()
            self._store.write()
            self._tokens.expire_all()
            self._limit.forget()
            self._days.clear()
            self._faults.clear()
            self.record.clear()

    def close(self) -> None:
        """Nothing runs beside the requests."""

    def _count_request(self) -> None:
        self._days[datetime.fromtimestamp(self._clock(), UTC).date().isoformat()] += 1

    def _skills(self) -> list[SimulatedSkill]:
        now = self._clock()
        return list(skills_of(self._populate(now), windows_zone(self._zone), now))

    def _changed(self, skill: SimulatedSkill) -> None:
        self._store.changed(skill, self._clock())
