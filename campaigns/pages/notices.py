"""What the bar under the head of every page says: the most urgent notice in one line, all of them in its panel."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from audit.integrity.known_break import Alarm
from campaigns.attention import findings
from campaigns.models import FindingCode
from campaigns.pages.access import SEE_CAMPAIGNS, WRITE_HANDOVERS
from campaigns.pages.freshness import Freshness, FreshnessLevel

# The tone and the shape of each kind of notice, the most urgent first.
LOOKS = {
    "unknown": ("bad", "cross"),
    "broken": ("bad", "cross"),
    "returned": ("bad", "alert"),
    "findings": ("warning", "alert"),
    "failing": ("warning", "alert"),
    "unreadable": ("warning", "alert"),
    "unsigned": ("warning", "alert"),
    "handover": ("busy", "diamond"),
}
# Of these codes, somebody must look at once.
PRESSING = {
    FindingCode.CALLS_OUTSIDE_HOURS,
    FindingCode.DIALING_ON_HOLIDAY,
    FindingCode.OPERATION_UNCONFIRMED,
    FindingCode.OPERATION_FAILED,
}


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many open findings there are of a code."""

    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` names its template, in templates/notices/. `key` is another one when it says something new."""

    kind: str
    key: str
    tone: str
    shape: str
    counts: tuple[CodeCount, ...] = ()

    @property
    def template(self) -> str:
        return f"notices/_{self.kind}.html"

    @property
    def total(self) -> int:
        return sum(count.number for count in self.counts)


def notices_for(user: User | AnonymousUser, fresh: Freshness, alarm: Alarm | None) -> list[Notice]:
    """The most urgent first. `alarm`: what is known to be wrong with the audit, for those who may verify it."""
    found = _about_campaigns(fresh) if user.has_perm(SEE_CAMPAIGNS) else {}
    if fresh.level == FreshnessLevel.OLD:
        found["unknown"] = _notice("unknown", f"{fresh.read_at} {fresh.is_answering}")
    if fresh.level == FreshnessLevel.FAILING:
        found["failing"] = _notice("failing", f"{fresh.failing_since} {fresh.is_answering}")
    if alarm is not None:
        kind = "broken" if alarm.found else "unsigned"
        found[kind] = _notice(kind, str(alarm.found and alarm.found.number))
    waiting = fresh.handover
    if waiting and waiting.by != user.get_username() and user.has_perm(WRITE_HANDOVERS):
        found["handover"] = _notice("handover", str(waiting.pk))
    return [found[kind] for kind in LOOKS if kind in found]


def _about_campaigns(fresh: Freshness) -> dict[str, Notice]:
    found = {}
    if fresh.returned:
        found["returned"] = _notice("returned", fresh.returned)
    if fresh.unreadable:
        found["unreadable"] = _notice("unreadable", str(fresh.unreadable))
    if fresh.findings and (notice := _findings()):
        found["findings"] = notice
    return found


def _notice(kind: str, said: str, counts: tuple[CodeCount, ...] = ()) -> Notice:
    tone, shape = LOOKS[kind]
    return Notice(kind, f"{kind} {said}", tone, shape, counts)


def _findings() -> Notice | None:
    # Those that came back have a notice of their own, with buttons.
    numbers = {code: number for code, number in findings.counts().items() if code != FindingCode.CAME_BACK}
    if not numbers:
        return None
    most_urgent = next(iter(numbers))
    counts = tuple(CodeCount(code.label, number) for code, number in numbers.items())
    tone = "bad" if most_urgent in PRESSING else "warning"
    return Notice("findings", f"findings {most_urgent} {numbers[most_urgent]}", tone, LOOKS["findings"][1], counts)
