"""What a process keeps from one gateway to the next: the tenant's zone, known pages, a reading that isn't done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from campaigns.cxone.gateway import Schedule, TenantFacts
from campaigns.cxone.published.pages import Activity, SkillList, SkillPage


@dataclass(slots=True)
class Reading:
    """A full read: the list, the schedules if it is their turn, and the calls. `requests`: spent on it by gateways
    that came to the end of their budget before it was done; `began`: by the memory's clock."""

    skills: SkillList
    activity: Activity
    began: float
    calls_began: float | None = None
    schedules: dict[str, Schedule] | None = None
    requests: int = 0


@dataclass(slots=True)
class Memory:
    """`way`: how the schedules of all are asked for, the number of one of the gateway's ways, if that isn't the first
    until `way_until`; `next_alone`: whose turn it is where each is asked for by itself."""

    clock: Callable[[], float] = monotonic
    tenant: TenantFacts | None = None
    tenant_until: float = 0.0
    pages: Mapping[bytes, SkillPage] = field(default_factory=dict)
    reading: Reading | None = None
    schedules_at: float | None = None
    with_schedule: set[str] = field(default_factory=set)
    way: int = 0
    way_until: float = 0.0
    next_alone: int = 0

    def take_next_way(self, seconds: float) -> None:
        """For so long; then the first is tried again."""
        self.way += 1
        self.way_until = self.clock() + seconds
